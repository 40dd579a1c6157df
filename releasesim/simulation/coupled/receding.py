"""Drug at a receding surface: its profile in the cells there, and what leaves with the polymer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from releasesim.simulation.coupled.model import Model

Array = NDArray[np.float64]


def _profile_shape(model: Model, D: Array, film: float | Array) -> tuple[Array, Array]:
    """Value at the centre of front cells and mean over them, of that far away, (m,) [-]."""
    assert model.front is not None  # noqa: S101  # only called with one
    v, reach = model.front.speed, model.depth
    width = reach + 0.5 * model.front.step
    x = v / np.maximum(D, 1e-300)
    share = np.ones_like(v) if np.isscalar(film) and np.isinf(film) else film / (v + film)
    centre = (1.0 - share) - share * np.expm1(-x * reach)
    z = x * width
    whole = (1.0 - share) + share * np.where(
        z < 1e-4, 0.5 * z, 1.0 + np.expm1(-z) / np.maximum(z, 1e-300)
    )
    return centre, whole


def profiles(
    model: Model,
    field: str,
    D: Array,
    film: float | Array,
    mean: Array,
    limit: Array | float = np.inf,
) -> tuple[Array, Array, Array]:
    """Far, centre and mean values of a quantity at the front whose mean is `mean`, (m,).

    `limit` is the most that it can be at the centre of its cell.
    """
    centre, whole = model.profiles[field] = _profile_shape(model, D, film)
    far = np.minimum(mean / whole, limit / np.maximum(centre, 1e-300))
    return far, far * centre, far * whole


def recede(
    model: Model,
    y: Array,
    change: Array,
    u: Array,
    most: Array | None,
    J: Array | None,
    bath: float,
) -> float:
    """Drug that leaves through a receding surface; sets u of the cells there."""
    assert model.front is not None  # noqa: S101
    front, at = model.front, model.front.cell
    if model.at_front is None or not model.constant:
        model.at_front = _to_front(model, at, J)
    capacity, D, film = model.at_front
    grown = np.ones(at.size) if J is None else J[at]
    base = capacity * bath
    amount = model.field(y, "drug")[at]
    limit = (
        np.inf if most is None else np.where(model.equilibrium[at], most[at] * grown - base, np.inf)
    )
    far, centre, mean = profiles(
        model,
        "drug",
        D,
        np.inf if np.isinf(model.matter.film) else film,
        amount / model.front_volume - base,
        limit,
    )
    u[at] = bath + centre / capacity
    full = mean < (1.0 - 1e-12) * (amount / model.front_volume - base)
    model.now.saturated[at] = model.equilibrium[at] & full
    leaving = front.area * front.speed * (base + far)
    # solid drug goes with the polymer that held it
    solid = np.maximum(amount - (base + mean) * model.front_volume, 0.0)
    solid = np.where(model.equilibrium[at], solid, 0.0)
    leaving += solid * model.front_loss / model.front_volume
    change[at] -= leaving
    return float(leaving.sum())


def _to_front(model: Model, at: NDArray[np.int64], J: Array | None) -> tuple[Array, Array, Array]:
    """Capacity for drug, diffusivity and film of cells at the front, (m,) each."""
    K = model.dry_weight[at]
    grown = np.ones(at.size) if J is None else J[at]
    D = model.D[at] * np.cbrt(grown) / grown
    swollen = np.array([float(p.swelling.volume_ratio(1.0)) for p in model.matter.laws])
    film = model.matter.film * swollen[model.region[at]] ** (2 / 3) / (K * grown)
    if not model.plain:
        D = 0.5 * (D + _surface_diffusivity(model, at, grown))
    return K * grown, D, film


def _surface_diffusivity(model: Model, at: NDArray[np.int64], grown: Array) -> Array:
    """Diffusivity of the drug at the wet surface of cells at the front, (m,) [m2/s]."""
    table, region = model.matter.drug_tables[0], model.region[at]
    wet = np.where(model.by_water[at], table[region, -1], table[region, 0])
    return np.asarray(wet * np.cbrt(grown) / grown)
