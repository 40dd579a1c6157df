"""How much was absorbed, read from plasma by mass balance: Wagner-Nelson and Loo-Riegelman."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ConcentrationCurve
from releasesim.errors import InputError
from releasesim.patient.disposition import Disposition

Array = NDArray[np.float64]


def wagner_nelson(plasma: ConcentrationCurve, body: Disposition, dose: float) -> Array:
    r"""Fraction of a dose that has reached the blood by each time, one compartment, (m,) [-].

    .. math:: A(t) = \frac{V C(t) + CL \int_0^t C\,dt}{\mathrm{dose}}

    The fraction ends at the bioavailability, not at 1. Areas by trapezoids, from (0, 0) on.

    Parameters
    ----------
    plasma : ConcentrationCurve
        After one dose.
    body : Disposition
        One compartment; its absorption is not used.
    dose : float
        [kg].

    References
    ----------
    .. [1] J.G. Wagner and E. Nelson, J. Pharm. Sci. 52 (1963) 610-611.
    """
    if body.two_compartments:
        raise InputError("Wagner-Nelson is for one compartment: take Loo-Riegelman")
    time, level = _from_nothing(plasma)
    amount = body.volume * level + body.clearance * _area(time, level)
    return np.asarray(amount[-plasma.time.size :] / dose)


def loo_riegelman(plasma: ConcentrationCurve, body: Disposition, dose: float) -> Array:
    r"""Fraction of a dose that has reached the blood by each time, two compartments, (m,) [-].

    .. math:: A(t) = \frac{V_1 C + CL \int_0^t C\,dt + X_2(t)}{\mathrm{dose}}

    The amount in the second compartment is integrated exactly for plasma that is straight between
    its points, which is what the recursion of Loo and Riegelman approximates.

    Parameters
    ----------
    plasma, body, dose
        As of `wagner_nelson`; two compartments.

    References
    ----------
    .. [1] J.C.K. Loo and S. Riegelman, J. Pharm. Sci. 57 (1968) 918-928.
    """
    if not body.two_compartments:
        raise InputError("Loo-Riegelman is for two compartments: take Wagner-Nelson")
    time, level = _from_nothing(plasma)
    amount = body.volume * level + body.clearance * _area(time, level)
    amount = amount + _second_compartment(time, level, body)
    return np.asarray(amount[-plasma.time.size :] / dose)


def _second_compartment(time: Array, level: Array, body: Disposition) -> Array:
    """Amount in the second compartment, fed by plasma straight between points, (m,) [kg]."""
    back = float(body.exchange) / float(body.peripheral_volume)
    held = np.zeros_like(level)
    for n in range(1, time.size):
        step = time[n] - time[n - 1]
        slope = (level[n] - level[n - 1]) / step
        decay, gone = np.exp(-back * step), -np.expm1(-back * step)
        fed = level[n - 1] * gone / back + slope * (step / back - gone / back**2)
        held[n] = held[n - 1] * decay + float(body.exchange) * fed
    return held


def _from_nothing(plasma: ConcentrationCurve) -> tuple[Array, Array]:
    if plasma.time[0] == 0.0:
        return plasma.time, plasma.concentration
    return np.append(0.0, plasma.time), np.append(0.0, plasma.concentration)


def _area(time: Array, level: Array) -> Array:
    """Area under the curve up to each time, (m,)."""
    pieces = np.diff(time) * (level[1:] + level[:-1]) / 2.0
    return np.append(0.0, np.cumsum(pieces))
