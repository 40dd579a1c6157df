"""Plans: every run once, by the seed alone, in shards named by what they hold."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.errors import InputError
from releasesim.sweep import Cost, plan_of
from releasesim.sweep.plan import runs_of


def test_factorial_has_every_combination_once(study):
    plan = plan_of(study())
    assert plan.names == ("walls", "infill.density")
    assert len(plan.rows) == len(set(plan.rows)) == runs_of(plan.spec) == 20
    assert set(plan.rows) == {(walls, density) for walls in range(1, 11) for density in (0.2, 0.4)}
    assert [len(shard.jobs) for shard in plan.shards] == [8, 8, 4]


def test_population_draws_the_same_people_for_every_choice(study):
    vary = {
        "infill.density": ["20 %", "40 %"],
        "diffusion.D": {"mean": "1e-10 m2/s", "cv": "30 %"},
        "infill.pattern": {"shares": {"grid": "75 %", "gyroid": "25 %"}},
    }
    plan = plan_of(study(plan="population", samples=4000, vary=vary))
    rows = np.array(plan.rows, dtype=object)
    assert rows.shape == (8000, 3)
    assert (rows[:4000, 1:] == rows[4000:, 1:]).all()
    values = rows[:4000, 1].astype(float)
    assert values.mean() == pytest.approx(1e-10, rel=0.02)  # 4 standard errors: 0.3/sqrt(4000)
    assert values.std() / values.mean() == pytest.approx(0.3, rel=0.1)
    assert np.mean(rows[:4000, 2] == "gyroid") == pytest.approx(0.25, abs=0.03)


def test_seed_decides_and_nothing_else(study):
    vary = {"diffusion.D": {"min": "1e-11 m2/s", "max": "1e-9 m2/s"}}
    made = study(plan="population", samples=16, vary=vary)
    first, again = plan_of(made), plan_of(made)
    other = plan_of(made.replace("run.seed", 2))
    assert first.rows == again.rows
    assert [shard.name for shard in first.shards] == [shard.name for shard in again.shards]
    assert first.rows != other.rows
    assert not {s.name for s in first.shards} & {s.name for s in other.shards}


@pytest.mark.parametrize(("plan", "runs"), [("sobol", 8 * (2 + 2)), ("morris", 8 * (2 + 1))])
def test_sensitivity_plans_have_the_runs_of_their_paper(study, plan, runs):
    """Saltelli 2010: N (k + 2) without second order; Morris 1991: r (k + 1)."""
    vary = {
        "shape.diameter": {"min": "6 mm", "max": "10 mm"},
        "diffusion.D": {"min": "1e-11 m2/s", "max": "1e-9 m2/s"},
    }
    made = plan_of(study(plan=plan, samples=8, vary=vary))
    assert len(made.rows) == runs == runs_of(made.spec)
    assert all(6e-3 <= row[0] <= 10e-3 and 1e-11 <= row[1] <= 1e-9 for row in made.rows)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vary": {"walls": {"min": 3, "max": 1}}}, "must be below max"),
        ({"vary": {"walls": {"min": 1, "max": 3}}}, "a factorial plan needs"),
        ({"vary": {"wals": [1, 2]}}, 'did you mean "walls"'),
        ({"vary": {}}, "names nothing"),
        ({"vary": {"walls": [1, -2]}}, "whole number"),
        ({"vary": {"infill.pattern": {"shares": {"grid": "50 %"}}}}, "add up to 50 %"),
        (
            {"plan": "population", "vary": {"diffusion.D": {"mean": "1e-10 m2/s", "cv": "0 %"}}},
            "cv",
        ),
        ({"measures": ["t500"]}, 'did you mean "t50"'),
        ({"measures": ["mdt", "mdt"]}, "twice"),
        ({"measures": ["released 8 mm"]}, "8 mm"),
        ({"plan": "sobo"}, 'did you mean "sobol"'),
    ],
)
def test_what_cannot_be_is_refused_by_name(study, change, words):
    with pytest.raises(InputError, match="sweep") as caught:
        study(**change)
    assert words in str(caught.value)


def test_too_many_runs_are_refused_before_they_are_written_out(study):
    vary = {
        "walls": {"min": 1, "max": 50, "steps": 50},
        "infill.density": {"min": "10 %", "max": "90 %", "steps": 10000},
        "shape.diameter": {"min": "6 mm", "max": "9 mm", "steps": 10000},
    }
    with pytest.raises(InputError, match=r"5e\+09 runs"):
        plan_of(study(vary=vary))


def test_sobol_needs_a_power_of_two(study):
    vary = {"diffusion.D": {"min": "1e-11 m2/s", "max": "1e-9 m2/s"}}
    with pytest.raises(InputError, match="power of two"):
        plan_of(study(plan="sobol", samples=12, vary=vary))


def test_sweep_is_written_and_read_back(study):
    vary = {
        "walls": [1, 2],
        "infill.pattern": {"shares": {"grid": "75 %", "gyroid": "25 %"}},
        "diffusion.D": {"mean": "1e-10 m2/s", "cv": "30 %"},
        "shape.diameter": {"min": "6 mm", "max": "9 mm"},
        "shape.height": {"mean": "3 mm", "sd": "0.1 mm"},
    }
    made = study(plan="population", samples=7, vary=vary)
    again = type(made).from_dict(made.to_data())
    assert again.sweep == made.sweep
    assert again.hash == made.hash


@pytest.mark.parametrize(
    ("name", "mean", "sd", "read"),
    [
        ("flow", "100 %", "5 %", 0.05),  # of the values 50 to 150 % are allowed
        ("infill.density", "40 %", "0.5 %", 0.005),
        ("medium.temperature", "37 degC", "0.5 K", 0.5),
        ("shape.diameter", "7 mm", "50 um", 5e-5),
        ("diffusion.D", "1e-10 m2/s", "1e-11 m2/s", 1e-11),
    ],
)
def test_a_spread_keeps_no_bounds_of_its_value(study, name, mean, sd, read):
    made = study(plan="population", samples=4, vary={name: {"mean": mean, "sd": sd}})
    (spread,) = made.sweep.vary
    assert spread.sd == pytest.approx(read)
    (again,) = type(made).from_dict(made.to_data()).sweep.vary
    assert again.sd == pytest.approx(read)


@pytest.mark.parametrize(
    ("name", "mean", "sd", "words"),
    [
        ("medium.temperature", "37 degC", "1 degC", 'sd = "1 degC": .* in K: "1 K"'),
        ("flow", "100 %", "-5 %", "sd.*must be above 0"),
        ("flow", "100 %", "5 mm", "sd"),
        ("infill.pattern", "grid", "gyroid", "is a word"),
    ],
)
def test_a_spread_that_is_none_is_refused(study, name, mean, sd, words):
    with pytest.raises(InputError, match=words):
        study(plan="population", samples=4, vary={name: {"mean": mean, "sd": sd}})


def test_makespan_of_free_workers():
    """By hand: 4, 3, 2, 2, 1 s on two workers: 4 + 2 against 3 + 2 + 1."""
    cost = Cost((4.0, 3.0, 2.0, 2.0, 1.0), runs=5)
    assert cost.makespan(1) == cost.core_seconds == 12.0
    assert cost.makespan(2) == 6.0
    assert cost.makespan(1000) == 4.0
    assert cost.makespan(1000, startup=1.0) == 5.0
