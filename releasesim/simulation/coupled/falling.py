"""Polymer that falls apart because its chains have become too short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.coupled.ageing import molar_mass

if TYPE_CHECKING:
    from releasesim.simulation.coupled.model import Model

Array = NDArray[np.float64]


def too_short(model: Model, y: Array, t: float) -> NDArray[np.bool_]:
    """Cells whose chains are shorter than is critical, in a state y at t, (n,)."""
    short = np.zeros(model.n, dtype=bool)
    for part, laws in enumerate(model.matter.laws):
        critical = laws.hydrolysis.critical_molar_mass()
        if critical <= 0.0:
            continue
        at = model.by_part[part]
        if "acid" in model.fields and hasattr(laws.hydrolysis, "molar_mass_of"):
            ester = model.field(y, "ester")[at] / model.standing[at]
            short[at] = laws.hydrolysis.molar_mass_of(ester) < critical
        else:
            short[at] = molar_mass(model, part, at, t) < critical
    return short


def reached(model: Model, lost: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Lost cells that touch the medium, or each other all the way to it."""
    from scipy import ndimage

    labels, _ = ndimage.label(lost.reshape(model.cells.shape))
    flat = labels.ravel()
    touches = np.zeros(model.n, dtype=bool)
    touches[model.rows.cell] = True
    if model.front is not None:  # rows are what stands still; the front is all the rest
        touches[model.front.cell] = True
    wet = np.unique(flat[touches & lost])
    return np.asarray(np.isin(flat, wet[wet > 0]))
