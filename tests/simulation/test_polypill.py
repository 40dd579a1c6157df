"""Several drugs: each releases as it would alone in a tablet of the same size and density."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from polypills import DRUGS, bilayer, diffusion, mixture, released

from releasesim.errors import InputError
from releasesim.simulation import simulate
from releasesim.simulation.polypill import simulate_drugs
from releasesim.study import Study

FAST = diffusion("3e-10 m2/s")


def alone(data, drug, D):
    """Simulate a tablet that holds one drug by concentration, of which no card knows."""
    study = Study.from_dict(data)
    concentration = f"{study.for_drug(drug).tablet.concentrations[0]!r} mg/mL"
    single = data | {"formulation": {"concentration": concentration}, "physics": diffusion(D)}
    return simulate(Study.from_dict(single))


def test_drugs_of_one_law_have_one_curve():
    release = released(mixture())
    first, second = release.curves.values()
    assert np.array_equal(first.fraction, second.fraction)
    np.testing.assert_allclose(release.curve.fraction, first.fraction, rtol=1e-14, atol=0)


def test_each_drug_releases_as_if_it_were_alone():
    release = released(mixture(caffeine=FAST))
    for drug, D in zip(DRUGS, ("1e-10 m2/s", "3e-10 m2/s"), strict=True):
        single = alone(mixture(caffeine=FAST), drug, D)
        np.testing.assert_allclose(
            release.curves[drug].fraction, single.curve.fraction, rtol=0, atol=1e-12
        )
        assert release.doses[drug] == pytest.approx(single.dose, rel=1e-12)
    assert release.curves["caffeine"].mdt < release.curves["theophylline"].mdt


def test_mass_of_all_drugs_adds_up():
    release = released(bilayer(caffeine=FAST))
    mass = sum(release.doses[name] * curve.fraction for name, curve in release.curves.items())
    np.testing.assert_allclose(release.dose * release.curve.fraction, mass, rtol=1e-13)
    assert release.dose == pytest.approx(sum(release.doses.values()))
    assert release.ledger_error < 1e-10


def test_bilayer_has_a_curve_for_each_layer():
    """Turned over, the layers exchange their curves: there is no up and down in a sink."""
    data = bilayer()
    turned = bilayer()
    turned["tablet"]["layer"].reverse()
    release, other = released(data), released(turned)
    assert tuple(release.curves) == DRUGS
    for name in DRUGS:
        np.testing.assert_allclose(
            release.curves[name].fraction, other.curves[name].fraction, rtol=0, atol=1e-10
        )
    # the thinner layer leaves sooner
    assert release.curves["theophylline"].mdt < release.curves["caffeine"].mdt


def test_account_is_the_worst_of_all_drugs():
    study = Study.from_dict(mixture(caffeine=FAST))
    singles = {name: simulate(study.for_drug(name)) for name in DRUGS}
    release = simulate_drugs(study, simulate)
    assert release.ledger_error == max(one.ledger_error for one in singles.values())
    assert release.error_estimate == max(one.error_estimate for one in singles.values())
    assert release.steps == sum(one.steps for one in singles.values())
    assert release.study_hash == study.hash
    assert release.regime["caffeine.diffusion_time_s"] == pytest.approx(
        release.regime["theophylline.diffusion_time_s"] / 3
    )
    assert release.notices == study.notices


def test_what_the_engine_says_of_one_drug_names_it():
    def noting(view):
        release = simulate(view)
        return dataclasses.replace(release, notices=(*release.notices, "a word"))

    release = simulate_drugs(Study.from_dict(mixture()), noting)
    assert release.notices[-2:] == ("theophylline: a word", "caffeine: a word")


def test_unknown_errors_stay_unknown():
    def unsure(view):
        known = view.drugs == ("caffeine",)
        return dataclasses.replace(simulate(view), error_estimate=0.1 if known else float("nan"))

    assert np.isnan(simulate_drugs(Study.from_dict(mixture()), unsure).error_estimate)


def test_one_drug_with_laws_of_its_own():
    data = mixture(theophylline=FAST)
    data["formulation"] = {"drug": "theophylline", "polymer": "ethylcellulose"}
    data["formulation"]["drug_loading"] = "20 %"
    release = released(data)
    single = simulate(Study.from_dict(data | {"physics": FAST}))
    assert np.array_equal(release.curve.fraction, single.curve.fraction)
    assert "curves" not in release.to_dict()


def test_account_holds_a_curve_for_each_drug():
    data = json.loads(json.dumps(released(mixture(caffeine=FAST)).to_dict()))
    assert set(data["curves"]) == set(DRUGS)
    assert data["curves"]["caffeine"]["dose_kg"] > 0.0
    assert len(data["curves"]["caffeine"]["released_fraction"]) == len(data["curve"]["time_s"])


def test_repr_has_a_row_for_each_drug():
    release = released(mixture())
    for name, dose in release.doses.items():
        assert f"{name}: {dose * 1e6:.4g} mg, ReleaseCurve '{name}'" in repr(release)
        assert name in release._repr_html_()


def test_no_drug_at_all():
    data = mixture() | {"formulation": {"concentration": "0 mg/mL"}}
    with pytest.raises(InputError, match="holds no drug"):
        released(data)
