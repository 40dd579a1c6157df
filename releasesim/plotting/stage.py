"""A tablet made ready to be looked at: voxels in millimetres, films stretched, and its frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from releasesim.geometry.grid import VoxelGrid
from releasesim.geometry.shapes import Film
from releasesim.plotting.camera import Body, Camera
from releasesim.plotting.picture import GREY
from releasesim.plotting.surfaces import Surface, part_surfaces
from releasesim.tablet import Tablet
from releasesim.units import mm, um

Array = NDArray[np.float64]

#: A film shows as thick as this share of its side [-], in so many cells along its sides.
_FILM, _FILM_CELLS = 0.3, 48
#: Bodies flatter than this show as thick as that, of their longest side [-].
_FLAT, _FLAT_SHOWN = 0.04, 0.12
_LETTER = 0.022  # of the picture's width [-]
_APART = 1.1  # numbers of a ruler, of a letter's height [-]
_MARGIN = 0.17  # around the body, of the picture's width [-]


@dataclass(frozen=True)
class _Edge:
    """A ruler: its ends [mm], where each length lies in space, where ticks point, and its words.

    `scale` turns lengths as they are shown into those that are written.
    """

    ends: tuple[float, float]
    place: Callable[[float], tuple[float, float, float]]
    out: tuple[float, float, float]
    name: str
    scale: float = 1.0


@dataclass(frozen=True, eq=False)
class Stage:
    """A body on voxels and how it is drawn.

    Parameters
    ----------
    tablet : Tablet
    grid : VoxelGrid
        Its voxels.
    camera : Camera
    """

    tablet: Tablet
    grid: VoxelGrid
    camera: Camera

    @property
    def sheet(self) -> bool:
        """Whether the grid is a film's, of one column of cells."""
        return self.grid.shape[0] == 1

    @property
    def stretch(self) -> float:
        """Shown over true height [-]; 1 but for films and other bodies as flat."""
        side, thickness = max(self.tablet.body.size[:2]), self.tablet.body.size[2]
        if self.sheet or (self.tablet.laid is not None and isinstance(self.tablet.body, Film)):
            return max(1.0, _FILM * side / thickness)
        return _FLAT_SHOWN * side / thickness if thickness < _FLAT * side else 1.0

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of the grid's cells in all cells that are shown."""
        if not self.sheet:
            return values
        wide = np.zeros((_FILM_CELLS + 2, _FILM_CELLS + 2, values.shape[2]), values.dtype)
        wide[1:-1, 1:-1] = values
        return wide

    def body(self, standing: Array | None = None) -> Body:
        """The body, or what of it is still standing (nx, ny, nz) [-]."""
        share = self.grid.fraction if standing is None else self.grid.fraction * standing
        start, spacing = np.array(self.grid.origin) / mm, np.array(self.grid.spacing) / mm
        if self.sheet:
            side = self.tablet.body.size[0] / mm
            spacing[:2] = side / _FILM_CELLS
            start[:2] = -0.5 * side - 0.5 * spacing[:2]
        start[2], spacing[2] = start[2] * self.stretch, spacing[2] * self.stretch
        shown = np.ascontiguousarray(self.spread(share), dtype=np.float32)
        return Body(shown, start, spacing, self._layer())

    def surfaces(self) -> list[Surface]:
        """Closed surface of each part, in its true size."""
        grid = self.grid
        shares = grid.shares or (np.ones(grid.shape),)
        body = self.body()
        start, spacing = body.start * mm, body.spacing * mm
        start[2], spacing[2] = grid.origin[2], grid.spacing[2]
        parts = [self.spread(grid.fraction * share) for share in shares]
        (x, y, z), (a, b, c) = start.tolist(), spacing.tolist()
        return part_surfaces(parts, (x, y, z), (a, b, c))

    def _layer(self) -> float:
        """Height of a printed layer as it shows [mm]; 0 for what is not printed in layers."""
        tablet = self.tablet
        if tablet.is_solid or tablet.laid is not None:  # layers of ink are too thin to be seen
            return 0.0
        height = float(getattr(tablet.shape, "layer_height", tablet.layer_height))
        return height * tablet.stretch * (1.0 + tablet.oversize) / mm

    def extent(self, body: Body) -> tuple[float, float, float, float]:
        """Left, right, bottom and top of the picture, room for rulers counted [mm]."""
        left, right, bottom, top = self.outline(body)
        margin = _MARGIN * (right - left)
        return left - margin, right + 0.8 * margin, bottom - 0.45 * margin, top + 0.1 * margin

    def outline(self, body: Body) -> tuple[float, float, float, float]:
        """Left, right, bottom and top of the body's box in the picture [mm]."""
        low, high = body.box
        corners = np.array(
            [
                [(low, high)[a][0], (low, high)[b][1], (low, high)[c][2]]
                for a in (0, 1)
                for b in (0, 1)
                for c in (0, 1)
            ]
        )
        at = self.camera.project(corners)
        (left, bottom), (right, top) = at.min(axis=0).tolist(), at.max(axis=0).tolist()
        return left, right, bottom, top

    def draw_frame(self, axes: Axes, body: Body, letters: float = 1.0) -> None:
        """Draw rulers along three edges of the body's box; `letters` is their size in a picture."""
        room = letters * _LETTER * abs(float(np.subtract(*axes.get_xlim())))
        low, high = body.box
        x, y, z = low[0], low[1], low[2]
        gap = 0.05 * float((high - low)[:2].max())
        edge = _Edge((low[0], high[0]), lambda s: (s, y - gap, z), (0, -1, 0), "x [mm]")
        self._rule(axes, edge, room)
        edge = _Edge((low[1], high[1]), lambda s: (high[0] + gap, s, z), (1, 0, 0), "y [mm]")
        self._rule(axes, edge, room)
        unit, name = (um, "µm") if self.tablet.body.size[2] < mm / 2 else (mm, "mm")
        scale = mm / unit / self.stretch
        name += "] (stretched)" if self.stretch > 1.0 else "]"
        edge = _Edge(
            (low[2], high[2]),
            lambda s: (x - 0.7 * gap, y - 0.7 * gap, s),
            (-0.7, -0.7, 0),
            f"z [{name}",
            scale,
        )
        self._rule(axes, edge, room)

    def _rule(self, axes: Axes, edge: _Edge, size: float) -> None:
        """Draw one ruler: ticks at round numbers between the ends of the body."""
        ends, place, scale = edge.ends, edge.place, edge.scale
        first, last = ends[0] * scale, ends[1] * scale
        marks = np.asarray(MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(first, last))
        slack = 1e-3 * (last - first)
        marks = marks[(marks >= first - slack) & (marks <= last + slack)]
        ends3 = np.array([place(ends[0]), place(ends[1])], dtype=float)
        line = self.camera.project(ends3)
        # as many numbers as have room; of a body that is flat, its height alone
        fits = int(np.linalg.norm(line[1] - line[0]) / (_APART * size))
        if fits < marks.size - 1:
            marks = marks[:: -(-(marks.size - 1) // fits)] if fits else np.array([last])
        axes.plot(*line.T, color=GREY, linewidth=0.9, solid_capstyle="butt")
        aside = self.camera.project(np.array([edge.out], dtype=float))[0]
        aside /= np.linalg.norm(aside)
        for mark in marks:
            at = self.camera.project(np.array([place(mark / scale)], dtype=float))[0]
            axes.plot(*np.array([at, at + 0.4 * size * aside]).T, color=GREY, linewidth=0.9)
            self._write(axes, at + 1.35 * size * aside, f"{mark:.3g}", 8)
        # upright: above the end; else beside the middle, beyond the numbers
        upright = abs(line[1, 0] - line[0, 0]) < 1e-9
        at = line[1] + [0.0, 2.0 * size] if upright else line.mean(axis=0) + 3.2 * size * aside
        self._write(axes, at, edge.name, 9)

    def _write(self, axes: Axes, at: Array, words: str, size: int) -> None:
        x, y = at.tolist()
        axes.text(x, y, words, fontsize=size, color="0.2", ha="center", va="center")


def stage_of(tablet: Tablet, spacing: float, camera: Camera | None = None) -> Stage:
    """Lay a tablet on voxels for a picture."""
    return Stage(tablet, tablet.voxelize(spacing), camera or Camera())
