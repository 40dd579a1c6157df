"""Remaining time: from the speed of the work alone, and only when there is something to know."""

from __future__ import annotations

import time

import pytest

from releasesim.cli.progress import COMPILING, Eta, Watch
from releasesim.workflows.compiling import CompileClock


@pytest.fixture
def clock(monkeypatch):
    """Set the time by hand."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def pass_(seconds):
        now[0] += seconds

    return pass_


def test_eta_is_silent_until_it_knows():
    eta = Eta(0.0, 0.0)
    assert eta.remaining(1.0, 0.5) is None  # too early
    assert eta.remaining(60.0, 0.01) is None  # too little
    assert eta.remaining(10.0, 0.25) == 30.0
    assert eta.remaining(10.0, 1.0) == 0.0


def test_compilation_is_counted_once_for_nested_kernels(clock):
    compiling = CompileClock()
    compiling.start()
    clock(2.0)
    compiling.start()
    clock(3.0)
    assert compiling.busy
    assert compiling.seconds == 5.0
    compiling.stop()
    compiling.stop()
    clock(10.0)
    assert not compiling.busy
    assert compiling.seconds == 5.0


def test_words_leave_compilation_out(clock):
    watch = Watch("preparing")
    watch._begun = time.perf_counter()
    watch.update("searching", 0.0)
    watch._compiling.start()
    clock(50.0)
    assert watch.words() == f"0:50 {COMPILING}"
    watch._compiling.stop()
    clock(10.0)
    watch.update("searching", 0.25)
    assert watch.words() == "1:00 searching, 30 s left"


def test_a_new_stage_begins_a_new_guess(clock):
    watch = Watch("preparing")
    watch._begun = time.perf_counter()
    watch.update("searching", 0.0)
    clock(10.0)
    watch.update("searching", 0.5)
    assert watch.words() == "0:10 searching, 10 s left"
    watch.update("refining", 0.1)
    assert watch.words() == "0:10 refining"
    clock(10.0)
    watch.update("refining", 1.0)
    assert watch.words() == "0:20 refining"


def test_numba_tells_when_it_compiles():
    import numba

    with CompileClock() as compiling:
        numba.njit(lambda x: x + 1.0)(1.0)
    assert compiling.seconds > 0.0
    done = compiling.seconds
    numba.njit(lambda x: x + 2.0)(1.0)
    assert compiling.seconds == done


def test_nothing_is_shown_where_there_is_no_terminal(capfd):
    with Watch("simulating") as watch:
        watch.update("simulating", 0.5)
    assert capfd.readouterr() == ("", "")
