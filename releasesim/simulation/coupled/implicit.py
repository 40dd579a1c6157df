"""Implicit steps of a coupled problem: Newton's method, one balance for each field that moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.numerics.balance import WIDEST, Balance, NotDefiniteError, bandwidth
from releasesim.simulation.coupled.linear import Linear, linear_fields

if TYPE_CHECKING:
    from releasesim.simulation.coupled.model import Model

Array = NDArray[np.float64]

#: Newton's iterations at most, and how much each has to gain.
_MOST, _GAIN = 12, 0.9
#: Of the error that a step may make, what iterations leave behind.
_LEFT = 0.02
#: Iterations that gain more than this keep their factors where those cost much.
_KEEP = 0.4


class NotSettledError(ArithmeticError):
    """Newton's iterations do not settle: the step is too long."""


class Correction:
    """The linear problem of one field over one span, factorised.

    Amounts d solve d (1 + span loss) + span (taken d - given p) + span A v = r, v = slope d, with
    the partner's p (1 + span given) = r_p + span taken d on the spot.
    """

    def __init__(self, model: Model, linear: Linear, y: Array, span: float) -> None:
        self.model, self.linear, self.span = model, linear, span
        self.partner = 1.0 + span * linear.given
        taken = span * linear.taken / self.partner
        # growth that outruns the step is left to the iterations
        self.own = np.maximum(1.0 + span * linear.loss + taken, 0.1)
        moves = linear.slope > 0.0
        capacity = np.where(moves, self.own / np.where(moves, linear.slope, 1.0), np.inf)
        self.balance = Balance(model.cells.shape, capacity, linear.faces, linear.outlet, span)
        # a bath that cannot dissolve more keeps its u
        full = y[-2] > model.most_in_bath * model.surface.bath
        self.bathed = linear.field == "drug" and np.isfinite(model.bath) and not full
        if self.bathed:
            self.response = self.balance.solve(span * linear.outlet * linear.pace)

    def apply(self, wrong: Array, out: Array) -> None:
        """Put what the residual `wrong` asks for into `out`, states both."""
        model, linear, span = self.model, self.linear, self.span
        b = model.field(wrong, linear.field)
        if linear.partner:
            other = model.field(wrong, linear.partner)
            b = b + span * linear.given / self.partner * other
        v = self.balance.solve(b)
        bath = self._bath(v, float(wrong[-2])) if self.bathed else 0.0
        if bath:
            v = v + bath * self.response
        # in the form of flows nothing is lost, however rough the solve
        change = (b - self.balance.flow(v) + span * linear.outlet * linear.pace * bath) / self.own
        model.field(out, linear.field)[:] = change
        if linear.partner:
            gone = span * linear.taken * change
            model.field(out, linear.partner)[:] = (other + gone) / self.partner
        if linear.field == "drug":
            left = float((span * linear.outlet * (v - linear.pace * bath)).sum())
            left += float((span * linear.loss * change).sum())
            out[-1] = wrong[-1] + left
            out[-2] = wrong[-2] + left if np.isfinite(model.bath) else 0.0

    def _bath(self, v: Array, wrong: float) -> float:
        """Change of u in the bath."""
        passing = self.span * self.linear.outlet
        held = self.model.surface.bath + float(passing @ self.linear.pace)
        pivot = held - float(passing @ self.response)
        if not pivot > 0.0:
            raise NotDefiniteError("the bath holds nothing beside what passes it")
        return (wrong + float(passing @ v)) / pivot


#: Seconds, about, of an evaluation of rates: the call, each further field, each cell of a field;
#: and of the call where a front moves, and each further field there. All these figures only decide
#: which of two methods takes a step; they are the same on every machine, and so is the choice.
_CALL, _FIELD, _CELL = 2e-5, 1.5e-5, 1.5e-8
_FRONT, _FRONT_FIELD = 5e-5, 3.5e-5
_QUICK_CALL, _QUICK_CELL = 2e-6, 1.1e-8
#: Of what a correction costs on a line; of one by bands, for each number of the band's triangle, of
#: the band, and of a substitution; of one by multigrid, and for each cell.
_LINE, _PLANE, _BLOCK = 8e-5, 5e-4, 1e-3
_TRIANGLE, _BAND, _SUBSTITUTE, _CYCLES = 2.8e-10, 2.5e-9, 1.4e-9, 5e-7
#: Evaluations, solves and factorisations in a step, as a rule.
_EVALUATIONS, _SOLVES, _FACTORS = 5, 6, 1.5
#: Seconds of using a correction, beside its substitution.
_APPLY = 1e-4


