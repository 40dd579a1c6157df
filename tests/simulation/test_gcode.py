"""Release from roads read back: a cylinder laid as rings, against exact solutions of the cylinder.

Rings of 0.4 mm that touch without overlap: radius 4 mm, five layers of 0.2 mm.
"""

import math

import numpy as np
import pytest
from scipy.special import jn_zeros

from releasesim.simulation import simulate
from releasesim.study import Study

RADIUS, HEIGHT = 4e-3, 1e-3
AREA = math.pi / 4 * 1.75**2  # of the filament [mm2]
D, SPEED = 1e-10, 5e-8
LAWS = {
    "diffusion": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}},
    "erosion": {
        "diffusion": {"law": "NoDiffusion"},
        "erosion": {"law": "ConstantFront", "speed": "5e-8 m/s"},
    },
    "coupled": {
        "diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"},
        "erosion": {"law": "ConstantFront", "speed": "1e-8 m/s"},
    },
}


def rings():
    """G-code of the cylinder: circles of 360 chords."""
    lines = ["; filament_diameter = 1.75", "G21", "G90", "M83", ";TYPE:Solid infill"]
    turns = np.linspace(0.0, 2.0 * math.pi, 361)
    for layer in range(1, 6):
        for radius in 0.2 + 0.4 * np.arange(10):
            x, y = radius * np.cos(turns), radius * np.sin(turns)
            fed = 0.4 * 0.2 * 2.0 * math.pi * radius / 360 / AREA
            lines.append(f"G0 X{x[0]:.6f} Y{y[0]:.6f} Z{0.2 * layer:.1f}")
            lines += [f"G1 X{a:.6f} Y{b:.6f} E{fed:.9f}" for a, b in zip(x[1:], y[1:], strict=True)]
    return "\n".join(lines)


def study(laws, shape, **run):
    return {
        "tablet": {"shape": shape},
        "formulation": {"concentration": "100 mg/mL"},
        "physics": laws,
        "run": {"until": "2 h", "samples": 25, "spacing": "0.1 mm", **run},
    }


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """Release of the laid cylinder by the laws of a name."""
    folder = tmp_path_factory.mktemp("gcode")
    (folder / "rings.gcode").write_text(rings())
    shape = {"kind": "gcode", "file": "rings.gcode"}

    def released(name, spacing="0.1 mm", **more):
        data = study(LAWS[name], shape, spacing=spacing)
        data["tablet"] |= more
        return simulate(Study.from_dict(data, folder=folder))

    return released


def sheet_left(time, faces=2):
    """Share left in a sheet whose `faces` are open, Crank (1975) eq. 4.18."""
    half = HEIGHT / faces
    n = 2.0 * np.arange(200) + 1.0
    decay = np.exp(-D * (n * math.pi / (2.0 * half)) ** 2 * time[:, None])
    return (8.0 / (n * math.pi) ** 2 * decay).sum(axis=1)


def disc_left(time):
    """Share left in a long cylinder, Crank (1975) eq. 5.23."""
    roots = jn_zeros(0, 200)
    decay = np.exp(-D * (roots / RADIUS) ** 2 * time[:, None])
    return (4.0 / roots**2 * decay).sum(axis=1)


@pytest.mark.parametrize(("sealed", "faces"), [((), 2), (("bottom",), 1)])
def test_diffusion(release, sealed, faces):
    gaps = []
    for spacing in ("0.1 mm", "0.05 mm"):
        found = release("diffusion", spacing, sealed=sealed)
        time = found.curve.time
        exact = 1.0 - sheet_left(time, faces) * disc_left(time)
        gaps.append(np.abs(found.curve.fraction - exact)[exact > 0.1].max())
    assert gaps[1] < 6e-3
    assert gaps[0] > 3.5 * gaps[1]  # second order
    assert found.dose == pytest.approx(100.0 * math.pi * RADIUS**2 * HEIGHT, rel=1e-3)
    assert found.ledger_error < 1e-9


def test_erosion(release):
    """Hopfenberg (1976): what two fronts from the faces and one from the side leave."""
    found = release("erosion")
    depth = SPEED * found.curve.time
    left = np.maximum(1 - depth / RADIUS, 0) ** 2 * np.maximum(1 - 2 * depth / HEIGHT, 0)
    assert np.abs(found.curve.fraction - (1 - left)).max() < 5e-3


def test_coupled_as_the_drawn_cylinder(release):
    """Diffusion under a receding surface: the drawn cylinder is solved in two dimensions.

    Ten cells through the height are coarse; the result says how coarse, and keeps to it.
    """
    drawn = {"kind": "cylinder", "diameter": "8 mm", "height": "1 mm"}
    exact = simulate(Study.from_dict(study(LAWS["coupled"], drawn, spacing="0.05 mm")))
    found = release("coupled")
    gap = np.abs(found.curve.fraction - exact.curve.fraction)
    assert gap[exact.curve.fraction > 0.1].max() < min(0.03, found.error_estimate)
