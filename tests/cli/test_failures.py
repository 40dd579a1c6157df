"""Whatever goes wrong: one line, the right exit code, nothing half-written, no traceback."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from releasesim import plotting, simulation
from releasesim.errors import ConvergenceError

HOSTILE = Path(__file__).parents[1] / "hostile"
STUDIES = sorted((HOSTILE / "studies").glob("*.toml"))
CURVES = sorted((HOSTILE / "curves").glob("*.csv"))
PROGRAM = [sys.executable, "-m", "releasesim"]

# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_hostile_study(failed, path, tmp_path):
    failed(["simulate", path, "--out", tmp_path / "out"], 3, f"{path}:")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("path", CURVES, ids=lambda path: path.stem)
def test_hostile_curve(failed, path):
    failed(["compare", path, path], 3, path.name)


@pytest.mark.parametrize("command", ["simulate", "export", "design"])
def test_no_such_study(failed, tmp_path, command):
    words = ("--out", tmp_path / "out")
    failed([command, tmp_path / "none.toml", *words], 3, "there is no such file")
    failed([command, tmp_path, *words], 3, "is a folder, not a study file")
    assert not (tmp_path / "out").exists()


def test_the_line_begins_as_design_4_says(run, tmp_path, monkeypatch):
    monkeypatch.chdir(HOSTILE / "studies")
    outcome = run("simulate", "density_above_100.toml", "--out", tmp_path / "out")
    assert outcome.err == (
        'error: density_above_100.toml:4 tablet.infill.density = "130 %": '
        "must be 0 to 100 %, 0 excluded\n"
    )


# --- folders -------------------------------------------------------------------------------------


def test_out_is_a_file(failed, study):
    failed(["simulate", study, "--out", study], 3, f"{study}: is a file, not a folder")
    failed(["simulate", study, "--out", study / "in" / "it"], 3, "is a file, not a folder")


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_out_cannot_be_written(failed, study, tmp_path, monkeypatch, code):
    def refuse(*arguments, **options):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    failed(["simulate", study, "--out", tmp_path / "a" / "b"], 3, "cannot be written to")
    assert not (tmp_path / "a").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_out_is_forbidden(failed, study, tmp_path):
    tmp_path.chmod(0o500)
    try:
        failed(["simulate", study, "--out", tmp_path / "out"], 3, "Permission denied")
    finally:
        tmp_path.chmod(0o700)


def test_disk_that_fills_up_leaves_whole_files_and_no_account(
    run, failed, study, tmp_path, monkeypatch
):
    run("simulate", study, "--out", tmp_path / "out")
    disk = os.fsync

    def full(handle):
        if os.fstat(handle).st_size > 20_000:  # the pictures
            raise OSError(errno.ENOSPC, "No space left on device")
        disk(handle)

    monkeypatch.setattr(os, "fsync", full)
    before = (tmp_path / "out" / "release.png").read_bytes()
    failed(["simulate", study, "--out", tmp_path / "out"], 3, "No space left on device")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"release.csv", "release.png", "report.html"}
    assert (tmp_path / "out" / "release.png").read_bytes() == before


# --- interrupts, bugs, checks --------------------------------------------------------------------


def raising(error):
    def raise_it(*arguments, **options):
        raise error

    return raise_it


def test_ctrl_c(failed, study, tmp_path, monkeypatch):
    monkeypatch.setattr(simulation, "simulate", raising(KeyboardInterrupt()))
    failed(["simulate", study, "--out", tmp_path / "out"], 130, "nothing was finished")
    assert not (tmp_path / "out").exists()


def test_ctrl_c_keeps_what_is_finished(failed, study, tmp_path, monkeypatch):
    monkeypatch.setattr(plotting, "release_figure", raising(KeyboardInterrupt()))
    failed(["simulate", study, "--out", tmp_path / "out"], 130, "wrote release.csv")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["release.csv"]


def test_bug_asks_for_a_report(failed, study, tmp_path, monkeypatch):
    monkeypatch.delenv("RELEASESIM_DEBUG", raising=False)
    monkeypatch.setattr(simulation, "simulate", raising(RuntimeError("two\nlines")))
    words = ["simulate", study, "--out", tmp_path / "out"]
    failed(words, 1, "please report it", "RuntimeError: two lines", "RELEASESIM_DEBUG=1")


def test_bug_shows_its_traceback_when_asked(run, study, tmp_path, monkeypatch):
    monkeypatch.setenv("RELEASESIM_DEBUG", "1")
    monkeypatch.setattr(simulation, "simulate", raising(RuntimeError("oops")))
    outcome = run("simulate", study, "--out", tmp_path / "out")
    assert outcome.code == 1
    assert "Traceback" in outcome.err


@pytest.mark.parametrize(
    "case",
    [
        (MemoryError(), 3, "not enough memory"),
        (PermissionError(errno.EACCES, "Permission denied", "a.csv"), 3, "a.csv: Permission"),
        (RuntimeError("cannot cache function 'f': no locator available"), 3, "NUMBA_CACHE_DIR"),
        (ConvergenceError("the curve has not settled"), 5, "the curve has not settled"),
    ],
)
def test_exit_codes(failed, study, monkeypatch, case):
    error, code, words = case
    monkeypatch.setattr(simulation, "simulate", raising(error))
    failed(["simulate", study, "--out", study.parent / "out"], code, words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["simulat"], "simulat"),
        (["simulate"], "STUDY"),
        (["simulate", "study.toml"], "--out"),
        (["simulate", "study.toml", "--oot", "x"], "--oot"),
        (["--nothing"], "--nothing"),
        (["compare", "a.csv"], "TEST"),
        (["cards", "nothing"], "nothing"),
    ],
)
def test_usage(failed, words, said):
    failed([*words], 2, said)


# --- the program as a process --------------------------------------------------------------------


def program(*words, **options):
    """Start `releasesim` as a process of its own."""
    return subprocess.Popen([*PROGRAM, *words], stderr=subprocess.PIPE, text=True, **options)  # noqa: S603 - ours


HEAVY = {"numpy", "numba", "scipy", "matplotlib", "pint", "shapely"}
LOADED = """
import sys
from releasesim.cli import app
try: app(sys.argv[1:])
except SystemExit: pass
print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        (["--help"], HEAVY | {"pydantic"}),
        (["--version"], HEAVY | {"pydantic"}),
        (["design", "--help"], HEAVY),  # typer may read arguments with pydantic
    ],
)
def test_help_loads_nothing_heavy(words, heavy):
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", LOADED, *words], capture_output=True, text=True, check=True
    )
    assert not heavy & set(done.stderr.split())


def test_reader_that_goes_away():
    with program("cite", stdout=subprocess.PIPE) as shown:
        shown.stdout.close()
        assert shown.stderr.read() == ""
    assert shown.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_full_disk_behind_standard_output():
    with Path("/dev/full").open("w") as full, program("cite", stdout=full) as shown:
        said = shown.stderr.read()
    assert shown.returncode == 3
    assert said == "error: standard output: cannot be written to: No space left on device\n"


@pytest.mark.skipif(os.name == "nt", reason="signals are sent another way")
def test_sigint(tmp_path):
    """A pipe that never ends holds the command until the signal comes."""
    study = tmp_path / "study.toml"
    os.mkfifo(study)
    # a shell starts background jobs with the signal ignored, and children inherit that
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        begun = program("simulate", study, "--out", tmp_path / "out")
    finally:
        signal.signal(signal.SIGINT, heard)
    with study.open("wb"):  # opens when the command reads
        time.sleep(0.3)
        begun.send_signal(signal.SIGINT)
        said = begun.communicate(timeout=60)[1]
    assert begun.returncode == 130
    assert said == "error: interrupted: nothing was finished\n"
