"""Experiments from files: studies, and what was measured of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError

if TYPE_CHECKING:
    from releasesim.calibration import Summary
    from releasesim.study import Study


def load_experiments(
    studies: Sequence[Path], data: Sequence[Path], drug: str | None = None
) -> tuple[list[Study], list[ReleaseCurve | Summary]]:
    """Read studies and data.

    Parameters
    ----------
    studies : sequence of Path
        One for all data, or one for each.
    data : sequence of Path
        Curves, or summaries (TOML).
    drug : str, optional
        Whose release it is, of several drugs.

    Raises
    ------
    InputError
        A file that cannot be read, or one that is given twice.
    """
    from releasesim.study import Study, refuse_forbidden

    _refuse_twice(data)

    loaded = [Study.load(path) for path in studies]
    for study in loaded:
        refuse_forbidden(study)
    if drug is not None:
        loaded = [study.for_drug(drug) for study in loaded]
    return loaded, [_measured(path) for path in data]


def _refuse_twice(data: Sequence[Path]) -> None:
    """Refuse to count the points of one file twice: intervals would be too narrow."""
    seen: set[Path] = set()
    for path in data:
        if path.resolve() in seen:
            raise InputError("is given as data twice: its points would count twice", path)
        seen.add(path.resolve())


def _measured(path: Path) -> ReleaseCurve | Summary:
    if path.suffix.lower() != ".toml":
        return ReleaseCurve.read(path)
    from releasesim.calibration import Summary

    return Summary.read(path)
