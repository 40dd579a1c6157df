"""A study back to the plain data of its file, every number to the last digit."""

from __future__ import annotations

import copy
import dataclasses
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from releasesim.errors import InputError
from releasesim.geometry.drops.shape import Drops
from releasesim.geometry.shape import FileShape
from releasesim.physics import Law, parameter_units
from releasesim.study.calibrated import calibrated_physics
from releasesim.study.card_laws import as_designed, setting_of
from releasesim.study.laws import MECHANISM, DrugPhysics, card_physics, laws_by_name
from releasesim.study.routes import USER, text_for
from releasesim.study.spreads import Levels, Shares, Spread
from releasesim.study.wishes import CURVE_LAWS, CURVE_UNITS, Choice
from releasesim.units import exact_quantity

if TYPE_CHECKING:
    from releasesim.cards import Card
    from releasesim.geometry.infill import Infill
    from releasesim.geometry.shapes import Shape
    from releasesim.study.bath import Bath, Event
    from releasesim.study.run import Run
    from releasesim.study.study import Study
    from releasesim.study.wishes import PatientSpec, Plasma, Stage, Target
    from releasesim.tablet import Formulation, Ink, Inkjet, Layer, Region, Tablet

Data = dict[str, Any]

_UNIT_WORDS = {
    "mm": "diameter height length width thickness outer_diameter inner_diameter layer_height "
    "road_width spacing measured_height",
    "cm2": "area",
    "%": "oversize porosity gap_porosity flow mass_spread replace tolerance dose_tolerance "
    "largest_difference time_in_window Q",
    "deg": "angle",
    "mg": "max_mass mass dose",
    "mL": "volume",
    "rpm": "speed",
    "degC": "temperature",
    "h": "max_print_time until at dose_every",
    "min": "every",
    "mg/L": "cmax",
    "mg*h/L": "auc",
    "mg/dL": "serum_creatinine",
    "kg": "weight",
    "y": "age",
    "mL/min": "creatinine_clearance egfr",
}
_UNITS = {name: unit for unit, names in _UNIT_WORDS.items() for name in names.split()}
"""Unit in which a study file writes each number; the others are bare."""

_READABLE = {"1/s": ("1/s", "1/h", "1/d"), "s": ("s", "min", "h")}


def study_data(study: Study) -> Data:
    """Return the plain data of a study, what is at its default left out.

    Raises
    ------
    InputError
        The study holds a measured curve that came from no file.
    """
    data: Data = {"schema": "releasesim/1", "title": study.title, "process": study.process}
    tables = {
        "printer": study.printer and study.printer.name,
        "calibration": study.calibration and _file_name(study.calibration.path, study.path),
        "tablet": _tablet(study.tablet, study.region_drug_physics),
        "formulation": _formulation(study.tablet.formulation),
        "medium": _bath(study.bath, laws_by_name(study.physics, study.drug_physics, study.drugs)),
        "physics": _physics(study),
        "run": _run(study.run),
        "target": _target(study.target),
        "design": _design(study),
        "patient": _patient(study.patient),
        "sweep": _sweep(study),
    }
    return data | {key: table for key, table in tables.items() if table}


def moved(data: Data, old: Path | None, new: Path) -> Data:
    """Return data whose relative file names fit another place."""
    changed = copy.deepcopy(data)
    for table, key in _named_files(changed):
        if not Path(table[key]).is_absolute():
            start = (old.parent if old else Path()) / table[key]
            table[key] = Path(os.path.relpath(start, new.parent)).as_posix()
    return changed


def _file_name(path: Path, study: Path | None) -> str:
    """Name of a file as seen from the study's own; from the working folder without one."""
    folder = study.parent if study else Path()
    return Path(os.path.relpath(path, folder)).as_posix()


def _named_files(data: Data) -> Iterator[tuple[Data, str]]:
    """Tables that name a file, and the key that does."""
    target, tablet = data.get("target", {}), data.get("tablet", {})
    shapes = [part.get("shape", {}) for part in (tablet, *tablet.get("region", ()))]
    wanted = [target, *(one for one in target.values() if isinstance(one, dict))]
    named = [(data, "calibration"), *((one, "curve") for one in wanted)]
    # the plasma of a single target is among `wanted` already, and no name may be moved twice
    named += [(one.get("plasma", {}), "curve") for one in wanted[1:]]
    yield from ((table, key) for table, key in named if key in table)
    yield from ((shape, "file") for shape in shapes if "file" in shape)


