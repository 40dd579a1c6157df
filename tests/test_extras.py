"""Optional parts are named with the words that install them."""

from __future__ import annotations

import pytest

from releasesim.errors import MissingExtraError
from releasesim.extras import load_extra


def test_installed_extra_is_imported():
    assert load_extra("json.decoder", "excel").__name__ == "json.decoder"


def test_missing_extra_says_how_to_install_it():
    with pytest.raises(MissingExtraError, match=r'pip install "releasesim\[excel\]"') as caught:
        load_extra("no_such_package.part", "excel")
    assert caught.value.exit_code == 2


def test_broken_extra_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "broken_extra.py").write_text("import no_such_package")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        load_extra("broken_extra", "excel")
