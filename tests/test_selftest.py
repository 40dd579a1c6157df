"""The references of coupled laws against certified digits and each other, and the command."""

from __future__ import annotations

import json
import math
from html.parser import HTMLParser

import numpy as np
import pytest

from releasesim.cli import app
from releasesim.errors import ConvergenceError, InputError, UnsupportedLawError
from releasesim.study import Study
from releasesim.workflows.selftest import exact, run
from releasesim.workflows.selftest.cases import all_cases, chosen
from releasesim.workflows.selftest.exact import CYLINDER, SLAB, SPHERE, dispersed, dissolution
from releasesim.workflows.selftest.exact.concentration import kirchhoff
from releasesim.workflows.selftest.exact.lines import Mesh, near_surface
from releasesim.workflows.selftest.page import selftest_page

TIMES = np.linspace(0.0, 1.0, 25) ** 2
BODIES = {SLAB: exact.slab, CYLINDER: exact.cylinder, SPHERE: exact.sphere}


def digits(value, expected):
    """Agree in all eight decimals quoted."""
    assert np.abs(np.asarray(value) - np.asarray(expected)).max() < 5.1e-9


def apart(one, other):
    """Largest difference of two curves."""
    return float(np.abs(np.asarray(one) - np.asarray(other)).max())


# --- baths and events -----------------------------------------------------------------------------


@pytest.mark.parametrize("n", BODIES)
@pytest.mark.parametrize(
    ("state", "crank"),
    [
        (exact.State(1.0), {}),
        (exact.State(1.0, k=5.0), {"k": 5.0}),
        (exact.State(1.0, bath=2.0), {"bath": 2.0}),
        (exact.State(1.0, 3.0, 8.0, 4.0), {"k": 3.0, "partition": 4.0, "bath": 2.0}),
    ],
)
def test_spectral_bath_matches_crank(n, state, crank):
    """Eigenvectors in polynomials against series and transforms."""
    times = np.linspace(1e-3, 2.0, 20)
    true = BODIES[n](times, 1.0, 2.0 if n == SLAB else 1.0, **crank)
    assert apart(exact.eventful(times, n, 1.0, state), true) < 1e-9


def test_spectral_bath_digits():
    """PHYSICS 4, a = 2, as fractions of the dose."""
    state = exact.State(1.0, bath=2.0)
    digits(exact.eventful([0.2], SLAB, 1.0, state), 0.41878605)
    digits(exact.eventful([0.1], CYLINDER, 1.0, state), 0.48149520)
    digits(exact.eventful([0.1], SPHERE, 1.0, state), 0.57269273)


def test_an_event_that_changes_nothing_changes_nothing():
    state = exact.State(1.0, 4.0, 3.0, 2.0)
    calm = exact.eventful(TIMES, SPHERE, 1.0, state)
    assert (
        apart(exact.eventful(TIMES, SPHERE, 1.0, state, [exact.Change(0.03, state)]), calm) < 1e-12
    )


def test_samples_of_the_whole_bath_end_in_powers():
    """Wholly replaced at equilibrium each time: what is left is (1/(1 + a))^n."""
    state = exact.State(1.0, bath=2.0)
    changes = exact.sampled(state, 20.0, 2.0, 40.0, replaced=True)
    left = 1.0 - exact.eventful([19.0, 39.0, 59.0], SLAB, 1.0, state, changes)
    assert left == pytest.approx([3.0**-1, 3.0**-2, 3.0**-3], abs=1e-12)


def test_bath_that_shrinks_keeps_its_concentration():
    """At equilibrium a sample that is not replaced changes no concentration: nothing moves."""
    state = exact.State(1.0, bath=2.0)
    changes = exact.sampled(state, 20.0, 0.5, 20.0, replaced=False)
    released = exact.eventful([19.9, 20.1, 40.0], SPHERE, 1.0, state, changes)
    assert released == pytest.approx([2.0 / 3.0] * 3, abs=1e-12)


