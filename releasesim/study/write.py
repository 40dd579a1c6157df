"""A study back to the plain data of its file, every number to the last digit."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from releasesim.study.laws import laws_by_name
from releasesim.study.written.laws import bath_data, physics_data
from releasesim.study.written.tablet import formulation_data, tablet_data
from releasesim.study.written.text import changed, field_text
from releasesim.study.written.wishes import design_data, patient_data, sweep_data, target_data
from releasesim.units import exact_quantity

if TYPE_CHECKING:
    from releasesim.study.run import Run
    from releasesim.study.study import Study

Data = dict[str, Any]


def study_data(study: Study) -> Data:
    """Return the plain data of a study, what is at its default left out.

    Raises
    ------
    InputError
        The study holds a measured curve that came from no file.
    """
    laws = laws_by_name(study.tablet, study.physics, study.region_physics, study.drug_physics)
    data: Data = {"schema": "releasesim/1", "title": study.title, "process": study.process}
    tables = {
        "printer": study.printer and study.printer.name,
        "calibration": study.calibration and _file_name(study.calibration.path, study.path),
        "tablet": tablet_data(study.tablet, study.region_drug_physics),
        "formulation": formulation_data(study.tablet.formulation),
        "medium": bath_data(study.bath, laws),
        "physics": physics_data(study),
        "run": _run(study.run),
        "target": target_data(study.target),
        "design": design_data(study),
        "patient": patient_data(study.patient),
        "sweep": sweep_data(study),
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


def _run(run: Run) -> Data:
    data: Data = {"until": field_text("until", run.until)}
    if run.times is not None:
        data["times"] = [exact_quantity(time, "min") for time in run.times]
        return data | changed(run, ["tolerance", "spacing", "seed", "device"])
    return data | changed(run, ["samples", "tolerance", "spacing", "seed", "device"])
