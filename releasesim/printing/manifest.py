"""The manifest: what was exported, from what, and the numbers a print has to reproduce."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from releasesim.errors import InputError
from releasesim.geometry.roads import RoadModel
from releasesim.printing.printable import Printable
from releasesim.units import mg, mm
from releasesim.version import __version__

if TYPE_CHECKING:
    from releasesim.curve import ReleaseCurve
    from releasesim.study import Study
    from releasesim.tablet import Part, Tablet

FORMAT = "releasesim-export/1"
DOSE_TOLERANCE = 0.02
"""Of a print, where the study asks for no dose of its own [-]."""
_SHAPED_BY = ("numpy", "shapely", "manifold3d")
RESEARCH_ONLY = "For research use only: not for diagnosis, treatment or use in people."


def facts(study: Study, made: Printable) -> dict[str, Any]:
    """Everything about an export but its files; plain data, units in the names.

    Parameters
    ----------
    study : Study
        As the user wrote it.
    made : Printable
        What is sliced.
    """
    tablet = study.tablet
    return {
        "format": FORMAT,
        "use": RESEARCH_ONLY,
        "title": study.title,
        "version": __version__,
        "versions": {name: version(name) for name in _SHAPED_BY},
        "study_hash": study.hash,
        "cards": dict(sorted(study.cards.items())),
        "printer": study.printer and study.printer.name,
        "seed": study.run.seed,
        **_wanted(study),
        "deposited_volume_mm3": _mm3(tablet.deposited_volume),
        "slicer_volume_mm3": _mm3(sum(map(made.volume_of, range(1, made.extruders + 1)))),
        "mass_mg": mass_of(tablet),
        "drug_mass_mg": digits(tablet.dose() / mg),
        "as_printed": _as_printed(tablet),
        **each_drug(tablet.doses),
        **_roads(made.tablet),
        "extruders": _extruders(tablet, made),
        "notes": list(made.notes),
    }


def with_curve(curve: ReleaseCurve | None) -> dict[str, Any]:
    """Give the predicted curve, where there is one."""
    if curve is None:
        return {}
    points = {"time_s": curve.time.tolist(), "released_fraction": curve.fraction.tolist()}
    return {"predicted_curve": points}


def file_facts(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Size and hash of each file."""
    return {
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
            for name, content in files.items()
        }
    }


def json_text(data: Mapping[str, Any]) -> str:
    """Plain data as JSON for people and machines."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _wanted(study: Study) -> dict[str, float]:
    """Dose that the print shall hold: what the study asks for, else what it works out to."""
    if study.design is None or study.design.dose is None:
        return {"dose_kg": study.tablet.dose(), "dose_tolerance": DOSE_TOLERANCE}
    return {"dose_kg": study.design.dose, "dose_tolerance": study.design.dose_tolerance}


def _roads(tablet: Tablet) -> dict[str, Any]:
    road = RoadModel(tablet.road_width, tablet.layer_height)
    return {
        "road_width_mm": digits(tablet.road_width / mm),
        "road_spacing_mm": digits(road.spacing / mm),
        "road_mm3_per_mm": digits(road.area / mm**2),
        "layer_height_mm": digits(tablet.layer_height / mm),
        "printed_height_mm": digits(tablet.body.size[2] / mm),
    }


def _as_printed(tablet: Tablet) -> dict[str, float | None]:
    """Give what was said of the print and not of the drawing; None for what was not measured."""
    height, mass = tablet.measured_height, tablet.mass
    return {
        "oversize": tablet.oversize,
        "porosity": tablet.porosity,
        "gap_porosity": tablet.gap_porosity,
        "flow": tablet.flow,
        "mass_spread": tablet.mass_spread,
        "measured_mass_mg": None if mass is None else digits(mass / mg),
        "measured_height_mm": None if height is None else digits(height / mm),
    }


def mass_of(tablet: Tablet) -> float | None:
    """Of the tablet [mg]; None for a material whose density nobody gave."""
    try:
        return digits(tablet.total_mass() / mg)
    except InputError:
        return None


def _extruders(tablet: Tablet, made: Printable) -> list[dict[str, Any]]:
    return [
        _extruder(tablet, made, number)
        for number in range(1, made.extruders + 1)
        if made.part_of(number) is not None
    ]


def _extruder(tablet: Tablet, made: Printable, number: int) -> dict[str, Any]:
    """List what one extruder deposits, as simulated and as a slicer will count it."""
    chosen = [n for n, part in enumerate(tablet.parts) if part.extruder == number]
    parts = [tablet.parts[n] for n in chosen if made.tablet.part_volumes[n] > 0.0]
    volume = [tablet.part_volumes[n] for n in chosen]
    drug = sum(tablet.part_volumes[n] * tablet.deposited_concentrations[n] for n in chosen)
    return {
        "extruder": number,
        "parts": [part_title(part) for part in parts],
        "material": parts[0].formulation.describe(),
        "deposited_volume_mm3": _mm3(sum(volume)),
        "slicer_volume_mm3": _mm3(made.volume_of(number)),
        "flow": digits(made.flow_of(number)),
        "mass_mg": _part_mass(tablet, parts[0], sum(volume)),
        "drug_mass_mg": digits(drug / mg),
        **each_drug(_doses_in(tablet, chosen)),
    }


def _part_mass(tablet: Tablet, part: Part, volume: float) -> float | None:
    """Of `volume` [m3] of a part's material, pores and measured mass counted [mg]."""
    try:
        packed = (1.0 - tablet.porosity) * part.formulation.density
        return digits(volume * packed * tablet.material_scale / mg)
    except InputError:
        return None


def _doses_in(tablet: Tablet, parts: list[int]) -> dict[str, float]:
    """Mass of each drug in some parts of the tablet [kg]."""
    held = {}
    for name in tablet.drugs:
        concentrations = tablet.for_drug(name).deposited_concentrations
        held[name] = sum(tablet.part_volumes[n] * concentrations[n] for n in parts)
    return {name: mass for name, mass in held.items() if mass > 0.0}


def each_drug(doses: Mapping[str, float]) -> dict[str, Any]:
    """Mass of each drug of several."""
    if len(doses) < 2:
        return {}
    return {"drug_masses_mg": {name: digits(mass / mg) for name, mass in doses.items()}}


def part_title(part: Part) -> str:
    """Name of a part; the tablet's own material has none."""
    return part.name or "tablet"


def _mm3(volume: float) -> float:
    return digits(volume / mm**3)


def digits(value: float) -> float:
    """Nine significant digits: what rounding in the units would otherwise leave behind."""
    return float(f"{value:.9g}")
