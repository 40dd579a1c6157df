"""What the README says can be done is done here, or at least exists."""

from __future__ import annotations

import importlib.metadata
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

import releasesim
from releasesim.cli import app
from releasesim.study import Study
from releasesim.workflows.cite import citation

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(app).commands


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def named_commands():
    """Every `releasesim ...` that the README names, as words."""
    found = re.findall(r"`releasesim ([^`]+)`", README)
    found += re.findall(r"bin/releasesim (.+)$", "".join(blocks("bash")), re.MULTILINE)
    return [shlex.split(words) for words in found]


def test_opens_with_the_pipeline():
    line = README.splitlines()[0].strip()
    assert line in releasesim.__doc__
    assert line.startswith("card + geometry -> VoxelGrid -> simulate -> ReleaseCurve")


def test_two_lines_set_up_everything():
    lines = "".join(blocks("bash")).splitlines()
    start = "python3 -m venv .venv && .venv/bin/pip install -q -e "
    assert len(lines) == 2
    assert all(line.startswith(start) for line in lines)
    assert " && .venv/bin/releasesim design examples/match_reference.toml --out " in lines[0]
    assert " && .venv/bin/pytest " in lines[1]


@pytest.mark.parametrize("code", blocks("python"))
def test_python_runs(code, tmp_path):
    assert len([line for line in code.splitlines() if line]) <= 10
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "block.py").write_text(code, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-W", "error", "block.py"],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    # min; on a grid of 0.05 mm 90.7
    assert float(re.findall(r"80 % released after (\d+) min$", run.stdout)[0]) == pytest.approx(
        90.7, abs=3
    )


@pytest.mark.parametrize("text", blocks("toml"))
def test_study_is_read(text):
    assert len(text.splitlines()) <= 10
    assert Study.from_dict(tomllib.loads(text)).tablet.infill.pattern == "grid"


@pytest.mark.parametrize("words", named_commands(), ids=" ".join)
def test_command_exists(words):
    command, *rest = words
    assert command in COMMANDS
    known = COMMANDS[command]
    for word in rest:
        if word.startswith("--"):
            assert word in {name for one in known.params for name in one.opts}
    if command == "cards":
        assert rest[0] in known.commands


def test_every_command_is_in_the_table():
    assert {words[0] for words in named_commands()} == set(COMMANDS)


def test_what_it_links_is_there():
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
    pictures = [ROOT / link for link in links if link.endswith(".png")]
    assert pictures
    assert max(picture.stat().st_size for picture in pictures) < 200_000


def test_files_it_names_are_there():
    named = re.findall(r"`((?:releasesim|models|examples)/[\w/.]*)`", README)
    named = [name for name in named if "SLOT" not in name]
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_functions_it_names_are_public():
    named = set(re.findall(r"\brs\.([a-z]\w*)\(", README))
    assert "gradient" in named
    assert named <= set(releasesim.__all__)


def test_citation_file_agrees_with_the_program():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    facts = dict(re.findall(r'^([\w-]+): "?(.*?)"?$', text, re.MULTILINE))
    assert facts["version"] == releasesim.__version__
    assert facts["title"] in citation().text
    assert facts["license"] == "BSD-3-Clause"
    assert importlib.metadata.version("releasesim") == releasesim.__version__
