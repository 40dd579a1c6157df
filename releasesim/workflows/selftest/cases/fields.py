"""Diffusivities that change with the drug, with water or with the polymer's chains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from releasesim.workflows.selftest import exact
from releasesim.workflows.selftest.cases.case import (
    HALF,
    RADIUS,
    Case,
    D,
    boundary,
    constant,
    curve_of,
    film,
    law,
    sphere,
    study,
)
from releasesim.workflows.selftest.cases.erosion import HOPFENBERG
from releasesim.workflows.selftest.cases.solid import BODIES

LINES = "method of lines, 1e-5"
CLOCK = "Crank (1975) 7.1: change of clock, Mn in closed form"
UNIT = {1: HALF**2 / D, 3: RADIUS**2 / D}
"""Time of diffusion [s]."""


def field_cases() -> Iterator[Case]:
    """Give the cases of this module."""
    yield from _plasticised()
    yield from _similar()
    yield from _wetted()
    yield from _case_two()
    yield from _swollen()
    yield from _cut()
    yield from _acid()


def _plasticised() -> Iterator[Case]:
    for n, beta, span in ((1, 2.0, 0.6), (1, -2.0, 2.0), (3, 2.0, 0.12)):
        what, tablet, depth = BODIES[n]
        drug = law("ExponentialInConcentration", D0=f"{D!r} m2/s", beta=beta)
        yield Case(
            f"{what}, D exp({beta:g} c)",
            LINES,
            study(tablet, span * UNIT[n], diffusion=drug),
            curve_of(exact.plasticised, n, depth, D, beta),
        )


def _similar() -> Iterator[Case]:
    """While the faces do not feel each other, by Boltzmann's variable x/sqrt(t)."""
    for beta, until in ((-2.0, 0.15), (-4.0, 0.6)):
        drug = law("ExponentialInConcentration", D0=f"{D!r} m2/s", beta=beta)
        yield Case(
            f"half-space, D exp({beta:g} c)",
            "Boltzmann (1894), shooting to 1e-11",
            study(film(), until * UNIT[1], diffusion=drug),
            curve_of(_by_similarity, beta),
        )


def _by_similarity(t: exact.Array, beta: float) -> exact.Array:
    """Released share of a slab whose faces do not feel each other."""
    return np.asarray(exact.half_space_release(beta) * np.sqrt(t / UNIT[1]))


def fujita(D_gel: float, beta: float) -> dict[str, Any]:
    """Diffusivity in water of a study."""
    return law("Fujita1961", D_gel=f"{D_gel!r} m2/s", beta=beta)


def _wetted() -> Iterator[Case]:
    for n, beta_water, span in ((1, 0.0, 2.5), (1, 2.5, 4.0), (3, 2.5, 1.0)):
        what, tablet, depth = BODIES[n]
        water = (
            law("FujitaHydration", D=f"{D!r} m2/s", beta=beta_water)
            if beta_water
            else law("FickianHydration", D=f"{D!r} m2/s")
        )
        body = exact.Wetted(n, depth, exact.exponential(D, beta_water), exact.exponential(D, 4.0))
        yield Case(
            f"{what}, D(w), water by {'Fujita' if beta_water else 'Fick'}",
            LINES,
            study(tablet, span * UNIT[n], diffusion=fujita(D, 4.0), hydration=water),
            body.released,
        )
    k = 4.0 * D / HALF
    body = exact.Wetted(1, HALF, exact.exponential(2 * D, 0.0), exact.exponential(D, 2.5), k=k)
    laws: dict[str, Any] = {
        "diffusion": fujita(D, 2.5),
        "hydration": law("FickianHydration", D=f"{2 * D!r} m2/s"),
        "film": boundary(k),
    }
    yield Case(
        "slab, D(w) behind a film", LINES, study(film(), 3.0 * UNIT[1], **laws), body.released
    )


def _case_two() -> Iterator[Case]:
    for n, number, span in ((1, 0.5, 2.8), (1, 4.0, 1.3), (3, 2.0, 0.7)):
        what, tablet, depth = BODIES[n]
        speed = number * D / depth
        water = law("CaseII", speed=f"{speed!r} m/s")
        yield Case(
            f"{what}, Case II front, v l/D {number:g}",
            "front-fixed solver, 1e-6: nothing diffuses ahead of the front",
            study(tablet, span * UNIT[n], diffusion=constant(), hydration=water),
            curve_of(exact.case_two, n, depth, D, speed),
        )
    paces = (("behind a faster", 1e-7, 3e-7), ("at the pace of a slower", 3e-7, 1e-7))
    for words, erodes, wets in paces:
        laws: dict[str, Any] = {
            "erosion": law("HydratedFront", speed=f"{erodes!r} m/s"),
            "hydration": law("CaseII", speed=f"{wets!r} m/s"),
        }
        slower = min(erodes, wets)
        yield Case(
            f"slab erodes {words} Case II front",
            f"{HOPFENBERG}, at the slower of the two speeds",
            study(film(), 0.9 * HALF / slower, **laws),
            curve_of(exact.erode_slab, slower, 2.0 * HALF),
        )


def _swollen() -> Iterator[Case]:
    J = 4.0
    swells = law("VolumeAdditive", equilibrium_volume_ratio=J)
    for n, biot, span in ((1, 0.0, 2.5), (3, 3.0, 2.0)):
        what, tablet, depth = BODIES[n]
        k = biot * D / depth
        laws: dict[str, Any] = {"diffusion": constant(), "swelling": swells}
        if biot:
            laws["film"] = boundary(k)
        D_printed, k_printed = exact.swollen_at_once(D, k or float("inf"), J)
        curve = exact.slab if n == 1 else exact.sphere
        size = 2.0 * depth if n == 1 else depth
        yield Case(
            f"{what}, swollen from the start" + (", film" if biot else ""),
            "Crank's series in printed coordinates: D J^(-2/3), k J^(-1/3)",
            study(tablet, span * UNIT[n], **laws),
            curve_of(curve, D_printed, size, k=k_printed),
        )
    yield from _swelling(swells)


