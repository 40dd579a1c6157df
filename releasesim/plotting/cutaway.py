"""The tablet as it is printed, in space, with the quarter towards the eye cut away."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from releasesim.geometry.shapes import Film
from releasesim.plotting.camera import Body, look, smaller
from releasesim.plotting.picture import draw_png, put_figure_legend, put_title, user_label
from releasesim.plotting.section import part_colour, part_words
from releasesim.plotting.stage import Stage, stage_of
from releasesim.tablet import Tablet
from releasesim.units import mm

Array = NDArray[np.float64]

_WIDTH, _LINE = 7.2, 0.24  # [inch]
_ROWS, _SAMPLES = 600, 2
_PALER = 0.3
#: Cells of the picture: per road width, across the shortest side, and at most in the whole box.
_PER_ROAD, _ACROSS, _MOST = 8.0, 60.0, 4e6
_SHEET = mm
"""A film is cut into its fewest cells: there is nothing to see in it."""


def picture_spacing(tablet: Tablet, most: float = _MOST) -> float:
    """Cell edge with which roads look sharp, in at most so many cells [m]."""
    if isinstance(tablet.body, Film) and tablet.is_solid:
        return _SHEET
    size = np.array(tablet.body.size)
    fine = float(size.min()) / _ACROSS
    if not tablet.is_solid:
        fine = min(fine, tablet.road_width / _PER_ROAD)
    return float(max(fine, float(size.prod() / most) ** (1.0 / 3.0)))


def cutaway_figure(tablet: Tablet, title: str = "") -> bytes:
    """Draw a tablet as it is printed, roads coloured by what they are made of.

    Parameters
    ----------
    tablet : Tablet
        A film shows as a square sheet of its area, its thickness stretched.
    title : str
        Above the picture.

    Returns
    -------
    bytes
        PNG.

    Raises
    ------
    GeometryError
        If nothing is left to print.
    """
    stage = stage_of(tablet, picture_spacing(tablet))
    body = stage.body()
    extent = stage.extent(body)
    image, seen = cut_open(stage, body, extent, _ROWS)
    handles = [
        Patch(facecolor=part_colour(n), label=user_label(part_words(tablet.parts[n]))) for n in seen
    ]
    across = (_WIDTH - 0.1) * (extent[3] - extent[2]) / (extent[1] - extent[0])
    height = min(across, 7.0) + 0.55 + _LINE * (len(handles) + 1)

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.imshow(image, origin="lower", extent=extent, interpolation="antialiased")
        axes.set_axis_off()
        axes.set_xlim(extent[0], extent[1])
        axes.set_ylim(extent[2], extent[3])
        stage.draw_frame(axes, body)
        put_title(axes, title or tablet.describe())
        put_figure_legend(figure, handles, loc="outside lower left", ncols=1)

    return draw_png(draw, _WIDTH, height)


def cut_open(
    stage: Stage, body: Body, extent: tuple[float, float, float, float], rows: int
) -> tuple[Array, list[int]]:
    """Picture of a body cut open, (rows, columns, 3) [-], and the numbers of the parts in it."""
    view = look(body, stage.camera, extent, rows * _SAMPLES, cut=True)
    region = stage.spread(stage.grid.region).ravel()[view.cell]
    colours = _colours(stage.tablet)[region]
    # what was cut is paler than what was printed so
    colours[view.sliced] += _PALER * (1.0 - colours[view.sliced])
    return smaller(view.paint(colours), _SAMPLES), sorted(set(region.tolist()))


def _colours(tablet: Tablet) -> Array:
    """Colour of every part, (parts, 3)."""
    return np.array([to_rgb(part_colour(n)) for n in range(len(tablet.parts))])
