"""The course of a coupled release: steps, receding surfaces, samples, and changes of medium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import ConvergenceError
from releasesim.simulation.coupled.cells import Cells
from releasesim.simulation.coupled.front import (
    NEVER,
    Front,
    FrontStep,
    arrival_times,
    first_front,
    resumed,
    step_of,
    wet_rows,
)
from releasesim.simulation.coupled.implicit import Implicit, NotSettledError, implicit_pays
from releasesim.simulation.coupled.matter import Matter
from releasesim.simulation.coupled.model import Model, WaterFront
from releasesim.simulation.coupled.stiffness import fastest as fastest_rate
from releasesim.simulation.coupled.uptake import Uptake, only_takes_up

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: A step may carry the front this far, in cells.
_FRONT_STEP = 0.5
#: Share of the tolerance that one step's error may take.
_STEP_SHARE = 0.03
#: Steps in which polymer falls apart are made this short, of the whole time [-].
_LOOK = 1e-4
#: A front that has stopped moves on at this share of its speed [-]: nothing, but not for ever.
_HALTED = 1e-12
#: What all steps together really err by, of the sum of their estimates, explicit and implicit:
#: measured on films, spheres and cylinders (0.06 to 0.09 and 0.12 to 0.2, whatever the tolerance).
_HARMLESS = (0.08, 0.2)
_MOST_STEPS = 200_000
#: Fastest rate times duration at which rounding leaves a curve its digits [-].
_FASTEST = 1e30
#: Speed at which water crosses medium [m/s].
_AT_ONCE = 1e6
#: Of so many implicit steps one is held against the rates themselves: a linear problem that is not
#: theirs would be so in every step.
_CHECKED = 8
#: And every one that is so much longer than the last that was.
_LONGER = 1.5
#: Share of the dose in cells that a front comes to at once, beyond which a step ends there [-].
_MANY = 1e-3
#: Drug left below which a device is empty, of the dose.
_SPENT = 1e-7


@dataclass(frozen=True, eq=False)
class Moment:
    """Something that happens at once.

    Parameters
    ----------
    at : float
        When [s].
    drawn : float
        Share of the bath that is taken away [-].
    volume : float
        Volume of the bath from now on [m3]; NaN keeps it.
    matter : Matter or None
        What the tablet is from now on; None changes nothing.
    look : bool
        True where nothing happens but that the state is kept for whoever wants to see it.
    """

    at: float
    drawn: float
    volume: float
    matter: Matter | None = None
    look: bool = False


@dataclass(frozen=True)
class Taken:
    """One step that was taken, so that it can be taken again.

    Parameters
    ----------
    begin, dt : float
        When, and how long [s].
    stages : int
        Of an explicit step; 0 for an implicit one, -1 where all drug had left.
    newton : tuple of tuple of bool
        Iterations of either stage of an implicit step: whether each had factors of its own.
    """

    begin: float
    dt: float
    stages: int
    newton: tuple[tuple[bool, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What every cell holds at one moment, one image, (cells,) each.

    Parameters
    ----------
    t : float
        [s].
    drug : ndarray
        Dissolved and solid [kg].
    room : ndarray
        Solid that the cell takes care of [m3].
    standing : ndarray
        Share of the cell's own solid that no front has passed [-].
    """

    t: float
    drug: Array
    room: Array
    standing: Array


