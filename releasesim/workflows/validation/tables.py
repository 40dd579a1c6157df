"""Small published tables: each with what it can test, computed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from releasesim.workflows.validation.row import (
    Row,
    Seen,
    number_row,
    read_rows,
    root_mean_square,
)


def rows(folder: Path) -> list[Row]:
    """Rows of every table that tests something."""
    tables = folder / "tables"
    return [
        _wall(tables),
        _molar_mass(tables),
        *_swelling(tables),
        _struts(tables),
        *_turns(tables),
    ]


def _wall(tables: Path) -> Row:
    table = read_rows(tables / "taf_pcl_reservoir_wall_thickness_PMC6680758.csv")
    rate = {r["wall_thickness_um"]: float(r["release_rate_mg_per_day"]) for r in table}
    return number_row(
        "TAF through PCL tubes (Johnson 2019)",
        "permeability on a wall of 45 um",
        "wall of 200 um, rate as 1/thickness",
        value=rate["45"] * 45.0 / 200.0,
        measured=rate["200"],
        unit="mg/d",
        why="two rates said to be approximate; grade of PCL may differ",
    )


def _molar_mass(tables: Path) -> Row:
    table = read_rows(tables / "pcl_degradation_from_abstracts.csv")
    mass = {r["time"]: float(r["value"]) for r in table if r["time_unit"] == "months"}
    rate = math.log(mass["0"] / mass["24"]) / 24.0
    return number_row(
        "PCL in the rat (Sun 2006)",
        "first-order scission on 0 and 24 months",
        "molar mass at 30 months",
        value=mass["0"] * math.exp(-30.0 * rate),
        measured=mass["30"],
        unit="g/mol",
        why="the two times come from two abstracts, one with a second polymer",
    )


def _swelling(tables: Path) -> list[Row]:
    table = read_rows(tables / "hpmc_xanthan_swelling_PMC2802136_Tab2.csv")
    column = "CHECK_100(Wt-W0)/W0"
    found = []
    for name, low, high in (("HPMC K4M", 30, 40), ("XG", 30, 40)):
        series = {
            share: [
                (float(r["time_h"]), float(r[column]) / 100.0)
                for r in table
                if r["polymer"] == f"{name} {share}%" and r["CHECK"] == "ok"
            ]
            for share in (low, high)
        }
        t, w = np.array(series[low]).T
        a = float(np.sqrt(t) @ w / t.sum())
        time, observed = np.array(series[high]).T
        fitted = a * np.sqrt(time) * high / low
        gap = root_mean_square(fitted / observed - 1.0)
        said = "met" if gap <= 0.15 else "MISSED: uptake is not in proportion to polymer"
        found.append(
            Row(
                f"water uptake of {name} tablets",
                f"square-root uptake on {low} % polymer",
                f"{high} % polymer, in proportion to it",
                f"relative RMSE {100 * gap:.0f} %: {said}",
                seen=Seen(
                    100.0 * observed, 100.0 * fitted, time, labels=("time [h]", "water uptake [%]")
                ),
            )
        )
    return found


def _struts(tables: Path) -> Row:
    table = read_rows(tables / "printing_designed_vs_measured_scaffolds.csv")
    specimens: dict[str, dict[str, float]] = {}
    for r in table:
        if r["source"].startswith("josr"):
            specimens.setdefault(r["specimen"], {})[r["quantity"]] = float(r["measured"])
    observed = np.array([s["porosity"] / 100.0 for s in specimens.values()])
    struts = np.array([s["strut_size"] for s in specimens.values()])
    pores = np.array([s["projected_aperture"] for s in specimens.values()])
    gap = root_mean_square(pores / (struts + pores) - observed)
    said = "met" if gap <= 0.05 else "MISSED: struts overlap and are not square"
    return Row(
        f"{observed.size} printed scaffolds",
        "nothing",
        "porosity from strut and pore, a/(a + s)",
        said,
        rmse=gap,
        seen=Seen(
            100.0 * observed,
            100.0 * pores / (struts + pores),
            labels=("measured porosity [%]", "a/(a + s) [%]"),
        ),
    )


def _turns(tables: Path) -> list[Row]:
    """Share of the material in the turns that join the beads of a fill (Ravi 2020).

    Slic3r lays beads of width w and height h that are rounded at their sides w - h(1 - pi/4) apart
    where they touch, and that over the density where they do not; n beads have n - 1 turns.
    """
    table = {
        r["item"]: r["value"]
        for r in read_rows(tables / "ravi2020_fill_density_slic3r_abstract.csv")
    }
    side = float(table["nominal construct"].split("x")[0])
    width, height = float(table["extrusion width"]), float(table["layer height"])
    touching = width - height * (1.0 - math.pi / 4.0)
    shares = [float(x) for x in table["material in bead-to-bead interconnects"].split("to")]
    found = []
    for density, measured, end in zip((9.58, 40.0), shares, ("upper", "lower"), strict=True):
        apart = touching / (density / 100.0)
        beads = int(side / apart)
        turns = (beads - 1) * apart
        found.append(
            number_row(
                f"fill of {density:g} % as Slic3r lays it (Ravi 2020)",
                "nothing: distance of beads from width and height",
                f"share of material in the turns, at the {end} end of what is published",
                value=100.0 * turns / (beads * side + turns),
                measured=measured,
                unit="%",
                why="the turns are laid in another way",
            )
        )
    return found


__all__ = ["rows"]
