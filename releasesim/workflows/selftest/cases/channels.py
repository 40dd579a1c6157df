"""Printed tubes: the medium in their bore is mixed, stands still, or comes late."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from releasesim.workflows.selftest import exact
from releasesim.workflows.selftest.cases.case import (
    Case,
    Curve,
    D,
    constant,
    curve_of,
    law,
    mm,
    study,
)

ELEMENTS = "eigenvectors in polynomials of each shell, 1e-9"
WIDE, HIGH = 4.0, 1.0
"""Diameter and height [mm]."""
WIDTH, LAYER, WALLS = 0.45, 0.25, 3
"""Roads of the wall [mm], and their number."""
UNTIL = 6000.0
"""About 98 % are out by then [s]."""


def channel_cases() -> Iterator[Case]:
    """Give the cases of this module."""
    outer, inner = _radii()
    yield _tube(
        "printed tube, bore mixed with the bath",
        "Carslaw & Jaeger (1959) 7.10",
        curve_of(exact.annulus, D, outer, inner),
    )
    medium = 7.0 * D
    for K in (1.0, 3.0):
        shells = [exact.Shell(inner, medium, c=0.0), exact.Shell(outer, D, K)]
        yield _tube(
            f"printed tube, bore stands still, K {K:g}",
            ELEMENTS,
            curve_of(exact.composite_tube, shells),
            law("StagnantChannels", D=f"{medium!r} m2/s"),
            partition=K,
        )
    delay = 1800.0
    yield _tube(
        "printed tube, bore fills after a delay",
        f"{ELEMENTS}, projected anew when the bore fills",
        curve_of(exact.late_bore, D, outer, inner, delay),
        law("WettedChannels", delay=f"{delay!r} s"),
    )


def _radii() -> tuple[float, float]:
    """Walls of the tube [m]: a road covers w - h (1 - pi/4), and lies that much inside."""
    covered = WIDTH - LAYER * (1.0 - math.pi / 4.0)
    outer = 0.5 * WIDE - 0.5 * (WIDTH - covered)
    return 1e-3 * outer, 1e-3 * (outer - WALLS * covered)


def _tube(
    name: str,
    source: str,
    curve: Curve,
    channels: dict[str, Any] | None = None,
    partition: float = 1.0,
) -> Case:
    """A tube with sealed ends; one honeycomb cell is so wide that no road of it lies inside."""
    tablet = {
        "shape": {"kind": "cylinder", "diameter": mm(WIDE), "height": mm(HIGH)},
        "infill": {"pattern": "honeycomb", "density": "1 %"},
        "walls": WALLS,
        "roofs": 0,
        "floors": 0,
        "road_width": mm(WIDTH),
        "layer_height": mm(LAYER),
        "sealed": ["top", "bottom"],
    }
    laws: dict[str, Any] = {"diffusion": constant()}
    laws |= {"channels": channels} if channels else {}
    return Case(name, source, study(tablet, UNTIL, {"partition": partition}, **laws), curve)
