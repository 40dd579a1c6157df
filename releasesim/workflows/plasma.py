"""From a study with a patient to plasma, and from measured plasma back to release."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from releasesim.curve import ConcentrationCurve, ReleaseCurve
from releasesim.errors import InputError
from releasesim.patient import (
    Deconvolution,
    PlasmaPrediction,
    deconvolve,
    loo_riegelman,
    patient_of,
    predict,
    refuse_forbidden,
    wagner_nelson,
)
from releasesim.study import Study
from releasesim.version import __version__
from releasesim.workflows.output import OutFolder, json_text

METHODS = ("constrained", "wagner_nelson", "loo_riegelman")


def plasma_of_study(study: Study, release: Path | None = None) -> PlasmaPrediction:
    """Predict the plasma of a study's patient, from a simulated or a given release curve.

    Parameters
    ----------
    study : Study
        With [patient].
    release : Path, optional
        A release curve to take instead of simulating the tablet.
    """
    refuse_forbidden(study)
    patient = patient_of(study)  # what is wrong with it is better known before the long work
    if release is not None:
        curve, dose = ReleaseCurve.read(release), sum(study.tablet.doses.values())
        return predict(study, curve, dose, patient)
    from releasesim.simulation import simulate

    found = simulate(study)
    return predict(study, found.curve, found.dose, patient)


def write_plasma(folder: OutFolder, study: Study, plasma: PlasmaPrediction) -> dict[str, Any]:
    """Write plasma.csv, plasma.png and plasma.json; return what the last one holds."""
    from releasesim.plotting.plasma import plasma_figure

    data = {**_origin(study), **plasma.to_dict()}
    folder.save("plasma.csv", plasma.curve.write)
    folder.write("plasma.png", plasma_figure(plasma))
    folder.write("plasma.json", json_text(data))
    return data


def read_back(
    study: Study, measured: Path, dose: float | None, method: str, noise: float | None
) -> tuple[ReleaseCurve, dict[str, Any]]:
    """Turn measured plasma into a release curve, or into what was absorbed.

    Parameters
    ----------
    study : Study
        Its patient and drug give the pharmacokinetics.
    measured : Path
        CSV of plasma after one dose.
    dose : float or None
        [kg]; None: that of the tablet.
    method : str
        One of METHODS.
    noise : float or None
        Known coefficient of variation [-].
    """
    patient = patient_of(study)
    plasma = ConcentrationCurve.read(measured)
    given = dose or sum(study.tablet.doses.values())
    if method == "constrained":
        found: Deconvolution = deconvolve(
            plasma, patient.body, given, noise=noise, seed=study.run.seed
        )
        return found.curve, {**_origin(study), "method": method, **found.to_dict()}
    if method not in METHODS:
        raise InputError(f"no method {method}; there are {', '.join(METHODS)}")
    rule = wagner_nelson if method == "wagner_nelson" else loo_riegelman
    absorbed = rule(plasma, patient.body, given)
    curve = ReleaseCurve(plasma.time, absorbed.clip(min=0.0), name="absorbed")
    data = {"time_s": plasma.time.tolist(), "absorbed_fraction": absorbed.tolist()}
    return curve, {**_origin(study), "method": method, **data}


def patient_plasma(study: Study, curve: ReleaseCurve, dose: float) -> PlasmaPrediction | None:
    """Plasma of a study's patient; None where there is none, or no pharmacokinetics to go by."""
    if study.patient is None or len(study.drugs) > 1:
        return None
    drug = study.tablet.drug_card(study.drugs[0])
    if drug is None or drug.pharmacokinetics.clearance is None:
        return None
    return predict(study, curve, dose)


def _origin(study: Study) -> dict[str, Any]:
    plain = dataclasses.asdict(study.run)
    return {"version": __version__, "study_hash": study.hash, "seed": plain["seed"]}
