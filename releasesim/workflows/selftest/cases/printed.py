"""Laws coupled on voxels, in bodies made of roads: a rod of walls alone, and a tube of them.

Walls that fill a rod to its axis make it a cylinder, a road's width less than the outline; sealed
ends make that a long one. Without the innermost walls it is a tube, whose bore is mixed with the
bath. Both are voxelised as every print is, and cut by their round walls.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from releasesim.workflows.selftest import exact
from releasesim.workflows.selftest.cases.case import Case, Curve, D, law, mm, study
from releasesim.workflows.selftest.cases.fields import (
    CLOCK,
    LINES,
    autocatalysis,
    fujita,
    in_molar_mass,
)
from releasesim.workflows.selftest.cases.solid import LOAD, noyes

COVERED, LAYER, HIGH = 0.4, 0.25, 1.0
"""Width that a road covers, height of a layer and of the body [mm]."""
WALLS = 5
"""As many as fill the rod."""
OUTER = 1e-3 * WALLS * COVERED
"""Radius of the rod [m]."""
UNIT = OUTER**2 / D
"""Time of diffusion [s]."""


def printed_cases() -> Iterator[Case]:
    """Give the cases of this module."""
    yield _wetted_rod()
    yield _wetted_tube()
    yield _dissolving_rod()
    yield from _degrading_rods()


def printed(walls: int = WALLS) -> dict[str, Any]:
    """Table of a rod of so many walls, its ends sealed.

    Its infill is one honeycomb cell, so wide that no road of it lies inside.
    """
    rounded = LAYER * (1.0 - math.pi / 4.0)
    sizes = {"diameter": mm(2e3 * OUTER + rounded), "height": mm(HIGH)}
    return {
        "shape": {"kind": "cylinder"} | sizes,
        "infill": {"pattern": "honeycomb", "density": "1 %"},
        "walls": walls,
        "roofs": 0,
        "floors": 0,
        "road_width": mm(COVERED + rounded),
        "layer_height": mm(LAYER),
        "sealed": ["top", "bottom"],
    }


def _case(
    name: str, source: str, span: float, curve: Curve, laws: dict[str, Any], *, walls: int = WALLS
) -> Case:
    made = study(printed(walls), span * UNIT, concentration=LOAD, **laws)
    return Case(f"printed {name}", source, made, curve)


def _wetted_rod() -> Case:
    body = exact.Wetted(2, OUTER, exact.exponential(D, 2.5), exact.exponential(D, 2.0))
    water = law("FujitaHydration", D=f"{D!r} m2/s", beta=2.5)
    laws = {"diffusion": fujita(D, 2.0), "hydration": water}
    return _case("rod, D(w), water by Fujita", LINES, 1.2, body.released, laws)


def _wetted_tube() -> Case:
    walls = 3
    inner = OUTER - 1e-3 * walls * COVERED
    body = exact.WettedTube(inner, OUTER, exact.exponential(D, 0.0), exact.exponential(D, 2.5))
    water = law("FickianHydration", D=f"{D!r} m2/s")
    laws = {"diffusion": fujita(D, 2.5), "hydration": water}
    name = "tube, D(w), water by Fick from both sides"
    return _case(name, LINES, 0.25, body.released, laws, walls=walls)


def _dissolving_rod() -> Case:
    rate, exponent = 6.0 / UNIT, 2.0 / 3.0
    body = exact.Dissolving(2, OUTER, D, rate, 2.0, exponent)
    laws = {
        "diffusion": law("ConstantDiffusivity", D=f"{D!r} m2/s"),
        "dissolution": noyes(rate, LOAD / 2.0, exponent, saturated=False),
    }
    name = "rod, Noyes-Whitney to the end, exponent 2/3"
    return _case(name, "method of lines, 1e-5", 1.0, body.released, laws)


def _degrading_rods() -> Iterator[Case]:
    rate, slow = 3.0 / UNIT, 0.2 * D
    laws = {
        "diffusion": in_molar_mass(slow, 1.0),
        "hydrolysis": law("FirstOrderScission", rate=f"{rate!r} 1/s"),
    }
    yield _case("rod, first-order scission, D0 Mn0/Mn", CLOCK, 0.5, _aged(slow, rate), laws)
    polymer = exact.Ester(0.2 / UNIT, 4.0 / 15000.0 / UNIT, 50.0, 15000.0)
    body = exact.Degrading(2, OUTER, polymer, D, exact.power_law(0.02 * D, 1.0))
    laws = {
        "diffusion": in_molar_mass(0.02 * D, 1.0),
        "hydrolysis": autocatalysis(polymer, D),
    }
    source = f"PHYSICS 8, three fields; {LINES}"
    yield _case("rod, diffusing acid, phi^2 4", source, 0.3, body.released, laws)


def _aged(slow: float, rate: float) -> Curve:
    """Released share of a long cylinder with D0 Mn0/Mn under Pitt's law."""

    def released(t: exact.Array) -> exact.Array:
        on = exact.clock(t, lambda s: slow / exact.logistic_molar_mass(s, rate, 0.0))
        return exact.cylinder(on, 1.0, OUTER)

    return released
