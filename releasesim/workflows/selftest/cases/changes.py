"""Laws that change on the way: what they have done stays, and the new ones go on from there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from releasesim.workflows.selftest import exact
from releasesim.workflows.selftest.cases.case import (
    HALF,
    RADIUS,
    Case,
    D,
    constant,
    film,
    law,
    sphere,
    study,
)
from releasesim.workflows.selftest.exact import Array

CLOCK = "Crank (1975) 7.1: change of clock, by the integral of D before and after"


def change_cases() -> Iterator[Case]:
    """Give the cases of this module."""
    yield _scission()
    yield _falls()
    yield _water()


def _set(at: float, changes: dict[str, str | float]) -> dict[str, object]:
    """Medium in which parameters change."""
    return {"event": [{"at": f"{at!r} s", "set": changes}]}


def _scission() -> Case:
    """Mn0/Mn grows by one rate, then by another: so does D, which the clock integrates."""
    unit = RADIUS**2 / D
    first, at, then, until = 6.0 / unit, 0.25 * unit, 1.0 / unit, 0.6 * unit
    slow = 0.05 * D

    def area(t: Array) -> Array:
        before = exact.exponential_clock(np.minimum(t, at), slow, first)
        grown = slow * float(np.exp(first * at))
        return before + exact.exponential_clock(np.maximum(t - at, 0.0), grown, then)

    return Case(
        "sphere, D0 Mn0/Mn, rate of scission switches",
        CLOCK,
        study(
            sphere(),
            until,
            _set(at, {"hydrolysis.rate": f"{then!r} 1/s"}),
            diffusion=law("PowerInMolarMass", D0=f"{slow!r} m2/s", exponent=1.0),
            hydrolysis=law("FirstOrderScission", rate=f"{first!r} 1/s"),
        ),
        lambda t: exact.sphere(area(t), 1.0, RADIUS),
    )


def _falls() -> Case:
    rate, at, faster = 1e-5, 6e4, 3e-5
    falls = at + (exact.pitt_time(rate, 0.3) - at) * rate / faster
    return Case(
        "slab falls apart sooner as the rate of scission switches",
        "Pitt (1981): ln(Mn0/Mn) = r t1 + r' (t - t1)",
        study(
            film(),
            1.43 * falls,
            _set(at, {"hydrolysis.rate": f"{faster!r} 1/s"}),
            hydrolysis=law("FirstOrderScission", rate=f"{rate!r} 1/s", Mn_critical=0.3),
            diffusion=law("NoDiffusion"),
        ),
        lambda t: exact.wait(t, falls),
    )


def _water() -> Case:
    """Drug and water quicken alike: the same course on another clock."""
    speed, quicker = 2.0 * D / HALF, 3.0
    at = 0.3 * HALF / speed
    changes: dict[str, str | float] = {
        "hydration.speed": f"{quicker * speed!r} m/s",
        "diffusion.D": f"{quicker * D!r} m2/s",
    }

    def clock(t: Array) -> Array:
        return np.asarray(np.minimum(t, at) + quicker * np.maximum(t - at, 0.0))

    return Case(
        "slab, Case II front and D switch",
        "front-fixed solver, 1e-6, on the clock of both",
        study(
            film(),
            at + 0.5 * HALF**2 / D,
            _set(at, changes),
            diffusion=constant(),
            hydration=law("CaseII", speed=f"{speed!r} m/s"),
        ),
        lambda t: exact.case_two(clock(t), 1, HALF, D, speed),
    )
