"""Implants and rings in women, and implants that form in place: small published tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from releasesim.workflows.validation.row import Row, Seen, number_row, read_rows, root_mean_square

_MONTH = 365.25 / 12.0
_IN_PLACE = "release slows after its burst by more than one power says"
_SAME = ("PLGA 2A", "1% loading dose")
"""Formulations that are others of the table under another name."""


def rows(folder: Path) -> list[Row]:
    """Rows of silicone implants, vaginal rings and implants that form in place."""
    tables = folder / "tables"
    progestins = read_rows(tables / "progestin_silicone_implants_release_rates.csv")
    return [
        _rods(progestins),
        *_capsules(progestins),
        _length(progestins),
        *_jadelle(progestins),
        _ring(tables),
        _formed_in_place(tables),
    ]


def _rods(table: Sequence[Mapping[str, str]]) -> Row:
    rods = [r for r in table if r["device"].startswith("homogeneous rods")]
    early, late = (float(r["rate_per_length"]) for r in rods)
    root = early * math.sqrt(100.0)  # Q = root sqrt(t), from its mean rate over 100 d
    return number_row(
        "levonorgestrel from silicone rods, in women (Robertson 1983)",
        "square-root law on days 0 to 100",
        "mean rate of days 800 to 1300",
        value=root * (math.sqrt(1300.0) - math.sqrt(800.0)) / 500.0,
        measured=late,
        unit="ug/d/cm",
        why="the square root overstates the fall; diameter and loading are not published",
    )


def _nash(table: Sequence[Mapping[str, str]], period: str) -> dict[str, float]:
    """Rates per length of one capsule, by drug."""
    return {
        r["drug"]: float(r["rate_per_length"])
        for r in table
        if r["source"].startswith("Nash") and r["period"].startswith(period)
    }


def _capsules(table: Sequence[Mapping[str, str]]) -> list[Row]:
    """One capsule, several drugs: what the wall's law gave, times what one drug was above it."""
    measured, computed = _nash(table, "1-year average"), _nash(table, "end of 1 year")
    base = "norgestrienone"
    factor = measured[base] / computed[base]
    return [
        number_row(
            f"{drug} from silicone capsules of 1.57/2.41 mm, in women (Nash)",
            f"law of the wall as published; {base}, {factor:.2f} times as much",
            "mean rate of the first year",
            value=factor * computed[drug],
            measured=measured[drug],
            unit="ug/d/cm",
            why="the mean of a year, and the rate at its end, differ by drug",
        )
        for drug in computed
        if drug != base
    ]


def _length(table: Sequence[Mapping[str, str]]) -> Row:
    late = next(r for r in table if r["device"].startswith("Silastic capsules"))
    return number_row(
        "levonorgestrel from silicone capsules, in women (Robertson 1983)",
        "mean rate of the first year (Nash), which a wall keeps constant",
        "rate after 500 days",
        value=_nash(table, "1-year average")["levonorgestrel"],
        measured=float(late["rate_per_length"]),
        unit="ug/d/cm",
        why="rates fall though powder is left: the size of these capsules is not published",
    )


def _jadelle(table: Sequence[Mapping[str, str]]) -> list[Row]:
    rates = {
        r["period"]: float(r["rate"].removeprefix("about "))
        for r in table
        if r["device"].startswith("Jadelle")
    }
    at = {"month 1": 0.5, "24 months and after": 24.0}
    return [
        number_row(
            "levonorgestrel from two covered rods of 2.5 x 43 mm (label of Jadelle)",
            "square-root law on the rate at 12 months",
            f"rate of {when}, at {months:g} months",
            value=rates["12 months"] * math.sqrt(12.0 / months),
            measured=rates[when],
            unit="ug/d",
            why="the tube around the rods holds the first drug back, which the law does not know",
        )
        for when, months in at.items()
    ]


def _ring(tables: Path) -> Row:
    """Ranges over formulations: their middles, in the logarithm."""
    table = {
        (r["drug"], r["time"]): r["daily_release"]
        for r in read_rows(tables / "boyd2016_vaginal_rings_release_abstract.csv")
        if r["device"].startswith("matrix")
    }
    first, late = (
        math.sqrt(math.prod(float(x) for x in table["DPV", day].split("-")))
        for day in ("day 1", "day 60")
    )
    return number_row(
        "dapivirine from matrix rings (Boyd 2016)",
        "square-root law on day 1",
        "release on day 60",
        value=first * (math.sqrt(60.0) - math.sqrt(59.0)),
        measured=late,
        unit="ug/d",
        why="middles of ranges over loads, whose pairs are not told; size of the ring likewise",
    )


def _formed_in_place(tables: Path) -> Row:
    """Korsmeyer's power through an hour and a day."""
    series: dict[str, dict[float, float]] = {}
    for r in read_rows(tables / "isfi_plga_release_PMC2914550_T2.csv"):
        if r["formulation"] not in _SAME:
            own = series.setdefault(r["formulation"], {})
            own[float(r["time_h"])] = float(r["released_pct_mean"])
    measured = np.array([one[168.0] for one in series.values()])
    hour, day = (np.array([one[t] for one in series.values()]) for t in (1.0, 24.0))
    predicted = day * 7.0 ** (np.log(day / hour) / math.log(24.0))
    gap = root_mean_square((predicted - measured) / 100.0)
    return Row(
        f"{measured.size} PLGA implants that form in place (PMC2914550)",
        "Korsmeyer's power on 1 hour and 1 day; no geometry is published",
        "released in 1 week",
        "met" if gap <= 0.05 else f"MISSED: {_IN_PLACE}",
        rmse=gap,
        seen=Seen(measured, predicted, labels=("measured [%]", "predicted [%]")),
    )


__all__ = ["rows"]