def test_switched_diffusivity_is_a_change_of_clock():
    changes = [exact.Change(0.02, exact.State(3.0))]
    clock = np.minimum(TIMES, 0.02) + 3.0 * np.maximum(TIMES - 0.02, 0.0)
    later = TIMES > 1e-3
    switched = exact.eventful(TIMES, SPHERE, 1.0, exact.State(1.0), changes)
    assert apart(switched[later], exact.sphere(clock, 1.0, 1.0)[later]) < 1e-9


# --- dispersed drug -------------------------------------------------------------------------------


@pytest.mark.parametrize("loading", [1.1, 2.0, 5.0, 10.0])
def test_front_fixing_matches_paul_and_mcspadden(loading):
    """Exact until the fronts meet."""
    times = TIMES * loading
    closed = exact.higuchi_slab(times, 1.0, 1.0, loading)
    known = np.isfinite(closed)
    found = exact.Dispersed(SLAB, 1.0, 1.0, loading).released(times)
    assert known.sum() > 5
    assert apart(found[known], closed[known]) < 1e-7


@pytest.mark.parametrize("loading", [1.1, 3.0, 10.0])
@pytest.mark.parametrize("more", [{}, {"k": 5.0}, {"speed": 0.5}])
@pytest.mark.parametrize("n", [SLAB, SPHERE])
def test_moving_boundary_is_right_to_1e_5(n, loading, more):
    """Twice the cells, a start half as deep and a smaller last core change nothing."""
    body = exact.Dispersed(n, 1.0, 1.0, loading, **more)
    times = TIMES * loading
    assert apart(body.released(times, 12), body.released(times, 24)) < 1e-5


@pytest.mark.parametrize(("name", "value"), [("FIRST", 5e-4), ("LAST", 0.01)])
def test_start_and_end_of_the_moving_boundary_do_not_matter(monkeypatch, name, value):
    body, times = exact.Dispersed(SPHERE, 1.0, 1.0, 2.0), TIMES * 0.4
    before = body.released(times)
    monkeypatch.setattr(dispersed, name, value)
    assert apart(body.released(times), before) < 1e-5


def test_dispersed_sphere_tends_to_baker_and_lonsdale():
    """For A >> c_s, at a rate of c_s/A."""
    gaps = []
    for loading in (100.0, 400.0):
        released = np.linspace(0.1, 0.95, 12)
        times = exact.baker_lonsdale(released, loading)
        gaps.append(apart(exact.Dispersed(SPHERE, 1.0, 1.0, loading).released(times), released))
    assert gaps[0] < 1e-2
    assert gaps[1] == pytest.approx(gaps[0] / 4.0, rel=0.1)


def test_drug_just_above_solubility_is_dissolved():
    barely = exact.Dispersed(SPHERE, 1.0, 1.0, 1.0 + 1e-4).released(TIMES * 0.3)
    assert apart(barely, exact.sphere(TIMES * 0.3, 1.0, 1.0)) < 3e-4


def test_erosion_much_faster_than_diffusion_is_hopfenberg():
    body = exact.Dispersed(SLAB, 1.0, 1.0, 4.0, speed=400.0)
    times = TIMES * 0.9 / 400.0
    assert apart(body.released(times), exact.erode_slab(times, 400.0, 2.0)) < 4e-3


def enthalpy(n, loading, speed, until, cells):
    """Eroding body by explicit steps of the total W with c = min(W, 1): no front at all."""
    xi, W, t = np.linspace(0.0, 1.0, cells + 1), np.full(cells, loading), 0.0
    while t < until:
        h = (1.0 - speed * t) / cells
        mesh = Mesh.between(n, xi, 0.0, cells * h, (0.0, -speed))
        step = min(0.2 * h * h, until - t)
        c = np.minimum(W, 1.0)
        into = np.concatenate(([0.0], mesh.gradient(c), [-2.0 * c[-1] / h]))
        swept = mesh.drift * np.concatenate(([0.0], 0.5 * (W[1:] + W[:-1]), [0.0]))
        amount = mesh.volume * W + step * np.diff(mesh.area * (into + swept))
        t += step
        W = amount / Mesh.between(n, xi, 0.0, 1.0 - speed * t).volume
    return 1.0 - amount.sum() * n / loading


