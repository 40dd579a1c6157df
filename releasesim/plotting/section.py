"""A cut through the printed tablet: what is solid, of which material, which voids are closed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from releasesim.geometry.grid import VoxelGrid
from releasesim.geometry.shapes import Film
from releasesim.plotting.picture import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    draw_png,
    put_figure_legend,
    user_label,
)
from releasesim.study import describe
from releasesim.tablet import Part, Tablet
from releasesim.units import mm, um

Array = NDArray[np.float64]
_Plane = tuple[slice | int, slice | int, slice | int]

_MATERIALS = (BLUE, ORANGE, GREEN, PURPLE, VERMILLION, SKY, YELLOW)
_CLOSED, _OPEN = "#CFCFCF", "#FFFFFF"
_CELLS = 200
"""Cells along the longest side: finer than the picture shows is wasted."""

_TYPICAL = 0.8
"""Levels at least this open, of the most open one, show the infill [-]."""

_LEFT, _RIGHT, _TOP, _BOTTOM, _GAP = 0.65, 0.2, 0.35, 0.5, 0.75
"""Room around a panel [inch]."""
_WIDTH, _TALLEST, _NARROWEST = 7.2, 4.0, 2.5
"""Of the picture, and of a panel [inch]."""
_FLATTEST = 0.15
"""Upright cuts are drawn at least so tall, of their width [-]."""
_LINE = 0.22
"""Height of a line of the legend [inch]."""


@dataclass(frozen=True)
class _Cut:
    """One plane: colours (rows, columns, 3), rows upwards, and where it lies [mm]."""

    colours: Array
    extent: tuple[float, float, float, float]
    title: str
    across: str
    up: str
    mark: float
    parts: frozenset[int]
    closed: bool
    open: bool
    stretch: float = 1.0  # heights as they are drawn, over true ones

    @property
    def width(self) -> float:
        """[mm]."""
        return self.extent[1] - self.extent[0]

    @property
    def height(self) -> float:
        """As drawn [mm]."""
        return self.stretch * (self.extent[3] - self.extent[2])


def section_figure(tablet: Tablet, spacing: float | None = None) -> bytes:
    """Draw a horizontal cut at half the height of the infill and an upright cut through the axis.

    Parameters
    ----------
    tablet : Tablet
        What is printed; a film shows as one sheet, its thickness stretched.
    spacing : float, optional
        Cell edge [m]; by default fine enough for the picture.

    Returns
    -------
    bytes
        PNG.

    Raises
    ------
    GeometryError
        If nothing is left to print, or the grid would be too large.
    """
    grid = tablet.voxelize(spacing or max(tablet.body.size) / _CELLS)
    if isinstance(tablet.body, Film) and tablet.is_solid:
        return _draw_film(tablet, grid)
    level = _open_level(tablet, grid)
    return _draw_cuts(tablet, [_horizontal(tablet, grid, level), _upright(tablet, grid, level)])


# --- cutting -----------------------------------------------------------------------------------


def _horizontal(tablet: Tablet, grid: VoxelGrid, level: int) -> _Cut:
    title = f"horizontal cut at z = {grid.centres(2)[level] / mm:.2g} mm"
    plane = (slice(None), slice(None), level)
    mark = 0.0 if tablet.laid is None else np.nan
    return _cut(tablet, grid, plane, (0, 1), title=title, mark=mark)


def _upright(tablet: Tablet, grid: VoxelGrid, level: int) -> _Cut:
    mark = float(grid.centres(2)[level]) / mm
    across = 0 if tablet.laid is None else 1  # lines of ink run along x
    row = int(np.abs(grid.centres(1 - across)).argmin())
    every = slice(None)
    plane = (row, every, every) if across else (every, row, every)
    title = "upright cut through the axis"
    cut = _cut(tablet, grid, plane, (across, 2), title=title, mark=mark)
    stretch = _FLATTEST * cut.width / cut.height
    if stretch <= 1.0:
        return cut
    return replace(cut, title="upright cut, stretched in height", stretch=stretch)


def _open_level(tablet: Tablet, grid: VoxelGrid) -> int:
    """Index of the level nearest to the middle that shows the infill, not a floor or a roof."""
    heights = grid.centres(2)
    away = np.abs(heights - _middle(tablet))
    if tablet.is_solid or tablet.laid is not None:
        return int(np.where(grid.solid.any(axis=(0, 1)), away, np.inf).argmin())
    void = _void_share(tablet, grid)
    return int(np.where(void >= _TYPICAL * void.max(), away, np.inf).argmin())


def _void_share(tablet: Tablet, grid: VoxelGrid) -> Array:
    """Void share of the body at each height, (nz,) [-]."""
    inside = _inside(tablet, grid, (slice(None), slice(None), slice(None)))
    cells = inside.sum(axis=(1, 2))
    void = (inside * (1.0 - grid.fraction.T)).sum(axis=(1, 2))
    return np.asarray(void / np.maximum(cells, 1))


def _middle(tablet: Tablet) -> float:
    """Middle of the layer halfway between floors and roofs [m]."""
    if tablet.is_solid or tablet.laid is not None:
        return 0.5 * tablet.body.size[2]
    layers = round(tablet.printed_height / tablet.layer_height)
    middle = (tablet.floors + layers - tablet.roofs) // 2
    layer = min(max(middle, 0), layers - 1)
    return (layer + 0.5) * tablet.layer_height * tablet.stretch * (1.0 + tablet.oversize)


def _cut(
    tablet: Tablet,
    grid: VoxelGrid,
    plane: _Plane,
    axes: tuple[int, int],
    *,
    title: str,
    mark: float,
) -> _Cut:
    solid, fraction, voids = grid.solid[plane].T, grid.fraction[plane].T, grid.voids[plane].T
    shares = np.array([share[plane].T for share in grid.shares] or [np.ones(solid.shape)])
    behind = _nearest(_background(voids), solid)
    weight = fraction[..., None]
    edges = [_edges(grid, axis) for axis in axes]
    return _Cut(
        colours=np.clip(weight * _material_colours(shares) + (1.0 - weight) * behind, 0.0, 1.0),
        extent=(*edges[0], *edges[1]),
        title=title,
        across="xyz"[axes[0]],
        up="xyz"[axes[1]],
        mark=mark,
        parts=frozenset(np.flatnonzero((shares * fraction).sum(axis=(1, 2)) > 0).tolist()),
        closed=bool((voids > 0).any()),
        open=bool((_inside(tablet, grid, plane) & ~solid & (voids == 0)).any()),
    )


def _inside(tablet: Tablet, grid: VoxelGrid, plane: _Plane) -> NDArray[np.bool_]:
    """Cells within the envelope of the body, but for the rounded outside of its roads."""
    centres = np.meshgrid(*(grid.centres(axis) for axis in range(3)), indexing="ij", sparse=True)
    x, y, z = (np.broadcast_to(c, grid.shape)[plane].T for c in centres)
    width = tablet.road_width if tablet.laid is None else tablet.laid.edge
    if width > tablet.body.size[2]:  # flat: only its outline is looked at
        z = np.full_like(z, 0.5 * tablet.body.size[2])
    half = [0.5 * (length - width) for length in tablet.body.size[:2]]
    if isinstance(tablet.body, Film):
        return np.asarray((np.abs(x) < half[0]) & (np.abs(y) < half[1]))
    return np.asarray(tablet.body.distance(x, y, z) < -0.5 * width)


def _edges(grid: VoxelGrid, axis: int) -> tuple[float, float]:
    """Outer edges of the grid [mm]."""
    centres, half = grid.centres(axis), 0.5 * grid.spacing[axis]
    return float(centres[0] - half) / mm, float(centres[-1] + half) / mm


def _background(voids: NDArray[np.int32]) -> Array:
    closed, open_ = np.array(to_rgb(_CLOSED)), np.array(to_rgb(_OPEN))
    return np.where((voids > 0)[..., None], closed, open_)


def _nearest(background: Array, solid: NDArray[np.bool_]) -> Array:
    """Give solid cells the background of the nearest void, for the part of them that is void."""
    from scipy.ndimage import distance_transform_edt

    if solid.all():
        return background
    i, j = distance_transform_edt(solid, return_distances=False, return_indices=True)
    return np.asarray(background[i, j])


def _material_colours(shares: Array) -> Array:
    """Mix the colours of the parts that share a cell, (rows, columns, 3)."""
    colours = np.array([to_rgb(part_colour(number)) for number in range(len(shares))])
    total = np.maximum(shares.sum(axis=0), 1e-12)
    return np.asarray(np.einsum("pij,pc->ijc", shares / total, colours))


def part_colour(number: int) -> str:
    """Colour of a part of a tablet, by its number, in all pictures."""
    return _MATERIALS[number % len(_MATERIALS)]


# --- drawing -----------------------------------------------------------------------------------


def _draw_cuts(tablet: Tablet, cuts: list[_Cut]) -> bytes:
    """Both cuts at one scale: side by side, or above each other where the tablet is long."""
    handles = _handles(tablet, cuts)
    stacked = cuts[0].width > 1.8 * max(cut.height for cut in cuts)
    room = _WIDTH - _LEFT - _RIGHT
    each = room if stacked else (room - _GAP) / 2
    scale = min(each / cuts[0].width, _TALLEST / max(cut.height for cut in cuts))  # inch per mm
    widths = [max(_NARROWEST, scale * cut.width) for cut in cuts]
    heights = [scale * cut.height for cut in cuts]
    legend = _LINE * len(handles) + 0.1
    frame = _TOP + _BOTTOM
    total = legend + (sum(heights) + 2 * frame if stacked else max(heights) + frame)

    def draw(figure: Figure) -> None:
        figure.set_layout_engine("none")  # both panels must keep one scale
        left, top = _LEFT, total - _TOP
        for cut, width, height in zip(cuts, widths, heights, strict=True):
            box = (left / _WIDTH, (top - height) / total, width / _WIDTH, height / total)
            _draw_panel(figure.add_axes(box), cut, width / scale)
            if stacked:
                top -= height + frame
            else:
                left += width + _GAP
        put_figure_legend(figure, handles, loc="lower left", ncols=1, borderaxespad=0.3)

    return draw_png(draw, _WIDTH, total)


def _draw_panel(axes: Axes, cut: _Cut, width: float) -> None:
    """Draw one cut on axes `width` mm wide; a broken line shows where the other one was made."""
    fine = cut.up == "z" and cut.extent[3] - cut.extent[2] < 0.5
    unit, name = (um, "µm") if fine else (mm, "mm")
    left, right, low, high = cut.extent
    extent = (left, right, low * mm / unit, high * mm / unit)
    aspect = cut.stretch * unit / mm
    axes.imshow(cut.colours, origin="lower", extent=extent, interpolation="none", aspect=aspect)
    middle = 0.5 * (cut.extent[0] + cut.extent[1])
    axes.set_xlim(middle - 0.5 * width, middle + 0.5 * width)
    axes.axhline(cut.mark * mm / unit, color=GREY, linewidth=0.8, linestyle=(0, (6, 4)))
    axes.set_xlabel(f"{cut.across} [mm]")
    axes.set_ylabel(f"{cut.up} [{name}]")
    axes.set_title(cut.title, loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_film(tablet: Tablet, grid: VoxelGrid) -> bytes:
    plane = (slice(None), 0, slice(None))
    cut = _cut(
        tablet, grid, plane, (0, 2), title="cut across the film, thickness stretched", mark=0.0
    )
    handles = _handles(tablet, [cut])
    unit, name = (um, "µm") if tablet.body.size[2] < 0.5 * mm else (mm, "mm")
    left, right, low, high = cut.extent

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        extent = (left, right, low * mm / unit, high * mm / unit)
        axes.imshow(cut.colours, origin="lower", extent=extent, aspect="auto", interpolation="none")
        axes.set_xlim(1.1 * left, 1.1 * right)
        axes.set_xlabel("x [mm], of a square of the same face area; the edges are sealed")
        axes.set_ylabel(f"z [{name}]")
        axes.set_title(cut.title, loc="left", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
        put_figure_legend(figure, handles, loc="outside lower left", ncols=1)

    return draw_png(draw, _WIDTH, 2.6 + _LINE * len(handles))


def _handles(tablet: Tablet, cuts: list[_Cut]) -> list[Patch]:
    seen = sorted(frozenset().union(*(cut.parts for cut in cuts)))
    handles = [
        Patch(facecolor=part_colour(n), label=user_label(part_words(tablet.parts[n]))) for n in seen
    ]
    if any(cut.closed for cut in cuts):
        words = "closed void: no medium until a wall opens"
        handles.append(Patch(facecolor=_CLOSED, edgecolor=GREY, linewidth=0.5, label=words))
    if any(cut.open for cut in cuts):
        words = "void that is open to the medium"
        handles.append(Patch(facecolor=_OPEN, edgecolor=GREY, linewidth=0.5, label=words))
    return handles


def part_words(part: Part) -> str:
    """Name and material of a part, for legends."""
    return f"{part.name or 'tablet'}: {describe.formulation(part.formulation)}"
