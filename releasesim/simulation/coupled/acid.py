"""Acid that a degrading polymer makes, and loses to the medium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.physics import AutocatalyticScission
from releasesim.simulation.coupled.cells import over
from releasesim.simulation.coupled.receding import profiles

if TYPE_CHECKING:
    from releasesim.simulation.coupled.model import Model

Array = NDArray[np.float64]


def add_hydrolysis(model: Model, y: Array, rate: Array, water: Array) -> None:
    """Chains that are cut, and acid that diffuses, where it does: added to the rates of a state.

    `water` (n,) is relative to equilibrium: half as wet, chains are cut half as fast.
    """
    if "acid" not in model.fields:
        return
    from releasesim.numerics.flow import flow, flow_at_joints, flow_out

    acid, ester = model.field(y, "acid"), model.field(y, "ester")
    change = model.field(rate, "acid")
    D = np.zeros(len(model.matter.laws))
    for part, laws in enumerate(model.matter.laws):
        if isinstance(laws.hydrolysis, AutocatalyticScission):
            D[part] = laws.hydrolysis.D_acid
    D_cell = D[model.region]
    x = over(acid, model.standing)
    if model.front is not None and model.front.cell.size:
        at = model.front.cell
        far, near, _ = profiles(model, "acid", D_cell[at], np.inf, acid[at] / model.front_volume)
        x[at] = near
        change[at] -= model.front.area * model.front.speed * far
        lost = ester[at] * model.front_loss / model.front_volume
        model.field(rate, "ester")[at] -= lost
    for stride, _, face in model.faces:
        flow(stride, face, D_cell, x, model.buffer, change)
    if model.joints[0].size:
        flow_at_joints(*model.joints, D_cell, x, change)
    rows = model.rows
    flow_out(rows.cell, rows.area, rows.reach, model.sink, D_cell[rows.cell], x, 0.0, change)
    for part, laws in enumerate(model.matter.laws):
        at = model.by_part[part]
        if isinstance(laws.hydrolysis, AutocatalyticScission) and at.size:
            standing = model.standing[at]
            cut = standing * water[at] * laws.hydrolysis.scission_rate(x[at], ester[at] / standing)
            change[at] += cut
            model.field(rate, "ester")[at] -= cut
