"""Layers much thinner than a cell: joined where they are alike, or looked at once a cell."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def slabs(
    keys: Sequence[Hashable], thickness: float, spacing: float
) -> list[tuple[int, float, float]]:
    """Layer, bottom and top [m] of each slab, from the bottom up.

    Parameters
    ----------
    keys : sequence
        Equal for layers that are alike.
    thickness : float
        Of a layer [m].
    spacing : float
        Of cells [m]: below it, layers that differ are not told apart.

    Examples
    --------
    >>> slabs("aab", 1.0, 1.0)
    [(0, 0.0, 2.0), (2, 2.0, 3.0)]
    """
    count = len(keys)
    starts = [n for n in range(count) if n == 0 or keys[n] != keys[n - 1]]
    most = max(1, round(count * thickness / spacing))
    if len(starts) <= most:
        ends = [*starts[1:], count]
        pairs = zip(starts, ends, strict=True)
        return [(first, first * thickness, end * thickness) for first, end in pairs]
    height = count * thickness / most
    middles = [int((n + 0.5) * count / most) for n in range(most)]
    return [(layer, n * height, (n + 1) * height) for n, layer in enumerate(middles)]
