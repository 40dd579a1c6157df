"""From release to plasma, exactly: the release curve is straight between its points."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.patient.disposition import Disposition
from releasesim.patient.recursion import course

Array = NDArray[np.float64]

#: What is left of a dose when it is no longer added up [-], and how many doses at most are.
_FORGOTTEN, _MOST_DOSES = 1e-12, 5000


def convolve(curve: ReleaseCurve, body: Disposition, dose: float, times: ArrayLike) -> Array:
    """Plasma concentration after one dose, (k,) [kg/m3].

    Exact for a release curve that is straight between its points: each piece is a constant rate,
    whose response has a closed form. After its last point nothing more is released.

    Parameters
    ----------
    curve : ReleaseCurve
        Released fraction of the dose [-].
    body : Disposition
        Of one person.
    dose : float
        [kg].
    times : array_like, (k,)
        After the dose [s].
    """
    wanted = np.asarray(times, dtype=float)
    return np.asarray(dose * course(curve, body, wanted.ravel())[0].reshape(wanted.shape))


def superpose(
    curve: ReleaseCurve,
    body: Disposition,
    dose: float,
    times: ArrayLike,
    *,
    every: float,
    doses: int | None = None,
) -> Array:
    """Plasma concentration after the last of several doses, (k,) [kg/m3].

    Parameters
    ----------
    curve, body, dose
        As of `convolve`.
    times : array_like, (k,)
        After the last dose [s].
    every : float
        Dosing interval [s].
    doses : int, optional
        How many were given; absent = so many that the next changes nothing, the steady state.

    Raises
    ------
    InputError
        The drug stays so long that no steady state is reached.
    """
    wanted = np.asarray(times, dtype=float)
    settling = doses_to_steady_state(curve, body, every) if doses is None else doses
    if wanted.size and wanted.max() <= every:
        level = course(curve, body, wanted.ravel(), every, doses)[0]
        return np.asarray(dose * level.reshape(wanted.shape))
    late = wanted + every * np.arange(settling).reshape(-1, *(1,) * wanted.ndim)
    return np.asarray(convolve(curve, body, dose, late).sum(axis=0))


def doses_to_steady_state(curve: ReleaseCurve, body: Disposition, every: float) -> int:
    """How many doses make the next one change nothing any more."""
    slowest = float(np.log(2.0) / np.max(body.half_life))
    lasting = float(curve.time[-1]) + float(np.max(body.lag)) - np.log(_FORGOTTEN) / slowest
    count = int(np.ceil(lasting / every)) + 1
    if count > _MOST_DOSES:
        raise InputError(
            f"no steady state within {_MOST_DOSES} doses: the half-life is "
            f"{np.log(2.0) / slowest / 86400:.3g} d; give target.plasma.doses"
        )
    return count
