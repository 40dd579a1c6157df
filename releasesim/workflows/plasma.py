"""From a study with a patient to plasma, and from measured plasma back to release."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from releasesim.curve import ConcentrationCurve, ReleaseCurve
from releasesim.errors import InputError
from releasesim.patient import (
    Deconvolution,
    PlasmaPrediction,
    deconvolve,
    loo_riegelman,
    patient_of,
    predict,
    predict_each,
    wagner_nelson,
)
from releasesim.study import Study, refuse_forbidden
from releasesim.version import __version__
from releasesim.workflows.output import OutFolder, json_text

if TYPE_CHECKING:
    from releasesim.simulation import Release

METHODS = ("constrained", "wagner_nelson", "loo_riegelman")


def plasma_of_study(study: Study, release: Path | None = None) -> dict[str, PlasmaPrediction]:
    """Predict the plasma of a study's patient by drug, from simulated release or a given curve.

    The only drug of a tablet has the name "".

    Parameters
    ----------
    study : Study
        With [patient].
    release : Path, optional
        A release curve to take instead of simulating the tablet; of one drug.
    """
    refuse_forbidden(study)
    views = {name: study.for_drug(name) for name in study.drugs}
    # what is wrong with a person is better known before the long work
    people = {name: patient_of(view) for name, view in views.items()}
    if release is not None:
        if len(views) > 1:
            raise InputError(
                f"{release}: one release curve, and the tablet holds {' and '.join(views)}: "
                "leave --release out, and each is simulated"
            )
        (view,), (person,) = views.values(), people.values()
        curve, dose = ReleaseCurve.read(release), sum(study.tablet.doses.values())
        return {"": predict(view, curve, dose, person)}
    from releasesim.simulation import simulate

    found = simulate(study)
    if not found.several:
        (view,), (person,) = views.values(), people.values()
        return {"": predict(view, found.curve, found.dose, person)}
    doses = found.doses
    return {n: predict(views[n], c, doses[n], people[n]) for n, c in found.several.items()}


def write_plasma(
    folder: OutFolder, study: Study, plasma: Mapping[str, PlasmaPrediction]
) -> dict[str, Any]:
    """Write plasma.csv, plasma.png and plasma.json; return what the last one holds.

    Of several drugs each has a plasma_NAME.csv and plasma_NAME.png.
    """
    from releasesim.plotting.plasma import plasma_figure

    for name, one in plasma.items():
        mark = f"_{name}" if name else ""
        folder.save(f"plasma{mark}.csv", one.curve.write)
        folder.write(f"plasma{mark}.png", plasma_figure(one))
    data = {**_origin(study), **plasma_data(plasma)}
    folder.write("plasma.json", json_text(data))
    return data


def plasma_data(plasma: Mapping[str, PlasmaPrediction]) -> dict[str, Any]:
    """Plain data of a prediction: the only drug's, or each of several by its name in "drugs"."""
    if "" in plasma:
        return plasma[""].to_dict()
    return {"drugs": {name: one.to_dict() for name, one in plasma.items()}}


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
    refuse_forbidden(study)
    patient = patient_of(study)
    plasma = ConcentrationCurve.read(measured)
    given = sum(study.tablet.doses.values()) if dose is None else dose
    if not given > 0.0:
        raise InputError(f"dose = {1e6 * given:g} mg: must be above 0")
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


def patient_plasma(study: Study, release: Release) -> dict[str, PlasmaPrediction]:
    """Plasma of a study's patient by drug, of those drugs whose pharmacokinetics are known.

    The only drug of a tablet has the name "".
    """
    if release.several:
        return predict_each(study, release.several, release.doses)
    (name,) = study.drugs
    found = predict_each(study, {name: release.curve}, {name: release.dose})
    return {"": found[name]} if found else {}


def _origin(study: Study) -> dict[str, Any]:
    plain = dataclasses.asdict(study.run)
    return {"version": __version__, "study_hash": study.hash, "seed": plain["seed"]}