def _swelling(swells: dict[str, Any]) -> Iterator[Case]:
    J = 4.0
    wet = law("FickianHydration", D=f"{D!r} m2/s")
    for n, span in ((1, 4.0), (3, 1.2)):
        what, tablet, depth = BODIES[n]
        body = exact.Wetted(n, depth, exact.exponential(D, 0.0), exact.exponential(D, 2.0), J)
        laws: dict[str, Any] = {"diffusion": fujita(D, 2.0), "hydration": wet, "swelling": swells}
        name = f"{what} swells as it wets, D(w)"
        yield Case(name, LINES, study(tablet, span * UNIT[n], **laws), body.released)
    body = exact.Wetted(1, HALF, exact.exponential(D, 0.0), exact.mackie_meares(5.0 * D, J), J)
    mackie = law("MackieMeares1955", D0=f"{5.0 * D!r} m2/s")
    laws = {"diffusion": mackie, "hydration": wet, "swelling": swells}
    name = "slab swells as it wets, Mackie-Meares"
    yield Case(name, LINES, study(film(), 2.5 * UNIT[1], **laws), body.released)


def in_molar_mass(D0: float, exponent: float) -> dict[str, Any]:
    """Diffusivity in the length of chains of a study."""
    return law("PowerInMolarMass", D0=f"{D0!r} m2/s", exponent=exponent)


def _exponential(D0: float, a: float) -> dict[str, Any]:
    return law("ExponentialInMolarMass", D0=f"{D0!r} m2/s", a=a)


def _cut() -> Iterator[Case]:
    rate = 3.0 / UNIT[1]
    drug = exact.power_law(0.2 * D, 1.0)
    yield Case(
        "slab, first-order scission, D0 Mn0/Mn",
        CLOCK,
        study(
            film(),
            0.9 * UNIT[1],
            diffusion=in_molar_mass(0.2 * D, 1.0),
            hydrolysis=law("FirstOrderScission", rate=f"{rate!r} 1/s"),
        ),
        lambda t: exact.slab(
            exact.clock(t, lambda s: drug(exact.logistic_molar_mass(s, rate, 0.0))), 1.0, 2 * HALF
        ),
    )
    slow = 4.0 / UNIT[3]
    swift = exact.exponential_law(0.1 * D, 3.0)
    yield Case(
        "sphere, scission with feedback, D0 exp(a (1 - m))",
        CLOCK,
        study(
            sphere(),
            0.6 * UNIT[3],
            diffusion=_exponential(0.1 * D, 3.0),
            hydrolysis=law("FirstOrderScission", rate=f"{slow!r} 1/s", feedback=2.0),
        ),
        lambda t: exact.sphere(
            exact.clock(t, lambda s: swift(exact.logistic_molar_mass(s, slow, 2.0))), 1.0, RADIUS
        ),
    )
    polymer = exact.Ester(0.0, 4e-4 / UNIT[3], 50.0, 15000.0)
    yield Case(
        "sphere, lumped autocatalysis, D0 Mn0/Mn",
        CLOCK,
        study(
            sphere(),
            0.8 * UNIT[3],
            diffusion=in_molar_mass(0.02 * D, 1.0),
            hydrolysis=autocatalysis(polymer, 0.0),
        ),
        lambda t: exact.sphere(
            exact.clock(t, lambda s: 0.02 * D / polymer.molar_mass(polymer.ester(s))), 1.0, RADIUS
        ),
    )
    falls = exact.pitt_time(rate, 0.3)
    yield Case(
        "slab falls apart at its critical molar mass",
        "Pitt (1981): t = ln(Mn0/Mn)/r",
        study(
            film(),
            1.43 * falls,
            hydrolysis=law("FirstOrderScission", rate=f"{rate!r} 1/s", Mn_critical=0.3),
            diffusion=law("NoDiffusion"),
        ),
        lambda t: exact.wait(t, falls),
    )


def autocatalysis(polymer: exact.Ester, D_acid: float) -> dict[str, Any]:
    """Autocatalytic scission of a study."""
    return law(
        "AutocatalyticScission",
        k1=f"{polymer.k1!r} 1/s",
        k2=f"{polymer.k2!r} m3/mol/s",
        acid0=f"{polymer.acid0!r} mol/m3",
        ester0=f"{polymer.ester0!r} mol/m3",
        D_acid=f"{D_acid!r} m2/s",
    )


def _acid() -> Iterator[Case]:
    # phi^2 = k2 E0 R^2/D_acid: 1.57^2 for the slab, pi^2 for the sphere are critical
    for n, thiele, span in ((1, 2.0, 1.0), (1, 4.0, 0.8), (3, 5.0, 0.5), (3, 15.0, 0.35)):
        what, tablet, depth = BODIES[n]
        polymer = exact.Ester(0.2 / UNIT[n], thiele / 15000.0 / UNIT[n], 50.0, 15000.0)
        body = exact.Degrading(n, depth, polymer, D, exact.power_law(0.01 * D, 1.0))
        laws: dict[str, Any] = {
            "diffusion": in_molar_mass(0.01 * D, 1.0),
            "hydrolysis": autocatalysis(polymer, D),
        }
        yield Case(
            f"{what}, diffusing acid, phi^2 {thiele:g}",
            f"PHYSICS 8, three fields; {LINES}",
            study(tablet, span * UNIT[n], **laws),
            body.released,
        )