@pytest.mark.parametrize(("n", "loading"), [(SLAB, 3.0), (SPHERE, 5.0)])
def test_two_moving_boundaries_match_an_enthalpy_method(n, loading):
    body = exact.Dispersed(n, 1.0, 1.0, loading, speed=1.0)
    assert body.released([0.1])[0] == pytest.approx(enthalpy(n, loading, 1.0, 0.1, 100), abs=2e-4)


# --- dissolution at a finite rate -----------------------------------------------------------------


@pytest.mark.parametrize("n", [SLAB, SPHERE])
@pytest.mark.parametrize("more", [{}, {"saturated": True}, {"k": 3.0}])
def test_lines_match_the_transform_while_solid_lasts(n, more):
    """Danckwerts' problem by two roads."""
    body = exact.Dissolving(n, 1.0, 1.0, 6.0, 20.0, **more)
    assert body.outlasts(1.0)
    assert apart(body.released(TIMES), body.with_excess(TIMES)) < 1e-6


def test_excess_ends_in_the_steady_flux():
    """PHYSICS 5: c_s sqrt(D k_d) tanh(l sqrt(k_d/D))."""
    body = exact.Dissolving(SLAB, 1.0, 1.0, 6.0, 1000.0)
    first, last = body.with_excess([20.0, 21.0])
    assert (last - first) * 1000.0 == pytest.approx(exact.dissolving_slab_flux(1.0, 6.0, 1.0, 1.0))


@pytest.mark.parametrize("exponent", [0.0, 2.0 / 3.0])
@pytest.mark.parametrize("n", [SLAB, SPHERE])
def test_depletion_is_right_to_1e_5(monkeypatch, n, exponent):
    """Twice the cells and a sharper end of the solid."""
    body = exact.Dissolving(n, 1.0, 1.0, 4.0, 2.0, exponent)
    coarse = body.released(2.0 * TIMES)
    monkeypatch.setattr(dissolution, "FADE", 0.5 * dissolution.FADE)
    assert apart(coarse, body.released(2.0 * TIMES, 2 * dissolution.CELLS)) < 3e-5


def test_fast_dissolution_is_local_equilibrium():
    """The moving boundary by quite another road."""
    times = TIMES * 0.8
    slow, fast = (exact.Dissolving(SLAB, 1.0, 1.0, rate, 2.0, 2.0 / 3.0) for rate in (1e3, 4e3))
    front = exact.Dispersed(SLAB, 1.0, 1.0, 2.0).released(times)
    assert apart(fast.released(times), front) < 0.6 * apart(slow.released(times), front) < 0.03


@pytest.mark.parametrize("n", [SLAB, SPHERE])
def test_pores_that_open_are_right_to_1e_5(n):
    body = exact.Dissolving(n, 1.0, 1.0, 6.0, 2.0, 2.0 / 3.0, opening=4.0)
    coarse = body.released(TIMES)
    assert apart(coarse, body.released(TIMES, 2 * dissolution.CELLS)) < 1e-5


def test_pores_between_narrow_and_wide():
    """Never slower than the pores of the start, never faster than those of the end."""
    narrow, opening, wide = (
        exact.Dissolving(SLAB, 1.0, D, 6.0, 2.0, 2.0 / 3.0, opening=more).released(TIMES[1:])
        for D, more in ((1.0, 0.0), (1.0, 4.0), (5.0, 0.0))
    )
    assert (narrow < opening).all()
    assert (opening < wide).all()


# --- channels -------------------------------------------------------------------------------------

TUBE = 1.9, 1.1


def test_a_tube_of_one_material_is_carslaw_and_jaegers():
    """One shell, or two of the same, between walls that are a sink or sealed."""
    outer, inner = TUBE
    sealed = exact.annulus(TIMES, 1.0, outer, inner, sealed=["inner"])
    assert apart(exact.composite_tube(TIMES, [exact.Shell(outer, 1.0)], inner=inner), sealed) < 1e-9
    assert apart(exact.late_bore(TIMES, 1.0, outer, inner, 2.0), sealed) < 1e-9
    open_ = exact.annulus(TIMES, 1.0, outer, inner)
    assert apart(exact.late_bore(TIMES, 1.0, outer, inner, 0.0)[1:], open_[1:]) < 1e-9
    rods = [exact.Shell(inner, 1.0), exact.Shell(outer, 1.0)]
    for height in (math.inf, 0.8):
        rod = (
            exact.cylinder(TIMES, 1.0, outer)
            if math.isinf(height)
            else exact.finite_cylinder(TIMES, 1.0, outer, height)
        )
        # sines of the height settle slowly while little is out
        assert apart(exact.composite_tube(TIMES, rods, height=height)[3:], rod[3:]) < 1e-9


