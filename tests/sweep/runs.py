"""Runs for tests: a sum instead of a simulation, and runs that misbehave."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass

from releasesim.errors import InputError


@dataclass(frozen=True)
class Sums:
    """Measure of a run: its values added; `bad` runs do what `how` says."""

    bad: tuple[float, ...] = ()
    how: str = ""
    pause: float = 0.0

    def __call__(self, changes):
        time.sleep(self.pause)
        if changes["walls"] in self.bad:
            _misbehave(self.how)
        return {"mdt_s": float(sum(changes.values()))}


def _misbehave(how):
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "hangs":
        time.sleep(3600.0)
    if how == "refused":
        raise InputError("walls do not fit")
    raise ZeroDivisionError(how)
