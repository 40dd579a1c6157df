"""A body in its vessel, as it is at one time: what stands, what it holds, what happens to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import ConvergenceError
from releasesim.simulation.coupled.ageing import Ageing, ages_by_water
from releasesim.simulation.coupled.cells import NEVER, Cells
from releasesim.simulation.coupled.falling import reached, too_short
from releasesim.simulation.coupled.front import (
    Front,
    FrontStep,
    first_front,
    resumed,
    step_of,
    wet_rows,
)
from releasesim.simulation.coupled.matter import Matter
from releasesim.simulation.coupled.model import Model
from releasesim.simulation.coupled.moment import Moment, Snapshot
from releasesim.simulation.coupled.record import Record
from releasesim.simulation.coupled.uptake import Uptake, only_takes_up
from releasesim.simulation.coupled.water import WaterFront, first_water, resumed_water

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: A front that has stopped moves on at this share of its speed [-]: nothing, but not for ever.
_HALTED = 1e-12


@dataclass(eq=False)
class Vessel:
    """One body in its bath, in one dissolution test; see `Course` for its way through it.

    Parameters
    ----------
    cells : Cells
    matter : Matter
    bath : float
        Volume at the beginning [m3]; infinite for a perfect sink.
    moments : sequence of Moment
        In the order of time.
    wet_from : (rows,) ndarray or None
        Time from which each row of the first surface is wet [s].
    wetted : (n,) ndarray or None
        When each cell is wet enough to erode [s]; None where no front has to wait.

    The other fields are what the course finds: drug taken away with samples `withdrawn` [kg], quick
    rates `uptake` where the laws allow them, what was `seen` at moments to look, and whether the
    bath came to hold more than it can dissolve.
    """

    cells: Cells
    matter: Matter
    bath: float = np.inf
    moments: Sequence[Moment] = ()
    wet_from: Array | None = None
    wetted: Array | None = None
    withdrawn: float = 0.0
    uptake: Uptake | None = None
    seen: list[Snapshot] = field(default_factory=list)
    beyond_solubility: bool = False

    def begin(self) -> None:
        """Put the body in as it was made, at time 0.

        Raises
        ------
        ConvergenceError
            If it holds no drug.
        """
        self.t = 0.0
        self._use_water(first_water(self.cells, self.matter))
        self.front = self._first_front()
        self.standing = self.cells.solid
        self.ageing: Ageing | None = None
        self._model()
        self._surface(self.front_step(1.0) if self.front is not None else None)
        self.y = self.model.start()
        self.dose = float(self.model.loaded.sum())
        if not self.dose > 0.0:
            raise ConvergenceError("the grid holds no drug: take a finer run.spacing")
        if any(ages_by_water(self.matter, part) for part in self.matter.parts):
            self.ageing = self.model.ageing = Ageing.of_dry(self.model.n)
        self.record = Record()
        self._note(self.model.rates(0.0, self.y))
        if self.ageing is not None:
            self.ageing.water = self._wetness()

    def _wetness(self) -> Array:
        """Water of every cell now, (n,) [-]."""
        return np.clip(self.model.water(self.t, self.y), 0.0, 1.0)

    def ledger_error(self) -> float:
        """Drug that is nowhere, of the dose [-]."""
        return float(abs(self.dose - self.model.held(self.y) - self.y[-1]) / self.dose)

    # --- setting up ------------------------------------------------------------------------

    def _model(self) -> None:
        self.model = Model(self.cells, self.matter, self.bath, self.water_front)
        self.model.begin = self.t
        self.model.ageing = self.ageing

    def _use_water(self, front: WaterFront | None) -> None:
        self.water_front = front
        self.all_wet = 0.0 if front is None else front.through(self.cells.solid)

    @cached_property
    def loses_mass(self) -> bool:
        """Whether a polymer leaves, at some time, when its chains are short enough."""
        return any(matter.loses_mass for matter in self._matters())

    def _matters(self) -> list[Matter]:
        """What the tablet is now and later."""
        return [self.matter, *(m.matter for m in self.moments if m.matter is not None)]

    def _first_front(self) -> Front | None:
        voids = int(self.cells.voids.max(initial=0))
        if not (self.loses_mass or any(matter.erodes for matter in self._matters())):
            return None
        speed = self.matter.speed[self.cells.region]
        wet = wet_rows(self.cells, np.full(voids, NEVER), 0.0, self.wet_from)
        return first_front(self.cells, speed, wet, 0.0, self._earliest())

    def _earliest(self) -> Array | None:
        """Time before which no cell erodes, (n,) [s]; None where no front has to wait."""
        if self.matter.pursues and self.water_front is not None:
            return self.water_front.present[0]
        return self.wetted

    def front_step(self, dt: float) -> FrontStep:
        """The front from now to now + dt."""
        assert self.front is not None  # noqa: S101
        standing, wet = self._stands(dt)
        return step_of(self.cells, self.front, self.standing, standing, wet, self.t)

    def _stands(self, dt: float) -> tuple[Mask, Mask]:
        """Cells that stand until now + dt, (n,), and rows of the first surface that are wet now."""
        assert self.front is not None  # noqa: S101
        standing = self.standing & (self.front.arrival > self.t + dt)
        return standing, wet_rows(self.cells, self.front.flooded, self.t, self.wet_from)

    def _surface(self, step: FrontStep | None) -> None:
        if step is not None:
            self.model.use_surface(step.still, step)
            self.uptake = None
            return
        voids = int(self.cells.voids.max(initial=0))
        wet = wet_rows(self.cells, np.full(voids, NEVER), self.t, self.wet_from)
        self.model.use_surface(self.cells.rows.only(wet), None)
        self.uptake = Uptake(self.model) if only_takes_up(self.model) else None

    def _inherit(self, y: Array, step: FrontStep) -> Array:
        """Hand what cells that go hold to their heirs, or to the bath."""
        if not step.gone.size:
            return y
        source, to, weight = step.heirs
        alone = np.setdiff1d(step.gone, source)
        n = self.model.n
        for name in self.model.fields:
            values = self.model.field(y, name)
            values += np.bincount(to, weight * values[source], n)
            if name in ("drug", "solid"):
                lost = float(values[alone].sum())
                y[-1] += lost
                if np.isfinite(self.bath):
                    y[-2] += lost
            values[step.gone] = 0.0
        return y

    def _no_less_than_nothing(self) -> None:
        """Solid drug that dissolved in excess of what there was comes back from the dissolved."""
        solid, drug = self.model.field(self.y, "solid"), self.model.field(self.y, "drug")
        owed = np.minimum(solid, 0.0)
        drug += owed
        solid -= owed

    def _lose(self) -> None:
        """Take out polymer whose chains are too short, where the medium can reach it."""
        lost = too_short(self.model, self.y, self.t) & self.standing
        if not lost.any():
            return
        free = reached(self.model, lost)
        if not free.any():
            return
        assert self.front is not None  # noqa: S101
        for name in self.model.fields:
            values = self.model.field(self.y, name)
            if name in ("drug", "solid"):
                freed = float(values[free].sum())
                self.y[-1] += freed
                if np.isfinite(self.bath):
                    self.y[-2] += freed
            values[free] = 0.0
        self.front.arrival[free] = self.t
        self.standing = self.standing & ~free
        self._surface(self.front_step(1e-9))
        self._note(self.model.rates(self.t, self.y))

    # --- what happens at once ----------------------------------------------------------------

    def _happens(self, moment: Moment) -> None:
        if moment.look:
            self.seen.append(self.snapshot(moment.at))
            return
        if self.loses_mass:
            self._lose()
        if np.isnan(moment.volume):
            self._wet_more()
            return
        if np.isfinite(self.bath):
            taken = moment.drawn * self.y[-2] * self.bath / self.model.surface.bath
            self.y[-2] -= taken
            self.withdrawn += taken
        changed = moment.volume != self.bath
        self.bath = moment.volume
        if moment.matter is not None:
            self._new_matter(moment.matter, moment.wetted)
        elif changed:
            self._keep_model()
        self._note(self.model.rates(self.t, self.y))
        if moment.matter is not None and self.loses_mass:
            self._lose()

    def _wet_more(self) -> None:
        """Go on with the surface as it is wetted now."""
        if self.wet_from is None:
            return
        self._resume_front()
        self._keep_model()

    def _new_matter(self, matter: Matter, wetted: Array | None) -> None:
        old, waited = self.matter, self.wetted
        self.wetted = wetted
        # a front that stops stands where it is, ready to go on
        halted = (old.speed > 0) & (matter.speed == 0)
        self.matter = matter = replace(
            matter, speed=np.where(halted, _HALTED * old.speed, matter.speed)
        )
        if self.ageing is not None:
            self.ageing.under_other_laws(old, self.model.by_part)
        if self.water_front is not None:
            self._use_water(resumed_water(self.cells, matter, self.water_front, self.t))
        same = np.array_equal(old.speed, matter.speed) and waited is wetted
        if matter.pursues or not same:
            self._resume_front()
        self._keep_model()

    def _resume_front(self) -> None:
        """Let the front, if there is one, go on by what holds now."""
        if self.front is None:
            return
        self.front = resumed(
            self.cells,
            self.front,
            self.standing,
            self.matter.speed[self.cells.region],
            self.wet_from,
            self.t,
            self._earliest(),
        )

    def _keep_model(self) -> None:
        locked = self.model.locked
        self._model()
        self.model.locked = locked
        self._surface(self.front_step(1e-9) if self.front is not None else None)
        if self.front is not None:
            self.y = self._inherit(self.y.copy(), self.model.front)  # type: ignore[arg-type]
            self.standing = self.model.active

    def snapshot(self, t: float) -> Snapshot:
        """What every cell holds now, which is `t` [s]."""
        model, drug = self.model, self.model.field(self.y, "drug").copy()
        if "solid" in model.fields:
            drug += model.field(self.y, "solid")
        standing = self.cells.solid.astype(float)
        room = model.whole.copy()
        if self.front is not None:
            front = self.front
            # across a cell as if the front came along an axis: seen, not counted
            sizes = zip(self.cells.spacing, self.cells.shape, strict=True)
            span = float(np.mean([h for h, n in sizes if n > 1])) * np.minimum(
                front.slowness, 1e200
            )
            standing *= np.clip(0.5 + (front.arrival - t) / span, 0.0, 1.0)
            standing[~self.standing & self.cells.solid & (front.arrival <= t - span)] = 0.0
            step = self.front_step(1e-9)
            room[step.cell] = step.volume(t)
            room[~self.standing] = 0.0
        return Snapshot(t, drug, room, standing)

    def _note(self, rate: Array) -> None:
        """Remember what is released, and how fast."""
        out, pace = self.y[-1], rate[-1]
        if np.isfinite(self.bath):
            share = self.bath / self.model.surface.bath
            most = 1.001 * self.model.most_in_bath * self.model.surface.bath
            self.beyond_solubility |= bool(self.y[-2] > most)
            out, pace = self.y[-2] * share + self.withdrawn, rate[-2] * share
        self.record.note(self.t, out / self.dose, pace / self.dose)
