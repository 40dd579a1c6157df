"""Drug that samples carried away, added back by an exact balance of mass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def released_amounts(
    time: Floats,
    concentration: Floats,
    *,
    volume: float,
    sample_volume: float = 0.0,
    replaced: bool = True,
) -> Floats:
    r"""Amount released until each sample, from concentrations in the bath.

    With :math:`V_k` the volume just before sample k, :math:`v` the sample and :math:`c_k` what it
    measured,

    .. math:: m_k = c_k V_k + v \sum_{j<k} c_j

    where :math:`V_k = V` with replacement and :math:`V - (k - 1) v` without. A row at time 0 is no
    sample: nothing was taken there.

    Parameters
    ----------
    time : ndarray, (m,)
        Times of the samples [s].
    concentration : ndarray, (m,) or (m, v)
        [kg/m3].
    volume, sample_volume : float
        V and v [m3].
    replaced : bool
        Whether fresh medium replaces each sample.

    Returns
    -------
    ndarray
        As `concentration` [kg].

    Examples
    --------
    Samples of 5 mL from 900 mL, by hand: 0.05 x 900 + 0.02 x 5 = 45.1 mg with replacement, and
    0.05 x 895 + 0.02 x 5 = 44.85 mg without.

    >>> t, c = np.array([900.0, 1800.0]), np.array([0.02, 0.05])  # kg/m3 are mg/mL
    >>> with_medium = released_amounts(t, c, volume=900e-6, sample_volume=5e-6)
    >>> without = released_amounts(t, c, volume=900e-6, sample_volume=5e-6, replaced=False)
    >>> (1e6 * with_medium).round(6).tolist(), (1e6 * without).round(6).tolist()
    ([18.0, 45.1], [18.0, 44.85])
    """
    shape = (-1,) + (1,) * (concentration.ndim - 1)
    taken = (time > 0.0).astype(float).reshape(shape)
    before = np.cumsum(taken, axis=0) - taken
    carried = np.cumsum(taken * concentration, axis=0) - taken * concentration
    left = volume - (0.0 if replaced else sample_volume) * before
    return np.asarray(concentration * left + sample_volume * carried)
