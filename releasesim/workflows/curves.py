"""Curves from wherever they are: measured tables, release.csv, or a study that is simulated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from releasesim.curve import ConcentrationCurve, ReleaseCurve, time_text
from releasesim.errors import InputError
from releasesim.similarity import (
    PredictionErrors,
    Specification,
    criterion,
    exposure,
    prediction_errors,
)


def read_or_simulate(
    reference: Path, test: Path, drug: str | None = None, sheet: str | None = None
) -> tuple[ReleaseCurve, ReleaseCurve]:
    """Read two curves; a study (TOML) is simulated.

    Parameters
    ----------
    reference, test : Path
        CSV or TOML.
    drug : str, optional
        Whose curve to take where a file or study has several; all drugs together where none is
        named. A table with one column of release is taken as it is.
    sheet : str, optional
        Sheet of workbooks.

    Raises
    ------
    InputError
        A file that is neither, or a study that ends before the other curve does.
    """
    measured = {path: _read(path, drug, sheet) for path in (reference, test) if not _is_study(path)}
    lasts = [float(curve.time[-1]) for curve in measured.values()]
    found = {
        path: measured[path]
        if path in measured
        else _simulated(path, max(lasts, default=0.0), drug)
        for path in (reference, test)
    }
    return found[reference], found[test]


def _is_study(path: Path) -> bool:
    return path.suffix.lower() == ".toml"


def _read(path: Path, drug: str | None, sheet: str | None = None) -> ReleaseCurve:
    """Read the column of a drug, or the only one there is."""
    if drug is None:
        return ReleaseCurve.read(path, sheet=sheet)
    try:
        return ReleaseCurve.read(path, column=drug, sheet=sheet)
    except InputError as error:
        try:
            return ReleaseCurve.read(path, sheet=sheet)
        except InputError:
            raise error from None


def _simulated(path: Path, needed: float, drug: str | None) -> ReleaseCurve:
    """Simulate a study that has to reach `needed` [s]."""
    from releasesim.study import Study, refuse_forbidden

    study = Study.load(path)
    refuse_forbidden(study)
    last = float(study.run.output_times()[-1])
    if last < needed * (1.0 - 1e-9):
        raise InputError(
            f"is simulated until {time_text(last)}, the other curve goes to {time_text(needed)}: "
            f"set run.until to that or more",
            path,
        )
    from releasesim.simulation import simulate

    # the curve of one drug needs no solve for the others
    return simulate(study if drug is None else study.for_drug(drug)).curve


def specified(
    q: str | None, ranges: Sequence[str], acid: str | None, buffer: str | None
) -> Specification | None:
    """Read the criteria of a monograph; None where none is given.

    Raises
    ------
    InputError
        A criterion cannot be read.
    """
    if not (q or ranges or acid or buffer):
        return None
    return Specification(
        immediate=criterion(q) if q else None,
        ranges=tuple(criterion(text) for text in ranges),
        acid=criterion(acid) if acid else None,
        buffer=criterion(buffer) if buffer else None,
    )


def predicted_plasma(
    observed: Sequence[Path], predicted: Sequence[Path], *, internal: bool
) -> PredictionErrors | None:
    """Errors of predicted plasma profiles, pair by pair; None where none is given.

    Raises
    ------
    InputError
        One has no other, or cannot be read.
    """
    if not observed and not predicted:
        return None
    pairs = [
        [exposure(curve.time, curve.concentration) for curve in map(ConcentrationCurve.read, paths)]
        for paths in (observed, predicted)
    ]
    return prediction_errors(*pairs, internal=internal)