def _changed(obj: Any, names: Iterable[str]) -> Data:
    """Write the named fields of a dataclass that are not at their defaults."""
    defaults = {field.name: field.default for field in dataclasses.fields(obj)}
    return {
        name: _text(name, getattr(obj, name))
        for name in names
        if getattr(obj, name) is not None and getattr(obj, name) != defaults[name]
    }


def _text(name: str, value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_text(name, one) for one in value]
    if isinstance(value, float) and name in _UNITS:
        return exact_quantity(value, _UNITS[name])
    return value


def _tablet(tablet: Tablet, drugs: Mapping[str, DrugPhysics]) -> Data:
    data: Data = {"shape": _shape(tablet.shape)}
    if tablet.layers:
        data["shape"].pop("height", None)
        data["shape"].pop("thickness", None)
    if tablet.infill is not None:
        data["infill"] = _infill(tablet.infill)
    if tablet.inkjet is not None:
        if tablet.inkjet.layers is not None:
            data["shape"].pop("height", None)
            data["shape"].pop("thickness", None)
        data["inkjet"] = _inkjet(tablet.inkjet)
    made_of = ["shape", "formulation", "infill", "inkjet", "regions", "layers"]
    if tablet.shape.of_roads:  # which say their own
        made_of += ["layer_height", "road_width"]
    rest = [f.name for f in dataclasses.fields(tablet) if f.name not in made_of]
    data |= _changed(tablet, rest)
    for key, parts in (("region", tablet.regions), ("layer", tablet.layers)):
        if parts:
            data[key] = [_part(part, drugs.get(part.name, {})) for part in parts]
    return data


def _shape(shape: Shape) -> Data:
    if isinstance(shape, FileShape):
        return {"kind": shape.kind, "file": shape.file, **shape.written()}
    sizes = {f.name: _text(f.name, getattr(shape, f.name)) for f in dataclasses.fields(shape)}
    return {"kind": shape.kind, **sizes}


def _infill(infill: Infill) -> Data:
    density = exact_quantity(infill.density, "%")
    data = {"pattern": infill.pattern, "density": density, **_changed(infill, ["angle"])}
    if infill.graded is None:
        return data
    to = exact_quantity(infill.graded.to, "%")
    return data | {"graded": {"along": infill.graded.along, "to": to, "steps": infill.graded.steps}}


_INK_UNITS = {"concentration": "mg/mL", "solids": "%", "density": "g/cm3", "viscosity": "cP"}
_INKJET_UNITS = {
    **dict.fromkeys(("pitch", "pitch_y", "spot", "line_pitch", "line_width"), "um"),
    "drop_volume": "pL",
    "volume_per_length": "nL/mm",
    "coverage": "%",
    "drying": "min",
}


def _inkjet(inkjet: Inkjet) -> Data:
    defaults = {field.name: field.default for field in dataclasses.fields(inkjet)}
    said = {name: value for name, value in vars(inkjet).items() if value != defaults[name]}
    data = {
        name: exact_quantity(value, _INKJET_UNITS[name]) if name in _INKJET_UNITS else value
        for name, value in said.items()
    }
    return data | {"ink": _ink(inkjet.ink)}


def _ink(ink: Ink) -> Data:
    said = {name: value for name, value in vars(ink).items() if value is not None}
    return {name: exact_quantity(value, _INK_UNITS[name]) for name, value in said.items()}


def _part(part: Region | Layer, drugs: DrugPhysics) -> Data:
    data: Data = {"name": part.name}
    shape, at = getattr(part, "shape", None), getattr(part, "at", None)
    if shape is not None and not (shape.of_roads or isinstance(shape, Drops)):
        place = {} if at is None else {"at": [exact_quantity(x, "mm") for x in at]}
        data["shape"] = _shape(shape) | place
    data |= _changed(part, [f.name for f in dataclasses.fields(part) if f.name == "thickness"])
    if part.infill is not None:
        data["infill"] = _infill(part.infill)
    data |= _changed(part, ["extruder", "partition"])
    if part.formulation is not None:
        data["formulation"] = _formulation(part.formulation)
    if part.ink is not None:
        data["ink"] = _ink(part.ink)
    if part.physics or drugs:
        own = {drug: _laws(laws) for drug, laws in drugs.items()}
        data["physics"] = _laws(part.physics) | own
    return data


