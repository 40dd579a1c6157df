"""`releasesim show`: the files it writes, what it says, what it refuses."""

import json

import pytest

STUDY = """
title = "a small tablet"
[tablet]
shape = { kind = "cylinder", diameter = "4 mm", height = "1 mm" }
infill = { pattern = "grid", density = "30 %" }
walls = 1
roofs = 1
floors = 1
[formulation]
concentration = "100 mg/mL"
[physics]
erosion = { law = "ConstantFront", speed = "0.5 mm/h" }
[run]
until = "2 h"
spacing = "0.2 mm"
"""
CHANNELS = 'channels = { law = "StagnantChannels", D = "1e-10 m2/s" }\n[run]'
FILMS = {"release.gif", "fields.pvd", *(f"fields_{n:02d}.vti" for n in range(4))}


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Pictures of a few pixels: what they show is tested, not how sharp they are."""
    monkeypatch.setattr("releasesim.plotting.cutaway._ROWS", 150)
    monkeypatch.setattr("releasesim.plotting.animation._ROWS", 120)


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def test_writes_pictures_film_and_files_for_viewers(run, study, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # no ffmpeg here
    code, out, _ = run("show", study, "--out", tmp_path / "look", "--frames", "4", "--json")
    account = json.loads(out)
    assert code == 0
    names = {path.name for path in (tmp_path / "look").iterdir()}
    assert names == {"tablet.png", "tablet.glb", "show.json", *FILMS}
    assert set(account["files"]) == names
    assert account["left_out"] == ["no release.mp4: ffmpeg is not on PATH"]
    assert account["largest_gap"] < 1e-3
    assert account["released_fraction"][0] == 0.0
    assert account == json.loads((tmp_path / "look" / "show.json").read_text(encoding="utf-8"))


def test_tablet_alone_needs_no_simulation(run, study, tmp_path):
    # laws that no engine takes together: a picture asks for none
    text = study.read_text(encoding="utf-8").replace("[run]", CHANNELS)
    study.write_text(text, encoding="utf-8")
    code, out, _ = run("show", study, "--out", tmp_path / "look", "--frames", "0")
    assert code == 0
    assert {p.name for p in (tmp_path / "look").iterdir()} == {
        "tablet.png",
        "tablet.glb",
        "show.json",
    }
    assert "wrote tablet.png" in out.replace("\n", " ")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--frames", "1"], "frames = 1: must be 0, or 2 to 200"),
        (["--frames", "100000"], "must be 0, or 2 to 200"),
        (["--drug", "aspirin", "--frames", "2"], "no drug aspirin"),
    ],
)
def test_what_cannot_be_is_one_line(run, study, tmp_path, options, words):
    code, _, err = run("show", study, "--out", tmp_path / "look", *options)
    assert code == 3
    assert words in err
    assert len(err.strip().splitlines()) == 1
