"""Halftones: which places of a raster get a drop where not all of them do."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError

Places = NDArray[np.bool_]

METHODS = ("blue_noise", "ordered")
#: Places a side of the tile that repeats.
TILE = 64
_SPREAD = 1.5  # of the Gaussian by which clusters and voids are found [places] (Ulichney 1993)
_SEED = 1


def tile(method: str, coverage: float) -> Places:
    """Places of one tile that get a drop, (TILE, TILE).

    Parameters
    ----------
    method : str
        One of `METHODS`.
    coverage : float
        Share of places, above 0 and up to 1 [-]; rounded to whole places.

    Raises
    ------
    GeometryError
        No such method, or a coverage of no place at all.

    Examples
    --------
    >>> float(tile("ordered", 0.25).mean())
    0.25
    """
    if method not in METHODS:
        raise GeometryError(f"halftone {method!r}: there are {', '.join(METHODS)}")
    wanted = round(coverage * TILE * TILE)
    if not 0 < wanted <= TILE * TILE:
        raise GeometryError(
            f"coverage = {100 * coverage:.4g} %: must be {100 / TILE**2:.2g} to 100 %"
        )
    ranks = _blue_noise() if method == "blue_noise" else _ordered()
    return np.asarray(ranks < wanted)


def spread(method: str, coverage: float, shape: tuple[int, int]) -> Places:
    """The tile laid over a raster of `shape` places from its corner on, (nx, ny)."""
    one = tile(method, coverage)
    times = [-(-n // TILE) for n in shape]
    return np.tile(one, times)[: shape[0], : shape[1]]


@cache
def _ordered() -> NDArray[np.int64]:
    """Ranks of an ordered dither (Bayer 1973)."""
    ranks = np.zeros((1, 1), dtype=np.int64)
    while len(ranks) < TILE:
        ranks = np.block([[4 * ranks, 4 * ranks + 2], [4 * ranks + 3, 4 * ranks + 1]])
    return ranks


@cache
def _blue_noise() -> NDArray[np.int64]:
    """Ranks of a blue-noise mask by void and cluster (Ulichney, Proc. SPIE 1913 (1993) 332)."""
    kernel = _kernel()
    first = np.zeros((TILE, TILE), dtype=bool)
    chosen = np.random.default_rng(_SEED).permutation(TILE * TILE)[: TILE * TILE // 10]
    first.ravel()[chosen] = True
    energy = _energy(first, kernel)
    while True:  # move the tightest drop into the widest void until it would go back
        tightest = _extreme(np.where(first, energy, -np.inf), largest=True)
        _turn(first, energy, kernel, tightest)
        widest = _extreme(np.where(first, np.inf, energy), largest=False)
        _turn(first, energy, kernel, widest)
        if widest == tightest:
            break
    ranks = np.zeros((TILE, TILE), dtype=np.int64)
    drops, left = first.copy(), energy.copy()
    for rank in range(int(first.sum()) - 1, -1, -1):
        place = _extreme(np.where(drops, left, -np.inf), largest=True)
        _turn(drops, left, kernel, place)
        ranks[place] = rank
    for rank in range(int(first.sum()), TILE * TILE):
        place = _extreme(np.where(first, np.inf, energy), largest=False)
        _turn(first, energy, kernel, place)
        ranks[place] = rank
    return ranks


def _kernel() -> NDArray[np.float64]:
    """Gaussian on the torus, its peak at (0, 0)."""
    away = np.minimum(np.arange(TILE), TILE - np.arange(TILE))
    return np.asarray(np.exp(-(away[:, None] ** 2 + away**2) / (2.0 * _SPREAD**2)))


def _energy(drops: Places, kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    energy = np.zeros(drops.shape)
    for i, j in np.argwhere(drops):
        energy += np.roll(kernel, (i, j), (0, 1))
    return energy


def _extreme(energy: NDArray[np.float64], *, largest: bool) -> tuple[int, int]:
    place = int(energy.argmax() if largest else energy.argmin())
    return place // TILE, place % TILE


def _turn(
    drops: Places, energy: NDArray[np.float64], kernel: NDArray[np.float64], place: tuple[int, int]
) -> None:
    """Set or take one drop."""
    sign = -1.0 if drops[place] else 1.0
    drops[place] = not drops[place]
    energy += sign * np.roll(kernel, place, (0, 1))
