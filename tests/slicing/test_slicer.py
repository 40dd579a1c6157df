"""The slicer as a program: what stands in for it here fails in every way that a program can."""

import sys
import time

import pytest

from releasesim.errors import MissingExtraError, SlicerError
from releasesim.workflows.slicing.slicer import find_slicer, run_slicer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")


@pytest.fixture
def stand_in(tmp_path):
    """Make a program of a few lines of shell; `$4` is where it has to write."""

    def make(lines):
        program = tmp_path / "prusa-slicer"
        program.write_text(f"#!/bin/sh\n{lines}\n")
        program.chmod(0o755)
        return program

    return make


@pytest.fixture
def slice_with(stand_in, tmp_path):
    model = tmp_path / "tablet.3mf"
    model.write_bytes(b"3MF")

    def run(lines, **limits):
        return run_slicer(model, tmp_path / "tablet.gcode", program=stand_in(lines), **limits)

    return run


# the output follows --datadir DIR --export-gcode --output
WRITES = 'echo "G1 X1" > "$5"'


def test_what_it_writes_takes_its_place_whole(slice_with, tmp_path):
    (tmp_path / "tablet.gcode").write_text("old")
    made = slice_with(f'{WRITES}; echo "10 => Processing"; echo "print warning: thin"')
    assert made.gcode.read_text() == "G1 X1\n"
    assert made.warnings == ("print warning: thin",)
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "prusa-slicer",
        "tablet.3mf",
        "tablet.gcode",
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('echo "10 => Processing"; echo "no layers" >&2; exit 3', "exit code 3: no layers"),
        ("kill -SEGV $$", "ended by SIGSEGV"),
        ("exit 0", "wrote no G-code"),
        (': > "$5"', "wrote no G-code"),
        ("head -c 3000000 /dev/zero | tr '\\\\0' x; exit 1", "exit code 1"),
        ("exec /nowhere/at/all", "exit code 127"),
    ],
)
def test_a_failure_is_one_line(slice_with, tmp_path, lines, message):
    (tmp_path / "tablet.gcode").write_text("old")
    with pytest.raises(SlicerError, match=message) as caught:
        slice_with(lines)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    assert (tmp_path / "tablet.gcode").read_text() == "old"


def test_time_is_limited_children_included(slice_with, tmp_path):
    started = tmp_path / "started"
    with pytest.raises(SlicerError, match=r"took more than 0.3 s and was stopped"):
        slice_with(f"(sleep 1; touch {started}) & wait", seconds=0.3)
    time.sleep(1.2)
    assert not started.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
def test_memory_is_limited(slice_with):
    hungry = f'{sys.executable} -c "bytes(1 << 30)" && {WRITES}'
    assert slice_with(hungry, memory=4 << 30).gcode.exists()
    with pytest.raises(SlicerError, match="MemoryError"):
        slice_with(hungry, memory=1 << 29)


def test_a_program_that_cannot_run(slice_with, tmp_path):
    with pytest.raises(SlicerError, match="cannot be run"):
        run_slicer(tmp_path / "tablet.3mf", tmp_path / "x.gcode", program=tmp_path / "absent")


def test_an_absent_slicer_is_told_with_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingExtraError, match="apt-get install prusa-slicer") as caught:
        find_slicer()
    assert caught.value.exit_code == 2
