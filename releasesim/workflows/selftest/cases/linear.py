"""Bodies of one or more materials with constant diffusivities, into a sink or through a film."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from releasesim.workflows.selftest import exact
from releasesim.workflows.selftest.cases.case import (
    HALF,
    RADIUS,
    WIDE,
    Case,
    D,
    boundary,
    constant,
    curve_of,
    film,
    law,
    mm,
    shape,
    sphere,
    study,
)

CRANK = "Crank (1975) 4.18, 5.23, 6.20; Laplace transform at early times"
PRODUCT = "Fu, Hagemeir & Moyer (1976): products of Crank's series"
ROBIN = "Crank (1975) 4.53, 5.49, 6.43: b tan b = Bi and its kin"
LAYERS = "exact Laplace transform of the layers, inverted (Weideman 2006)"


def linear_cases() -> Iterator[Case]:
    """Give the cases of this module."""
    yield from _sinks()
    yield from _films()
    yield from _parts()
    yield from _clock()


def _sinks() -> Iterator[Case]:
    L, R = 2.0 * HALF, RADIUS

    def case(name: str, tablet: dict[str, Any], until: float, curve: Any, source: str) -> Case:
        return Case(name, source, study(tablet, until, diffusion=constant()), curve)

    deep = HALF**2 / D
    yield case("slab, sink", film(), 1.2 * deep, curve_of(exact.slab, D, L), CRANK)
    one = lambda t: exact.slab(t, D, L, open_faces=1)  # noqa: E731
    yield case("slab, one face sealed", film("bottom"), 5.0 * deep, one, CRANK)
    yield case("sphere, sink", sphere(), 0.3 * R**2 / D, lambda t: exact.sphere(t, D, R), CRANK)
    b, h = 4.685e-3, 3.71e-3
    disc = {"diameter": 9.37, "height": 3.71}
    for sealed, until in (((), 0.25), (("side",), 0.6), (("top", "bottom"), 0.8)):
        what = f"cylinder, {' and '.join(sealed)} sealed" if sealed else "cylinder, sink"
        yield case(
            what,
            shape("cylinder", *sealed, **disc),
            until * h**2 / D,
            curve_of(exact.finite_cylinder, D, b, h, sealed=sealed),
            PRODUCT,
        )
    for sealed, until in (((), 0.15), (("x-", "z+"), 0.4)):
        what = f"block, {' and '.join(sealed)} sealed" if sealed else "block, sink"
        yield case(
            what,
            shape("block", *sealed, length=6.13, width=5.41, height=3.57),
            until * 3.57e-3**2 / D,
            curve_of(exact.block, D, 6.13e-3, 5.41e-3, 3.57e-3, sealed=sealed),
            PRODUCT,
        )
    for sealed, until in (((), 0.25), (("inner",), 0.6)):
        what = f"ring, {' and '.join(sealed)} sealed" if sealed else "ring, sink"
        yield case(
            what,
            _ring(*sealed),
            until * 2.77e-3**2 / D,
            curve_of(exact.ring, D, 4.355e-3, 1.585e-3, 3.33e-3, sealed=sealed),
            "Carslaw & Jaeger (1959) 7.10 times Crank 4.18",
        )


def _ring(*sealed: str) -> dict[str, Any]:
    return shape("ring", *sealed, outer_diameter=8.71, inner_diameter=3.17, height=3.33)


def _films() -> Iterator[Case]:
    def case(what: str, tablet: dict[str, Any], depth: float, biot: float, curve: Any) -> Case:
        k = biot * D / depth
        until = depth**2 / D * (0.4 + 1.2 / biot)
        laws: dict[str, Any] = {"diffusion": constant(), "film": boundary(k)}
        name = f"{what}, film Bi {biot:g}"
        return Case(name, ROBIN, study(tablet, until, **laws), lambda t: curve(t, k))

    for biot in (0.1, 5.0):
        yield case("slab", film(), HALF, biot, lambda t, k: exact.slab(t, D, 2.0 * HALF, k=k))
    for biot in (0.1, 3.6):
        yield case("sphere", sphere(), RADIUS, biot, lambda t, k: exact.sphere(t, D, RADIUS, k=k))
    yield case(
        "cylinder",
        shape("cylinder", diameter=9.37, height=3.71),
        1.855e-3,
        3.6,
        lambda t, k: exact.finite_cylinder(t, D, 4.685e-3, 3.71e-3, k=k),
    )
    yield case(
        "block",
        shape("block", length=6.13, width=5.41, height=3.57),
        1.785e-3,
        3.6,
        lambda t, k: exact.block(t, D, 6.13e-3, 5.41e-3, 3.57e-3, k=k),
    )
    yield case(
        "ring",
        _ring(),
        1.385e-3,
        3.6,
        lambda t, k: exact.ring(t, D, 4.355e-3, 1.585e-3, 3.33e-3, k=k),
    )


def _parts() -> Iterator[Case]:
    yield _core_shell("core and shell, K 4 in the core", 1e-10, 4.0, 100.0, until=40.0)
    yield _core_shell("core and shell, film", 5e-10, 3.0, 20.0, k=2.5e-7, until=40.0)
    yield _core_shell("core in an empty shell", 3e-10, 1.0, 1e-6, until=20.0)
    yield _stack("bilayer of two K", [(0.73, 2e-10, 3.0, 100.0), (0.61, 1e-10, 1.0, 40.0)], 6.0)
    three = [(0.33, 1e-10, 1.0, 10.0), (0.77, 4e-10, 2.0, 150.0), (0.29, 3e-11, 0.5, 10.0)]
    yield _stack("three layers, film", three, 20.0, k=1e-6)
    pair = [(0.17, 2e-10, 1.0, 100.0), (0.23, 2e-11, 1.0, 100.0)]
    yield _stack("laminate of eight, D 10 to 1", pair * 4, 12.0, "bottom")


def _part(name: str, D_part: float, K: float, c: float, **more: Any) -> dict[str, Any]:
    table = {
        "name": name,
        "partition": K,
        "formulation": {"concentration": f"{c!r} mg/mL"},
        "physics": {"diffusion": constant(D_part)},
    }
    return table | more


def _core_shell(
    name: str, D_core: float, K: float, shell: float, *, until: float, k: float = math.inf
) -> Case:
    core, whole = 3.47, WIDE
    at = ["0 mm", "0 mm", mm((whole - core) / 2.0)]
    inside = {"kind": "sphere", "diameter": mm(core), "at": at}
    tablet = sphere() | {"region": [_part("core", D_core, K, 100.0, shape=inside)]}
    layers = [
        exact.Layer(core / 2e3, D_core, K, 100.0),
        exact.Layer((whole - core) / 2e3, D, 1.0, shell),
    ]
    laws: dict[str, Any] = {"diffusion": constant()} | (
        {} if math.isinf(k) else {"film": boundary(k)}
    )
    made = study(tablet, until * 3600.0, concentration=shell, **laws)
    return Case(name, LAYERS, made, lambda t: exact.core_shell_sphere(t, layers, k=k))


def _stack(
    name: str,
    layers: list[tuple[float, float, float, float]],
    hours: float,
    *sealed: str,
    k: float = math.inf,
) -> Case:
    parts = [
        _part(f"layer{i}", D_i, K, c, thickness=mm(L)) for i, (L, D_i, K, c) in enumerate(layers)
    ]
    tablet = film(*sealed, thickness=None) | {"layer": parts}
    laws: dict[str, Any] = {"diffusion": constant()} | (
        {} if math.isinf(k) else {"film": boundary(k)}
    )
    stack = [exact.Layer(L / 1e3, D_i, K, c) for L, D_i, K, c in layers]
    made = study(tablet, hours * 3600.0, **laws)
    is_open = "bottom" not in sealed
    return Case(
        name, LAYERS, made, lambda t: exact.laminate(t, stack, k=k, first_face_open=is_open)
    )


def _aging_sphere(t: exact.Array, rate: float) -> exact.Array:
    return exact.sphere(exact.exponential_clock(t, D, rate), 1.0, RADIUS)


def _clock() -> Iterator[Case]:
    source = "Crank (1975) 7.1: the constant solution on the clock of the integral of D"
    for rate, until in ((2e-5, 0.2), (-3e-5, 1.5)):
        seconds = until * RADIUS**2 / D
        drug = law("ExponentialInTime", D0=f"{D!r} m2/s", rate=f"{rate!r} 1/s")
        yield Case(
            f"sphere, D exp({rate:g} t)",
            source,
            study(sphere(), seconds, diffusion=drug),
            curve_of(_aging_sphere, rate),
        )
    rate, k, end = 3e-4, 5.0 * D / HALF, 1.1 * HALF**2 / D
    drug = law("ExponentialInTime", D0=f"{D!r} m2/s", rate=f"{rate!r} 1/s")
    yield Case(
        "slab, D exp(k t) behind a film",
        "method of lines, 1e-6: a film keeps its own clock",
        study(film(), end, diffusion=drug, film=boundary(k)),
        lambda t: exact.aging(t, 1, HALF, D, rate=rate, k=k),
    )
