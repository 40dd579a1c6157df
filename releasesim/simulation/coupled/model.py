"""The coupled problem as rates of change: every field of every cell, and what crosses the surface.

Fields are amounts per cell: drug that is dissolved (or, at local equilibrium, all of it), solid
drug, dryness (1 - w of the polymer's volume), acid and ester. Two numbers stand at the end of the
state: drug in the bath, and drug that has crossed the surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.physics import AutocatalyticScission, LocalEquilibrium
from releasesim.simulation.coupled.acid import add_hydrolysis
from releasesim.simulation.coupled.ageing import Ageing
from releasesim.simulation.coupled.cells import Cells, Rows, over
from releasesim.simulation.coupled.diffusivity import (
    at_wet_surface,
    surface_permeability,
    take_diffusivity,
)
from releasesim.simulation.coupled.dissolving import add_dissolving, divide
from releasesim.simulation.coupled.front import FrontStep
from releasesim.simulation.coupled.matter import TABLED, Matter
from releasesim.simulation.coupled.receding import recede
from releasesim.simulation.coupled.surface import SurfaceLayer
from releasesim.simulation.coupled.water import WaterFront, add_drying, water_of, wet_enough

Array = NDArray[np.float64]

#: Wet share of a cell below which its drug is not told from what is still locked [-].
_HARDLY = 0.02


@dataclass(frozen=True, eq=False)
class DrugState:
    """What the drug's rates were last found from, (n,) each.

    Parameters
    ----------
    water : ndarray
        Relative to equilibrium [-].
    weight : ndarray
        What multiplies its diffusivity [-].
    c : ndarray
        Dissolved [kg/m3].
    room : ndarray
        Drug held over c, where all is dissolved [m3].
    saturated : ndarray of bool
        Cells where undissolved drug keeps c as it is.
    """

    water: Array
    weight: Array
    c: Array
    room: Array
    saturated: NDArray[np.bool_]


class Model:
    """Rates of change of one body in one medium, over a time in which its surface is the same.

    Parameters
    ----------
    cells : Cells
    matter : Matter
    bath : float
        Volume of the bath that these images share [m3]; infinite for a perfect sink.
    water_front : WaterFront or None
    """

    def __init__(
        self, cells: Cells, matter: Matter, bath: float, water_front: WaterFront | None
    ) -> None:
        self.cells, self.matter, self.bath = cells, matter, bath
        self.water_front = water_front
        self.n = cells.volume.size
        self.fields = self._fields()
        self.size = len(self.fields) * self.n + 2
        region = cells.region
        self.region = region
        self.K = cells.mix(matter.partition)
        #: What the states of a D(c) are shares of, (n,) [kg/m3].
        self.full = (matter.reach * matter.initial)[region]
        self.whole = np.where(cells.solid, cells.volume + cells.given(), 0.0)
        self.loaded = cells.mix(matter.concentration) * self.whole
        self.begin = 0.0
        #: How long cells have been wet, where that is what their chains go by.
        self.ageing: Ageing | None = None
        self.locked = self.loaded
        #: Solubility of the drug in the bath [kg/m3]; infinite where nobody knows.
        self.most_in_bath = float((matter.solubility / matter.partition).min())
        self.buffer = np.zeros(self.n)
        self.state, self.D, self.integral = np.zeros(self.n), np.zeros(self.n), np.zeros(self.n)
        self.Dw, self.Iw = np.zeros(self.n), np.zeros(self.n)
        self.front: FrontStep | None = None
        self.profiles: dict[str, tuple[Array, Array]] = {}
        self.active = cells.solid
        self.rows = cells.rows
        self.wet = np.ones(self.n)
        self.dry_weight = matter.partition[region]
        self.solubility = matter.solubility[region]
        self.limited = bool(np.isfinite(self.solubility).any())
        self.equilibrium = np.array(
            [isinstance(p.dissolution, LocalEquilibrium) for p in matter.laws]
        )[region]
        #: Cells that are wet from the start, (n,).
        self.instant = np.array([not p.hydration.diffuses for p in matter.laws])[region]
        self._sort_laws()
        #: Whether nothing that the drug's diffusivity follows ever changes.
        self.constant = self.plain and not self.asked and not matter.swells
        np.take(matter.drug_tables[0][:, 0], region, out=self.D)
        self.permeability = self.dry_weight * self.D

    def _fields(self) -> tuple[str, ...]:
        matter = self.matter
        names = ["drug"]
        if matter.dissolves:
            names.append("solid")
        if matter.water_diffuses:
            names.append("dry")
        if matter.acid_diffuses:
            names += ["acid", "ester"]
        return tuple(names)

    def _sort_laws(self) -> None:
        """Cells of the regions that a law has to be asked for."""
        self.by_part = {
            part: np.flatnonzero((self.region == part) & self.cells.solid)
            for part in self.matter.parts
        }
        kinds = [laws.diffusion.varies_with for laws in self.matter.laws]
        self.by_water = np.isin(self.region, [i for i, k in enumerate(kinds) if k in TABLED[:2]])
        self.by_drug = np.isin(self.region, [i for i, k in enumerate(kinds) if k == TABLED[2]])
        self.asked = [i for i, k in enumerate(kinds) if k is not None and k not in TABLED]
        self.plain = not self.by_water.any() and not self.by_drug.any()

    # --- the surface -----------------------------------------------------------------------

    def use_surface(self, rows: Rows, front: FrontStep | None) -> None:
        """Take the surface of the coming step; what does not recede is in `rows`."""
        self.front, self.rows = front, rows
        self.active = self.cells.solid if front is None else front.active
        self.gone = ~self.active
        self.at_front: tuple[Array, Array, Array] | None = None
        self.faces = self.cells.faces
        joints = self.cells.joints
        self.joints = (joints.first, joints.second, joints.conductance, joints.theta)
        if front is not None:
            # nothing flows through a face to a cell that is gone
            self.faces = tuple(
                (s, a, _without(face, self.gone, s)) for s, a, face in self.cells.faces
            )
            both = front.active[joints.first] & front.active[joints.second]
            self.joints = tuple(part[both] for part in self.joints)  # type: ignore[assignment]
        surface = SurfaceLayer(self.cells, self.matter, self.bath, rows, at_wet_surface(self))
        self.surface, self.film, self.kept = surface, surface.film, surface.kept
        self.sink = np.full(rows.cell.size, np.inf)

    # --- the state -------------------------------------------------------------------------

    def field(self, y: Array, name: str) -> Array:
        """View of one field of a state, (n,)."""
        begin = self.fields.index(name) * self.n
        return y[begin : begin + self.n]

    def start(self) -> Array:
        """State at time 0, some drug of which may be out of the solid from the start."""
        y = np.zeros(self.size)
        loaded = self.loaded.copy()
        drug = self.field(y, "drug")
        drug[:] = loaded
        free = np.where(np.isinf(self.solubility), loaded, 0.0)
        if self.matter.dissolves:
            free *= divide(self, drug, self.field(y, "solid"))
        # dissolved drug at the very surface is with the bath from the start
        at_once = free * over(self.surface.dropped, self.whole)
        if self.water_front is not None:
            at_once *= 0.0
        drug -= at_once
        self.locked = drug.copy()
        if "dry" in self.fields:
            dry = np.array([float(p.hydration.diffuses) for p in self.matter.laws])
            self.field(y, "dry")[:] = dry[self.region] * self.surface.sink_kept
        for part, at in self.by_part.items() if "acid" in self.fields else ():
            law = self.matter.laws[part].hydrolysis
            if isinstance(law, AutocatalyticScission):
                self.field(y, "acid")[at] = law.acid0 * self.whole[at]
                self.field(y, "ester")[at] = law.ester0 * self.whole[at]
        y[-2] = y[-1] = float(at_once.sum())
        return y

    def held(self, y: Array) -> float:
        """Drug in the device [kg]."""
        total = float(self.field(y, "drug").sum())
        return total + (float(self.field(y, "solid").sum()) if "solid" in self.fields else 0.0)

    # --- rates -----------------------------------------------------------------------------

    def rates(self, t: float, y: Array) -> Array:
        """dy/dt at t, a new array."""
        rate = np.zeros(self.size)
        self._volumes(t)
        wetness = self.water(t, y)
        # a step may overshoot a little: what flows flows back, but no material is wetter than wet
        water = np.clip(wetness, 0.0, 1.0) if "dry" in self.fields else wetness
        J = self.matter.volume_ratio(self.region, water) if self.matter.swells else None
        add_hydrolysis(self, y, rate, water)
        self._drug(t, y, rate, water, J)
        if "dry" in self.fields:
            add_drying(self, y, rate, wetness)
        if self.front is not None:
            np.copyto(rate[:-2].reshape(-1, self.n), 0.0, where=self.gone)
        return rate

    def _volumes(self, t: float) -> None:
        """Volumes of cells as the front leaves them."""
        self.room, self.sink_room, self.standing = (
            self.surface.drug_volume,
            self.surface.sink_volume,
            self.whole,
        )
        if self.front is None:
            return
        front = self.front
        self.front_volume, self.front_loss = front.volume(t), front.loss(t)
        self.depth = front.depth(t)
        self.room, self.sink_room = self.room.copy(), self.sink_room.copy()
        self.standing = self.standing.copy()
        for volume in (self.room, self.sink_room, self.standing):
            volume[front.cell] = self.front_volume

    def water(self, t: float, y: Array) -> Array:
        """Water relative to equilibrium, (n,) [-]; beyond 0 and 1 where a step overshot."""
        return water_of(self, t, y)

    def wet_enough(self) -> Array:
        """How far every cell is wet enough for drug to dissolve, (n,) [-]."""
        return wet_enough(self.now.water)

    def _soluble(self, water: Array) -> Array:
        """Solubility where it is wet; without a bound where a material has none [kg/m3]."""
        most = np.full(self.n, np.inf)
        bound = np.isfinite(self.solubility)
        np.multiply(self.solubility, wet_enough(water), out=most, where=bound)
        return most

    def undissolved(self, y: Array) -> Array:
        """Solid drug of every cell [kg]."""
        drug = self.field(y, "drug")
        solid = np.where(self.equilibrium, np.maximum(drug - self.solubility * self.room, 0.0), 0.0)
        return solid + self.field(y, "solid") if "solid" in self.fields else solid

    def _drug(self, t: float, y: Array, rate: Array, water: Array, J: Array | None) -> None:
        from releasesim.numerics.flow import flow_at_joints, flow_out

        amount, change = self.field(y, "drug"), self.field(rate, "drug")
        room = self.room
        if self.water_front is not None:  # drug is mobile in the wet share of a cell
            self.share = water
            amount = amount - self.locked * (1.0 - water)
            room = room * np.maximum(water, _HARDLY)
        mean = over(amount, room)
        most = self._soluble(water) if self.limited else None
        if J is not None:
            mean, room = mean / J, room * J
        c = mean
        if most is not None:
            c = np.where(self.equilibrium, np.minimum(c, most), c)
        take_diffusivity(self, t, y, water, c)
        weight = self.weight(J)
        u = c / self.K
        self.now = DrugState(water, weight, c, room, self._saturated(mean, most))
        # what the bath cannot dissolve lies in it as solid
        bath = min(y[-2] / self.surface.bath, self.most_in_bath) if np.isfinite(self.bath) else 0.0
        out = 0.0
        if self.front is not None and self.front.cell.size:
            out += recede(self, y, change, u, most, J, bath)
        self._flow(u, weight, change)
        if self.joints[0].size:
            P = weight * self.D
            # no drug crosses into a part that is dry
            flow_at_joints(
                *self.joints, P if self.water_front is None else P * self.share, u, change
            )
        P = self.P_rows = surface_permeability(self, weight)
        rows = self.rows
        out += flow_out(rows.cell, rows.area, rows.reach, self.film, P, u, bath, change)
        if "solid" in self.fields:
            add_dissolving(self, y, c, rate)
        rate[-1] += out
        if np.isfinite(self.bath):
            rate[-2] += out

    def weight(self, J: Array | None) -> Array:
        """What multiplies D of the drug, K J^(1/3), (n,) [-]."""
        return self.dry_weight if J is None else self.dry_weight * np.cbrt(J)

    def _saturated(self, c: Array, most: Array | None) -> NDArray[np.bool_]:
        """Cells where solid drug keeps the dissolved at what can be dissolved, (n,)."""
        return np.zeros(self.n, dtype=bool) if most is None else self.equilibrium & (c >= most)

    def _flow(self, u: Array, weight: Array, change: Array) -> None:
        from releasesim.numerics.flow import flow, flow_by_state, flow_in_series

        P = self.permeability if self.constant else weight * self.D
        for stride, _, face in self.faces:
            if self.water_front is not None:
                gate = self.share
                flow_in_series(stride, face, P * gate, u, self.buffer, change)
            elif self.plain:
                flow(stride, face, P, u, self.buffer, change)
            else:
                flow_by_state(
                    stride, face, weight, self.D, self.integral, self.state, u, self.buffer, change
                )


def _without(face: Array, gone: NDArray[np.bool_], stride: int) -> Array:
    kept = np.where(gone, 0.0, face)
    kept[:-stride][gone[stride:]] = 0.0
    return kept
