"""What a field's rates are near a state: conductances, outlets and what cells lose on the spot.

The unknown of a field is its potential, whose differences drive the flow: for drug u = c/K, for
water and for drug of D(c) the integral of D, so that the matrix is symmetric and still exact. What
one field does to another is left out: water does not feel the drug, so that iterations settle one
field after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.physics import AutocatalyticScission, NoyesWhitney1897
from releasesim.simulation.coupled.cells import Rows
from releasesim.simulation.coupled.dissolving import solid_left
from releasesim.simulation.coupled.water import WET

if TYPE_CHECKING:
    from releasesim.simulation.coupled.model import Model

Array = NDArray[np.float64]
Faces = list[tuple[int, Array]]


@dataclass(frozen=True, eq=False)
class Linear:
    """The linear rates of one field, and of the one that lies in the same cells without moving.

    Parameters
    ----------
    field, partner : str
        "drug" and "solid", "acid" and "ester", "dry" and nothing.
    slope : (n,) ndarray
        Potential per amount; 0 where the potential stays.
    loss : (n,) ndarray
        Share of the amount that leaves with a receding surface [1/s].
    taken : (n,) ndarray
        Share of the amount that becomes the partner's [1/s].
    given : (n,) ndarray
        Share of the partner's amount that becomes the field's [1/s].
    faces : list of (stride, (n,) ndarray)
    outlet : (n,) ndarray
    pace : (n,) ndarray
        Potential over u: what a bath's u counts for in a cell of D(c).
    """

    field: str
    partner: str
    slope: Array
    loss: Array
    taken: Array
    given: Array
    faces: Faces
    outlet: Array
    pace: Array


def linear_fields(model: Model, y: Array) -> list[Linear]:
    """Linear rates of all fields that move, at the state whose rates were found last.

    Parameters
    ----------
    model : Model
        Its rates at `y` have just been taken.
    y : ndarray
    """
    found = [_drug(model, y)]
    if "dry" in model.fields:
        found.append(_dry(model))
    if "acid" in model.fields:
        found.append(_acid(model, y))
    for linear in found:
        linear.slope[~(model.active & (model.standing > 0))] = 0.0
    return found


def _drug(model: Model, y: Array) -> Linear:
    now, matter = model.now, model.matter
    # beside a part whose D does not follow c no potential is common to both: u itself is
    steep = model.by_drug & (model.joints[0].size == 0)
    # potential over u: D(c) itself where D follows c
    pace = np.where(steep, np.maximum(model.D, 1e-300), 1.0)
    slope = np.where(now.saturated, 0.0, pace / np.maximum(now.room * model.K, 1e-300))
    if model.water_front is not None:
        P = now.weight * model.D * model.share
        faces = [(s, face * _in_series(P, s)) for s, _, face in model.faces]
    elif model.plain:
        P = now.weight * model.D
        faces = [(s, face * _mean(P, s)) for s, _, face in model.faces]
    else:
        P = now.weight * model.D
        faces = [(s, face * _by_state(model, s, steep)) for s, _, face in model.faces]
    faces = _with_joints(model, faces, P, pace)
    rows, n = model.rows, model.n
    passing = model.P_rows
    if steep.any():
        at_rows = steep[rows.cell] & np.isinf(model.film)
        passing = np.where(at_rows, P[rows.cell], passing)
    outlet = _summed(rows, _through(rows, model.film, passing) / pace[rows.cell], n)
    loss = np.zeros(n)
    if model.front is not None and model.front.cell.size:
        at, front = model.front.cell, model.front
        centre, whole = model.profiles["drug"]
        full = now.saturated[at]
        slope[at] = np.where(full, 0.0, slope[at] * centre / whole)
        gone = front.area * front.speed / (whole * model.front_volume)
        loss[at] = np.where(full, model.front_loss / model.front_volume, gone)
    taken, given = _dissolving(model, y) if matter.dissolves else (np.zeros(n), np.zeros(n))
    partner = "solid" if matter.dissolves else ""
    return Linear("drug", partner, slope, loss, taken, given, faces, outlet, pace)


def _dissolving(model: Model, y: Array) -> tuple[Array, Array]:
    """Shares of dissolved drug that keep solid from dissolving, and of solid that dissolves."""
    back, forth = np.zeros(model.n), np.zeros(model.n)
    solid, wet = model.field(y, "solid"), model.wet_enough()
    for part, at in model.by_part.items():
        law = model.matter.laws[part].dissolution
        if not isinstance(law, NoyesWhitney1897) or not at.size:
            continue
        start, left = solid_left(model, at, solid)
        left = np.maximum(left, 0.0)
        lacking = model.solubility[at] - model.now.c[at]
        open_to_it = wet[at] * law.rate * (lacking > 0) * (left > 0)
        volume = model.standing[at] / np.maximum(model.now.room[at], 1e-300)
        back[at] = open_to_it * left**law.exponent * volume
        if law.exponent > 0:
            steep = law.exponent * np.maximum(left, 1e-12) ** (law.exponent - 1.0)
            steep = np.divide(steep, start, out=np.zeros(at.size), where=start > 0.0)
            forth[at] = open_to_it * steep * np.maximum(lacking, 0.0)
    return back, forth


def _dry(model: Model) -> Linear:
    n, rows = model.n, model.rows
    pace = np.maximum(model.Dw, 1e-300)
    instant = model.instant
    slope = np.where(instant, 0.0, pace / np.maximum(model.sink_room, 1e-300))
    faces = [(stride, face) for stride, _, face in model.faces]
    P = np.where(instant, WET * model.matter.water_tables[0].max(), model.Dw)
    faces = _with_joints(model, faces, P, np.where(instant, P, pace))
    outlet = _summed(rows, _through(rows, model.sink, model.Dw[rows.cell]), n) / pace
    loss = np.zeros(n)
    if model.front is not None and model.front.cell.size:
        at, front = model.front.cell, model.front
        centre, whole = model.profiles["dry"]
        slope[at] *= centre / whole
        loss[at] = front.area * front.speed / (whole * model.front_volume)
    none = np.zeros(n)
    return Linear("dry", "", slope, loss, none, none, faces, outlet, np.ones(n))


def _acid(model: Model, y: Array) -> Linear:
    n, rows = model.n, model.rows
    D = np.array([getattr(p.hydrolysis, "D_acid", 0.0) for p in model.matter.laws])[model.region]
    slope = 1.0 / np.maximum(model.standing, 1e-300)
    faces = [(s, face * _mean(D, s)) for s, _, face in model.faces]
    faces = _with_joints(model, faces, D, np.ones(n))
    outlet = _summed(rows, _through(rows, model.sink, D[rows.cell]), n)
    loss, taken, given = np.zeros(n), np.zeros(n), np.zeros(n)
    for part, laws in enumerate(model.matter.laws):
        law, at = laws.hydrolysis, model.by_part[part]
        if isinstance(law, AutocatalyticScission) and at.size:
            x = model.field(y, "acid")[at] / model.standing[at]
            ester = model.field(y, "ester")[at] / model.standing[at]
            wet = model.now.water[at]
            given[at] = wet * (law.k1 + law.k2 * x)
            taken[at] = -wet * law.k2 * ester
    if model.front is not None and model.front.cell.size:
        at, front = model.front.cell, model.front
        centre, whole = model.profiles["acid"]
        slope[at] *= centre / whole
        loss[at] = front.area * front.speed / (whole * model.front_volume)
    return Linear("acid", "ester", slope, loss, taken, given, faces, outlet, np.ones(n))


def _through(rows: Rows, film: Array, P: Array) -> Array:
    """Conductance of every row of a surface, (m,)."""
    return np.asarray(rows.area / (1.0 / film + rows.reach / np.maximum(P, 1e-300)))


def _summed(rows: Rows, values: Array, n: int) -> Array:
    """Sums of the rows' values by cell, (n,)."""
    return np.asarray(np.bincount(rows.cell, values, n).astype(float))