def implicit_pays(model: Model, stages: int, *, quick: bool = False) -> bool:
    """Whether an implicit step is likely to take less time than so many explicit stages.

    Parameters
    ----------
    model : Model
    stages : int
        Evaluations of rates that an explicit step of this length takes.
    quick : bool
        Whether those come from `Uptake`.
    """
    n, across = model.n, bandwidth(model.cells.shape)
    more = len(model.fields) - 1
    rates = _CALL + _FIELD * more + _CELL * n * (more + 1)
    if model.front is not None or model.water_front is not None:
        rates += _FRONT + _FRONT_FIELD * more
    if across == 1:
        solves = _SOLVES * _LINE
    elif across <= WIDEST:
        factor = _PLANE + n * across * (_TRIANGLE * across + _BAND)
        solves = _FACTORS * factor + _SOLVES * (_APPLY + _SUBSTITUTE * n * across)
    else:
        solves = _SOLVES * (_BLOCK + _CYCLES * n)
    fields = 1 + ("dry" in model.fields) + ("acid" in model.fields)
    explicit = _QUICK_CALL + _QUICK_CELL * n if quick else rates
    return stages * explicit > _EVALUATIONS * rates + fields * solves


class Implicit:
    """Solves y = base + span f(t, y) for the states of a model.

    Parameters
    ----------
    model : Model
    size : callable
        Measures a change of the state, as errors of steps are measured.
    enough : float
        Error of a step that is allowed, in that measure.
    checked : bool
        Whether the rates themselves have to agree with a state before it is returned.
    """

    def __init__(
        self, model: Model, size: Callable[[Array], float], enough: float, *, checked: bool = True
    ) -> None:
        self.checked = checked
        self.model, self.size, self.enough = model, size, _LEFT * enough
        self.corrections: list[Correction] = []
        self.evaluations = 0
        #: Iterations of every solve so far: whether each had factors of its own.
        self.script: list[tuple[bool, ...]] = []
        self.dear = bandwidth(model.cells.shape) > 1

    def settle(self, t: float, base: Array, guess: Array, span: float) -> Array:
        """The state that solves it, from a guess.

        Raises
        ------
        NotSettledError
            If iterations come no nearer, or to a state that does not solve it.
        """
        y, last, settled = guess, np.inf, False
        fresh = not (self.dear and self.corrections)
        script: list[bool] = []
        for _ in range(_MOST):
            wrong = base + span * self.model.rates(t, y) - y
            self.evaluations += 1
            # corrections may be small because they are wrong
            if settled and self._unbalanced(wrong) < self.enough / _LEFT:
                self.script.append(tuple(script))
                return y
            script.append(fresh)
            if fresh:
                self.factorise(y, span)
            change = self.correct(wrong)
            size = self.size(change)
            y = y + change
            if not np.isfinite(size):
                break
            gain = size / last if np.isfinite(last) else 1.0
            left = size * gain / (1.0 - gain) if gain < 1.0 else size
            settled = left < self.enough
            if settled and not self.checked:
                self.script.append(tuple(script))
                return y
            if np.isfinite(last) and gain > _GAIN and fresh:
                break
            fresh = not self.dear or (np.isfinite(last) and gain > _KEEP)
            last = size
        raise NotSettledError

    def repeat(
        self, script: tuple[bool, ...], t: float, base: Array, guess: Array, span: float
    ) -> Array:
        """The state after the iterations of a `script`, as near as they bring it."""
        y = guess
        for fresh in script:
            wrong = base + span * self.model.rates(t, y) - y
            self.evaluations += 1
            if fresh:
                self.factorise(y, span)
            y = y + self.correct(wrong)
        return y

    def _unbalanced(self, wrong: Array) -> float:
        """What a state lacks, of the dose: in its fields and in what has left."""
        return self.size(wrong) + abs(float(wrong[-1])) / float(self.model.loaded.sum())

    def filtered(self, wrong: Array) -> Array:
        """The error of a step without what fast modes pretend (Hosea & Shampine 1996).

        Raises
        ------
        NotSettledError
            If it cannot be solved for.
        """
        return self.correct(wrong)

    def factorise(self, y: Array, span: float) -> None:
        """Make corrections at the state whose rates were found last."""
        try:
            self.corrections = [
                Correction(self.model, linear, y, span) for linear in linear_fields(self.model, y)
            ]
        except NotDefiniteError as error:
            raise NotSettledError from error

    def correct(self, wrong: Array) -> Array:
        """What the residual `wrong` asks for."""
        change = np.zeros_like(wrong)
        try:
            for correction in self.corrections:
                correction.apply(wrong, change)
        except NotDefiniteError as error:
            raise NotSettledError from error
        return change
