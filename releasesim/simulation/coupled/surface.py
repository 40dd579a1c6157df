"""What cells at a surface hold: solid beyond their centres, and the film outside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.coupled.cells import Cells, Rows
from releasesim.simulation.coupled.matter import Matter

Array = NDArray[np.float64]

#: Cells whose surface is nearer to their centre than this, in spacings, hold what they hold by the
#: linear profile across them (see simulation.assemble).
_THIN = 0.25


@dataclass(frozen=True, eq=False)
class SurfaceLayer:
    """Cells at a surface that stays where it is, under a film and beside a bath.

    Parameters
    ----------
    cells : Cells
    matter : Matter
    bath_volume : float
        [m3].
    rows : Rows
        The surface, (m,).
    diffusivity : (parts,) ndarray
        Of the drug at the wetted surface [m2/s].
    """

    cells: Cells
    matter: Matter
    bath_volume: float
    rows: Rows
    diffusivity: Array

    @cached_property
    def whole(self) -> Array:
        """Solid that every cell takes care of, (n,) [m3]."""
        return np.where(self.cells.solid, self.cells.volume + self.cells.given(), 0.0)

    @cached_property
    def _tight(self) -> bool:
        """Whether the bath is so small that it would notice what lies at the surface."""
        return bool(self.bath_volume < float(self.whole.sum()))

    @cached_property
    def _swollen(self) -> Array:
        """J at the surface, (m,) [-]."""
        ratios = [float(laws.swelling.volume_ratio(1.0)) for laws in self.matter.laws]
        return np.array(ratios)[self.cells.region[self.rows.cell]]

    @cached_property
    def film(self) -> Array:
        """Mass-transfer coefficient per printed area, (m,) [m/s]."""
        film = np.full(self.rows.cell.size, self.matter.film)
        return film if np.isinf(self.matter.film) else film * self._swollen ** (2.0 / 3.0)

    @cached_property
    def _permeability(self) -> Array:
        region = self.cells.region[self.rows.cell]
        P = self.matter.partition[region] * self.diffusivity[region] * np.cbrt(self._swollen)
        return np.maximum(P, 1e-300)

    @cached_property
    def kept(self) -> Array:
        """Value at the surface over that at the cell's centre, (m,) [-]."""
        if self._tight:  # all of it stays in the cells
            return np.ones(self.rows.cell.size)
        film = 1.0 / self.film
        return np.asarray(film / (film + self.rows.reach / self._permeability))

    @cached_property
    def dropped(self) -> Array:
        """Solid whose dissolved drug is with the bath from the start, (n,) [m3]."""
        given = np.bincount(self.rows.cell, (1.0 - self.kept) * self.rows.given, self.whole.size)
        return np.where(self.cells.solid, given, 0.0)

    @cached_property
    def drug_volume(self) -> Array:
        """Volume by which a cell's drug makes its value at the centre, (n,) [m3]."""
        return (self.whole - self.dropped) * self._thickening(1.0 / self.film)

    @cached_property
    def sink_kept(self) -> Array:
        """Solid that cells hold where the surface is a perfect sink, (n,) [m3]."""
        lost = np.bincount(self.rows.cell, self.rows.given, self.whole.size)
        return np.where(self.cells.solid, self.whole - lost, 0.0)

    @cached_property
    def sink_volume(self) -> Array:
        """As `drug_volume`, of what meets a perfect sink, (n,) [m3]."""
        return self.sink_kept * self._thickening(np.zeros(self.rows.cell.size))

    @cached_property
    def bath(self) -> float:
        """Capacity of the bath and of what is in equilibrium with it from the start [m3]."""
        K = self.cells.mix(self.matter.partition)
        return self.bath_volume + float((K * self.dropped).sum())

    def _thickening(self, film: Array) -> Array:
        """Factor on the volume of cells that the surface passes close by, (n,) [-]."""
        rows, n = self.rows, self.whole.size
        factor = np.ones(n)
        if not rows.cell.size or self._tight:
            return factor
        area = np.bincount(rows.cell, rows.area, n)
        inverse = np.bincount(rows.cell, rows.area * rows.step / np.maximum(rows.reach, 1e-30), n)
        near = (inverse > 0) & (area < _THIN * inverse)
        if near.any():
            distance = area[near] / inverse[near]
            step = np.bincount(rows.cell, rows.area * rows.step, n)[near] / area[near]
            resistance = np.bincount(rows.cell, rows.area * film, n)[near] / area[near]
            passing = np.bincount(rows.cell, rows.area * self._permeability, n)[near]
            unit = step * area[near] / passing
            factor[near] = _profile(distance, unit, resistance) / _profile(_THIN, unit, resistance)
        return factor


def _profile(distance: Array | float, unit: Array, film: Array) -> Array:
    """Mean over value at the centre of a linear profile, for a cell that ends at the surface."""
    top = film + 0.5 * (distance + 0.5) * unit
    return np.asarray(top / (film + distance * unit))
