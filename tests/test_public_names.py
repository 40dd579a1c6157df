"""What `import releasesim` gives, and what it leaves for later."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files

import pytest

import releasesim as rs

HEAVY = {"numba", "scipy", "matplotlib", "pydantic", "pint", "shapely", "manifold3d", "jinja2"}
HEAVY |= {"typer", "rich", "PIL"}


@pytest.mark.parametrize("name", rs.__all__)
def test_every_name_is_there(name):
    assert getattr(rs, name) is not None
    assert name in dir(rs)


def test_verbs_are_functions_and_nouns_are_classes():
    """`rs.fit` is always the function: no module hides it once it has been loaded."""
    for name in rs.__all__:
        value = getattr(rs, name)
        if name in {"simulate", "gradient", "compare", "fit", "design", "export", "fields"}:
            assert callable(value)
            assert not isinstance(value, type)
        elif name[0].isupper():
            assert isinstance(value, type)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'simulat'"):
        rs.simulat  # noqa: B018


def test_import_loads_nothing_heavy():
    code = "import json, sys, releasesim; print(json.dumps(list(sys.modules)))"
    run = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(run.stdout)}
    assert loaded & HEAVY == set()


def test_package_is_typed():
    assert (files("releasesim") / "py.typed").is_file()
