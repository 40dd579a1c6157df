"""The best designs that differ: each cut open, to one scale, with what it is and gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from releasesim.errors import GeometryError, InputError
from releasesim.optimization.acceptance import f2_words
from releasesim.optimization.result import Candidate, Design
from releasesim.optimization.space import Space
from releasesim.plotting.camera import Body
from releasesim.plotting.cutaway import cut_open, picture_spacing
from releasesim.plotting.picture import draw_png, wrapped
from releasesim.plotting.stage import Stage, stage_of
from releasesim.tablet import Tablet
from releasesim.units import mg

Extent = tuple[float, float, float, float]

_MOST = 4
_ROOM = 0.03
"""Around a tablet, of its width [-]."""
_WIDTH, _HEIGHT, _WORDS = 3.0, 2.1, 0.62
"""Of each tablet's picture, and of the words above it [inch]."""
_ROWS, _CELLS = 240, 6e5
_SAME = 0.05
"""Volumes nearer than this are those of one tablet, relative [-]."""


def best_figure(design: Design) -> bytes:
    """Draw the best designs of different polymer or pattern, at most four, cut open.

    Returns
    -------
    bytes
        PNG; empty where there is one design only, or none of them can be drawn.
    """
    found = {n: _stage(tablet) for n, tablet in _tablets(design).items()}
    if len(found) < 2:
        return b""
    bodies = {n: stage.body() for n, stage in found.items()}
    frame = _frame([stage.outline(bodies[n]) for n, stage in found.items()])
    rows = (len(found) + 1) // 2

    def draw(figure: Figure) -> None:
        panels = figure.subplots(rows, 2, squeeze=False).ravel()
        for axes in panels:
            axes.set_axis_off()
        for axes, (n, stage) in zip(panels, found.items(), strict=False):
            _panel(axes, stage, bodies[n], frame)
            _title(axes, n, design.candidates[n], stage.tablet)

    return draw_png(draw, 2 * _WIDTH, rows * (_HEIGHT + _WORDS))


def differing(candidates: Sequence[Candidate]) -> list[int]:
    """Places of the best candidates that differ in polymer or pattern and could be simulated."""
    firsts: dict[tuple[str, str], int] = {}
    for n, one in enumerate(candidates):
        if one.stage != "excluded":
            firsts.setdefault((one.polymer, one.pattern), n)
    return list(firsts.values())


def _tablets(design: Design) -> Mapping[int, Tablet]:
    """Tablets of the best that differ, by their place among the candidates."""
    spec = design.study.design
    if spec is None:
        return {}
    space = Space.of(design.study, spec)
    made: dict[int, Tablet] = {}
    for n in differing(design.candidates):
        try:
            tablet = space.build(design.candidates[n].parameters)
        except (GeometryError, InputError):  # of a shape that the study no longer has
            continue
        if abs(tablet.deposited_volume / design.candidates[n].deposited_volume - 1.0) < _SAME:
            made[n] = tablet  # else the dose has scaled a size that does not vary by name
        if len(made) == _MOST:
            break
    return made


def _stage(tablet: Tablet) -> Stage:
    return stage_of(tablet, picture_spacing(tablet, _CELLS))


def _frame(outlines: Sequence[Extent]) -> Extent:
    """What holds every tablet, with a little room around it."""
    left, right, bottom, top = zip(*outlines, strict=True)
    room = _ROOM * (max(right) - min(left))
    return min(left) - room, max(right) + room, min(bottom) - room, max(top) + room


def _panel(axes: Axes, stage: Stage, body: Body, extent: Extent) -> None:
    image, _ = cut_open(stage, body, extent, _ROWS)
    axes.imshow(image, origin="lower", extent=extent, interpolation="antialiased")


def _title(axes: Axes, place: int, one: Candidate, tablet: Tablet) -> None:
    chosen = ", chosen" if one.reason == "chosen" else ""
    size = " x ".join(f"{1e3 * length:.3g}" for length in tablet.body.size)
    words = (
        f"{place + 1}: {one.polymer}, {one.pattern}{chosen}\n"
        f"{size} mm, {one.mass / mg:.3g} mg\n"
        f"{f2_words(one.f2, 0)}, largest difference {one.largest_difference:.0%}"
    )
    shown = "\n".join(wrapped(line, 44, 1) for line in words.split("\n"))
    axes.set_title(shown, loc="left", fontsize=8.5, parse_math=False)
