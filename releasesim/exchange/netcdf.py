"""NetCDF with attributes after the CF conventions, by xarray."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from releasesim.exchange.course import Course
from releasesim.extras import load_extra

CONVENTIONS = "CF-1.11"


def dataset(course: Course) -> Any:
    """Make the xarray.Dataset: released_fraction over time, its spread, vessels and drugs.

    Raises
    ------
    MissingExtraError
        xarray is not installed.
    """
    xarray = load_extra("xarray", "xarray")
    curve = course.curve
    seconds = {"units": "s", "long_name": "time since the start of dissolution"}
    made = xarray.Dataset(
        {
            "released_fraction": (
                "time",
                curve.fraction,
                _attributes("released fraction of the dose"),
            )
        },
        coords={"time": ("time", curve.time, seconds)},
        attrs=_origin(course),
    )
    if curve.sd is not None:
        words = "standard deviation of the released fraction between units"
        made["released_fraction_sd"] = ("time", curve.sd, _attributes(words))
        made["released_fraction"].attrs["ancillary_variables"] = "released_fraction_sd"
    if curve.vessels is not None:
        single = _attributes("released fraction of single units")
        made["released_fraction_of_vessel"] = (("time", "vessel"), curve.vessels, single)
        made = made.assign_coords(vessel=("vessel", np.arange(1, curve.vessels.shape[1] + 1)))
    if course.dose is not None:
        made["dose"] = ((), course.dose, {"units": "kg", "long_name": "dose of drug"})
    return _with_drugs(course, made)


def _with_drugs(course: Course, made: Any) -> Any:
    if not course.drugs:
        return made
    shares = np.column_stack([one.fraction for one in course.drugs.values()])
    doses = np.array([course.doses.get(name, np.nan) for name in course.drugs])
    words = _attributes("released fraction of each drug's own dose")
    made["released_fraction_of_drug"] = (("time", "drug"), shares, words)
    made["dose_of_drug"] = ("drug", doses, {"units": "kg", "long_name": "dose of each drug"})
    return made.assign_coords(drug=("drug", list(course.drugs)))


def _attributes(words: str) -> dict[str, str]:
    return {"units": "1", "long_name": words}


def _origin(course: Course) -> dict[str, str]:
    what = "simulated" if course.curve.simulated else "measured"
    known = {key.replace(" ", "_"): value for key, value in course.origin.items()}
    return {
        "Conventions": CONVENTIONS,
        "title": f"Release curve {course.curve.name}, {what}",
        "comment": "Research use only: not for clinical decisions.",
        **known,
    }


def write_netcdf(course: Course, path: Path) -> None:
    """Write the dataset as NetCDF 4 to a path that is not there yet."""
    for library in ("h5netcdf", "h5py"):
        load_extra(library, "xarray")
    dataset(course).to_netcdf(path, engine="h5netcdf")