def test_a_bore_that_conducts_everything_is_mixed():
    """Open at both ends and endlessly quick, the medium in it is the bath."""
    outer, inner = TUBE
    shells = [exact.Shell(inner, 1e6, c=0.0), exact.Shell(outer, 1.0)]
    ends, walls = (
        exact.slab(TIMES, 1.0, 0.8),
        exact.annulus(TIMES, 1.0, outer, inner),
    )
    mixed = 1.0 - (1.0 - ends) * (1.0 - walls)
    assert apart(exact.composite_tube(TIMES, shells, height=0.8)[3:], mixed[3:]) < 1e-4


# --- erosion with diffusion -----------------------------------------------------------------------


def test_half_space_and_slab_agree_until_the_faces_meet():
    """PHYSICS 7: 1.72014111 c0 at B = D = t = 1."""
    digits(exact.erode_and_diffuse(1.0, 1.0, 1.0), 1.72014111)
    released = exact.erode_and_diffuse_body([0.01], SLAB, 1.0, 1.0, 10.0)
    assert released == pytest.approx(exact.erode_and_diffuse([0.01], 10.0, 1.0), abs=1e-7)


@pytest.mark.parametrize("n", [SLAB, SPHERE])
def test_receding_body_between_its_limits(n):
    crank = BODIES[n](TIMES, 1.0, 2.0 if n == SLAB else 1.0)
    assert apart(exact.erode_and_diffuse_body(TIMES, n, 1.0, 1.0, 1e-5), crank) < 2e-5
    coarse, fine = (
        exact.erode_and_diffuse_body(TIMES / 3, n, 1.0, 1.0, 3.0, cells=c) for c in (40, 80)
    )
    assert apart(coarse, fine) < 1e-6


# --- water, concentration, swelling ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("beta", "uptake"), [(0.0, 1.128379), (1.0, 0.952985), (2.5, 0.772552), (5.0, 0.596780)]
)
def test_fujita_uptake_digits(beta, uptake):
    """PHYSICS 6."""
    assert exact.half_space_uptake(beta) == pytest.approx(uptake, abs=6e-7)


def test_uptake_by_lines_matches_similarity():
    body = exact.Wetted(SLAB, 1.0, exact.exponential(1.0, 2.5), exact.exponential(1.0, 0.0))
    times = TIMES * 0.1
    assert apart(body.uptake(times), exact.half_space_uptake(2.5) * np.sqrt(times)) < 1e-5


@pytest.mark.parametrize("beta", [2.0, -2.0])
def test_release_by_lines_matches_similarity(beta):
    times = TIMES * 0.01
    similar = exact.half_space_release(beta) * np.sqrt(times)
    assert apart(exact.plasticised(times, SLAB, 1.0, 1.0, beta), similar) < 1e-6


@pytest.mark.parametrize("n", [SLAB, SPHERE])
def test_without_feedback_the_lines_match_crank(n):
    crank = BODIES[n](TIMES, 1.0, 2.0 if n == SLAB else 1.0)
    assert apart(exact.plasticised(TIMES, n, 1.0, 1.0, 0.0), crank) < 1e-6
    body = exact.Wetted(n, 1.0, exact.exponential(1.0, 0.0), exact.exponential(1.0, 0.0))
    assert apart(body.released(TIMES), crank) < 2e-6


def test_water_that_rushes_in_swells_at_once():
    """Release of a body swollen from the start, but for the time the water takes."""
    D, _ = exact.swollen_at_once(1.0, math.inf, 4.0)
    body = exact.Wetted(SLAB, 1.0, exact.exponential(1e4, 0.0), exact.exponential(1.0, 0.0), 4.0)
    assert apart(body.released(TIMES), exact.slab(TIMES, D, 2.0)) < 2e-3


