"""Diffusivity of the drug: what its law reads in every cell, and between a cell and its surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.physics import AutocatalyticScission, LocalEquilibrium
from releasesim.simulation.coupled.ageing import molar_mass
from releasesim.simulation.coupled.matter import TABLED

if TYPE_CHECKING:
    from releasesim.simulation.coupled.model import Model

Array = NDArray[np.float64]


def at_wet_surface(model: Model) -> Array:
    """Diffusivity of the drug at the wetted surface of every part, (parts,) [m2/s]."""
    D = model.matter.drug_tables[0][:, -1].copy()
    for part in model.matter.parts:
        if model.matter.laws[part].diffusion.varies_with == TABLED[2]:
            D[part] = float(model.matter.laws[part].diffusion.diffusivity(1.0))
    for part in model.asked:
        law = model.matter.laws[part].diffusion
        if law.varies_with == "time":
            D[part] = model.matter.diffusivity(part, model.begin)
        elif law.varies_with == "molar_mass":
            D[part] = float(law.diffusivity(model.matter.molar_mass(part, model.begin)))
        else:  # all drug has left
            loaded = model.matter.concentration[part]
            D[part] = float(law.diffusivity(loaded * model.matter.drug_volume[part]))
    return np.asarray(D)


def take_diffusivity(model: Model, t: float, y: Array, water: Array, drug: Array) -> None:
    """D of the drug and its integral over the state, everywhere."""
    from releasesim.numerics.flow import look_up

    if model.constant:
        return
    tables = model.matter.drug_tables
    if not model.plain:
        np.copyto(model.state, 0.0)
        np.copyto(model.state, water, where=model.by_water)
        np.copyto(model.state, drug / model.full, where=model.by_drug)
        look_up(*tables, model.region, model.state, model.D, model.integral)
    else:
        np.take(tables[0][:, 0], model.region, out=model.D)
    for part in model.asked:
        at, law = model.by_part[part], model.matter.laws[part].diffusion
        if law.varies_with == "time":
            model.D[at] = model.matter.diffusivity(part, t)
        else:
            model.D[at] = law.diffusivity(_state_of(model, part, t, y, at))


def _state_of(model: Model, part: int, t: float, y: Array, at: NDArray[np.int64]) -> Array | float:
    """State that a law of no table reads: molar mass, or volume of drug that has left."""
    laws = model.matter.laws[part]
    if laws.diffusion.varies_with == "molar_mass":
        if "acid" in model.fields and isinstance(laws.hydrolysis, AutocatalyticScission):
            ester = model.field(y, "ester")[at] / model.standing[at]
            return laws.hydrolysis.molar_mass_of(ester)
        return molar_mass(model, part, at, t)
    left = model.undissolved(y)[at] / model.standing[at]
    loaded = (
        max(model.matter.concentration[part] - model.solubility[at[0]], 0.0)
        if (isinstance(laws.dissolution, LocalEquilibrium) and at.size)
        else model.matter.concentration[part]
    )
    return np.asarray(np.maximum(loaded - left, 0.0) * model.matter.drug_volume[part])


def surface_permeability(model: Model, weight: Array) -> Array:
    """Permeability between centre and surface of every row, (m,)."""
    from releasesim.numerics.flow import surface_mean

    rows = model.rows
    if model.constant and model.water_front is None:
        return model.permeability[rows.cell]
    if model.plain:
        D = model.D[rows.cell]
    else:
        D = np.empty(rows.cell.size)
        at = np.where(
            model.by_water[rows.cell],
            1.0,
            np.where(model.by_drug[rows.cell], model.kept * model.state[rows.cell], 0.0),
        )
        surface_mean(
            *model.matter.drug_tables,
            model.region,
            rows.cell,
            model.D,
            model.integral,
            model.state,
            at,
            D,
        )
    if model.water_front is not None:
        D = D * model.share[rows.cell]
    return np.asarray(weight[rows.cell] * D)
