"""Solid drug that dissolves at a rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.physics import NoyesWhitney1897

if TYPE_CHECKING:
    from releasesim.simulation.coupled.model import Model

Array = NDArray[np.float64]


def divide(model: Model, drug: Array, solid: Array) -> Array:
    """Divide drug into dissolved and solid; 1 in cells where all of it is dissolved, (n,)."""
    plain = np.ones(model.n)
    for part, at in model.by_part.items():
        law = model.matter.laws[part].dissolution
        if isinstance(law, NoyesWhitney1897) and at.size:
            c = drug[at] / model.whole[at]
            most = 0.0 if law.initially == "dry" else model.solubility[at]
            dissolved = np.minimum(c, most) * model.whole[at]
            solid[at], drug[at], plain[at] = drug[at] - dissolved, dissolved, 0.0
    return plain


def add_dissolving(model: Model, y: Array, c: Array, rate: Array) -> None:
    """Solid drug that dissolves beside `c`, or leaves with its polymer: added to the rates."""
    solid, change = model.field(y, "solid"), model.field(rate, "solid")
    wet = model.wet_enough()
    for part, at in model.by_part.items():
        law = model.matter.laws[part].dissolution
        if not isinstance(law, NoyesWhitney1897) or not at.size:
            continue
        volume = model.standing[at]
        _, left = solid_left(model, at, solid)
        speed = _noyes_whitney(law, left, c[at], model.solubility[at])
        gone = speed * wet[at] * volume
        change[at] -= gone
        model.field(rate, "drug")[at] += gone
    if model.front is not None and model.front.cell.size:
        at = model.front.cell
        lost = solid[at] * model.front_loss / model.front_volume
        change[at] -= lost
        rate[-1] += lost.sum()
        if np.isfinite(model.bath):
            rate[-2] += lost.sum()


def solid_left(model: Model, at: NDArray[np.int64], solid: Array) -> tuple[Array, Array]:
    """Solid that cells began with [kg/m3], and the share of it that is left [-], (m,) each."""
    # a cell of two layers begins with the solid of both
    start = model.loaded[at] / model.whole[at]
    now = solid[at] / model.standing[at]
    return start, np.divide(now, start, out=np.zeros(at.size), where=start > 0.0)


def _noyes_whitney(law: NoyesWhitney1897, left: Array, c: Array, solubility: Array) -> Array:
    if law.solubility is None:
        import dataclasses

        law = dataclasses.replace(law, solubility=float(solubility[0]))
    return law.dissolution_rate(left, c)
