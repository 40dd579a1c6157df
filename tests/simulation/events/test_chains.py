"""Chains that are cut evenly, by rates and to bounds that change: closed forms on their clock."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from events import (
    ESTER,
    FILM,
    HALF,
    HOUR,
    NONE,
    RADIUS,
    SCISSION,
    SPHERE,
    clock,
    curve_of,
    event,
    molar_mass,
    near,
    study,
)

from releasesim.simulation import simulate
from releasesim.workflows.selftest import exact


def test_first_order_scission_goes_on_at_another_rate():
    """Pitt (1981) and Crank (1975) 7.1: D0 exp(k t1 + k' (t - t1)) is a change of clock."""
    laws = {
        "hydrolysis": SCISSION,
        "diffusion": {"law": "PowerInMolarMass", "D0": "3e-12 m2/s", "exponent": 1.0},
    }
    t, f = curve_of(SPHERE, laws, [event(5, hydrolysis__rate="0.4 1/h")])
    cut = (0.1 * np.minimum(t, 5 * HOUR) + 0.4 * np.maximum(t - 5 * HOUR, 0.0)) / HOUR
    slow, fast = 0.1 / HOUR, 0.4 / HOUR
    first, last = np.minimum(t, 5 * HOUR), np.maximum(t - 5 * HOUR, 0.0)
    area = 3e-12 * (np.expm1(slow * first) / slow + np.exp(0.5) * np.expm1(fast * last) / fast)
    assert np.exp(cut[-1]) > 20.0
    near(f, exact.sphere(area, 1.0, RADIUS))


def test_scission_with_feedback_goes_on_from_its_state():
    laws = {
        "hydrolysis": {**SCISSION, "feedback": 1.0},
        "diffusion": {"law": "ExponentialInMolarMass", "D0": "3e-12 m2/s", "a": 3.0},
    }
    changes = [event(3, hydrolysis__rate="0.02 1/h"), event(6, hydrolysis__feedback=6.0)]
    t, f = curve_of(SPHERE, laws, changes)

    def rate(s, m):
        r, b = (0.1 if s < 3 * HOUR else 0.02) / HOUR, 1.0 if s < 6 * HOUR else 6.0
        return -r * m * (1.0 + b * (1.0 - m))

    left = molar_mass(t, rate)
    area = clock(t, lambda s: 3e-12 * np.exp(3.0 * (1.0 - left(s))))
    near(f, exact.sphere(area, 1.0, RADIUS))


def test_lumped_autocatalysis_goes_on_from_its_acid_and_ester():
    """Antheunis (2010), integrated; at first only water cuts, then acid does, then nothing."""
    laws = {
        "hydrolysis": ESTER,
        "diffusion": {"law": "PowerInMolarMass", "D0": "3e-12 m2/s", "exponent": 1.0},
    }
    k2 = 1.5e-4 / HOUR
    changes = [
        event(4, hydrolysis__k2=f"{k2!r} m3/mol/s"),
        event(9, hydrolysis__k1="0 1/s", hydrolysis__k2="0 m3/mol/s"),
    ]
    t, f = curve_of(SPHERE, laws, changes)

    def rate(s, cut):
        k1 = 0.01 / HOUR if s < 9 * HOUR else 0.0
        by_acid = k2 if 4 * HOUR <= s < 9 * HOUR else 0.0
        return (k1 + by_acid * (50.0 + cut)) * (1000.0 - cut)

    cut = molar_mass(t, rate, 0.0)
    area = clock(t, lambda s: 3e-12 * (50.0 + cut(s)) / 50.0)
    near(f, exact.sphere(area, 1.0, RADIUS))


@pytest.mark.parametrize("begins", ["0 m2/s", "2e-12 m2/s"])
def test_acid_that_diffuses_for_a_part_of_the_time(begins):
    """Lumped before or after: the method of lines, with D_acid that jumps."""
    hydrolysis = {**ESTER, "k2": "4e-8 m3/mol/s", "D_acid": begins}
    laws = {
        "hydrolysis": hydrolysis,
        "diffusion": {"law": "PowerInMolarMass", "D0": "3e-13 m2/s", "exponent": 1.0},
    }
    then = "2e-12 m2/s" if begins.startswith("0") else "0 m2/s"
    t, f = curve_of(FILM, laws, [event(5, hydrolysis__D_acid=then)])
    before, after = (float(text.split()[0]) for text in (begins, then))

    class Jumping(exact.Degrading):
        def _change(self, mesh, s, state):
            now = before if s < 5 * HOUR else after
            return exact.Degrading._change(dataclasses.replace(plain, D_acid=now), mesh, s, state)

    polymer = exact.Ester(0.01 / HOUR, 4e-8, 50.0, 1000.0)
    plain = exact.Degrading(1, HALF, polymer, before, exact.power_law(3e-13, 1.0))
    jumping = Jumping(1, HALF, polymer, before, exact.power_law(3e-13, 1.0))
    still = plain.released(t)
    near(f, jumping.released(t))
    assert abs(f[-1] - still[-1]) > 0.01


@pytest.mark.parametrize(
    ("changes", "falls"),
    [
        # 0.3 = exp(-0.05 x 4 - 0.25 x 4.016)
        ([event(4, hydrolysis__rate="0.25 1/h")], 4.0 + (-np.log(0.3) - 0.2) / 0.25),
        # below the new bound already, and above it still
        ([event(6, hydrolysis__Mn_critical=0.8)], 6.0),
        ([event(2, hydrolysis__Mn_critical=0.8)], -np.log(0.8) / 0.05),
        # no bound to begin with, none in the end
        ([event(1, hydrolysis__Mn_critical=0.0), event(3, hydrolysis__Mn_critical=0.7)], 7.13350),
        (
            [event(3, hydrolysis__Mn_critical=0.8), event(4, hydrolysis__Mn_critical=0.0)],
            np.inf,
        ),
    ],
)
def test_polymer_falls_apart_by_the_bound_and_the_chains_of_the_day(changes, falls):
    """Pitt (1981): ln m = -sum k dt; nothing leaves before and all does then."""
    hydrolysis = {**SCISSION, "rate": "0.05 1/h", "Mn_critical": 0.3}
    times = [f"{h!r} h" for h in (1.0, 3.9, 4.4, 4.6, 5.9, 6.1, 7.1, 7.2, 7.9, 8.1, 12.0)]
    laws = {"hydrolysis": hydrolysis, "diffusion": NONE}
    t, f = curve_of(FILM, laws, changes, run={"times": times})
    np.testing.assert_allclose(f, exact.wait(t, falls * HOUR), atol=1e-9)


def test_a_bound_that_only_an_event_names_releases_drug():
    laws = {"hydrolysis": SCISSION, "diffusion": NONE}
    t, f = curve_of(FILM, laws, [event(2, hydrolysis__Mn_critical=0.5)])
    np.testing.assert_allclose(f, exact.wait(t, np.log(2.0) / 0.1 * HOUR), atol=1e-9)


@pytest.mark.parametrize(("at", "falls"), [(2, -100.0 * np.log(0.95)), (7, 7.0)])
def test_a_bound_acts_on_chains_of_every_place(at, falls):
    """With acid that hardly moves: m = X0/(X0 + E0 (1 - exp(-k1 t))) is 0.5 at 5.13 h."""
    laws = {"hydrolysis": {**ESTER, "D_acid": "1e-24 m2/s"}, "diffusion": NONE}
    times = [f"{h!r} h" for h in (1.0, 2.1, 5.1, 5.15, 6.9, 7.1, 12.0)]
    changes = [event(at, hydrolysis__Mn_critical=0.5)]
    t, f = curve_of(FILM, laws, changes, run={"times": times})
    np.testing.assert_allclose(f, exact.wait(t, falls * HOUR), atol=1e-9)


def test_words_know_when_polymer_falls_apart_by_a_rate_that_changed():
    hydrolysis = {**SCISSION, "rate": "0.05 1/h", "Mn_critical": 0.3}
    changes = [event(4, hydrolysis__rate="0.25 1/h")]
    release = simulate(study(FILM, {"hydrolysis": hydrolysis, "diffusion": NONE}, changes))
    falls = 4.0 + (-np.log(0.3) - 0.2) / 0.25
    assert release.regime["falls_apart_s"] == pytest.approx(falls * HOUR)
    assert "held until the polymer falls apart at 8.0" in release.regime_words
