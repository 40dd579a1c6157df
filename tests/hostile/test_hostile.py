"""Bad files end in one line that a user can act on: never a traceback, never a guess.

Each file under `studies` and `curves` is a good one with one thing wrong, and says in its first
line what the message has to contain; files that are no text stand in a table here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.study import Study

HERE = Path(__file__).parent
STUDIES = sorted((HERE / "studies").glob("*.toml"))
CURVES = sorted((HERE / "curves").glob("*.csv"))

NO_TEXT = {
    "bytes_empty.toml": "is empty",
    "bytes_blank.toml": "is empty",
    "bytes_utf16.toml": "is UTF-16 text; save it as UTF-8",
    "bytes_latin1.toml": "is no UTF-8 text",
    "bytes_binary.toml": "is no UTF-8 text",
    "bytes_empty.csv": "empty file",
    "bytes_binary.csv": "binary file",
}


def expected(path: Path) -> str:
    if path.name in NO_TEXT:
        return NO_TEXT[path.name]
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith("# expect: ")
    return first.removeprefix("# expect: ")


def refusal(read, path) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.exit_code == 3
    assert str(caught.value).isprintable()
    return caught.value


def test_there_are_many():
    assert len(STUDIES) + len(CURVES) >= 120


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_study(path):
    error = refusal(Study.load, path)
    assert expected(path) in str(error)
    assert f"{path}:{error.line} " in str(error)
    assert "Input should" not in str(error)


@pytest.mark.parametrize("path", CURVES, ids=lambda path: path.stem)
def test_curve(path):
    error = refusal(ReleaseCurve.read, path)
    assert expected(path) in str(error)
    assert path.name in str(error)
    if path.name not in NO_TEXT:
        assert f"{path}:{error.line} " in str(error)


def test_the_line_is_the_line_of_the_key():
    error = refusal(Study.load, HERE / "studies" / "density_above_100.toml")
    assert str(error).endswith(
        'density_above_100.toml:4 tablet.infill.density = "130 %": must be 0 to 100 %, 0 excluded'
    )


@pytest.mark.parametrize(
    ("path", "words"),
    [(HERE / "no_such.toml", "there is no such file"), (HERE / "studies", "is a folder")],
)
def test_no_file_to_read(path, words):
    assert words in str(refusal(Study.load, path))


def test_target_curve_that_cannot_be_read_names_its_own_line(tmp_path):
    good = (HERE.parent / "study" / "ten_lines.toml").read_text()
    (tmp_path / "study.toml").write_text(good + '\n[target]\ncurve = "curve.csv"\n')
    (tmp_path / "curve.csv").write_text("Time [h],Released [%]\n1,10\n2,lots\n")
    error = refusal(Study.load, tmp_path / "study.toml")
    assert "curve.csv:3 " in str(error)
