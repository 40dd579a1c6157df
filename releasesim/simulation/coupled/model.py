"""The coupled problem as rates of change: every field of every cell, and what crosses the surface.

Fields are amounts per cell: drug that is dissolved (or, at local equilibrium, all of it), solid
drug, dryness (1 - w of the polymer's volume), acid and ester. Two numbers stand at the end of the
state: drug in the bath, and drug that has crossed the surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.physics import (
    AutocatalyticScission,
    LocalEquilibrium,
    NoyesWhitney1897,
)
from releasesim.simulation.coupled.cells import Cells, Rows
from releasesim.simulation.coupled.front import FrontStep
from releasesim.simulation.coupled.matter import TABLED, Matter
from releasesim.simulation.coupled.surface import SurfaceLayer

Array = NDArray[np.float64]

#: Water at which drug begins to dissolve [-]: half of it at the onset of PHYSICS 1, so that no
#: cell switches from one step to the next.
_ONSET, _RAMP = 0.1, 0.1
#: Wet share of a cell below which its drug is not told from what is still locked [-].
_HARDLY = 0.02
#: How much better water moves where it already is everywhere.
WET = 1e6


@dataclass(frozen=True, eq=False)
class WaterFront:
    """When a sharp water front comes to every cell and how long it takes to cross it, (n,) [s]."""

    arrival: Array
    span: Array

    def share(self, t: float) -> Array:
        """Share of every cell that is wet at t, (n,) [-]."""
        return np.clip(0.5 + (t - self.arrival) / self.span, 0.0, 1.0)


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
        surface = SurfaceLayer(self.cells, self.matter, self.bath, rows, self._surface_laws())
        self.surface, self.film, self.kept = surface, surface.film, surface.kept
        self.sink = np.full(rows.cell.size, np.inf)

    def _surface_laws(self) -> Array:
        """Diffusivity of the drug at the wetted surface of every part, (parts,) [m2/s]."""
        D = self.matter.drug_tables[0][:, -1].copy()
        for part in self.matter.parts:
            if self.matter.laws[part].diffusion.varies_with == TABLED[2]:
                D[part] = float(self.matter.laws[part].diffusion.diffusivity(1.0))
        for part in self.asked:
            laws = self.matter.laws[part]
            state = {
                "time": self.begin,
                "molar_mass": float(laws.hydrolysis.molar_mass(self.begin)),
                "leached": self.matter.concentration[part] * self.matter.drug_volume[part],
            }[str(laws.diffusion.varies_with)]
            D[part] = float(laws.diffusion.diffusivity(state))
        return np.asarray(D)

    # --- the state -------------------------------------------------------------------------

    def field(self, y: Array, name: str) -> Array:
        """View of one field of a state, (n,)."""
        begin = self.fields.index(name) * self.n
        return y[begin : begin + self.n]

    def start(self) -> tuple[Array, float]:
        """State at time 0, and the drug that is out of the solid from the start [kg]."""
        y = np.zeros(self.size)
        loaded = self.loaded.copy()
        drug = self.field(y, "drug")
        drug[:] = loaded
        free = np.where(np.isinf(self.solubility), loaded, 0.0)
        if self.matter.dissolves:
            free *= self._solid_at_start(drug, self.field(y, "solid"))
        # dissolved drug at the very surface is with the bath from the start
        at_once = free * over(self.surface.dropped, self.whole)
        if self.water_front is not None:
            at_once *= 0.0
        drug -= at_once
        self.locked = drug.copy()
        out = float(at_once.sum())
        if "dry" in self.fields:
            dry = np.array([float(p.hydration.diffuses) for p in self.matter.laws])
            self.field(y, "dry")[:] = dry[self.region] * self.surface.sink_kept
        for part, at in self.by_part.items() if "acid" in self.fields else ():
            law = self.matter.laws[part].hydrolysis
            if isinstance(law, AutocatalyticScission):
                self.field(y, "acid")[at] = law.acid0 * self.whole[at]
                self.field(y, "ester")[at] = law.ester0 * self.whole[at]
        y[-2] = y[-1] = out
        return y, out

    def _solid_at_start(self, drug: Array, solid: Array) -> Array:
        """Divide drug into dissolved and solid; 1 in cells where all of it is dissolved, (n,)."""
        plain = np.ones(self.n)
        for part, at in self.by_part.items():
            law = self.matter.laws[part].dissolution
            if isinstance(law, NoyesWhitney1897) and at.size:
                c = drug[at] / self.whole[at]
                most = 0.0 if law.initially == "dry" else self.solubility[at]
                dissolved = np.minimum(c, most) * self.whole[at]
                solid[at], drug[at], plain[at] = drug[at] - dissolved, dissolved, 0.0
        return plain

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
        self._acid(t, y, rate)
        self._drug(t, y, rate, water, J)
        if "dry" in self.fields:
            self._drying(t, y, rate, wetness)
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
        if self.water_front is not None:
            return self.water_front.share(t)
        if "dry" not in self.fields:
            return self.wet
        amount = self.field(y, "dry")
        dryness = over(amount, self.sink_room)
        if self.front is not None and self.front.cell.size:
            at = self.front.cell
            D = self._water_diffusivity_at(at, dryness[at])
            _, near, _ = self._profiles("dry", D, np.inf, amount[at] / self.front_volume, 1.0)
            dryness[at] = near
        return np.asarray(1.0 - dryness)

    def _water_diffusivity_at(self, at: NDArray[np.int64], dryness: Array) -> Array:
        """Diffusivity of water halfway between cells and their wet surface, (m,) [m2/s]."""
        table, region = self.matter.water_tables[0], self.region[at]
        place = np.clip(1.0 - 0.5 * dryness, 0.0, 1.0) * (table.shape[1] - 1)
        low = np.minimum(place.astype(int), table.shape[1] - 2)
        first, second = table[region, low], table[region, low + 1]
        return np.asarray(first + (place - low) * (second - first))

    def _profile_shape(self, D: Array, film: float | Array) -> tuple[Array, Array]:
        """Value at the centre of front cells and mean over them, of that far away, (m,) [-]."""
        assert self.front is not None  # noqa: S101  # only called with one
        v, reach = self.front.speed, self.depth
        width = reach + 0.5 * self.front.step
        x = v / np.maximum(D, 1e-300)
        share = np.ones_like(v) if np.isscalar(film) and np.isinf(film) else film / (v + film)
        centre = (1.0 - share) - share * np.expm1(-x * reach)
        z = x * width
        whole = (1.0 - share) + share * np.where(
            z < 1e-4, 0.5 * z, 1.0 + np.expm1(-z) / np.maximum(z, 1e-300)
        )
        return centre, whole

    def _profiles(
        self, field: str, D: Array, film: float | Array, mean: Array, limit: Array | float = np.inf
    ) -> tuple[Array, Array, Array]:
        """Far, centre and mean values of a quantity at the front whose mean is `mean`, (m,).

        `limit` is the most that it can be at the centre of its cell.
        """
        centre, whole = self.profiles[field] = self._profile_shape(D, film)
        far = np.minimum(mean / whole, limit / np.maximum(centre, 1e-300))
        return far, far * centre, far * whole

    def _diffusivity(self, t: float, y: Array, water: Array, drug: Array) -> None:
        """D of the drug and its integral over the state, everywhere."""
        from releasesim.numerics.flow import look_up

        if self.constant:
            return
        tables = self.matter.drug_tables
        if not self.plain:
            np.copyto(self.state, 0.0)
            np.copyto(self.state, water, where=self.by_water)
            np.copyto(self.state, drug / self.full, where=self.by_drug)
            look_up(*tables, self.region, self.state, self.D, self.integral)
        else:
            np.take(tables[0][:, 0], self.region, out=self.D)
        for part in self.asked:
            at = self.by_part[part]
            self.D[at] = self.matter.laws[part].diffusion.diffusivity(self._asked(part, t, y, at))

    def _asked(self, part: int, t: float, y: Array, at: NDArray[np.int64]) -> Array | float:
        """State that a law of no table reads: time, molar mass, or volume of drug that has left."""
        laws = self.matter.laws[part]
        kind = laws.diffusion.varies_with
        if kind == "time":
            return t
        if kind == "molar_mass":
            if "acid" in self.fields and isinstance(laws.hydrolysis, AutocatalyticScission):
                ester = self.field(y, "ester")[at] / self.standing[at]
                return laws.hydrolysis.molar_mass_of(ester)
            return laws.hydrolysis.molar_mass(t)
        left = self.undissolved(y)[at] / self.standing[at]
        loaded = (
            max(self.matter.concentration[part] - self.solubility[at[0]], 0.0)
            if (isinstance(laws.dissolution, LocalEquilibrium) and at.size)
            else self.matter.concentration[part]
        )
        return np.asarray(np.maximum(loaded - left, 0.0) * self.matter.drug_volume[part])

    def _soluble(self, water: Array) -> Array:
        """Solubility where it is wet; without a bound where a material has none [kg/m3]."""
        most = np.full(self.n, np.inf)
        bound = np.isfinite(self.solubility)
        np.multiply(self.solubility, _wet_enough(water), out=most, where=bound)
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
        self._diffusivity(t, y, water, c)
        weight = self.weight(water, J)
        u = c / self.K
        self.now = DrugState(water, weight, c, room, self._saturated(mean, most))
        # what the bath cannot dissolve lies in it as solid
        bath = min(y[-2] / self.surface.bath, self.most_in_bath) if np.isfinite(self.bath) else 0.0
        out = 0.0
        if self.front is not None and self.front.cell.size:
            out += self._recede(t, y, change, u, most, weight, J, bath)
        self._flow(u, weight, change)
        if self.joints[0].size:
            P = weight * self.D
            # no drug crosses into a part that is dry
            flow_at_joints(
                *self.joints, P if self.water_front is None else P * self.share, u, change
            )
        P = self.P_rows = self._surface_permeability(water, c, weight)
        rows = self.rows
        out += flow_out(rows.cell, rows.area, rows.reach, self.film, P, u, bath, change)
        if "solid" in self.fields:
            self._dissolve(y, c, rate)
        rate[-1] += out
        if np.isfinite(self.bath):
            rate[-2] += out

    def weight(self, water: Array, J: Array | None) -> Array:
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

    def _surface_permeability(self, water: Array, c: Array, weight: Array) -> Array:
        """Permeability between centre and surface of every row, (m,)."""
        from releasesim.numerics.flow import surface_mean

        rows = self.rows
        if self.constant and self.water_front is None:
            return self.permeability[rows.cell]
        if self.plain:
            D = self.D[rows.cell]
        else:
            D = np.empty(rows.cell.size)
            at = np.where(
                self.by_water[rows.cell],
                1.0,
                np.where(self.by_drug[rows.cell], self.kept * self.state[rows.cell], 0.0),
            )
            surface_mean(
                *self.matter.drug_tables,
                self.region,
                rows.cell,
                self.D,
                self.integral,
                self.state,
                at,
                D,
            )
        if self.water_front is not None:
            D = D * self.share[rows.cell]
        return np.asarray(weight[rows.cell] * D)

    def _recede(
        self,
        t: float,
        y: Array,
        change: Array,
        u: Array,
        most: Array | None,
        weight: Array,
        J: Array | None,
        bath: float,
    ) -> float:
        """Drug that leaves through a receding surface; sets u of the cells there."""
        assert self.front is not None  # noqa: S101
        front, at = self.front, self.front.cell
        if self.at_front is None or not self.constant:
            self.at_front = self._to_front(at, J)
        capacity, D, film = self.at_front
        grown = np.ones(at.size) if J is None else J[at]
        base = capacity * bath
        amount = self.field(y, "drug")[at]
        limit = (
            np.inf
            if most is None
            else np.where(self.equilibrium[at], most[at] * grown - base, np.inf)
        )
        far, centre, mean = self._profiles(
            "drug",
            D,
            np.inf if np.isinf(self.matter.film) else film,
            amount / self.front_volume - base,
            limit,
        )
        u[at] = bath + centre / capacity
        full = mean < (1.0 - 1e-12) * (amount / self.front_volume - base)
        self.now.saturated[at] = self.equilibrium[at] & full
        leaving = front.area * front.speed * (base + far)
        # solid drug goes with the polymer that held it
        solid = np.maximum(amount - (base + mean) * self.front_volume, 0.0)
        solid = np.where(self.equilibrium[at], solid, 0.0)
        leaving += solid * self.front_loss / self.front_volume
        change[at] -= leaving
        return float(leaving.sum())

    def _to_front(self, at: NDArray[np.int64], J: Array | None) -> tuple[Array, Array, Array]:
        """Capacity for drug, diffusivity and film of cells at the front, (m,) each."""
        K = self.dry_weight[at]
        grown = np.ones(at.size) if J is None else J[at]
        D = self.D[at] * np.cbrt(grown) / grown
        swollen = np.array([float(p.swelling.volume_ratio(1.0)) for p in self.matter.laws])
        film = self.matter.film * swollen[self.region[at]] ** (2 / 3) / (K * grown)
        if not self.plain:
            D = 0.5 * (D + self._surface_diffusivity(at, grown))
        return K * grown, D, film

    def _surface_diffusivity(self, at: NDArray[np.int64], grown: Array) -> Array:
        """Diffusivity of the drug at the wet surface of cells at the front, (m,) [m2/s]."""
        table, region = self.matter.drug_tables[0], self.region[at]
        wet = np.where(self.by_water[at], table[region, -1], table[region, 0])
        return np.asarray(wet * np.cbrt(grown) / grown)

    def wet_enough(self) -> Array:
        """How far every cell is wet enough for drug to dissolve, (n,) [-]."""
        return _wet_enough(self.now.water)

    def _dissolve(self, y: Array, c: Array, rate: Array) -> None:
        solid, change = self.field(y, "solid"), self.field(rate, "solid")
        wet = self.wet_enough()
        for part, at in self.by_part.items():
            law = self.matter.laws[part].dissolution
            if not isinstance(law, NoyesWhitney1897) or not at.size:
                continue
            volume = self.standing[at]
            start = max(self.matter.concentration[part], 1e-300)
            speed = _noyes_whitney(law, solid[at] / volume / start, c[at], self.solubility[at])
            gone = speed * wet[at] * volume
            change[at] -= gone
            self.field(rate, "drug")[at] += gone
        if self.front is not None and self.front.cell.size:
            at = self.front.cell
            lost = solid[at] * self.front_loss / self.front_volume
            change[at] -= lost
            rate[-1] += lost.sum()
            if np.isfinite(self.bath):
                rate[-2] += lost.sum()

    def _drying(self, t: float, y: Array, rate: Array, water: Array) -> None:
        """Water that diffuses in, as dryness that diffuses out."""
        from releasesim.numerics.flow import (
            flow_at_joints,
            flow_by_state,
            flow_out,
            look_up,
            surface_mean,
        )

        change = self.field(rate, "dry")
        look_up(*self.matter.water_tables, self.region, water, self.Dw, self.Iw)
        dryness, ones = 1.0 - water, np.ones(self.n)
        for stride, _, face in self.faces:
            flow_by_state(stride, face, ones, self.Dw, self.Iw, water, dryness, self.buffer, change)
        instant = self.instant
        if self.joints[0].size:
            P = np.where(instant, WET * self.matter.water_tables[0].max(), self.Dw)
            flow_at_joints(*self.joints, P, dryness, change)
        rows = self.rows
        P = np.empty(rows.cell.size)
        surface_mean(
            *self.matter.water_tables,
            self.region,
            rows.cell,
            self.Dw,
            self.Iw,
            water,
            np.ones(rows.cell.size),
            P,
        )
        flow_out(rows.cell, rows.area, rows.reach, self.sink, P, dryness, 0.0, change)
        if self.front is not None and self.front.cell.size:
            at = self.front.cell
            D = self._water_diffusivity_at(at, dryness[at])
            mean = self.field(y, "dry")[at] / self.front_volume
            far, _, _ = self._profiles("dry", D, np.inf, mean, 1.0)
            change[at] -= self.front.area * self.front.speed * far
        change[instant] = 0.0

    def _acid(self, t: float, y: Array, rate: Array) -> None:
        if "acid" not in self.fields:
            return
        from releasesim.numerics.flow import flow, flow_at_joints, flow_out

        acid, ester = self.field(y, "acid"), self.field(y, "ester")
        change = self.field(rate, "acid")
        D = np.zeros(len(self.matter.laws))
        for part, laws in enumerate(self.matter.laws):
            if isinstance(laws.hydrolysis, AutocatalyticScission):
                D[part] = laws.hydrolysis.D_acid
        D_cell = D[self.region]
        x = over(acid, self.standing)
        if self.front is not None and self.front.cell.size:
            at = self.front.cell
            far, near, _ = self._profiles("acid", D_cell[at], np.inf, acid[at] / self.front_volume)
            x[at] = near
            change[at] -= self.front.area * self.front.speed * far
            lost = ester[at] * self.front_loss / self.front_volume
            self.field(rate, "ester")[at] -= lost
        for stride, _, face in self.faces:
            flow(stride, face, D_cell, x, self.buffer, change)
        if self.joints[0].size:
            flow_at_joints(*self.joints, D_cell, x, change)
        rows = self.rows
        flow_out(rows.cell, rows.area, rows.reach, self.sink, D_cell[rows.cell], x, 0.0, change)
        for part, laws in enumerate(self.matter.laws):
            at = self.by_part[part]
            if isinstance(laws.hydrolysis, AutocatalyticScission) and at.size:
                standing = self.standing[at]
                cut = standing * laws.hydrolysis.scission_rate(x[at], ester[at] / standing)
                change[at] += cut
                self.field(rate, "ester")[at] -= cut


def over(amount: Array, room: Array) -> Array:
    """Amount by volume; of what has no volume, the amount."""
    return np.asarray(amount / np.where(room > 0, room, 1.0))


def _wet_enough(water: Array) -> Array:
    return np.clip((water - _ONSET) / _RAMP + 0.5, 0.0, 1.0)


def _noyes_whitney(law: NoyesWhitney1897, left: Array, c: Array, solubility: Array) -> Array:
    if law.solubility is None:
        import dataclasses

        law = dataclasses.replace(law, solubility=float(solubility[0]))
    return law.dissolution_rate(left, c)


def _without(face: Array, gone: NDArray[np.bool_], stride: int) -> Array:
    kept = np.where(gone, 0.0, face)
    kept[:-stride][gone[stride:]] = 0.0
    return kept