@pytest.mark.parametrize("n", [SLAB, SPHERE])
def test_case_two_limits(n):
    """Slow water: what it reaches is out at once. Fast: Crank."""
    slow = exact.erode_slab if n == SLAB else exact.erode_sphere
    size = 2.0 if n == SLAB else 1.0
    times = TIMES * 20.0
    assert apart(exact.case_two(times, n, 1.0, 1.0, 0.05), slow(times, 0.05, size)) < 0.05
    crank = BODIES[n](TIMES, 1.0, size)
    assert apart(exact.case_two(TIMES, n, 1.0, 1.0, 200.0), crank) < 0.02
    coarse, fine = (exact.case_two(TIMES, n, 1.0, 1.0, 3.0, cells=count) for count in (30, 60))
    assert apart(coarse, fine) < 1e-5


@pytest.mark.parametrize("n", [SLAB, SPHERE])
def test_coupled_lines_are_right_to_1e_5(n):
    water, drug = exact.exponential(1.0, 2.5), exact.exponential(1.0, 4.0)
    for body in (
        exact.Wetted(n, 1.0, water, drug),
        exact.Wetted(n, 1.0, water, drug, 4.0, 3.0),
        exact.Wetted(n, 1.0, water, exact.mackie_meares(5.0, 4.0), 4.0),
        exact.Degrading(n, 1.0, exact.Ester(0.2, 2e-3, 5.0, 1e3), 1.0, exact.power_law(0.02, 1.0)),
    ):
        assert apart(body.released(TIMES), body.released(TIMES, 90)) < 1e-5


def test_wetted_tube_is_an_annulus_where_all_is_wet_at_once():
    """Carslaw & Jaeger (1959) 7.10; and right to 1e-5 by halving its cells."""
    times = 0.3 * TIMES
    plain = exact.WettedTube(0.5, 1.0, exact.exponential(1e5, 0.0), exact.exponential(1.0, 0.0))
    assert apart(plain.released(times), exact.annulus(times, 1.0, 1.0, 0.5)) < 1e-5
    tube = exact.WettedTube(0.5, 1.0, exact.exponential(1.0, 1.0), exact.exponential(1.0, 2.5))
    assert apart(tube.released(times), tube.released(times, 180)) < 1e-5


# --- degradation ----------------------------------------------------------------------------------


def test_acid_digits():
    """PHYSICS 8, phi^2 = 5, T = 0.1: three fields with plenty of ester against the series."""
    digits(exact.autocatalytic_sphere(0.1, 5.0), 0.37841659)
    plenty = exact.Ester(0.0, 5e-9, 1.0, 1e9)
    body = exact.Degrading(SPHERE, 1.0, plenty, 1.0, exact.power_law(0.1, 0.0))
    assert body.acid([0.1])[0] == pytest.approx(0.37841659, abs=1e-6)


@pytest.mark.parametrize(
    ("n", "critical"), [(SLAB, math.pi / 2), (CYLINDER, 2.4048), (SPHERE, math.pi)]
)
def test_critical_thiele_number(n, critical):
    """PHYSICS 8: below it acid is washed out, above it runs away."""
    for factor, runs_away in ((0.95, False), (1.05, True)):
        plenty = exact.Ester(0.0, (factor * critical) ** 2 / 1e12, 1.0, 1e12)
        body = exact.Degrading(n, 1.0, plenty, 1.0, exact.power_law(0.1, 0.0))
        early, late = body.acid([1.0, 2.0])
        assert bool(late > early) is runs_away


def test_acid_that_stays_is_lumped():
    """Without diffusion the mean is the logistic; the drug keeps the clock of Mn."""
    polymer = exact.Ester(0.1, 2e-3, 5.0, 1e3)
    body = exact.Degrading(SPHERE, 1.0, polymer, 0.0, exact.power_law(0.02, 1.0))
    law = exact.power_law(0.02, 1.0)
    clock = exact.clock(TIMES, lambda t: law(polymer.molar_mass(polymer.ester(t))))
    assert apart(body.released(TIMES), exact.sphere(clock, 1.0, 1.0)) < 1e-5
    grown = body.acid(TIMES)
    assert apart(grown, 1.0 + (1e3 - polymer.ester(TIMES)) / 5.0) < 1e-4


