"""Finite baths, samples, changed media, and parameters that switch at an event."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from releasesim.workflows.selftest import exact
from releasesim.workflows.selftest.cases.case import (
    AREA,
    HALF,
    RADIUS,
    Case,
    Curve,
    D,
    boundary,
    constant,
    curve_of,
    film,
    law,
    shape,
    sphere,
    study,
)

CLOSED = "Crank (1975) 4.37, 6.30; with a film the Laplace transform"
SPECTRAL = "eigenvectors of body and bath, projected anew at each event"

FILM_VOLUME = 2.0 * HALF * AREA
BALL = 4.0 / 3.0 * math.pi * RADIUS**3
ROD, ROD_HEIGHT = 2.685e-3, 3.71e-3

Event = dict[str, Any]


def bath_cases() -> Iterator[Case]:
    """Give the cases of this module."""
    yield from _closed()
    yield from _sampled()
    yield from _replaced()
    yield from _switched()


def _closed() -> Iterator[Case]:
    for a, K, biot in ((2.0, 8.0, 0.0), (2.0, 8.0, 30.0)):
        k = biot * D / HALF if biot else math.inf
        name = f"slab, bath a {a:g}, K {K:g}" + (", film" if biot else "")
        until = 1.5 * HALF**2 / D + (0.0 if math.isinf(k) else K * HALF / k)
        curve = curve_of(exact.slab, D, 2.0 * HALF, k=k, partition=K, bath=a)
        yield _in_bath(name, (film(), FILM_VOLUME), exact.State(D, k, a, K), until, curve)
    for a, K, biot in ((2.0, 1.0, 0.0), (50.0, 20.0, 0.0), (2.0, 0.2, 1.0)):
        k = biot * D / RADIUS if biot else math.inf
        name = f"sphere, bath a {a:g}, K {K:g}" + (", film" if biot else "")
        until = 0.25 * RADIUS**2 / D + (0.0 if math.isinf(k) else K * RADIUS / k)
        curve = curve_of(exact.sphere, D, RADIUS, k=k, partition=K, bath=a)
        yield _in_bath(name, (sphere(), BALL), exact.State(D, k, a, K), until, curve)


def _in_bath(
    name: str, body: tuple[dict[str, Any], float], state: exact.State, until: float, curve: Curve
) -> Case:
    (tablet, volume), is_film = body, math.isfinite(state.k)
    laws: dict[str, Any] = {"diffusion": constant()}
    laws |= {"film": boundary(state.k)} if is_film else {}
    medium = {"volume": mL(state.bath * state.partition * volume), "partition": state.partition}
    return Case(name, CLOSED, study(tablet, until, medium, **laws), curve)


def mL(volume: float) -> str:  # noqa: N802 - the unit's own letters
    """Volume for a study, given in m3."""
    return f"{volume * 1e6!r} mL"


def _sampled() -> Iterator[Case]:
    until, every = HALF**2 / D, 0.11 * HALF**2 / D
    state = exact.State(D, bath=3.0)
    for replaced in (True, False):
        medium: dict[str, Any] = {
            "volume": mL(3.0 * FILM_VOLUME),
            "sampling": {
                "every": f"{every!r} s",
                "volume": mL(0.25 * FILM_VOLUME),
                "replaced": replaced,
            },
        }
        changes = exact.sampled(state, every, 0.25, until, replaced)
        yield Case(
            f"slab, samples {'replaced' if replaced else 'not replaced'}",
            SPECTRAL,
            study(film(), until, medium, diffusion=constant()),
            curve_of(exact.eventful, 1, HALF, state, changes),
        )
    until, every = 0.2 * RADIUS**2 / D, 0.031 * RADIUS**2 / D
    ball = exact.State(D, 4.0 * D / RADIUS, 6.0, 2.0)
    medium = {
        "volume": mL(6.0 * BALL),
        "partition": 2.0,
        "sampling": {"every": f"{every!r} s", "volume": mL(0.5 * BALL), "replaced": True},
    }
    laws: dict[str, Any] = {"diffusion": constant(), "film": boundary(ball.k)}
    changes = exact.sampled(ball, every, 0.5, until, True)
    yield Case(
        "sphere, samples replaced, K 2, film",
        SPECTRAL,
        study(sphere(), until, medium, **laws),
        lambda t: exact.eventful(t, 3, RADIUS, ball, changes),
    )


def _replaced() -> Iterator[Case]:
    rod = shape("cylinder", "top", "bottom", diameter=2e3 * ROD, height=1e3 * ROD_HEIGHT)
    rod_volume = math.pi * ROD**2 * ROD_HEIGHT
    bodies = (
        ("slab", 1, film(), HALF, FILM_VOLUME, 1.0, (1.0,)),
        ("sphere", 3, sphere(), RADIUS, BALL, 0.3, (0.4, 0.7)),
        ("long cylinder", 2, rod, ROD, rod_volume, 0.5, (0.5,)),
    )
    for what, n, tablet, depth, volume, span, shares in bodies:
        state = exact.State(D, bath=1.5)
        until = span * depth**2 / D
        moments = [until * (i + 1) / (len(shares) + 2) for i in range(len(shares))]
        events = [
            {"at": f"{at!r} s", "replace": f"{100.0 * share!r} %"}
            for at, share in zip(moments, shares, strict=True)
        ]
        changes = [
            exact.Change(at, state, share) for at, share in zip(moments, shares, strict=True)
        ]
        medium = {"volume": mL(1.5 * volume), "event": events}
        yield Case(
            f"{what}, medium replaced by {' and '.join(f'{100 * s:g} %' for s in shares)}",
            SPECTRAL,
            study(tablet, until, medium, diffusion=constant()),
            curve_of(exact.eventful, n, depth, state, changes),
        )


def _switched() -> Iterator[Case]:
    slow, fast = D / HALF, 10.0 * D / HALF
    until = 2.0 * HALF**2 / D
    laws: dict[str, Any] = {"diffusion": constant(), "film": boundary(slow)}
    yield Case(
        "slab, film k switches",
        SPECTRAL,
        study(film(), until, _event(0.3 * until, "film.k", f"{fast!r} m/s"), **laws),
        curve_of(
            exact.eventful,
            1,
            HALF,
            exact.State(D, slow),
            [exact.Change(0.3 * until, exact.State(D, fast))],
        ),
    )
    until = 0.25 * RADIUS**2 / D
    medium = _event(0.3 * until, "diffusion.D", f"{4.0 * D!r} m2/s")
    yield Case(
        "sphere, D switches",
        SPECTRAL,
        study(sphere(), until, medium, diffusion=constant()),
        curve_of(
            exact.eventful,
            3,
            RADIUS,
            exact.State(D),
            [exact.Change(0.3 * until, exact.State(4.0 * D))],
        ),
    )
    yield _enteric()


def _event(at: float, name: str, value: str) -> dict[str, Any]:
    """Medium in which one parameter changes."""
    return {"event": [{"at": f"{at!r} s", "set": {name: value}}]}


def _enteric() -> Case:
    speed, threshold, at = 1e-7, 5.5, 7200.0
    # fractions of the speed at the pH of the two media, by Henderson and Hasselbalch
    acid, buffer = (1.0 / (1.0 + 10.0 ** (2.0 * (threshold - pH))) for pH in (1.1, 6.8))
    front = law("EntericFront", speed=f"{speed!r} m/s", pH_threshold=threshold, sharpness=2.0)
    medium = {
        "name": "hcl_0_1n",
        "event": [{"at": f"{at!r} s", "replace": "100 %", "medium": "phosphate_ph6_8"}],
    }
    return Case(
        "enteric slab, acid to buffer",
        "Hopfenberg (1976) on the clock of v(pH)",
        study(film(), at + 0.9 * HALF / speed, medium, erosion=front),
        lambda t: exact.erode_slab(
            acid * t.clip(max=at) + buffer * (t - at).clip(min=0.0), speed, 2.0 * HALF
        ),
    )
