"""From loose triangles to one closed body: mended, joined, or refused in words."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.mesh.lines import cast_lines
from releasesim.geometry.mesh.soup import Points, Soup, Triangles

if TYPE_CHECKING:
    from manifold3d import Manifold

#: Corners nearer than this share of the size are one.
_SAME = 1e-6
_MOST_BODIES = 1000
#: Lines a side by which overlap of a body with itself is looked for.
_LOOKS = 97
#: Volume of the box of which a body is at least this share, or it is flat.
_FLATTEST = 1e-9


def close_bodies(soup: Soup) -> Manifold:
    """One closed body, corners merged, inverted bodies turned, overlapping ones joined.

    A body inside another that is turned inside out is a hollow in it.

    Raises
    ------
    GeometryError
        Coordinates that are no numbers; open, flat, or overlapping itself.
    """
    points, triangles = _merged(soup)
    shells = [_Shell.made(points, part) for part in _connected(triangles, len(points))]
    whole = _joined(_turned(shells))
    size = np.ptp(points, axis=0)
    if whole.is_empty() or whole.volume() <= _FLATTEST * float(np.prod(size)):
        raise GeometryError("encloses no volume")
    return whole


def _merged(soup: Soup) -> tuple[Points, Triangles]:
    """Points that are one merged, triangles without area dropped."""
    wrong = ~np.isfinite(soup.points[soup.triangles]).all(axis=(1, 2))
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0]) + 1
        raise GeometryError(
            f"holds coordinates that are no finite numbers, first in triangle {first}"
        )
    if np.abs(soup.points[soup.triangles]).max() > 1e9:
        raise GeometryError("holds coordinates beyond 1e9 units")
    corners = soup.points[np.unique(soup.triangles)]
    low, size = corners.min(axis=0), float(np.ptp(corners, axis=0).max())
    if not size > 0.0:
        raise GeometryError("has all its corners in one point")
    lattice = np.round((soup.points - low) / (_SAME * size)).astype(np.int64)
    _, kinds, same = np.unique(lattice, axis=0, return_index=True, return_inverse=True)
    triangles = same.reshape(-1)[soup.triangles]
    a, b, c = triangles.T
    kept = triangles[(a != b) & (b != c) & (c != a)]
    if not len(kept):
        raise GeometryError("has no triangle with an area")
    return soup.points[kinds], _single(kept)


def _single(triangles: Triangles) -> Triangles:
    """Each triangle once; two that face each other are a wall inside, and go."""
    # the lowest corner first, so that equal ones are equal
    turned = (np.argmin(triangles, axis=1)[:, None] + np.arange(3)) % 3
    single = np.unique(np.take_along_axis(triangles, turned, axis=1), axis=0)
    _, same, times = np.unique(
        np.sort(single, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    single = np.asarray(single[times[same.reshape(-1)] == 1])
    if not len(single):
        raise GeometryError("encloses no volume")
    return single


def _connected(triangles: Triangles, points: int) -> list[Triangles]:
    """Triangles that hang together by their edges."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges, owner = _edges(triangles, points)
    order = np.argsort(edges, kind="stable")
    edges, owner = edges[order], owner[order]
    _check_closed(edges, len(triangles))
    same = edges[1:] == edges[:-1]
    pairs = owner[:-1][same], owner[1:][same]
    n = len(triangles)
    graph = coo_array((np.ones(pairs[0].size), pairs), shape=(n, n))
    count, label = connected_components(graph, directed=False)
    if count > _MOST_BODIES:
        raise GeometryError(f"falls into {count} bodies, at most {_MOST_BODIES}")
    order = np.argsort(label, kind="stable")
    ends = np.cumsum(np.bincount(label))[:-1]
    return [triangles[part] for part in np.split(order, ends)]


