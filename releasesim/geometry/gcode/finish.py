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
    face = np.hypot(ends[:, 3] - ends[:, 0], ends[:, 4] - ends[:, 1]) * height
    width = np.divide(volume, face, out=np.zeros_like(volume), where=face > 0.0)
    del face
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


def _volumes(followed: Followed, tool: NDArray[np.uint8], diameters: dict[int, float]) -> Array:
    """Volume of each piece [mm3]."""
    area = np.zeros(256)
    for number, diameter in diameters.items():
        area[number] = math.pi / 4.0 * (1e3 * diameter) ** 2
    return np.asarray(followed.fed * np.where(followed.codes[:, 2], 1.0, area[tool]))


def _heights(followed: Followed, feature: NDArray[np.uint8]) -> Array:
    """Height of each road [mm]: what a comment says, else down to the next level below."""
    ends, said = followed.ends, followed.said[:, 1].astype(float)
    moves = (ends[:, :2] != ends[:, 3:5]).any(axis=1)
    laid = moves & (feature != CUSTOM) & ~(followed.named & (feature == UNNAMED))
    level = np.round(ends[:, 5] / _LEVEL).astype(np.int64)
    levels = np.unique(level[laid]) if laid.any() else np.unique(level)
    below = np.concatenate([[0], levels])[np.searchsorted(levels, level)]
    height = np.where(np.isnan(said), (level - below) * _LEVEL, said)
    wrong = laid & ~((height >= _LOWEST) & (height <= _HIGHEST))
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise GeometryError(
            f"a road at Z = {ends[first, 5]:.4g} mm would be {height[first]:.4g} mm high: layers "
            f"are {_LOWEST:g} to {_HIGHEST:g} mm, is a Z missing?",
            followed.path,
            int(followed.line[first]),
        )
    return np.asarray(np.round(np.clip(height, _LOWEST, _HIGHEST), 6))


def _check_volumetric(made: Toolpath, followed: Followed) -> None:
    """Refuse E in mm3 that nothing announces: it would make roads 2.4 times as large."""
    if followed.volumetric:
        return
    first = int(made.line[0])
    if any(followed.comments.facts.get("use_volumetric_e", ())):
        message = "E is a volume (use_volumetric_e = 1), but no M200 says so to the printer"
        raise GeometryError(message, made.path, first)
    known = np.flatnonzero(np.isfinite(followed.said[:, 0]) & made.of_tablet)
    if not known.size:
        return
    said = followed.said[known, 0] * 1e-3
    height = made.height[known]
    road = height * (said - height * (1.0 - math.pi / 4.0)) * made.length[known]
    expected, found = road.sum(), made.volume[known].sum()
    if expected > 0.0 and found > _MOST_OF_SAID * expected:
        raise GeometryError(
            f"E makes roads of {found / expected:.3g} times the volume that their width says: is "
            "E a volume without M200, or the filament of another diameter?",
            made.path,
            int(made.line[known[0]]),
        )


def _check_sizes(made: Toolpath) -> None:
    tablet = made.tablet
    moving = tablet.length > 0.0
    if not moving.any():
        raise GeometryError("has no road of a tablet: only skirt, support or purging", made.path)
    first = int(tablet.line[np.flatnonzero(moving)[0]])
    area = float((tablet.length * tablet.height)[moving].sum())
    width = 1e3 * float(tablet.volume[moving].sum()) / area
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
        if said and abs(length / said - 1.0) > _DECLARED_GAP:
            yield (
                f"the G-code feeds {1e3 * length:.5g} mm of filament to T{tool}, and its slicer "
                f"says {1e3 * said:.5g} mm"
            )
