"""What a body does with drug that reaches the gut: one or two compartments, first-order uptake."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.errors import InputError
from releasesim.patient.exponentials import chain

Array = NDArray[np.float64]
Number = float | Array


@dataclass(frozen=True, eq=False)
class Disposition:
    r"""Linear pharmacokinetics after oral release, one compartment or two.

    Drug released in the gut is taken up at rate `absorption_rate`, a share `bioavailability` of it
    reaches the blood, and clearance takes it out of the central volume:

    .. math:: V_1 \dot C = F k_a G - CL\,C - Q (C - C_2), \qquad V_2 \dot C_2 = Q (C - C_2)

    Parameters
    ----------
    clearance : float or ndarray, (d, 1)
        [m3/s]; arrays stand for d people.
    volume : float or ndarray
        Central volume [m3].
    absorption_rate : float or ndarray
        ka [1/s]; infinite where released drug is in the blood at once.
    bioavailability : float or ndarray
        F [-].
    peripheral_volume, exchange : float or ndarray
        V2 [m3] and Q [m3/s] of a second compartment; 0 for one.
    lag : float or ndarray
        Time between release and uptake [s].

    Examples
    --------
    A constant input of R0 settles at F R0 / CL:

    >>> body = Disposition(clearance=2.0, volume=10.0, absorption_rate=1.5, bioavailability=0.5)
    >>> float(body.step_response(200.0).round(12))
    0.25
    """

    clearance: Number
    volume: Number
    absorption_rate: Number = np.inf
    bioavailability: Number = 1.0
    peripheral_volume: Number = 0.0
    exchange: Number = 0.0
    lag: Number = 0.0

    def __post_init__(self) -> None:
        for name in ("clearance", "volume", "absorption_rate", "bioavailability"):
            if not (np.asarray(getattr(self, name)) > 0.0).all():
                raise InputError(f"pharmacokinetics: {name} must be above 0")
        if self.two_compartments and not (np.asarray(self.exchange) > 0.0).all():
            raise InputError("pharmacokinetics: a second compartment needs an exchange above 0")

    @property
    def two_compartments(self) -> bool:
        """Whether there is a second compartment."""
        return bool((np.asarray(self.peripheral_volume) > 0.0).all())

    @property
    def rates(self) -> tuple[Number, ...]:
        """Rate constants of the terminal and, where there are two, the distribution phase [1/s]."""
        elimination = self.clearance / self.volume
        if not self.two_compartments:
            return (elimination,)
        out, back = self.exchange / self.volume, self.exchange / self.peripheral_volume
        total = elimination + out + back
        fast = (total + np.sqrt(total**2 - 4.0 * elimination * back)) / 2.0
        return elimination * back / fast, fast

    @property
    def half_life(self) -> Number:
        """Of the terminal phase [s]; by uptake where that is slower."""
        slowest = np.minimum(self.rates[0], self.absorption_rate)
        return np.asarray(np.log(2.0) / slowest)

    def unit_response(self, time: ArrayLike) -> Array:
        """Concentration after a unit dose released at once, per dose [1/m3].

        Parameters
        ----------
        time : array_like
            After the release [s].
        """
        return self._response(time, [])

    def step_response(self, time: ArrayLike) -> Array:
        """Concentration under release at a unit rate from time 0 on, per rate [s/m3].

        It is the integral of `unit_response`, and what exact convolution is made of.
        """
        return self._response(time, [0.0])

    def _response(self, time: ArrayLike, more: list[float]) -> Array:
        late = np.asarray(time, dtype=float) - self.lag
        uptake = [] if np.isinf(self.absorption_rate).all() else [self.absorption_rate]
        gain = self.bioavailability / self.volume * (uptake[0] if uptake else 1.0)
        slow, *fast = self.rates
        if not fast:
            return np.asarray(gain * chain([*more, *uptake, slow], late))
        # (s + k21) over the product, split so that both parts are positive
        back = self.exchange / self.peripheral_volume
        direct = chain([*more, *uptake, *fast], late)
        return np.asarray(
            gain * (direct + (back - slow) * chain([*more, *uptake, slow, *fast], late))
        )
