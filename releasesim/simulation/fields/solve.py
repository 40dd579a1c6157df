"""The verb: where the drug of a study's tablet is at chosen times."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.errors import InputError
from releasesim.geometry.shapes import Film
from releasesim.parameters import unknown_name
from releasesim.simulation.coupled import revolves
from releasesim.simulation.diffusion import factors
from releasesim.simulation.fields.diffused import diffused, multiplied
from releasesim.simulation.fields.eroded import eroded
from releasesim.simulation.fields.fields import Fields
from releasesim.simulation.fields.stepped import stepped
from releasesim.simulation.mechanism import Mechanism, mechanism_of
from releasesim.study import Study

Array = NDArray[np.float64]

#: The grid where the study fixes none [m], and where every step costs the whole grid.
_SPACING, _COUPLED_SPACING = 1e-4, 2e-4
_PER_LENGTH = 8.0
#: Cells in the body's box, at most: some hundred bytes each.
_MOST_CELLS, _MOST_COUPLED = 2e6, 2.5e5


def fields(study: Study, times: ArrayLike, *, drug: str | None = None) -> Fields:
    """Drug content and erosion of a study's tablet at chosen times, from the engine of its curve.

    Parameters
    ----------
    study : Study
        With `run.spacing` the fields are those of that grid, and so is their integral; without,
        of one grid that takes seconds.
    times : array_like, (n,)
        Increasing, from 0 on [s].
    drug : str, optional
        Which of several drugs; there is no default then.

    Returns
    -------
    Fields
        Frames in the order of `times`.

    Raises
    ------
    InputError
        No drug, an unknown one, or times that do not increase from 0 on.
    UnsupportedLawError
        Laws that cannot be combined, by name.
    """
    at = np.asarray(times, dtype=float)
    if at.ndim != 1 or at.size < 2 or at[0] < 0.0 or not (np.diff(at) > 0.0).all():
        raise InputError("times of fields: at least two, 0 or more, and increasing")
    view, name = _one_drug(study, drug)
    how = mechanism_of(view)
    if not view.tablet.dose() > 0.0:
        raise InputError(f"the tablet holds no {name}: there is nothing to see")
    return _engine(view, how, at, name)


def _one_drug(study: Study, drug: str | None) -> tuple[Study, str]:
    if drug is None and len(study.drugs) > 1:
        raise InputError(f"name one drug: there are {', '.join(study.drugs)}")
    name = drug or study.drugs[0]
    if name not in study.drugs:
        raise unknown_name(name, study.drugs, "drug")
    return (study if study.one_drug else study.for_drug(name)), name


def _engine(study: Study, how: Mechanism, times: Array, name: str) -> Fields:
    tablet = study.tablet
    if how.kind == "coupled":
        return stepped(study, field_spacing(study, how), times, name)
    spacing = field_spacing(study, how)
    if how.kind == "erosion":
        return eroded(tablet.voxelize(spacing), how.speeds, tablet.concentrations, times, name)
    parts = None if np.isfinite(how.bath) else factors(tablet)
    if parts is not None:
        return multiplied([part(spacing) for part in parts], how, times, name, tablet.dose())
    return diffused(tablet.voxelize(spacing), how, times, name)


def field_spacing(study: Study, how: Mechanism) -> float:
    """Cell edge of the fields [m]: the study's, or one that takes seconds."""
    if study.run.spacing is not None:
        return float(study.run.spacing)
    body = study.tablet.body
    coupled = how.kind == "coupled"
    if isinstance(body, Film) or (coupled and revolves(study.tablet)):
        return _SPACING
    box = float(np.prod(body.size))
    most = _MOST_COUPLED if coupled else _MOST_CELLS
    usual = _COUPLED_SPACING if coupled else _SPACING
    fine = min(usual, body.volume / body.surface / _PER_LENGTH)
    return float(max(fine, (box / most) ** (1.0 / 3.0)))
