"""Trade-offs: what no other beats in everything at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def undominated(costs: Array) -> NDArray[np.bool_]:
    """Rows that no other row beats: none is as good in all columns and better in one.

    Parameters
    ----------
    costs : (n, k) ndarray
        Lower is better.

    Returns
    -------
    (n,) ndarray of bool

    Examples
    --------
    >>> undominated(np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 3.0], [1.0, 3.0]])).tolist()
    [True, True, False, False]
    """
    kept = np.ones(len(costs), dtype=bool)
    for n, row in enumerate(costs):
        as_good = (costs <= row).all(axis=1)
        better = (costs < row).any(axis=1)
        twin = as_good & ~better
        kept[n] = not (as_good & better).any() and int(np.argmax(twin)) == n
    return kept
