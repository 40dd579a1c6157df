"""Release as a film: erosion and drug content in the cut tablet, and the curve beside it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import NDArray
from PIL import Image

from releasesim.curve import ReleaseCurve
from releasesim.geometry.shapes import Film
from releasesim.plotting.camera import Body, Camera, View, look, smaller
from releasesim.plotting.curves import curve_axes
from releasesim.plotting.cutaway import picture_spacing
from releasesim.plotting.picture import BLUE, VERMILLION, wrapped
from releasesim.plotting.stage import Stage
from releasesim.simulation.fields import Fields, Frame
from releasesim.tablet import Tablet

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

_WIDTH, _HEIGHT, _DPI = 10.4, 4.4, 100
_ROWS, _SAMPLES = 330, 2
_CELLS = 1.2e6
_LETTERS = 1.7  # a small picture with letters of the usual size
_COLOURS = "viridis"  # the same order for every kind of colour vision, and in grey
_SECONDS, _LAST = 0.12, 1.5
"""How long a picture stands, and the last one [s]."""
_SHADES, _NEARLY_WHITE = 255, 246


@dataclass(frozen=True, eq=False)
class Animation:
    """Pictures of a release, one for each frame of its fields.

    Parameters
    ----------
    tablet : Tablet
    fields : Fields
    curve : ReleaseCurve
        Drawn beside the body; the marker moves along it.
    title : str
    """

    tablet: Tablet
    fields: Fields
    curve: ReleaseCurve
    title: str = ""

    def __len__(self) -> int:
        return len(self.fields)

    def __iter__(self) -> Iterator[Picture]:
        """The pictures in order, (rows, columns, 3) each."""
        with matplotlib.style.context("default", after_reset=True):
            board = _Board(self)
            for frame in self.fields:
                yield board.show(frame)

    @cached_property
    def stage(self) -> Stage:
        """The tablet on the voxels that are shown."""
        grid = self.fields.grid
        if grid is None or isinstance(self.tablet.body, Film):
            grid = self.tablet.voxelize(picture_spacing(self.tablet, _CELLS))
        return Stage(self.tablet, grid, Camera())


class _Board:
    """The figure: everything that stays is drawn once, what moves for every picture."""

    def __init__(self, film: Animation) -> None:
        self.film, self.stage = film, film.stage
        self.body = self.stage.body()
        self.extent = self.stage.extent(self.body)
        self.figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DPI, layout="constrained")
        self.canvas = cast("Any", FigureCanvasAgg(self.figure))
        left, right = self.figure.subplots(1, 2, width_ratios=[1.4, 1.0])
        self._draw_body(left)
        self._draw_curve(right)
        words = wrapped(film.title or film.tablet.describe(), 110, 1)
        self.figure.suptitle(words, fontsize=10, x=0.01, ha="left", parse_math=False)
        self.canvas.draw()
        self.ground = self.canvas.copy_from_bbox(self.figure.bbox)
        # places are settled: from now on only what moves is drawn
        self.figure.set_layout_engine("none")

    def _draw_body(self, axes: Axes) -> None:
        left, right, bottom, top = self.extent
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
        axes.set_aspect("equal")
        axes.set_axis_off()
        self.stage.draw_frame(axes, self.body, _LETTERS)
        blank = np.zeros((2, 2, 4))
        self.image: AxesImage = axes.imshow(
            blank, origin="lower", extent=self.extent, animated=True, interpolation="antialiased"
        )
        self.scale = ScalarMappable(Normalize(0.0, self.film.fields.highest), _COLOURS)
        bar = self.figure.colorbar(self.scale, ax=axes, location="bottom", shrink=0.7, pad=0.01)
        bar.set_label(f"{self.film.fields.drug} in the solid [mg/mL]", fontsize=9, parse_math=False)
        bar.ax.tick_params(labelsize=8)

    def _draw_curve(self, axes: Axes) -> None:
        curve = self.film.curve
        self.unit, self.unit_name = curve_axes(axes, curve)
        axes.set_xlim(0.0, 1.02 * self.film.fields.times[-1] / self.unit)
        axes.plot(curve.time / self.unit, 100.0 * curve.fraction, color=BLUE, linewidth=2)
        (self.marker,) = axes.plot([], [], "o", color=VERMILLION, markersize=9, animated=True)
        (self.line,) = axes.plot([], [], color=VERMILLION, linewidth=1, animated=True)
        self.words = axes.text(
            0.97, 0.05, "", transform=axes.transAxes, ha="right", fontsize=10, animated=True
        )

    def show(self, frame: Frame) -> Picture:
        """Draw one moment."""
        self.image.set_data(self._picture(frame))
        released = float(self.film.curve.at([min(frame.time, self.film.curve.time[-1])])[0])
        at, percent = frame.time / self.unit, 100.0 * released
        self.marker.set_data([at], [percent])
        self.line.set_data([at, at], [0.0, percent])
        self.words.set_text(f"{at:.3g} {self.unit_name}\n{percent:.1f} % released")
        self.canvas.restore_region(self.ground)
        movers: tuple[AxesImage | Line2D | Text, ...] = (
            self.image,
            self.line,
            self.marker,
            self.words,
        )
        for artist in movers:
            self.figure.draw_artist(artist)
        return np.asarray(self.canvas.buffer_rgba())[..., :3].copy()

    def _picture(self, frame: Frame) -> Array:
        grid, fields = self.stage.grid, self.film.fields
        standing = self._shown(fields.on(grid, frame.standing))
        view = self.whole if standing is None else self._look(self.stage.body(standing))
        if view is None:  # all is gone
            return np.zeros((2, 2, 4))
        level = self.stage.spread(fields.on(grid, frame.concentration)).ravel()[view.cell]
        colours = self.scale.to_rgba(np.clip(level, 0.0, fields.highest))[:, :3]
        return smaller(view.paint(colours), _SAMPLES)

    @cached_property
    def whole(self) -> View | None:
        """What is seen while nothing has eroded."""
        return self._look(self.body)

    def _look(self, body: Body) -> View | None:
        if not (body.share > 0.5).any():
            return None
        return look(body, self.stage.camera, self.extent, _ROWS * _SAMPLES, cut=True)

    def _shown(self, standing: Array) -> Array | None:
        """What still stands; None where nothing has eroded, and cells beyond centres count."""
        return (
            None
            if not (self.stage.grid.solid & (standing < 1.0)).any()
            else _rim(self.stage.grid.solid, standing)
        )


def _rim(solid: NDArray[np.bool_], standing: Array) -> Array:
    """Standing share in cells whose centre lies outside: that of their neighbours inside."""
    from scipy import ndimage

    weight = ndimage.uniform_filter(solid.astype(float), 3, mode="constant")
    total = ndimage.uniform_filter(np.where(solid, standing, 0.0), 3, mode="constant")
    near = np.where(weight > 1e-6, total / np.maximum(weight, 1e-6), 0.0)
    return np.where(solid, standing, near)


def gif_bytes(pictures: Iterable[Picture]) -> bytes:
    """Animated GIF of pictures of one size, in one palette.

    Parameters
    ----------
    pictures : iterable of (rows, columns, 3) uint8

    Returns
    -------
    bytes
        Repeats for ever; the last picture stands longer.
    """
    shown = [Image.fromarray(picture) for picture in pictures]
    palette = _palette([shown[0], shown[len(shown) // 3], shown[-1]])
    plain = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in shown]
    out = io.BytesIO()
    times = [int(1000 * _SECONDS)] * (len(plain) - 1) + [int(1000 * _LAST)]
    plain[0].save(
        out, "GIF", save_all=True, append_images=plain[1:], duration=times, loop=0, optimize=True
    )
    return out.getvalue()


def _palette(some: list[Image.Image]) -> Image.Image:
    """One palette for all pictures, with white as white."""
    montage = Image.new("RGB", (some[0].width, sum(image.height for image in some)))
    for number, image in enumerate(some):
        montage.paste(image, (0, number * image.height))
    found = montage.quantize(_SHADES, method=Image.Quantize.MEDIANCUT).getpalette() or []
    shades = np.array(found[: 3 * _SHADES]).reshape(-1, 3)
    shades[shades.min(axis=1) > _NEARLY_WHITE] = 255
    palette = Image.new("P", (1, 1))
    palette.putpalette([*shades.ravel().tolist(), 255, 255, 255])
    return palette
