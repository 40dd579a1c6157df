"""From what was followed to a toolpath in SI: heights, volumes, widths, and what cannot be."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.gcode.comments import Comments
from releasesim.geometry.gcode.features import CUSTOM, UNNAMED
from releasesim.geometry.gcode.toolpath import Toolpath

Array = NDArray[np.float64]

_LEVEL = 1e-3
"""Heights closer than this are one level [mm]."""
_LOWEST, _HIGHEST = 0.01, 2.0
"""Layers that can be printed [mm]."""
_NARROWEST, _WIDEST = 0.02, 5.0
"""Roads that can be printed, on average [mm]."""
_DIAMETERS = (0.1e-3, 20e-3)
_LARGEST_TABLET = 200.0
"""Longest side [mm]."""
_MOST_OF_SAID = 1.5
"""More than so many times the volume of a road of the width that the slicer says is no road [-]."""
_BLOCK = 200_000
_LAST_DIGIT = 5e-6
"""Half of the last digit in which slicers say what they use [m]."""
_DECLARED_GAP = 1e-3
"""Share by which fed filament may differ from what the slicer says without a word."""


@dataclass(eq=False)
class Followed:
    """What a file made the printer do, in millimetres; let go as it becomes a toolpath.

    Parameters
    ----------
    path : Path
    digest : str
    comments : Comments
    lengths : (tools,) ndarray
        Filament fed to each tool [mm].
    volumetric : bool
        Whether the file ever spoke of E as a volume.
    ends : (n, 6) ndarray
        Start and end of each piece [mm].
    fed : (n,) ndarray
        Filament [mm], or its volume [mm3].
    said : (n, 2) ndarray
        Width and height of the road that comments say [mm].
    codes : (n, 3) ndarray
        Tool, feature, whether `fed` is a volume.
    line : (n,) ndarray
    """

    path: Path
    digest: str
    comments: Comments
    lengths: Array
    volumetric: bool
    ends: Array
    fed: Array
    said: NDArray[np.float32]
    codes: NDArray[np.uint8]
    line: NDArray[np.int32]

    @property
    def named(self) -> bool:
        """Whether the file says what its roads are for."""
        return self.comments.features_named or self.comments.inline


def finish(followed: Followed, diameter: float | None, usual: float | None) -> Toolpath:
    """Make the toolpath of a file.

    Raises
    ------
    GeometryError
        No height of layers, no filament diameter, roads or a tablet of impossible size.
    """
    comments, ends = followed.comments, followed.ends
    tool, feature = (np.ascontiguousarray(followed.codes[:, n]) for n in range(2))
    tools = tuple(int(t) for t in np.unique(tool))
    diameters = {t: _diameter(followed, t, diameter, usual) for t in tools}
    volume = _volumes(followed, tool, diameters)
    height = _heights(followed, feature)
    width = _widths(ends, volume, height)
    lengths = {t: 1e-3 * float(followed.lengths[t]) for t in tools}
    declared = comments.declared(tools)
    for array, unit in ((ends, 1e-3), (volume, 1e-9), (width, 1e-3), (height, 1e-3)):
        np.multiply(array, unit, out=array)
    made = Toolpath(
        start=ends[:, :3],
        end=ends[:, 3:],
        volume=volume,
        width=width,
        height=height,
        tool=tool,
        feature=feature,
        line=followed.line,
        filament=lengths,
        declared_filament=declared,
        filament_diameter=diameters,
        slicer=comments.slicer,
        path=followed.path,
        digest=followed.digest,
        features_named=followed.named,
        notices=tuple(_notices(comments, followed.named, lengths, declared)),
    )
    _check_volumetric(made, followed)
    _check_sizes(made)
    return made


def _diameter(followed: Followed, tool: int, given: float | None, usual: float | None) -> float:
    found = given or followed.comments.diameter(tool) or usual
    if found is None:
        message = "does not say the diameter of its filament: give filament_diameter"
        raise GeometryError(message, followed.path)
    if not _DIAMETERS[0] <= found <= _DIAMETERS[1]:
        message = f"filament_diameter = {found * 1e3:g} mm: must be 0.1 to 20 mm"
        raise GeometryError(message, followed.path)
    return found


def _blocks(count: int) -> Iterator[slice]:
    """Pieces that are looked at together: intermediate results of all would double the memory."""
    for begin in range(0, count, _BLOCK):
        yield slice(begin, min(count, begin + _BLOCK))


def _volumes(followed: Followed, tool: NDArray[np.uint8], diameters: dict[int, float]) -> Array:
    """Volume of each piece [mm3], in the place of what was fed."""
    area = np.zeros(256)
    for number, diameter in diameters.items():
        area[number] = math.pi / 4.0 * (1e3 * diameter) ** 2
    volume = followed.fed
    for block in _blocks(volume.size):
        volume[block] *= np.where(followed.codes[block, 2], 1.0, area[tool[block]])
    return volume


def _widths(ends: Array, volume: Array, height: Array) -> Array:
    """Width of each road [mm]; 0 where the nozzle stood."""
    width = np.zeros_like(volume)
    for block in _blocks(volume.size):
        way = ends[block, 3:5] - ends[block, :2]
        face = np.hypot(way[:, 0], way[:, 1]) * height[block]
        np.divide(volume[block], face, out=width[block], where=face > 0.0)
    return width


def _heights(followed: Followed, feature: NDArray[np.uint8]) -> Array:
    """Height of each road [mm]: what a comment says, else down to the next level below."""
    count = feature.size
    laid = np.empty(count, dtype=bool)
    found: list[NDArray[np.int64]] = []
    for block in _blocks(count):
        ends, use = followed.ends[block], feature[block]
        moves = (ends[:, :2] != ends[:, 3:5]).any(axis=1)
        laid[block] = moves & (use != CUSTOM) & ~(followed.named & (use == UNNAMED))
        found.append(np.unique(_level(ends)[laid[block]]))
    if not laid.any():
        found = [np.unique(_level(followed.ends[block])) for block in _blocks(count)]
    levels = np.unique(np.concatenate(found))
    height = np.empty(count)
    for block in _blocks(count):
        level, said = _level(followed.ends[block]), followed.said[block, 1].astype(float)
        below = np.concatenate([[0], levels])[np.searchsorted(levels, level)]
        own = np.where(np.isnan(said), (level - below) * _LEVEL, said)
        wrong = laid[block] & ~((own >= _LOWEST) & (own <= _HIGHEST))
        if wrong.any():
            raise _wrong_height(followed, block.start + int(wrong.argmax()), own[wrong.argmax()])
        height[block] = np.round(np.clip(own, _LOWEST, _HIGHEST), 6)
    return height


def _level(ends: Array) -> NDArray[np.int64]:
    return np.asarray(np.round(ends[:, 5] / _LEVEL).astype(np.int64))


def _wrong_height(followed: Followed, piece: int, height: float) -> GeometryError:
    return GeometryError(
        f"a road at Z = {followed.ends[piece, 5]:.4g} mm would be {height:.4g} mm high: layers "
        f"are {_LOWEST:g} to {_HIGHEST:g} mm, is a Z missing?",
        followed.path,
        int(followed.line[piece]),
    )


def _check_volumetric(made: Toolpath, followed: Followed) -> None:
    """Refuse E in mm3 that nothing announces: it would make roads 2.4 times as large."""
    if followed.volumetric:
        return
    first = int(made.line[0])
    if any(followed.comments.facts.get("use_volumetric_e", ())):
        message = "E is a volume (use_volumetric_e = 1), but no M200 says so to the printer"
        raise GeometryError(message, made.path, first)
    told = np.isfinite(followed.said[:, 0]) & made.of_tablet
    expected = found = 0.0
    for block in _blocks(told.size):
        known = told[block]
        said, height = followed.said[block, 0][known] * 1e-3, made.height[block][known]
        road = height * (said - height * (1.0 - math.pi / 4.0)) * made.length[block][known]
        expected, found = expected + road.sum(), found + made.volume[block][known].sum()
    if expected > 0.0 and found > _MOST_OF_SAID * expected:
        raise GeometryError(
            f"E makes roads of {found / expected:.3g} times the volume that their width says: is "
            "E a volume without M200, or the filament of another diameter?",
            made.path,
            int(made.line[told.argmax()]),
        )


def _check_sizes(made: Toolpath) -> None:
    tablet = made.tablet
    moving = tablet.length > 0.0
    if not moving.any():
        raise GeometryError("has no road of a tablet: only skirt, support or purging", made.path)
    first = int(tablet.line[moving.argmax()])
    area = float(tablet.length @ tablet.height)
    width = 1e3 * float(tablet.volume.sum(where=moving)) / area
    if not _NARROWEST <= width <= _WIDEST:
        raise GeometryError(
            f"E makes roads {width:.3g} mm wide on average: {_NARROWEST:g} to {_WIDEST:g} mm can "
            "be printed; is E in other units, or a volume without M200?",
            made.path,
            first,
        )
    low, high = tablet.box
    size = 1e3 * (high - low)
    if size.max() > _LARGEST_TABLET:
        words = " x ".join(f"{s:.4g}" for s in size)
        message = f"is {words} mm large: at most {_LARGEST_TABLET:g} mm"
        raise GeometryError(message, made.path, first)


def _notices(
    comments: Comments,
    named: bool,
    fed: dict[int, float],
    declared: dict[int, float | None],
) -> Iterator[str]:
    if not named:
        yield (
            "the G-code does not say what its roads are for: all count as the tablet, a skirt or "
            "a purge line too"
        )
    if comments.others:
        names = ", ".join(sorted(comments.others)[:5])
        yield f"the G-code has roads of unknown use, counted as the tablet: {names}"
    for tool, length in fed.items():
        said = declared[tool]
        if said and abs(length - said) > max(_DECLARED_GAP * said, _LAST_DIGIT):
            yield (
                f"the G-code feeds {1e3 * length:.5g} mm of filament to T{tool}, and its slicer "
                f"says {1e3 * said:.5g} mm"
            )
