"""Surfaces that recede, alone and with diffusion ahead of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from releasesim.workflows.selftest import exact
from releasesim.workflows.selftest.cases.case import (
    HALF,
    RADIUS,
    Case,
    Curve,
    D,
    constant,
    curve_of,
    film,
    law,
    shape,
    sphere,
    study,
)
from releasesim.workflows.selftest.cases.solid import BODIES, LOAD, saturating

HOPFENBERG = "Hopfenberg (1976) and products"
SPEED = 1e-7


def front(speed: float = SPEED) -> dict[str, Any]:
    """Front of constant speed [m/s]."""
    return law("ConstantFront", speed=f"{speed!r} m/s")


def erosion_cases() -> Iterator[Case]:
    """Give the cases of this module."""
    yield from _alone()
    yield from _with_diffusion()
    yield from _with_solid()


def _alone() -> Iterator[Case]:
    def case(name: str, tablet: dict[str, Any], thinnest: float, curve: Curve) -> Case:
        made = study(tablet, 0.55e-3 * thinnest / SPEED, erosion=front())
        return Case(name, HOPFENBERG, made, curve)

    v = SPEED
    yield case("slab erodes", film(), 1.37, lambda t: exact.erode_slab(t, v, 2.0 * HALF))
    yield case("sphere erodes", sphere(), 5.31, lambda t: exact.erode_sphere(t, v, RADIUS))
    yield case(
        "cylinder erodes, bottom sealed",
        shape("cylinder", "bottom", diameter=9.37, height=3.71),
        7.42,
        lambda t: exact.erode_finite_cylinder(t, v, 4.685e-3, 3.71e-3, sealed=["bottom"]),
    )
    yield case(
        "block erodes",
        shape("block", length=6.13, width=5.41, height=3.57),
        3.57,
        lambda t: exact.erode_block(t, v, 6.13e-3, 5.41e-3, 3.57e-3),
    )
    sealed = ("top", "bottom", "side")
    yield case(
        "hole in a sealed ring grows",
        shape("ring", *sealed, outer_diameter=8.71, inner_diameter=3.17, height=3.33),
        5.0,
        _hole(4.355e-3, 1.585e-3),
    )


def _hole(outer: float, inner: float) -> Curve:
    """Released share of a ring whose hole grows by Steiner's formula, A + P v t + pi (v t)^2."""
    pi = 3.141592653589793

    def released(t: exact.Array) -> exact.Array:
        grown = exact.hole_area(t, SPEED, pi * inner**2, 2.0 * pi * inner)
        return ((grown - pi * inner**2) / (pi * (outer**2 - inner**2))).clip(max=1.0)

    return released


def _with_diffusion() -> Iterator[Case]:
    for n, number in ((1, 0.3), (1, 3.0), (3, 1.0), (3, 10.0)):
        what, tablet, depth = BODIES[n]
        speed = number * D / depth
        until = min(0.95 / number, 1.2 / n**1.5) * depth**2 / D
        yield Case(
            f"{what} erodes and diffuses, B l/D {number:g}",
            "front-fixed solver, 1e-6",
            study(tablet, until, diffusion=constant(), erosion=front(speed)),
            curve_of(exact.erode_and_diffuse_body, n, depth, D, speed),
        )
    # at B l/D = 40 the two faces never feel each other while half is out
    speed = 40.0 * D / HALF
    yield Case(
        "half-space erodes and diffuses",
        "Carslaw & Jaeger (1959) 15.2: 1.72014111 c0 at B = D = t = 1",
        study(film(), 0.5 * HALF / speed, diffusion=constant(), erosion=front(speed)),
        lambda t: exact.erode_and_diffuse(t, speed, D) / HALF,
    )


def _with_solid() -> Iterator[Case]:
    for n, ratio, number in ((1, 3.0, 1.0), (3, 5.0, 1.0)):
        what, tablet, depth = BODIES[n]
        speed = number * D / depth
        body = exact.Dispersed(n, depth, D, ratio, speed=speed)
        laws: dict[str, Any] = {
            "diffusion": constant(),
            "dissolution": saturating(LOAD / ratio),
            "erosion": front(speed),
        }
        until = 0.9 * depth / speed
        yield Case(
            f"{what} erodes with dispersed drug, B l/D {number:g}",
            "two moving boundaries, front-fixed solver, 1e-6",
            study(tablet, until, concentration=LOAD, **laws),
            body.released,
        )
