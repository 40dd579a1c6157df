"""The course of a coupled release: the steps in time that take a body through its test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import ConvergenceError
from releasesim.numerics.tr_bdf2 import Settle
from releasesim.simulation.coupled.falling import too_short
from releasesim.simulation.coupled.front import Front, FrontStep
from releasesim.simulation.coupled.implicit import Implicit, NotSettledError, implicit_pays
from releasesim.simulation.coupled.moment import Taken
from releasesim.simulation.coupled.stiffness import fastest as fastest_rate
from releasesim.simulation.coupled.turns import to_turn, turns_of
from releasesim.simulation.coupled.vessel import Vessel

Array = NDArray[np.float64]

#: A step may carry the front this far, in cells.
_FRONT_STEP = 0.5
#: Share of the tolerance that one step's error may take.
_STEP_SHARE = 0.03
#: Steps in which polymer falls apart are made this short, of the whole time [-].
_LOOK = 1e-4
#: What all steps together really err by, of the sum of their estimates, explicit and implicit:
#: measured on films, spheres and cylinders (0.06 to 0.09 and 0.12 to 0.2, whatever the tolerance).
_HARMLESS = (0.08, 0.2)
_MOST_STEPS = 200_000
#: Fastest rate times duration at which rounding leaves a curve its digits [-].
_FASTEST = 1e30
#: Of so many implicit steps one is held against the rates themselves: a linear problem that is not
#: theirs would be so in every step.
_CHECKED = 8
#: And every one that is so much longer than the last that was.
_LONGER = 1.5
#: Where Newton's iterations fail the step is made this much shorter; where they do again, explicit
#: steps follow, twice as many each time, up to so many.
_SHORTER, _MOST_WITHOUT = 0.3, 256
#: Drug left below which a device is empty, of the dose.
_SPENT = 1e-7


@dataclass(eq=False)
class Course(Vessel):
    """One body on its way through one dissolution test; see `Vessel`."""

    steps: int = 0
    implicit_steps: int = 0
    #: Steps in a row in which Newton's iterations failed; steps still to go without them.
    failed: int = 0
    without: int = 0
    most_stages: int = 0
    checked_step: float = 0.0
    products: int = 0
    drift: float = 0.0
    most_drift: float = 0.0
    scatter: float = 0.0
    taken: list[Taken] = field(default_factory=list)

    def run(self, times: Array, tolerance: float) -> tuple[Array, float]:
        """Released fraction of the dose at `times` (n,) and the error of the ledger, of the dose.

        Raises
        ------
        ConvergenceError
            If no step is small enough.
        """
        self.lasting = times[-1]
        self.begin()
        for moment in (*self.moments, None):
            end = times[-1] if moment is None else min(moment.at, times[-1])
            if end > self.t:
                self._until(end, tolerance)
            if moment is not None and moment.at < times[-1]:
                self._happens(moment)
        return self.record.at(times), self.ledger_error()

    # --- stepping --------------------------------------------------------------------------

    def _until(self, end: float, tolerance: float) -> None:
        """Advance to `end`, as fast as the tolerance allows."""
        from releasesim.numerics.rkl import MOST_STAGES, stages_for

        rate, known = None, False
        self.turns = turns_of(self, self.lasting)
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
            dt = min(dt, self._longest(), to_turn(self.turns, self.t, self.lasting), end - self.t)
            if end - self.t < 1.5 * dt < 2.0 * (end - self.t) and dt < end - self.t:
                dt = 0.5 * (end - self.t)
            known |= rate is None
            y, rate = self._begin_step(dt, rate)
            fastest = 1.1 * self._fastest(y, known=known)
            stages = stages_for(fastest * dt)
            implicit = self._implicit_now(stages)
            self.most_stages = max(self.most_stages, stages if implicit else 0)
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
                dt *= self._without_newton(stages)
                rate = None
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

    def _implicit_now(self, stages: int) -> bool:
        """Whether the next step is to be implicit, instead of taking so many stages."""
        from releasesim.numerics.rkl import MOST_STAGES

        self.without = max(self.without - 1, 0)
        if self.without and stages <= MOST_STAGES:
            return False
        return implicit_pays(self.model, stages, quick=self.uptake is not None)

    def _without_newton(self, stages: int) -> float:
        """How much shorter the step has to be now that Newton's iterations failed."""
        from releasesim.numerics.rkl import MOST_STAGES

        self.failed += 1
        self.without = min(2**self.failed, _MOST_WITHOUT) if self.failed > 1 else 0
        return 1.0 if self.without and stages <= MOST_STAGES else _SHORTER

    def _end_spent(self, end: float) -> None:
        """Go to `end` with all drug released."""
        self.t = end
        self._note(np.zeros_like(self.y))

    def _explicit(
        self, y: Array, rate: Array, dt: float, stages: int
    ) -> tuple[Array, Array, Array]:
        """State, rates and error at the end of a step of RKL2."""
        from releasesim.numerics.rkl import advance, local_error

        self.products += stages + 1
        with np.errstate(over="ignore", invalid="ignore"):  # a shorter step follows
            if self.uptake is None:
                new = advance(self.model.rates, self.t, y, rate, dt, stages)
            else:
                new = self.uptake.advance(y, rate, dt, stages)
            new_rate = self._rates(self.t + dt, new)
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
            new, new_rate, wrong = advance(self._settle(solver), self.t, y, rate, dt)
        finally:
            self.products += solver.evaluations
            self.newton = tuple(solver.script)
        self.implicit_steps += 1
        self.failed = 0
        self.checked_step = dt if checked else self.checked_step
        return new, new_rate, solver.filtered(wrong)

    def _settle(self, solver: Implicit) -> Settle:
        return solver.settle

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
            speed = max(speed for speed in self.matter.water_speeds if np.isfinite(speed))
            longest = min(longest, _FRONT_STEP * across / speed)
        return longest

    def _begin_step(self, dt: float, rate: Array | None) -> tuple[Array, Array]:
        """State and rates at the beginning of a step over dt."""
        if self.front is None:
            return self.y, self._rates(self.t, self.y) if rate is None else rate
        self.step = self.front_step(dt)
        y = self._inherit(self.y.copy(), self.step)
        self._surface(self.step)
        return y, self.model.rates(self.t, y)

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
        if self.ageing is not None:
            self.ageing.go_on(self.t, self._wetness())
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

    def _much_falls(self, new: Array, dt: float, tolerance: float) -> bool:
        """Whether polymer that holds much of the drug falls apart somewhere in this step."""
        if not self.loses_mass or ("acid" not in self.model.fields and self.ageing is None):
            return False
        falls = too_short(self.model, new, self.t + dt) & self.standing
        falls &= ~too_short(self.model, self.y, self.t)
        return bool(self.model.field(new, "drug")[falls].sum() > tolerance * self.dose)


def _with_pieces(front: Front, step: FrontStep) -> Front:
    return replace(front, pieces=step.left)