def test_clocks():
    times = np.linspace(0.0, 3.0, 7)
    assert (
        apart(
            exact.clock(times, lambda t: 2.0 * np.exp(t)), exact.exponential_clock(times, 2.0, 1.0)
        )
        < 1e-12
    )
    assert exact.logistic_molar_mass(exact.pitt_time(0.2, 0.3), 0.2, 0.0) == pytest.approx(0.3)
    assert apart(kirchhoff(1.0, 1e-9, times), times) < 1e-7


# --- manufactured ---------------------------------------------------------------------------------


@pytest.mark.parametrize("n", BODIES)
@pytest.mark.parametrize("beta", [1.0, -2.0])
def test_manufactured_source_closes_the_equation(n, beta):
    """Finite volumes on two grids: what is missing falls with the square of the cell."""
    made, t, step = exact.manufactured.Manufactured(n, 0.5, beta), 0.3, 1e-5
    missing = []
    for cells in (200, 400):
        mesh = Mesh(n, np.linspace(0.0, 1.0, cells + 1))
        x, face = mesh.centre, mesh.face[1:-1]
        c = made.concentration(x, t)
        D = made.diffusivity(face, made.concentration(face, t))
        spread = mesh.gather(0.0, D * mesh.gradient(c), -made.outflow(t))
        rate = (made.concentration(x, t + step) - made.concentration(x, t - step)) / (2.0 * step)
        residual = rate - spread - made.source(x, t)
        missing.append(float(np.abs(mesh.volume @ residual)))
    assert missing[0] < 1e-4
    assert missing[1] < 0.3 * missing[0]


def test_faces_are_finest_at_the_surface():
    width = np.diff(near_surface(40))
    assert width.min() == width[-1]
    assert width.sum() == pytest.approx(1.0)


# --- cases ----------------------------------------------------------------------------------------


def test_cases_are_named_once_and_can_be_read():
    cases = all_cases()
    assert len({case.name for case in cases}) == len(cases) >= 50
    for case in cases:
        assert Study.from_dict(case.study).run.tolerance == run.TOLERANCE


@pytest.mark.parametrize("case", [case for case in all_cases() if case.thin], ids=lambda c: c.name)
def test_exact_curves_are_curves(case):
    """From 0, never down, never above 1, and beyond 10 % at several times."""
    released = case.exact(Study.from_dict(case.study).run.output_times())
    assert released[0] == 0.0
    assert np.diff(released).min() > -1e-6
    assert released.max() < 1.0 + 1e-6
    assert (released > run.BEYOND).sum() > 5


def test_cases_are_found_by_part_of_their_name():
    assert {"film Bi 0.1" in case.name for case in chosen("FILM bi 0.1")} == {True}
    assert all(case.thin for case in chosen(quick=True))
    with pytest.raises(InputError, match=r'contains "no such".*"slab, sink"'):
        chosen("no such")


# --- running --------------------------------------------------------------------------------------


def refuse(study):
    raise UnsupportedLawError("not this one")


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (UnsupportedLawError("not this one"), "not simulated"),
        (ConvergenceError("take smaller steps"), "failed"),
        (ZeroDivisionError("float division"), "failed"),
    ],
)
def test_whatever_goes_wrong_is_an_outcome(monkeypatch, error, verdict):
    def fail(study):
        raise error

    monkeypatch.setattr(run, "simulate", fail)
    summary = run.run_all(chosen("slab, sink"))
    assert [one.verdict for one in summary.outcomes] == [verdict]
    assert str(error) in summary.outcomes[0].words
    assert summary.failures
    assert "not known" in summary.describe()
    assert verdict in selftest_page(summary)


def outcome(error=1e-4, estimate=2e-4, **more):
    return run.Outcome("a <case>", "a source", "ok", error, estimate, 2.0, 1e-14, 0.1, **more)


