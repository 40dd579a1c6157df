"""A study written and read again is the same."""

from pathlib import Path

import pytest

from releasesim.study import Study

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_read_back_as_it_was(path):
    study = Study.load(path)
    again = Study.from_dict(study.to_data(), path.parent)
    assert again.tablet == study.tablet
    assert again.hash == study.hash
