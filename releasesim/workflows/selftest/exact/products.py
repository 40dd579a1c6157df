"""Finite cylinder, block and ring: products of slabs, cylinders and tubes.

Source: J. C. Fu, C. Hagemeir, D. L. Moyer, J. Biomed. Mater. Res. 10 (1976) 743.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from numpy.typing import ArrayLike

from releasesim.workflows.selftest.exact.series import Array, either
from releasesim.workflows.selftest.exact.tube import annulus
from releasesim.workflows.selftest.exact.uniform import cylinder, slab


def open_count(sealed: Iterable[str], *faces: str) -> int:
    """Count the faces that are not sealed."""
    return sum(face not in set(sealed) for face in faces)


def finite_cylinder(
    time: ArrayLike,
    D: float,
    radius: float,
    height: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    sealed: Sequence[str] = (),
) -> Array:
    """Cylinder of Fu, Hagemeir & Moyer (1976); `sealed` of "top", "bottom", "side"."""
    film = {"k": k, "partition": partition}
    axial = slab(time, D, height, open_faces=open_count(sealed, "top", "bottom"), **film)
    if "side" in sealed:
        return axial
    return either(axial, cylinder(time, D, radius, k=k, partition=partition))


def block(
    time: ArrayLike,
    D: float,
    length: float,
    width: float,
    height: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    sealed: Sequence[str] = (),
) -> Array:
    """Block: the product of three slabs; `sealed` of "x-", "x+", "y-", "y+", "z-", "z+"."""
    sides = zip((length, width, height), "xyz", strict=True)
    return either(
        *(
            slab(
                time,
                D,
                side,
                open_faces=open_count(sealed, f"{axis}-", f"{axis}+"),
                k=k,
                partition=partition,
            )
            for side, axis in sides
        )
    )


def ring(
    time: ArrayLike,
    D: float,
    outer: float,
    inner: float,
    height: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    sealed: Sequence[str] = (),
) -> Array:
    """Ring of outer and inner RADIUS: annulus times slab.

    `sealed` of "top", "bottom", "side", "inner".
    """
    curved = annulus(time, D, outer, inner, k=k, partition=partition, sealed=sealed)
    open_faces = open_count(sealed, "top", "bottom")
    return either(curved, slab(time, D, height, open_faces=open_faces, k=k, partition=partition))
