"""The tables of what is wanted: target, design, sweep, patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from releasesim.errors import InputError
from releasesim.study.card_laws import as_designed
from releasesim.study.routes import text_for
from releasesim.study.spreads import Levels, Shares, Spread
from releasesim.study.wishes import CURVE_LAWS, CURVE_UNITS, Choice
from releasesim.study.written.text import changed, field_text, parameter_text
from releasesim.units import exact_quantity

if TYPE_CHECKING:
    from releasesim.study.study import Study
    from releasesim.study.wishes import PatientSpec, Plasma, Stage, Target

Data = dict[str, Any]


def target_data(target: Target | None) -> Data:
    """The wanted curve, or one for each drug, and what is accepted."""
    if target is None:
        return {}
    if target.drugs:
        return {name: target_data(one) for name, one in target.drugs.items()}
    accept = {
        "f2": target.accept_f2,
        "largest_difference": target.accept_largest_difference,
        "time_in_window": target.accept_time_in_window,
        "cmax": target.accept_cmax,
    }
    said = {key: field_text(key, value) for key, value in accept.items() if value is not None}
    if target.accept_stages:
        said["stages"] = [_stage(stage) for stage in target.accept_stages]
    return _wanted(target) | ({"accept": said} if said else {})


def _stage(stage: Stage) -> Data:
    shares = {key: getattr(stage, key) for key in ("low", "high", "Q")}
    said = {key: exact_quantity(value, "%") for key, value in shares.items() if value is not None}
    return {"at": field_text("at", stage.at), **said}


def _plasma(plasma: Plasma) -> Data:
    ends = {key: getattr(plasma, key) for key in ("low", "high")}
    data = {key: exact_quantity(value, "mg/L") for key, value in ends.items() if value is not None}
    data |= {} if plasma.curve_file is None else {"curve": plasma.curve_file}
    return data | changed(plasma, ["dose_every", "doses", "auc"])


def _wanted(target: Target) -> Data:
    if target.curve_file is not None:
        return {"curve": target.curve_file}
    if target.law is not None:
        kind = next(kind for kind, cls in CURVE_LAWS.items() if cls is type(target.law))
        values = vars(target.law)
        texts = {name: parameter_text(name, x, CURVE_UNITS[name]) for name, x in values.items()}
        return {"shape": {"kind": kind, **texts}}
    if target.plasma is not None:
        return {"plasma": _plasma(target.plasma)}
    if target.points:
        rows = [[field_text("at", at), exact_quantity(share, "%")] for at, share in target.points]
        return {"points": rows}
    raise InputError("the target's curve came from no file: write it, and name the file")


def design_data(study: Study) -> Data:
    """What may vary, what limits it, what is uncertain."""
    design = study.design
    if design is None:
        return {}
    data = changed(design, ["dose", "dose_tolerance", "absorbs_dose", "max_print_time", "max_mass"])
    if design.robust is not None:
        data["robust"] = {"samples": design.robust.samples}
        uncertain = {
            spread.name: _spread(as_designed(study, spread.name), spread)
            for spread in design.robust.uncertain
        }
        data["robust"] |= {"uncertain": uncertain} if uncertain else {}
    if design.doses:
        data["doses"] = {name: field_text("dose", dose) for name, dose in design.doses.items()}
    data["polymers"] = list(design.polymers)
    data["vary"] = {vary.name: _vary(study, vary) for vary in design.vary}
    return data


def _vary(study: Study, vary: Any) -> Any:
    if isinstance(vary, Choice):
        return [text_for(study, vary.name, value) for value in vary.values]
    ends = {"min": vary.minimum, "max": vary.maximum}
    return {end: text_for(study, vary.name, value) for end, value in ends.items()}


def sweep_data(study: Study) -> Data:
    """What is swept, how, and what is measured."""
    sweep = study.sweep
    if sweep is None:
        return {}
    data = changed(sweep, ["plan", "samples", "shard"])
    data["measures"] = [measure.words for measure in sweep.measures]
    data["vary"] = {spread.name: _spread(study, spread) for spread in sweep.vary}
    return data


def _spread(study: Study, spread: Spread) -> Any:
    """Write how a parameter spreads; steps become the values that they stand for."""
    values = vars(spread)
    if isinstance(spread, Levels):
        return [text_for(study, spread.name, value) for value in spread.values]
    if isinstance(spread, Shares):
        words = (str(text_for(study, spread.name, value)) for value in spread.values)
        return {"shares": dict(zip(words, spread.shares, strict=True))}
    ends = {"minimum": "min", "maximum": "max", "mean": "mean", "sd": "sd"}
    texts = {ends[k]: text_for(study, spread.name, v) for k, v in values.items() if k in ends}
    if str(texts.get("sd")).endswith("degC"):  # a difference has no zero to count from
        texts["sd"] = exact_quantity(values["sd"], "K")
    return texts | ({"cv": values["cv"]} if "cv" in values else {})


def patient_data(patient: PatientSpec | None) -> Data:
    """What is known of the patient."""
    if patient is None:
        return {}
    values = {name: value for name, value in vars(patient).items() if value is not None}
    written = {name: field_text(name, value) for name, value in values.items()}
    if patient.height is not None:
        written["height"] = exact_quantity(patient.height, "cm")
    return {name: value for name, value in written.items() if value or value is False}
