"""How a plane cuts a box: the geometry of partial cells.

Used for the volume of cells at the surface and for the passing of a front through a cell.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def cut_fraction(distance: Array, a: Array, b: Array, c: Array) -> Array:
    """Fraction of a box on the negative side of a plane.

    Parameters
    ----------
    distance : (n,) ndarray
        Signed distance of the box centre from the plane [m]; negative is inside.
    a, b, c : (n,) ndarray
        Box edge times the absolute normal component along it [m], all >= 0.

    Returns
    -------
    (n,) ndarray
        Inside fraction [-].

    Notes
    -----
    The cumulative distribution of a sum of three uniform variables of widths a, b, c (the
    inclusion-exclusion formula, e.g. Scardovelli & Zaleski, J. Comput. Phys. 164 (2000) 228).
    Vanishing widths are replaced by a small share of the largest one.
    """
    largest = np.maximum(np.maximum(a, b), np.maximum(c, 1e-300))
    floor = 1e-4 * largest
    a, b, c = np.maximum(a, floor), np.maximum(b, floor), np.maximum(c, floor)
    half = 0.5 * (a + b + c)
    # the formula loses digits for the larger half: use the symmetry of the distribution
    depth = half - np.abs(distance)
    total = (
        _cube(depth)
        - _cube(depth - a)
        - _cube(depth - b)
        - _cube(depth - c)
        + _cube(depth - a - b)
        + _cube(depth - a - c)
        + _cube(depth - b - c)
    )
    small = np.clip(total / (6.0 * a * b * c), 0.0, 0.5)
    return np.where(distance <= 0.0, 1.0 - small, small)


def _cube(x: Array) -> Array:
    return np.maximum(x, 0.0) ** 3