@dataclass(eq=False)
class Course:
    """One body on its way through one dissolution test.

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
    """

    cells: Cells
    matter: Matter
    bath: float = np.inf
    moments: Sequence[Moment] = ()
    wet_from: Array | None = None
    steps: int = 0
    implicit_steps: int = 0
    checked_step: float = 0.0
    products: int = 0
    drift: float = 0.0
    most_drift: float = 0.0
    scatter: float = 0.0
    withdrawn: float = 0.0
    uptake: Uptake | None = None
    flooded: Array = field(default_factory=lambda: np.zeros(0))
    seen: list[Snapshot] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    beyond_solubility: bool = False

    def run(self, times: Array, tolerance: float) -> tuple[Array, float]:
        """Released fraction of the dose at `times` (n,) and the error of the ledger, of the dose.

        Raises
        ------
        ConvergenceError
            If no step is small enough.
        """
        self.t, self.lasting = 0.0, times[-1]
        self.water_front = self._water_front()
        self.front = self._first_front()
        self.standing = self.cells.solid
        self._model()
        self._surface(self.front_step(1.0) if self.front is not None else None)
        self.y, self.out = self.model.start()
        self.dose = float(self.model.loaded.sum())
        if not self.dose > 0.0:
            raise ConvergenceError("the grid holds no drug")
        self.record: list[tuple[float, float, float]] = []
        self._note(self.model.rates(0.0, self.y))
        for moment in (*self.moments, None):
            end = times[-1] if moment is None else min(moment.at, times[-1])
            if end > self.t:
                self._until(end, tolerance)
            if moment is not None and moment.at < times[-1]:
                self._happens(moment)
        fraction = self._at(times)
        gap = abs(self.dose - self.model.held(self.y) - self.y[-1]) / self.dose
        return fraction, float(gap)

    # --- setting up ------------------------------------------------------------------------

    def _model(self) -> None:
        self.model = Model(self.cells, self.matter, self.bath, self.water_front)
        self.model.begin = self.t

    def _water_front(self) -> WaterFront | None:
        if not self.matter.water_front:
            return None
        cells = self.cells
        speed = np.array([p.hydration.front_speed() for p in self.matter.laws])[cells.region]
        # channels hold medium from the start, and wet their walls
        medium = cells.solid & ~np.isfinite(speed)
        speed = np.where(medium, 0.0, speed)
        rows = cells.rows
        wet = (
            wet_rows(cells, np.zeros(0), 0.0, None)
            if not cells.voids.any()
            else (rows.exposure == 0)
        )
        wet |= (rows.outside >= 0) & medium[np.maximum(rows.outside, 0)]
        arrival, _ = arrival_times(cells, speed, rows, wet, 0.0)
        h = np.array([s for s, n in zip(cells.spacing, cells.shape, strict=True) if n > 1])
        across = float(np.cbrt(np.prod(h)) if h.size == 3 else h.mean())
        span = across / np.where(medium, _AT_ONCE, speed)
        return WaterFront(np.where(medium, -span, arrival), span)

    @property
    def loses_mass(self) -> bool:
        """Whether a polymer leaves when its chains are short enough."""
        return any(p.hydrolysis.critical_molar_mass() > 0.0 for p in self.matter.laws)

    def _first_front(self) -> Front | None:
        voids = int(self.cells.voids.max(initial=0))
        changes = [m.matter for m in self.moments if m.matter is not None]
        if not (self.matter.erodes or self.loses_mass or any(m.erodes for m in changes)):
            return None
        speed = self.matter.speed[self.cells.region]
        wet = wet_rows(self.cells, np.full(voids, NEVER), 0.0, self.wet_from)
        return first_front(self.cells, speed, wet, 0.0)

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

    # --- stepping --------------------------------------------------------------------------

    def _until(self, end: float, tolerance: float) -> None:
        """Advance to `end`, as fast as the tolerance allows."""
        from releasesim.numerics.rkl import MOST_STAGES, stages_for

        rate, known = None, False
        self.turns = self._turns()
        dt = self._first_step(end)
        while self.t < end * (1.0 - 1e-12):
            if self.model.held(self.y) < _SPENT * self.dose and self.spent():
                self.taken.append(Taken(self.t, end - self.t, -1))
                self._end_spent(end)
                return
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise ConvergenceError(
                    f"{_MOST_STEPS} steps were not enough: take a wider run.spacing, a larger "
                    "run.tolerance or a shorter run.until"
                )
            dt = min(dt, self._longest(), self._to_turn(), end - self.t)
            if end - self.t < 1.5 * dt < 2.0 * (end - self.t) and dt < end - self.t:
                dt = 0.5 * (end - self.t)
            known |= rate is None
            y, rate = self._begin_step(dt, rate)
            fastest = 1.1 * self._fastest(y, known=known)
            stages = stages_for(fastest * dt)
            implicit = implicit_pays(self.model, stages, quick=self.uptake is not None)
            if stages > MOST_STAGES and not implicit:
                dt *= (MOST_STAGES / stages) ** 2 * 0.9
                stages = stages_for(fastest * dt)
                y, rate = self._begin_step(dt, rate)
            try:
                new, new_rate, wrong = (
                    self._implicit(y, rate, dt, _STEP_SHARE * tolerance)
                    if implicit
                    else self._explicit(y, rate, dt, stages)
                )
            except NotSettledError:
                dt, rate = 0.3 * dt, None
                self._not_nothing(dt)
                continue
            size = self._size(wrong) / (_STEP_SHARE * tolerance)
            if not np.isfinite(size):
                size = 1e6
            if size > 1.0:
                dt *= max(0.2, 0.85 * size ** (-1.0 / 3.0))
                rate = None
                self._not_nothing(dt)
                continue
            if dt > _LOOK * self.lasting and self._much_falls(new, dt, tolerance):
                dt, rate = 0.5 * dt, None
                continue
            script = (0, self.newton) if implicit else (stages, ())
            self.taken.append(Taken(self.t, dt, *script))
            self._take(new, new_rate, dt, wrong, _HARMLESS[implicit])
            rate = new_rate if self.front is None else None
            known = not implicit
            dt *= min(2.5, 0.85 * max(size, 1e-4) ** (-1.0 / 3.0))

    def _end_spent(self, end: float) -> None:
        """Go to `end` with all drug released."""
        self.t = end
        self._note(np.zeros_like(self.y))

    def _explicit(
        self, y: Array, rate: Array, dt: float, stages: int
    ) -> tuple[Array, Array, Array]:
        """State, rates and error at the end of a step of RKL2."""
        from releasesim.numerics.rkl import advance, local_error

        if self.uptake is None:
            new = advance(self.model.rates, self.t, y, rate, dt, stages)
        else:
            new = self.uptake.advance(y, rate, dt, stages)
        new_rate = self._rates(self.t + dt, new)
        self.products += stages + 1
        return new, new_rate, local_error(y, new, rate, new_rate, dt)

    def _rates(self, t: float, y: Array) -> Array:
        """dy/dt on a surface that stays where it is."""
        return self.model.rates(t, y) if self.uptake is None else self.uptake.rates(y)

    def _fastest(self, y: Array, *, known: bool) -> float:
        """Upper bound of the rates of change now; `known` if rates were last asked for here."""
        if self.uptake is None:
            with np.errstate(over="ignore"):
                found = fastest_rate(self.model, self.t, y, known=known)
        else:
            if not known:
                self.uptake.rates(y)
            found = self.uptake.fastest()
        if not found * self.lasting < _FASTEST:
            raise ConvergenceError(
                f"at {self.t:.3g} s something changes {found:.3g} times a second: look for a rate, "
                "diffusivity or mass-transfer coefficient that is far too large"
            )
        return found

    def _implicit(
        self, y: Array, rate: Array, dt: float, allowed: float
    ) -> tuple[Array, Array, Array]:
        """State, rates and error at the end of a step of TR-BDF2."""
        from releasesim.numerics.tr_bdf2 import advance

        checked = self.implicit_steps % _CHECKED == 0 or dt > _LONGER * self.checked_step
        solver = Implicit(self.model, self._size, allowed, checked=checked)
        try:
            new, new_rate, wrong = advance(solver.settle, self.t, y, rate, dt)
        finally:
            self.products += solver.evaluations
            self.newton = tuple(solver.script)
        self.implicit_steps += 1
        self.checked_step = dt if checked else self.checked_step
        return new, new_rate, solver.filtered(wrong)

    def _not_nothing(self, dt: float) -> None:
        if dt < 1e-12 * self.lasting:
            raise ConvergenceError(
                f"the time step went to nothing at {self.t:.3g} s: look for a rate or diffusivity "
                "that is far too large, or take a wider run.spacing or a larger run.tolerance"
            )

    def spent(self) -> bool:
        """Whether nothing can come back from the bath into a device that has given all."""
        return not np.isfinite(self.bath)

    def _first_step(self, end: float) -> float:
        y, _ = self._begin_step(1e-9, None)
        return float(min(end - self.t, 1.0 / max(self._fastest(y, known=True), 1e-30)))

    def _longest(self) -> float:
        """Longest step that follows the fronts [s]."""
        longest = np.inf
        across = min(h for h, n in zip(self.cells.spacing, self.cells.shape, strict=True) if n > 1)
        moving = self.matter.speed[self.cells.region[self.standing]]
        fastest = float(moving.max(initial=0.0))
        if fastest > 0.0:
            longest = _FRONT_STEP * across / fastest
        if self.water_front is not None and self.t < self.all_wet:
            speeds = [p.hydration.front_speed() for p in self.matter.laws]
            speed = max(speed for speed in speeds if np.isfinite(speed))
            longest = min(longest, _FRONT_STEP * across / speed)
        return longest

    @cached_property
    def all_wet(self) -> float:
        """When a sharp water front has crossed every cell that it comes to [s]."""
        assert self.water_front is not None  # noqa: S101
        front, solid = self.water_front, self.cells.solid
        times = (front.arrival + 0.5 * front.span)[solid & (front.arrival < NEVER)]
        return float(times.max(initial=0.0))

    def _turns(self) -> Array:
        """When a front comes to many cells at once, or leaves them: rates have a kink there [s]."""
        solid, found = self.cells.solid, []
        weight = [self.model.loaded[solid] / self.model.loaded.sum()]
        if self.water_front is not None:
            arrival, half = self.water_front.arrival[solid], 0.5 * self.water_front.span[solid]
            found += [arrival - half, arrival + half]
        if self.front is not None:
            found.append(self.front.arrival[solid])
        if not found:
            return np.zeros(0)
        when = np.concatenate(found) / self.lasting
        ahead = when < 1.0
        # to a billionth of the whole time they are one
        times, number = np.unique(np.round(when[ahead], 9), return_inverse=True)
        shares = np.bincount(number, np.concatenate(weight * len(found))[ahead], times.size)
        return np.asarray(self.lasting * times[shares > _MANY])

    def _to_turn(self) -> float:
        """Time up to just before the next turn [s]."""
        ahead = self.turns[
            np.searchsorted(self.turns, self.t * (1.0 + 1e-9) + 1e-8 * self.lasting) :
        ]
        return float(ahead[0] - self.t - 2e-9 * self.lasting) if ahead.size else np.inf

    def _begin_step(self, dt: float, rate: Array | None) -> tuple[Array, Array]:
        """State and rates at the beginning of a step over dt."""
        if self.front is None:
            return self.y, self._rates(self.t, self.y) if rate is None else rate
        self.step = self.front_step(dt)
        y = self._inherit(self.y.copy(), self.step)
        self._surface(self.step)
        return y, self.model.rates(self.t, y)

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

    def _size(self, wrong: Array) -> float:
        """Error of a step relative to the dose, and of the other fields to their own wholes."""
        model, whole = self.model, self.model.whole.sum()
        drug = model.field(wrong, "drug")
        size = 0.0
        if "solid" in model.fields:
            # what only changes its state is still there: it counts a tenth
            solid = model.field(wrong, "solid")
            size += 0.1 * float(np.abs(solid).sum()) / self.dose
            drug = drug + solid
        size += float(np.abs(drug).sum()) / self.dose
        others = [0.0]
        if "dry" in model.fields:
            others.append(float(np.abs(model.field(wrong, "dry")).sum()) / whole)
        if "ester" in model.fields:
            loaded = max(getattr(p.hydrolysis, "ester0", 0.0) for p in self.matter.laws)
            both = np.abs(model.field(wrong, "ester")) + np.abs(model.field(wrong, "acid"))
            others.append(float(both.sum()) / (loaded * whole))
        return max(size, *others)

    def _take(self, new: Array, new_rate: Array, dt: float, wrong: Array, share: float) -> None:
        self.y, self.t = new, self.t + dt
        error = share * float(wrong[-1]) / self.dose
        self.drift += error
        self.most_drift = max(self.most_drift, abs(self.drift))
        self.scatter += error**2
        if "solid" in self.model.fields:
            self._no_less_than_nothing()
        if self.front is not None:
            self.standing = self.step.active
            self.front = _with_pieces(self.front, self.step)
        self._note(new_rate)
        if self.loses_mass:
            self._lose()

    @property
    def time_error(self) -> float:
        """Estimated error of the released fraction by all steps so far [-].

        What steps err by adds up where it has one sign; where fronts come to cells and leave them
        its sign turns from step to step, and its squares add up.
        """
        return self.most_drift + float(np.sqrt(self.scatter))

    def _no_less_than_nothing(self) -> None:
        """Solid drug that dissolved in excess of what there was comes back from the dissolved."""
        solid, drug = self.model.field(self.y, "solid"), self.model.field(self.y, "drug")
        owed = np.minimum(solid, 0.0)
        drug += owed
        solid -= owed

    def _lose(self) -> None:
        """Take out polymer whose chains are too short, where the medium can reach it."""
        lost = self._too_short(self.y, self.t) & self.standing
        if not lost.any():
            return
        reached = self._reached(lost)
        if not reached.any():
            return
        assert self.front is not None  # noqa: S101
        for name in self.model.fields:
            values = self.model.field(self.y, name)
            if name in ("drug", "solid"):
                freed = float(values[reached].sum())
                self.y[-1] += freed
                if np.isfinite(self.bath):
                    self.y[-2] += freed
            values[reached] = 0.0
        self.front.arrival[reached] = self.t
        self.standing = self.standing & ~reached
        self._surface(self.front_step(1e-9))
        self._note(self.model.rates(self.t, self.y))

    def _much_falls(self, new: Array, dt: float, tolerance: float) -> bool:
        """Whether polymer that holds much of the drug falls apart somewhere in this step."""
        if not self.loses_mass or "acid" not in self.model.fields:
            return False
        falls = self._too_short(new, self.t + dt) & self.standing
        falls &= ~self._too_short(self.y, self.t)
        return bool(self.model.field(new, "drug")[falls].sum() > tolerance * self.dose)

    def _too_short(self, y: Array, t: float) -> NDArray[np.bool_]:
        short = np.zeros(self.model.n, dtype=bool)
        for part, laws in enumerate(self.matter.laws):
            critical = laws.hydrolysis.critical_molar_mass()
            if critical <= 0.0:
                continue
            at = self.model.by_part[part]
            if "acid" in self.model.fields and hasattr(laws.hydrolysis, "molar_mass_of"):
                ester = self.model.field(y, "ester")[at] / self.model.standing[at]
                short[at] = laws.hydrolysis.molar_mass_of(ester) < critical
            else:
                short[at] = float(laws.hydrolysis.molar_mass(t)) < critical
        return short

    def _reached(self, lost: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Lost cells that touch the medium, or each other all the way to it."""
        from scipy import ndimage

        labels, _ = ndimage.label(lost.reshape(self.cells.shape))
        flat = labels.ravel()
        touches = np.zeros(self.model.n, dtype=bool)
        touches[self.model.rows.cell] = True
        wet = np.unique(flat[touches & lost])
        return np.asarray(np.isin(flat, wet[wet > 0]))

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
            self._new_matter(moment.matter)
        elif changed:
            self._keep_model()
        self._note(self.model.rates(self.t, self.y))

    def _wet_more(self) -> None:
        """Go on with the surface as it is wetted now."""
        if self.wet_from is None:
            return
        if self.front is not None:
            speed = self.matter.speed[self.cells.region]
            self.front = resumed(
                self.cells, self.front, self.standing, speed, self.wet_from, self.t
            )
        self._keep_model()

    def _new_matter(self, matter: Matter) -> None:
        old = self.matter
        # a front that stops stands where it is, ready to go on
        halted = (old.speed > 0) & (matter.speed == 0)
        self.matter = matter = replace(
            matter, speed=np.where(halted, _HALTED * old.speed, matter.speed)
        )
        if self.front is not None and not np.array_equal(old.speed, matter.speed):
            speed = matter.speed[self.cells.region]
            self.front = resumed(
                self.cells, self.front, self.standing, speed, self.wet_from, self.t
            )
        self._keep_model()

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

    # --- the curve -------------------------------------------------------------------------

    def _note(self, rate: Array) -> None:
        """Remember what is released, and how fast."""
        out, pace = self.y[-1], rate[-1]
        if np.isfinite(self.bath):
            share = self.bath / self.model.surface.bath
            most = 1.001 * self.model.most_in_bath * self.model.surface.bath
            self.beyond_solubility |= bool(self.y[-2] > most)
            out, pace = self.y[-2] * share + self.withdrawn, rate[-2] * share
        self.record.append((self.t, out / self.dose, pace / self.dose))

    def _at(self, times: Array) -> Array:
        """Released fraction at times between the steps: cubic Hermite, never beyond its ends."""
        t, f, pace = np.array(self.record).T
        k = np.clip(np.searchsorted(t, times, side="right") - 1, 0, t.size - 2)
        h = t[k + 1] - t[k]
        x = np.where(h > 0, (times - t[k]) / np.where(h > 0, h, 1.0), 1.0)
        rise = f[k + 1] - f[k]
        # slopes that would overshoot are cut (Fritsch & Carlson 1980): released drug stays out
        first = np.clip(pace[k] * h, np.minimum(0, 3 * rise), np.maximum(0, 3 * rise))
        last = np.clip(pace[k + 1] * h, np.minimum(0, 3 * rise), np.maximum(0, 3 * rise))
        curve = f[k] + first * x + (3 * rise - 2 * first - last) * x**2
        curve += (first + last - 2 * rise) * x**3
        curve = np.clip(curve, 0.0, 1.0)
        curve[times <= 0.0] = 0.0
        return np.asarray(curve)


def _with_pieces(front: Front, step: FrontStep) -> Front:
    return replace(front, pieces=step.left)