def test_the_suite_is_judged_by_its_estimates():
    fine = run.Summary((outcome(),) * 20, 1.0)
    assert fine.failures == []
    assert fine.median_ratio == pytest.approx(2.0)
    shy = run.Summary((outcome(estimate=1e-5),) * 2 + (outcome(),) * 18, 1.0)
    assert "90%" in shy.failures[0]
    fat = run.Summary((outcome(estimate=1e-3),) * 20, 1.0)
    assert "median" in fat.failures[0]
    assert run.Summary(fat.outcomes, 1.0, whole=False).failures == []
    rounding = outcome(error=1e-16, estimate=0.0)
    assert rounding.trusted
    assert math.isnan(rounding.ratio)


class Page(HTMLParser):
    """Tags, and the text outside of style sheets."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words, self.inside = [], [], []
        self.feed(html)
        self.close()
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not {"src", "href", "onclick"} & {name for name, _ in attrs}
        if tag != "meta":
            self.inside.append(tag)

    def handle_endtag(self, tag):
        assert self.inside.pop() == tag

    def handle_data(self, data):
        if "style" not in self.inside:
            self.words.append(data)


def test_page_says_the_figures_and_stands_alone():
    page = Page(selftest_page(run.Summary((outcome(),) * 3, 12.0)))
    assert not {"script", "link", "iframe"} & set(page.tags)
    for words in (
        "All checks passed",
        "a <case>",
        "a source",
        "0.0100 %",
        "0.0200 %",
        "2.00",
        "12 s",
    ):
        assert words in page.text
    bad = run.Outcome("b", "s", "wrong", 0.2, 1e-3, math.nan, 1e-3, 0.1)
    assert "A check failed" in Page(selftest_page(run.Summary((bad,), 1.0))).text


# --- the command ----------------------------------------------------------------------------------


def command(capfd, *words):
    with pytest.raises(SystemExit) as left:
        app(["selftest", *map(str, words)], prog_name="releasesim")
    return left.value.code, *capfd.readouterr()


def test_command_runs_a_few_cases(capfd, tmp_path):
    file = tmp_path / "selftest.html"
    code, out, err = command(capfd, "--case", "slab, film", "--report", file, "--json")
    data = json.loads(out)
    assert code == (0 if data["ok"] else 5)
    first = data["outcomes"][0]
    assert first["case"] == "slab, film Bi 0.1"
    assert first["verdict"] == "ok"
    assert first["error"] < 1e-3
    assert f"wrote {file}" in " ".join(err.split())
    assert "slab, film Bi 5" in Page(file.read_text()).text


def test_command_shows_a_table_and_the_order(capfd):
    code, out, _ = command(capfd, "--case", "slab, one face sealed")
    assert code == 0
    assert "1 of 1 cases right" in " ".join(out.split())
    (one,) = run.run_all(chosen("slab, one face sealed"), whole=False).outcomes
    assert one.order == pytest.approx(2.0, abs=0.1)


def test_command_fails_with_the_check(capfd, monkeypatch):
    monkeypatch.setattr(run, "simulate", refuse)
    code, out, _ = command(capfd, "--case", "slab, sink")
    assert code == 5
    assert "not simulated (not this one)" in " ".join(out.split())


@pytest.mark.parametrize(("estimate", "code"), [(2e-4, 0), (1e-5, 5), (1e-3, 5)])
def test_command_fails_with_the_shares(capfd, monkeypatch, estimate, code):
    """Every curve is right, and what is said of the errors is not."""
    suite = run.Summary((outcome(estimate=estimate),) * 20, 1.0)
    monkeypatch.setattr(run, "run_all", lambda cases, *, whole, report: suite)
    found, out, _ = command(capfd, "--quick", "--json")
    assert found == code
    assert json.loads(out)["ok"] is (code == 0)


def test_command_refuses_in_one_line(capfd, tmp_path):
    for words, said in (
        (["--case", "no such"], "no case of the selftest"),
        (["--case", "slab, sink", "--report", tmp_path], "is a folder, not a file"),
        (["--case", "slab, sink", "--report", tmp_path / "none" / "a.html"], "cannot be written"),
    ):
        code, out, err = command(capfd, *words)
        assert (code, out) == (3, "")
        assert said in err
        assert err.count("\n") == 1