def _edges(triangles: Triangles, points: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All edges as one number each, lower corner first, and the triangle of each."""
    ends = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    keys = np.minimum(*ends.T) * points + np.maximum(*ends.T)
    return keys, np.tile(np.arange(len(triangles)), 3)


def _check_closed(edges: NDArray[np.int64], triangles: int) -> None:
    """Refuse edges at which an odd number of triangles meet; `edges` are sorted."""
    _, meeting = np.unique(edges, return_counts=True)
    odd = int((meeting % 2 == 1).sum())
    if odd:
        raise GeometryError(
            f"is open: at {odd} of its edges no second triangle meets the first "
            f"({triangles} triangles): close the holes before"
        )


@dataclass(frozen=True, eq=False)
class _Shell:
    """One closed surface [units of the file]."""

    points: Points
    triangles: Triangles
    volume: float
    mended: bool

    @classmethod
    def made(cls, points: Points, triangles: Triangles) -> _Shell:
        """A shell whose triangles all look the same way."""
        used, numbers = np.unique(triangles, return_inverse=True)
        own, triangles = points[used], numbers.reshape(-1, 3)
        turned = _oriented(triangles, len(own))
        corners = (own - own.mean(axis=0))[turned]
        volume = float(np.einsum("ni,ni->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])))
        return cls(own, turned, volume / 6.0, mended=bool((turned != triangles).any()))

    @property
    def inverted(self) -> _Shell:
        """The same, turned inside out."""
        return _Shell(self.points, self.triangles[:, ::-1].copy(), -self.volume, self.mended)


def _oriented(triangles: Triangles, points: int) -> Triangles:
    """Triangles turned until each sees its neighbours' edges the other way round."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    edges, owner = _edges(triangles, points)
    forward = np.concatenate(
        [triangles[:, a] < triangles[:, b] for a, b in ((0, 1), (1, 2), (2, 0))]
    )
    order = np.argsort(edges, kind="stable")
    edges, owner, forward = edges[order], owner[order], forward[order]
    starts = np.flatnonzero(np.concatenate([[True], edges[1:] != edges[:-1]]))
    if not np.add.reduceat(np.where(forward, 1, -1), starts).any():
        return triangles  # every edge is passed as often one way as the other
    same = edges[1:] == edges[:-1]
    first, second = owner[:-1][same], owner[1:][same]
    agree = forward[:-1][same] != forward[1:][same]
    if first.size > starts.size:
        raise GeometryError("has edges where more than two triangles meet, some of them turned")
    n = len(triangles)
    graph = coo_array((np.where(agree, 1.0, 2.0), (first, second)), shape=(n, n)).tocsr()
    graph = graph + graph.T
    visited, before = breadth_first_order(graph, 0, directed=False)
    flip = np.zeros(n, dtype=bool)
    for one in visited[1:]:
        flip[one] = flip[before[one]] ^ (graph[one, before[one]] > 1.5)
    if (flip[first] ^ flip[second] == agree).any():
        raise GeometryError("has a surface with one side only (it cannot be turned to look out)")
    return np.where(flip[:, None], triangles[:, ::-1], triangles)


def _turned(shells: list[_Shell]) -> list[_Shell]:
    """Shells that look out, and hollows that look in, the largest first."""
    shells = sorted(shells, key=lambda shell: -abs(shell.volume))
    if shells[0].volume < 0.0:  # all of it, then, hollows as well
        shells = [shell.inverted for shell in shells]
    turned = []
    for place, shell in enumerate(shells):
        inside = sum(_holds(other, shell) for other in shells[:place])
        inward = shell.volume < 0.0
        turned.append(shell.inverted if inward and (inside == 0 or shell.mended) else shell)
    return turned


def _holds(outer: _Shell, inner: _Shell) -> bool:
    """Whether one shell lies within another, by the winding number of one of its points."""
    point = inner.points[0]
    low, high = outer.points.min(axis=0), outer.points.max(axis=0)
    if (point < low).any() or (point > high).any():
        return False
    # solid angles of all triangles (van Oosterom & Strackee 1983): 4 pi inside, 0 outside
    a, b, c = (outer.points[outer.triangles[:, n]] - point for n in range(3))
    la, lb, lc = (np.linalg.norm(x, axis=1) for x in (a, b, c))
    above = np.einsum("ni,ni->n", a, np.cross(b, c))
    below = (
        la * lb * lc
        + np.einsum("ni,ni->n", a, b) * lc
        + np.einsum("ni,ni->n", b, c) * la
        + np.einsum("ni,ni->n", c, a) * lb
    )
    return abs(float(2.0 * np.arctan2(above, below).sum())) > 2.0 * np.pi


def _joined(shells: list[_Shell]) -> Manifold:
    """Union of all that look out, less the hollows, the largest first."""
    from manifold3d import Manifold, OpType

    whole = Manifold()
    for outward, group in itertools.groupby(shells, key=lambda shell: shell.volume > 0.0):
        bodies = [_checked(shell if outward else shell.inverted) for shell in group]
        joined = Manifold.batch_boolean(bodies, OpType.Add)
        whole = whole + joined if outward else whole - joined
    return whole


def _checked(shell: _Shell) -> Manifold:
    """Body of a shell that looks out and does not pass through itself."""
    _check_overlap(shell)
    return _manifold(shell)


def _manifold(shell: _Shell) -> Manifold:
    from manifold3d import Error, Manifold, Mesh64

    made: Any = Manifold(Mesh64(shell.points, shell.triangles.astype(np.uint64)))
    if made.status() != Error.NoError or made.is_empty():
        raise GeometryError("has edges or corners at which it cannot be told inside from outside")
    return made


def _check_overlap(shell: _Shell) -> None:
    """Refuse a surface that passes through itself: lines would be inside twice, or less than 0."""
    from releasesim.geometry.mesh.rays import worst_winding

    points, triangles = shell.points, np.ascontiguousarray(shell.triangles)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    step = size[:2] / _LOOKS
    begin = (float(low[0] + 0.5 * step[0]), float(low[1] + 0.5 * step[1]))
    lattice = {"begin": begin, "step": (float(step[0]), float(step[1])), "shape": (_LOOKS, _LOOKS)}
    lines = cast_lines(points, triangles, 2, **lattice)  # type: ignore[arg-type]
    lowest, highest, _ = worst_winding(lines.starts, lines.counts, lines.signs)
    if lowest < 0 or highest > 1:
        raise GeometryError(
            "overlaps itself: its surface passes through itself, and no union can mend that"
        )
