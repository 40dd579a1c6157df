"""The stages of a step where drug and water diffuse and nothing else happens, in one sweep."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.coupled.cells import over
from releasesim.simulation.coupled.model import Model

Array = NDArray[np.float64]


def only_takes_up(model: Model) -> bool:
    """Whether drug and water diffuse by laws of water in a body that stays as it is, all of it."""
    matter = model.matter
    return (
        model.fields == ("drug", "dry")
        and model.front is None
        and model.water_front is None
        and not matter.swells
        and not model.joints[0].size
        and not np.isfinite(model.solubility).any()
        and bool(model.by_water[model.cells.solid].all())
    )


class Uptake:
    """Rates of change as `Model.rates` finds them, up to rounding, and several times as fast.

    Parameters
    ----------
    model : Model
        One that `only_takes_up`, with its surface.
    """

    def __init__(self, model: Model) -> None:
        surface, matter = model.surface, model.matter
        ones, weight = np.ones(model.n), matter.partition[model.region]
        self.model, self.n = model, model.n
        self.cells = (
            over(ones, surface.drug_volume * model.K),
            over(ones, surface.sink_volume),
            weight,
            model.region,
            model.instant,
        )
        both = (matter.drug_tables, matter.water_tables)
        self.tables = np.concatenate([_intervals(*tables) for tables in both], axis=2)
        self.ends = np.stack([integral[:, -1] for _, integral in both], axis=1)
        strides = np.array([stride for stride, _, _ in model.faces], dtype=np.int64)
        self.faces = strides, np.array([face for _, _, face in model.faces])
        rows = model.rows
        self.rows = rows.cell, rows.area, rows.reach, model.film
        region = model.region[rows.cell]
        drug_most, water_most = (
            table.max(axis=1)[region] for table in (matter.drug_tables[0], matter.water_tables[0])
        )
        self.most = np.array([drug_most * matter.partition[region], water_most])
        bath, most = surface.bath, model.most_in_bath
        self.bath = np.array([1.0 / bath if np.isfinite(bath) else 0.0, most])
        self.work = np.empty((8, model.n))

    @property
    def _arrays(self) -> tuple[Any, ...]:
        return self.cells, self.tables, self.ends, self.faces, self.rows, self.bath, self.work

    def rates(self, y: Array) -> Array:
        """dy/dt."""
        from releasesim.numerics.uptake import uptake_rates

        rate = np.empty_like(y)
        uptake_rates(y, *self._arrays, rate)
        return rate

    def fastest(self) -> float:
        """Upper bound of the rates of change of the state last given to `rates` [1/s]."""
        from releasesim.numerics.uptake import uptake_fastest

        return float(uptake_fastest(self.cells, self.faces, self.rows, self.most, self.work))

    def advance(self, y: Array, rate: Array, dt: float, stages: int) -> Array:
        """The state after a step of RKL2 from y, where dy/dt is `rate`."""
        from releasesim.numerics.rkl import coefficients
        from releasesim.numerics.uptake import uptake_advance

        weights = coefficients(stages)[0]
        return np.asarray(uptake_advance(y, rate, weights, dt, *self._arrays))


def _intervals(D: Array, integral: Array) -> Array:
    """D where every interval begins, its gain, and the integral so far, (regions, m, 3)."""
    return np.stack([D[:, :-1], np.diff(D, axis=1), integral[:, :-1]], axis=2)
