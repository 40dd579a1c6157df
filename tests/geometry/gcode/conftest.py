"""G-code written by hand: roads of 0.4 mm x 0.2 mm of 1.75 mm filament, unless said."""

import itertools
import math

import pytest

from releasesim.geometry.gcode import read_gcode

FILAMENT = math.pi / 4 * 1.75**2  # [mm2]
WIDTH, HEIGHT = 0.4, 0.2  # [mm]


def road(points, z=HEIGHT, width=WIDTH, height=HEIGHT, feature="Internal infill"):
    """Lines that lay a road along points [mm]."""
    lines = [f";TYPE:{feature}", f";HEIGHT:{height:g}", "G0 X{:.6f} Y{:.6f}".format(*points[0])]
    lines.insert(2, f"G0 Z{z:.4f}")
    for a, b in itertools.pairwise(points):
        fed = math.dist(a, b) * width * height / FILAMENT
        lines.append(f"G1 X{b[0]:.6f} Y{b[1]:.6f} E{fed:.9f}")
    return lines


def gcode(*roads):
    """A whole file of roads, E relative."""
    return "\n".join(["; filament_diameter = 1.75", "G21", "G90", "M83", *itertools.chain(*roads)])


def circle(radius, count=720, at=(0.0, 0.0)):
    """Points of a closed circle [mm]."""
    turns = [2 * math.pi * n / count for n in range(count)] + [0.0]
    return [(at[0] + radius * math.cos(t), at[1] + radius * math.sin(t)) for t in turns]


@pytest.fixture
def lay(tmp_path):
    """Read roads that stand in a file."""

    def laid(*roads):
        path = tmp_path / "roads.gcode"
        path.write_text(gcode(*roads))
        return read_gcode(path)

    laid.road, laid.circle, laid.gcode = road, circle, gcode
    return laid