def _formulation(made: Formulation) -> Data:
    data = _contents(made)
    density = made.density_given
    others = (*made.further_drugs, *made.inert_drugs, *made.excipients)
    cards = (made.drug, made.polymer, *(card for card, _ in others))
    if density is None and any(map(_replaced, cards)):
        density = made.density  # what the replaced card number made of it
    if density is not None:
        data["density"] = exact_quantity(density, "g/cm3")
    if made.assay != 1.0:
        data["assay"] = exact_quantity(made.assay, "%")
    return data


def _contents(made: Formulation) -> Data:
    names = {"drug": made.drug and made.drug.name, "polymer": made.polymer and made.polymer.name}
    data: Data = {key: name for key, name in names.items() if name}
    if made.concentration_given is not None:
        return data | {"concentration": exact_quantity(made.concentration_given, "mg/mL")}
    if made.further_drugs or made.inert_drugs or not made.drug_loading:
        return {"components": _components(made, data)}
    data["drug_loading"] = exact_quantity(made.drug_loading, "%")
    if made.excipients:
        data["excipients"] = [
            {"name": card.name, "fraction": exact_quantity(share, "%")}
            for card, share in made.excipients
        ]
    return data


def _components(made: Formulation, names: Data) -> list[Data]:
    drugs = [("drug", card.name, share) for card, share in made.drug_loadings]
    inert = [("drug", card.name, share) for card, share in made.inert_drugs]
    rest = [("polymer", names["polymer"], made.polymer_fraction)]
    rest += [("excipient", card.name, share) for card, share in made.excipients]
    return [
        *(_component(*part) for part in drugs),
        *(_component(*part) | {"inert": True} for part in inert),
        *(_component(*part) for part in rest),
    ]


def _component(what: str, name: str, share: float) -> Data:
    return {what: name, "fraction": exact_quantity(share, "%")}


def _replaced(card: Card | None) -> bool:
    density = getattr(card, "density", None)
    return getattr(density, "source", None) == USER


def _law(law: Law) -> Data:
    units = parameter_units(type(law))
    values = {name: getattr(law, name) for name in units if getattr(law, name) is not None}
    texts = {name: parameter_text(name, value, units[name]) for name, value in values.items()}
    return {"law": type(law).__name__, **texts}


def parameter_text(name: str, value: float | str, unit: str) -> float | str:
    """Write a law's parameter in the unit that reads best and loses nothing."""
    if isinstance(value, str) or unit in ("1", "text"):
        return value
    units = ("mm/h", "m/s") if name == "speed" else _READABLE.get(unit, (unit,))
    return min((exact_quantity(value, one) for one in units), key=len)


def _physics(study: Study) -> Data:
    """Laws that the polymer's card would not give by itself."""
    laws = {slot: law for slot, law in study.physics.laws().items() if not law.off}
    mechanism = {slot: law for slot, law in laws.items() if slot in MECHANISM}
    if study.calibration is not None:
        return _laws(_uncalibrated(study, laws)) | _drug_laws(study)
    if _from_card(study, mechanism):
        laws = {slot: law for slot, law in laws.items() if slot not in MECHANISM}
    elif not mechanism:
        laws["diffusion"] = study.physics.diffusion  # said, or the card's mechanism would come
    return _laws(laws) | _drug_laws(study)


def _drug_laws(study: Study) -> Data:
    return {drug: _laws(of_drug) for drug, of_drug in study.drug_physics.items()}


def _uncalibrated(study: Study, laws: Mapping[str, Law]) -> Mapping[str, Law]:
    """Laws that the study's calibration would not give by itself."""
    assert study.calibration is not None  # noqa: S101  the caller has looked
    given = calibrated_physics(study.calibration).laws()
    named = {slot: law for slot, law in study.physics.laws().items() if law != given[slot]}
    return {slot: law for slot, law in named.items() if slot in laws or not given[slot].off}


def _laws(laws: Mapping[str, Law]) -> Data:
    return {slot: _law(law) for slot, law in laws.items()}


def _from_card(study: Study, mechanism: Mapping[str, Law]) -> bool:
    polymer = study.tablet.formulation.polymer
    named = any(name.split(".")[0] in MECHANISM for name in study.inputs)
    if polymer is None or not named:
        return False
    card = card_physics(polymer, setting_of(study)).laws()
    return all(mechanism.get(slot, card[slot]) == card[slot] for slot in MECHANISM) and len(
        mechanism
    ) == sum(not card[slot].off for slot in MECHANISM)


