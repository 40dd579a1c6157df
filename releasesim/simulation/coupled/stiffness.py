"""How fast a coupled problem changes at most: what decides on the number of stages of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.physics import AutocatalyticScission, NoyesWhitney1897
from releasesim.simulation.coupled.water import WET

if TYPE_CHECKING:
    from releasesim.simulation.coupled.model import Model

Array = NDArray[np.float64]


def fastest(model: Model, t: float, y: Array, *, known: bool = False) -> float:
    """Upper bound of the rates of change at t (Gershgorin) [1/s].

    `known` where the rates that the model was last asked for are those of this state.
    """
    if not known:
        model.rates(t, y)
    water = np.clip(model.water(t, y), 0.0, 1.0)
    J = model.matter.volume_ratio(model.region, water) if model.matter.swells else None
    weight = model.weight(J)
    room = np.maximum(model.room * model.K * (1.0 if J is None else J), 1e-300)
    fastest = _bound(model, weight * model.D, room, model.film, True)
    if "dry" in model.fields:
        # medium in channels is wet whatever flows: it changes nothing, and holds nothing up
        Dw = np.where(model.instant, WET * model.matter.water_tables[0].max(), model.Dw)
        room = np.where(model.instant, np.inf, model.sink_room)
        fastest = max(fastest, _bound(model, Dw, room, model.sink, False))
    if "acid" in model.fields:
        D = np.array([getattr(p.hydrolysis, "D_acid", 0.0) for p in model.matter.laws])
        fastest = max(fastest, _bound(model, D[model.region], model.standing, model.sink, False))
    if model.water_front is not None:  # a cell that is hardly wet exchanges twice as fast
        fastest *= 2.0
    return fastest + _reaction(model)


def _bound(model: Model, P: Array, room: Array, film: Array, drug: bool) -> float:
    """Upper bound of the rates of one field by its permeability P and its room, (n,) each [1/s]."""
    from releasesim.numerics.flow import add_conductance

    total = np.zeros(model.n)
    for stride, _, face in model.faces:
        add_conductance(stride, face, P, total)
    first, second, face, theta = model.joints
    if first.size:
        near, far = np.maximum(P[first], 1e-300), np.maximum(P[second], 1e-300)
        joint = face / (theta / near + (1.0 - theta) / far)
        total += np.bincount(first, joint, model.n) + np.bincount(second, joint, model.n)
    rows = model.rows
    if rows.cell.size:
        most = _most_at(model, rows.cell, P, drug)
        out = rows.area / (1.0 / film + rows.reach / np.maximum(most, 1e-300))
        total += 0.5 * np.bincount(rows.cell, out, model.n)
    if model.front is not None and model.front.cell.size:
        front, at = model.front, model.front.cell
        width = model.depth + 0.5 * front.step
        through = 2.0 * _most_at(model, at, P, drug) / width + front.speed * room[at] / np.maximum(
            model.front_volume, 1e-300
        )
        total[at] = 2.0 * total[at] + front.area * through
    solid = model.active & (model.cells.volume > 0)
    rate = 2.0 * total[solid] / np.maximum(room[solid], 1e-300)
    return float(rate.max()) if rate.size else 0.0


def _most_at(model: Model, at: NDArray[np.int64], P: Array, drug: bool) -> Array:
    """Largest permeability between the centre of cells and their surface, (m,)."""
    region = model.region[at]
    tables = model.matter.drug_tables if drug else model.matter.water_tables
    most = tables[0].max(axis=1)[region]
    if drug:
        # between a centre and its surface drug thins out: D is largest at one of them
        most = np.where(model.by_drug[at], tables[0][region, 0], most)
        swollen = np.array([float(p.swelling.volume_ratio(1.0)) for p in model.matter.laws])
        most = most * model.matter.partition[region] * np.cbrt(swollen)[region]
        most = np.where(np.isin(region, model.asked), 0.0, most)
    return np.asarray(np.maximum(P[at], most))


def _reaction(model: Model) -> float:
    rates = [0.0]
    for part, laws in enumerate(model.matter.laws):
        if isinstance(laws.dissolution, NoyesWhitney1897):
            ratio = model.solubility[model.by_part[part][:1]].sum() / max(
                model.matter.concentration[part], 1e-300
            )
            rates.append(laws.dissolution.rate * (1.0 + min(ratio, 1.0)))
        if isinstance(laws.hydrolysis, AutocatalyticScission) and "acid" in model.fields:
            law = laws.hydrolysis
            rates.append(law.k1 + law.k2 * (law.acid0 + law.ester0))
    return max(rates)
