"""Every error a user can meet, each with the exit code the command line ends with.

Exit codes: 0 ok, 1 our bug, 2 usage, 3 bad input, 4 target not reachable, 5 a check failed,
6 finished with quarantined runs.
"""

from __future__ import annotations

from pathlib import Path


class ReleaseSimError(Exception):
    """Base of all errors that releasesim raises on purpose: one line that a user can act on."""

    exit_code = 1


class InputError(ReleaseSimError):
    """A study, card, curve or argument says something that cannot be.

    Parameters
    ----------
    message : str
        What was read and what is allowed.
    path : Path or str, optional
        File the value came from.
    line : int, optional
        Line in that file, counted from 1.
    """

    exit_code = 3

    def __init__(
        self, message: str, path: Path | str | None = None, line: int | None = None
    ) -> None:
        self.message, self.path, self.line = message, path, line
        where = "" if path is None else f"{path}:{line} " if line else f"{path}: "
        super().__init__(f"{where}{message}")


class UnitError(InputError):
    """A quantity that cannot be read, or has the wrong dimension."""


class CardError(InputError):
    """A card that does not exist or breaks its own rules."""


class GeometryError(InputError):
    """A shape, infill or wall that cannot exist or cannot be printed."""


class UnsupportedLawError(InputError):
    """Laws that cannot be combined, or a law that lacks what it needs."""


class RefusedError(InputError):
    """A tablet that must not be made, or that cannot be: the reason is the answer."""


class MissingExtraError(ReleaseSimError):
    """An optional part, or a program beside releasesim, that is not installed."""

    exit_code = 2


class ConvergenceError(ReleaseSimError):
    """A solve that did not reach its accuracy; the message says what to change."""

    exit_code = 5


class SlicerError(ReleaseSimError):
    """A slicer that failed, took too long or too much memory, or wrote nothing."""

    exit_code = 5
