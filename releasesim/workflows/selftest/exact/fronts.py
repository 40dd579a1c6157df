"""Surface erosion at constant speed, without diffusion.

Source: H. B. Hopfenberg, ACS Symp. Ser. 33 (1976) 26.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from releasesim.workflows.selftest.exact.products import open_count
from releasesim.workflows.selftest.exact.series import Array


def _left(size: float, speed: float, time: ArrayLike, faces: int) -> Array:
    """Share of a length that is left when `faces` of its ends recede."""
    return np.clip(1.0 - faces * speed * np.asarray(time, dtype=float) / size, 0.0, 1.0)


def erode_slab(time: ArrayLike, speed: float, thickness: float, *, open_faces: int = 2) -> Array:
    """Hopfenberg's slab."""
    return 1.0 - _left(thickness, speed, time, open_faces)


def erode_cylinder(time: ArrayLike, speed: float, radius: float) -> Array:
    """Hopfenberg's long cylinder."""
    return 1.0 - _left(radius, speed, time, 1) ** 2


def erode_sphere(time: ArrayLike, speed: float, radius: float) -> Array:
    """Hopfenberg's sphere."""
    return 1.0 - _left(radius, speed, time, 1) ** 3


def erode_finite_cylinder(
    time: ArrayLike, speed: float, radius: float, height: float, *, sealed: Sequence[str] = ()
) -> Array:
    """Cylinder that erodes on every face but the sealed ones ("top", "bottom", "side")."""
    radial = _left(radius, speed, time, open_count(sealed, "side")) ** 2
    return 1.0 - radial * _left(height, speed, time, open_count(sealed, "top", "bottom"))


def erode_block(time: ArrayLike, speed: float, length: float, width: float, height: float) -> Array:
    """Block that erodes on its six faces."""
    sides = (_left(side, speed, time, 2) for side in (length, width, height))
    return np.asarray(1.0 - np.prod(list(sides), axis=0))


def erode_ring(
    time: ArrayLike,
    speed: float,
    outer: float,
    inner: float,
    height: float,
    *,
    sealed: Sequence[str] = (),
) -> Array:
    """Ring of outer and inner RADIUS; `sealed` of "top", "bottom", "side", "inner"."""
    depth = speed * np.asarray(time, dtype=float)
    b = outer - depth * open_count(sealed, "side")
    a = inner + depth * open_count(sealed, "inner")
    area = np.where(b > a, b**2 - a**2, 0.0) / (outer**2 - inner**2)
    return 1.0 - area * _left(height, speed, time, open_count(sealed, "top", "bottom"))


def hole_area(time: ArrayLike, speed: float, area: float, perimeter: float) -> Array:
    """Cross-section of a convex hole that grows, A + P v t + pi (v t)^2 (Steiner) [m2]."""
    depth = speed * np.asarray(time, dtype=float)
    return area + perimeter * depth + np.pi * depth**2
