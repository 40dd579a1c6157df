"""Drug above its solubility, at equilibrium or dissolving at a finite rate."""

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
    boundary,
    constant,
    film,
    law,
    sphere,
    study,
)

LOAD = 100.0
"""Drug in the device [kg/m3]."""
DRUG = "theophylline"
"""Drug of a known density, where it matters."""

FRONT = "Paul & McSpadden (1976) until the fronts meet, then front-fixed solver, 1e-7"
FRONT_FIXED = "exact moving boundary, front-fixed solver, 1e-6"
BODIES = {1: ("slab", film(), HALF), 3: ("sphere", sphere(), RADIUS)}


def solid_cases() -> Iterator[Case]:
    """Give the cases of this module."""
    for ratio in (1.1, 2.0, 5.0, 10.0):
        yield _dispersed(1, ratio, 0.0)
    for ratio in (2.0, 10.0):
        yield _dispersed(3, ratio, 0.0)
    yield _dispersed(1, 3.0, 5.0)
    yield _dispersed(3, 3.0, 5.0)
    yield from _dissolving()
    yield from _leached()


def _dispersed(n: int, ratio: float, biot: float) -> Case:
    what, tablet, depth = BODIES[n]
    body = exact.Dispersed(n, depth, D, ratio, **({"k": biot * D / depth} if biot else {}))
    until = (0.5 * ratio + 0.3 + (ratio / biot if biot else 0.0)) * depth**2 / D / n
    laws: dict[str, Any] = {"diffusion": constant(), "dissolution": saturating(LOAD / ratio)}
    if biot:
        laws["film"] = boundary(biot * D / depth)
    return Case(
        f"{what}, dispersed A/c_s {ratio:g}" + (f", film Bi {biot:g}" if biot else ""),
        FRONT if n == 1 and not biot else FRONT_FIXED,
        study(tablet, until, concentration=LOAD, **laws),
        body.released,
    )


def saturating(solubility: float) -> dict[str, Any]:
    """Local equilibrium at a solubility [kg/m3]."""
    return law("LocalEquilibrium", solubility=f"{solubility!r} kg/m3")


def _dissolving() -> Iterator[Case]:
    # with rate l^2/D = 2, solid lasts everywhere until loading/2 in units of l^2/D
    yield _noyes(1, 2.0, 8.0, 2.0, "with excess, pores dry")
    yield _noyes(1, 2.0, 8.0, 2.0, "with excess, pores saturated", saturated=True)
    yield _noyes(3, 4.0, 8.0, 0.8, "with excess, pores dry")
    yield _noyes(1, 4.0, 2.0, 3.0, "to the end, exponent 0")
    yield _noyes(1, 4.0, 2.0, 3.0, "to the end, exponent 2/3", exponent=2.0 / 3.0)
    yield _noyes(3, 6.0, 2.0, 0.8, "to the end, exponent 2/3", exponent=2.0 / 3.0)
    yield _noyes(1, 4.0, 2.0, 4.0, "behind a film", exponent=2.0 / 3.0, biot=4.0)
    moment = 0.5 * HALF**2 / D
    yield _noyes(1, 4.0, 6.0, 2.5, "c_s doubles", exponent=2.0 / 3.0, switch=(moment, 2.0))


def _noyes(
    n: int,
    damkoehler: float,
    ratio: float,
    span: float,
    words: str,
    *,
    exponent: float = 0.0,
    saturated: bool = False,
    biot: float = 0.0,
    switch: tuple[float, float] | None = None,
) -> Case:
    what, tablet, depth = BODIES[n]
    rate, until = damkoehler * D / depth**2, span * depth**2 / D
    more: dict[str, Any] = {"k": biot * D / depth} if biot else {}
    body = exact.Dissolving(
        n,
        depth,
        D,
        rate,
        ratio,
        exponent,
        saturated,
        solubility=[switch] if switch else (),
        **more,
    )
    laws: dict[str, Any] = {
        "diffusion": constant(),
        "dissolution": noyes(rate, LOAD / ratio, exponent, saturated),
    }
    if biot:
        laws["film"] = boundary(biot * D / depth)
    medium = None
    if switch:
        raised = {"dissolution.solubility": f"{switch[1] * LOAD / ratio!r} kg/m3"}
        medium = {"event": [{"at": f"{switch[0]!r} s", "set": raised}]}
    lasts = exponent == 0.0 and body.outlasts(until)
    return Case(
        f"{what}, Noyes-Whitney {words}",
        "Danckwerts (1950): exact Laplace transform" if lasts else "method of lines, 1e-5",
        study(tablet, until, medium, concentration=LOAD, **laws),
        body.with_excess if lasts else body.released,
    )


def noyes(rate: float, solubility: float, exponent: float, saturated: bool) -> dict[str, Any]:
    """Noyes-Whitney law of a study."""
    return law(
        "NoyesWhitney1897",
        rate=f"{rate!r} 1/s",
        solubility=f"{solubility!r} kg/m3",
        exponent=exponent,
        initially="saturated" if saturated else "dry",
    )


def _leached() -> Iterator[Case]:
    """Drug that opens pores as it leaves: D_pore (e0 + e)/tau, e its volume of the device."""
    e0, tau = 0.05, 2.0
    # where all drug has dissolved D is that of all pores, and ahead of the front nothing flows
    law_ = law("LeachedPorosity", D_pore=f"{20.0 * D!r} m2/s", porosity0=e0, tortuosity=tau)
    ratio, load = 2.0, 300.0
    dissolved = load / ratio
    last = 20.0 * D * (e0 + (load - dissolved) / _density()) / tau
    yield _with_drug(
        "slab, leached porosity at equilibrium",
        f"{FRONT}, with the D of leached pores: ahead of the front nothing flows",
        study(
            film(),
            (0.5 * ratio + 0.3) * HALF**2 / last,
            concentration=load,
            diffusion=law_,
            dissolution=saturating(dissolved),
        ),
        exact.Dispersed(1, HALF, last, ratio).released,
    )
    for n, exponent in ((1, 2.0 / 3.0), (3, 2.0 / 3.0)):
        what, tablet, depth = BODIES[n]
        first, opening = 20.0 * D * e0 / tau, load / _density() / e0
        rate = 6.0 * first / depth**2
        body = exact.Dissolving(n, depth, first, rate, 2.0, exponent, opening=opening)
        laws = {"diffusion": law_, "dissolution": noyes(rate, load / 2.0, exponent, False)}
        yield _with_drug(
            f"{what}, leached porosity, Noyes-Whitney to the end",
            "method of lines, 1e-5",
            study(tablet, 1.5 * depth**2 / first / n, concentration=load, **laws),
            body.released,
        )


def _with_drug(name: str, source: str, made: dict[str, Any], curve: Curve) -> Case:
    """Name the drug, whose card has its density."""
    return Case(name, source, made | {"formulation": made["formulation"] | {"drug": DRUG}}, curve)


def _density() -> float:
    """Of the drug that leaches [kg/m3]."""
    from releasesim.cards import Drug, load_card

    card = load_card("drug", DRUG)
    assert isinstance(card, Drug)  # noqa: S101
    return float(card.density)