def _mean(P: Array, stride: int) -> Array:
    out = np.zeros(P.size)
    out[:-stride] = 0.5 * (P[:-stride] + P[stride:])
    return out


def _in_series(P: Array, stride: int) -> Array:
    out = np.zeros(P.size)
    first, second = P[:-stride], P[stride:]
    out[:-stride] = 2.0 * first * second / np.maximum(first + second, 1e-300)
    return out


def _by_state(model: Model, stride: int, steep: NDArray[np.bool_]) -> Array:
    """Conductance of faces whose D lies between two states; 1 where D itself is in the unknown."""
    weight, out = model.now.weight, np.zeros(model.n)
    gap = model.state[stride:] - model.state[:-stride]
    near = np.abs(gap) < 1e-7
    mean = np.where(
        near,
        0.5 * (model.D[:-stride] + model.D[stride:]),
        (model.integral[stride:] - model.integral[:-stride]) / np.where(near, 1.0, gap),
    )
    both = steep[:-stride] & steep[stride:]
    out[:-stride] = 0.5 * (weight[:-stride] + weight[stride:]) * np.where(both, 1.0, mean)
    return out


def _with_joints(model: Model, faces: Faces, P: Array, pace: Array) -> Faces:
    """Add the faces at which regions meet; `pace` (n,) is potential over value."""
    first, second, face, theta = model.joints
    if not first.size:
        return faces
    near, far = np.maximum(P[first], 1e-300), np.maximum(P[second], 1e-300)
    joint = face / (theta / near + (1.0 - theta) / far) / np.sqrt(pace[first] * pace[second])
    low, apart = np.minimum(first, second), np.abs(first - second)
    found = []
    for stride, own in faces:
        at = apart == stride
        found.append((stride, own + np.bincount(low[at], joint[at], model.n)))
    return found
