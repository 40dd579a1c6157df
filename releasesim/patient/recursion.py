r"""Plasma step by step: exact where the release rate is constant between the steps.

Uptake, distribution and elimination are compartments in a row, fed at the release rate :math:`u`,

.. math:: \dot y_1 = u - \lambda_1 y_1, \qquad \dot y_i = y_{i-1} - \lambda_i y_i

so that a step of length :math:`h` multiplies the states by a triangular matrix of the responses
:math:`E_n(h)` of `exponentials`, equal rates or not, and the concentration is a sum of them. One
pass over an interval costs as many small products as it has steps, however long the release; the
steady state is the fixed point of one pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.patient.disposition import Disposition
from releasesim.patient.exponentials import chain

Array = NDArray[np.float64]


def rate_changes(curve: ReleaseCurve) -> tuple[float, Array, Array]:
    """Release at once [-], times at which the rate changes [s], and by how much [1/s]."""
    time, fraction = curve.time, curve.fraction
    if time[0] > 0.0:
        time, fraction = np.append(0.0, time), np.append(0.0, fraction)
    slopes = np.diff(fraction) / np.diff(time)
    changes = np.diff(np.concatenate([[0.0], slopes, [0.0]]))
    kept = changes != 0.0
    return float(fraction[0]), time[kept], changes[kept]


def course(
    curve: ReleaseCurve,
    body: Disposition,
    times: Array,
    every: float | None = None,
    doses: int | None = None,
) -> Array:
    """Plasma of one person or of many after the last dose, per dose, (d, k) [1/m3].

    Parameters
    ----------
    curve : ReleaseCurve
        Released fraction of a dose [-].
    body : Disposition
        Of d people, 1 where its numbers are single ones; one lag for all.
    times : (k,) ndarray
        After the last dose, within the interval [s].
    every : float, optional
        Dosing interval [s]; absent = one dose.
    doses : int, optional
        How many; absent = so many that the steady state is reached.
    """
    interval = _Interval.of(curve, body, times, every)
    states = interval.settled() if every is not None and doses is None else interval.after(doses)
    places = np.searchsorted(interval.cuts, times)
    return np.maximum(interval.concentration(states[places]), 0.0)


@dataclass(frozen=True, eq=False)
class _Interval:
    """One dosing interval, cut where the rate changes and where the level is wanted.

    Parameters
    ----------
    cuts : (s + 1,) ndarray
        [s].
    pieces : (m, s) ndarray
        Release rate of a dose between the cuts, in the first and in every later interval [1/s].
    burst : tuple of (float, int, int)
        What a dose releases at once [-], in which interval after it was taken, at which cut.
    moves, feeds : (s, d, n, n) and (s, d, n) ndarray
        What a step makes of the states, and of a unit rate.
    over : (d, n, n) ndarray
        What the whole interval makes of the states.
    weights : (d, n) ndarray
        Concentration by state.
    """

    cuts: Array
    pieces: Array
    burst: tuple[float, int, int]
    moves: Array
    feeds: Array
    over: Array
    weights: Array

    @classmethod
    def of(
        cls, curve: ReleaseCurve, body: Disposition, times: Array, every: float | None
    ) -> _Interval:
        lag = _one_lag(body)
        start, bends, changes = rate_changes(curve)
        bends = bends + lag
        span = every or max(float(times.max(initial=0.0)), 1e-9 * float(curve.time[-1]))
        bursts = [lag % span] if start else []
        cuts = np.unique(np.concatenate([[0.0, span], times, bends % span, bursts]))
        cuts = cuts[cuts <= span]
        middle = (cuts[1:] + cuts[:-1]) / 2.0
        count = 1 if every is None else int(np.ceil(bends.max(initial=lag) / span)) or 1
        late = middle + span * np.arange(count)[:, None]
        rates = np.append(0.0, np.cumsum(changes))[np.searchsorted(bends, late)]
        rates[late > bends.max(initial=0.0)] = 0.0
        burst = (start, int(lag // span), int(np.searchsorted(cuts, lag % span)))
        moves, feeds = _step(body, np.diff(cuts))
        over, _ = _step(body, np.array([span]))
        return cls(cuts, rates, burst, moves, feeds, over[0], _weights(body))

    def concentration(self, states: Array) -> Array:
        """Of states (k, d, n), (d, k) [1/m3]."""
        return np.asarray(np.einsum("kdn,dn->dk", states, self.weights))

    def after(self, doses: int | None) -> Array:
        """States at the cuts after the last of so many doses, (s + 1, d, n)."""
        state = np.zeros(self.weights.shape)
        for n in range((doses or 1) - 1):
            if n < self._remembered:
                fed = self._pass(np.zeros_like(state), n)[-1]
            state = self._over(state) + fed
        return self._pass(state, (doses or 1) - 1)

    def settled(self) -> Array:
        """States at the cuts in the steady state, (s + 1, d, n)."""
        last = self._remembered
        fed = self._pass(np.zeros(self.weights.shape), last)[-1]
        rest = np.eye(self.weights.shape[-1]) - self.over
        return self._pass(np.linalg.solve(rest, fed[..., None])[..., 0], last)

    @property
    def _remembered(self) -> int:
        """Doses after which every interval is fed alike."""
        return max(len(self.pieces), self.burst[1] + 1)

    def _over(self, state: Array) -> Array:
        return np.asarray((self.over @ state[..., None])[..., 0])

    def _pass(self, state: Array, dose: int) -> Array:
        """States at the cuts from the one at the start, in the interval after dose `dose`."""
        rate = self.pieces[: dose + 1].sum(axis=0)
        size, since, place = self.burst
        found = [state]
        for n, (move, feed, u) in enumerate(zip(self.moves, self.feeds, rate, strict=True)):
            if size and n == place and dose >= since:
                found[n] = _fed(found[n], size)
            found.append((move @ found[n][..., None])[..., 0] + feed * u)
        if size and place == rate.size and dose >= since:
            found[-1] = _fed(found[-1], size)
        return np.stack(found)


def _fed(state: Array, size: float) -> Array:
    more = state.copy()
    more[:, 0] += size
    return more


def _one_lag(body: Disposition) -> float:
    lags = np.unique(np.asarray(body.lag))
    if lags.size != 1:
        raise InputError("people are drawn with one lag for all")
    return float(lags[0])


def _rates(body: Disposition) -> list[Array]:
    """Rate constants in a row: uptake, distribution, the terminal phase, (d, 1) each [1/s]."""
    slow, *fast = body.rates
    uptake = [] if np.isinf(body.absorption_rate).all() else [body.absorption_rate]
    rows = [np.asarray(rate, dtype=float).reshape(-1, 1) for rate in (*uptake, *fast, slow)]
    return [np.asarray(row) for row in np.broadcast_arrays(*rows)]


def _step(body: Disposition, steps: Array) -> tuple[Array, Array]:
    """What each step makes of the states (s, d, n, n), and of a unit rate (s, d, n)."""
    rates = _rates(body)
    count, people = len(rates), rates[0].shape[0]
    moves = np.zeros((steps.size, people, count, count))
    feeds = np.zeros((steps.size, people, count))
    for row in range(count):
        for column in range(row + 1):
            moves[:, :, row, column] = chain(rates[column : row + 1], steps).T
        feeds[:, :, row] = chain([np.zeros((people, 1)), *rates[: row + 1]], steps).T
    return moves, feeds


def _weights(body: Disposition) -> Array:
    """Concentration by state, (d, n); of two compartments split so that both are positive."""
    rates = _rates(body)
    weights = np.zeros((rates[0].shape[0], len(rates)))
    uptake = 1.0 if np.isinf(body.absorption_rate).all() else body.absorption_rate
    gain = np.asarray(body.bioavailability / body.volume * uptake, dtype=float).reshape(-1)
    weights[:, -1] = gain
    if body.two_compartments:
        back = np.asarray(body.exchange / body.peripheral_volume, dtype=float).reshape(-1)
        weights[:, -2] = gain
        weights[:, -1] = gain * (back - rates[-1][:, 0])
    return weights