def _bath(bath: Bath, laws: Mapping[str, Law]) -> Data:
    data: Data = {} if bath.medium is None else {"name": bath.medium.name}
    data |= _changed(bath, ["volume", "partition"])
    if bath.apparatus is not None:
        data["apparatus"] = bath.apparatus.name
    data |= _changed(bath, ["speed", "temperature"])
    if bath.sampling is not None:
        data["sampling"] = {name: _text(name, x) for name, x in vars(bath.sampling).items()}
    if bath.events:
        data["event"] = [_event(event, laws) for event in bath.events]
    return data


def _event(event: Event, laws: Mapping[str, Law]) -> Data:
    data: Data = {"at": _text("at", event.at), **_changed(event, ["replace"])}
    if event.medium is not None:
        data["medium"] = event.medium.name
    if event.set:
        data["set"] = {name: _event_text(laws, name, value) for name, value in event.set}
    return data


def _event_text(laws: Mapping[str, Law], name: str, value: float | str) -> float | str:
    slot, _, parameter = name.rpartition(".")
    unit = parameter_units(type(laws[slot]))[parameter]
    return parameter_text(parameter, value, unit)


def _run(run: Run) -> Data:
    data: Data = {"until": _text("until", run.until)}
    if run.times is not None:
        data["times"] = [exact_quantity(time, "min") for time in run.times]
        return data | _changed(run, ["tolerance", "spacing", "seed", "device"])
    return data | _changed(run, ["samples", "tolerance", "spacing", "seed", "device"])


def _target(target: Target | None) -> Data:
    if target is None:
        return {}
    if target.drugs:
        return {name: _target(one) for name, one in target.drugs.items()}
    accept = {
        "f2": target.accept_f2,
        "largest_difference": target.accept_largest_difference,
        "time_in_window": target.accept_time_in_window,
        "cmax": target.accept_cmax,
    }
    said = {key: _text(key, value) for key, value in accept.items() if value is not None}
    if target.accept_stages:
        said["stages"] = [_stage(stage) for stage in target.accept_stages]
    return _wanted(target) | ({"accept": said} if said else {})


def _stage(stage: Stage) -> Data:
    shares = {key: getattr(stage, key) for key in ("low", "high", "Q")}
    said = {key: exact_quantity(value, "%") for key, value in shares.items() if value is not None}
    return {"at": _text("at", stage.at), **said}


def _plasma(plasma: Plasma) -> Data:
    ends = {key: getattr(plasma, key) for key in ("low", "high")}
    data = {key: exact_quantity(value, "mg/L") for key, value in ends.items() if value is not None}
    data |= {} if plasma.curve_file is None else {"curve": plasma.curve_file}
    return data | _changed(plasma, ["dose_every", "doses", "auc"])


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
        rows = [[_text("at", at), exact_quantity(share, "%")] for at, share in target.points]
        return {"points": rows}
    raise InputError("the target's curve came from no file: write it, and name the file")


def _design(study: Study) -> Data:
    design = study.design
    if design is None:
        return {}
    data = _changed(
        design, ["dose", "dose_tolerance", "absorbs_dose", "max_print_time", "max_mass"]
    )
    if design.robust is not None:
        data["robust"] = {"samples": design.robust.samples}
        uncertain = {
            spread.name: _spread(as_designed(study, spread.name), spread)
            for spread in design.robust.uncertain
        }
        data["robust"] |= {"uncertain": uncertain} if uncertain else {}
    if design.doses:
        data["doses"] = {name: _text("dose", dose) for name, dose in design.doses.items()}
    data["polymers"] = list(design.polymers)
    data["vary"] = {vary.name: _vary(study, vary) for vary in design.vary}
    return data


def _vary(study: Study, vary: Any) -> Any:
    if isinstance(vary, Choice):
        return [text_for(study, vary.name, value) for value in vary.values]
    ends = {"min": vary.minimum, "max": vary.maximum}
    return {end: text_for(study, vary.name, value) for end, value in ends.items()}


def _sweep(study: Study) -> Data:
    sweep = study.sweep
    if sweep is None:
        return {}
    data = _changed(sweep, ["plan", "samples", "shard"])
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


def _patient(patient: PatientSpec | None) -> Data:
    if patient is None:
        return {}
    values = {name: value for name, value in vars(patient).items() if value is not None}
    written = {name: _text(name, value) for name, value in values.items()}
    if patient.height is not None:
        written["height"] = exact_quantity(patient.height, "cm")
    return {name: value for name, value in written.items() if value or value is False}
