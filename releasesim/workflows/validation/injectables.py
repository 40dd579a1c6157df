"""Long-acting microparticles (Bannigan et al. 2023): D from one particle size, others predicted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from releasesim.calibration import fit
from releasesim.curve import ReleaseCurve
from releasesim.empirical import SurfaceToVolume
from releasesim.errors import ReleaseSimError
from releasesim.similarity.compare import similarity_factor
from releasesim.study import Study
from releasesim.workflows.validation.row import (
    Row,
    judged,
    read_rows,
    root_mean_square,
    seen_curve,
)

FILE = "long_acting_injectables_bannigan2023.csv"
_APART = 1.15
"""Ratio of sizes from which a group says something about size."""
_MOST = 1.05
_WHY = "loading, molar mass and method change with size here"
_OWN, _WRONG = 0.1, "diffusion alone does not even make the curve it was fitted to"
"""Misfit of the calibration itself from which on the law is what is wrong [-]."""


def rows(folder: Path) -> list[Row]:
    """One row for every drug and polymer of several particle sizes."""
    groups: dict[tuple[str, str], dict[float, ReleaseCurve]] = defaultdict(dict)
    for profile in _profiles(read_rows(folder / FILE)):
        one = profile[0]
        curve = _curve(profile)
        if curve is not None:
            groups[one["drug"], one["polymer"]][float(one["sa_v_per_mm"]) * 1e3] = curve
    found = [_row(*names, curves) for names, curves in sorted(groups.items())]
    return [row for row in found if row is not None]


def _profiles(table: Sequence[Mapping[str, str]]) -> list[list[Mapping[str, str]]]:
    found: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in table:
        if row["geometry"].startswith("microparticle"):
            found[row["profile_id"]].append(row)
    return list(found.values())


def _curve(profile: Sequence[Mapping[str, str]]) -> ReleaseCurve | None:
    """Points of one profile; none where times repeat or it does not release between 0 and 105 %."""
    time = np.array([3600.0 * float(row["time_h"]) for row in profile])
    fraction = np.array([float(row["released_fraction"]) for row in profile])
    usable = np.all(np.diff(time) > 0) and fraction.min() >= 0.0 and 0.1 < fraction.max() <= _MOST
    if not usable or np.count_nonzero(time > 0) < 4:
        return None
    return ReleaseCurve(time, fraction, name=profile[0]["profile_id"])


def _row(drug: str, polymer: str, curves: Mapping[float, ReleaseCurve]) -> Row | None:
    ratios = sorted(curves)
    if len(ratios) < 2 or ratios[-1] < _APART * ratios[0]:
        return None
    base = ratios[len(ratios) // 2]
    others = [ratio for ratio in ratios if not 1 / _APART < ratio / base < _APART]
    if not others:
        return None
    try:
        found = fit(_sphere(base), curves[base], vary=["diffusion.D"])
    except ReleaseSimError:
        return None
    law = SurfaceToVolume.fit([base], [curves[base]])
    ours, theirs, f2, seen = [], [], [], []
    for ratio in others:
        time, observed = (
            a[curves[ratio].time > 0] for a in (curves[ratio].time, curves[ratio].fraction)
        )
        # D t/R^2: the fitted curve on the clock of another radius
        shift = (ratio / base) ** 2
        last = float(found.curve.time[-1])
        fitted = found.curve.at(np.minimum(time * shift, last))
        ours.append(root_mean_square(fitted - observed))
        beside = law.fraction(ratio, time)
        theirs.append(root_mean_square(beside - observed))
        seen.append(seen_curve(time, observed, fitted, beside))
        f2.append(similarity_factor(observed, fitted))
    rmse, baseline = float(np.mean(ours)), float(np.mean(theirs))
    # of two that lie as near, the first, on every machine
    usual = int(np.argmin(np.round(np.abs(np.array(ours) - rmse), 9)))
    said = judged(rmse, baseline, _WHY if found.rmse < _OWN else _WRONG)
    calibrated = f"D on {curves[base].name} (RMSE {100 * found.rmse:.0f} %)"
    predicted = f"mean over {len(others)} of other size; drawn: {curves[others[usual]].name}"
    return Row(
        f"{drug} in {polymer} microparticles",
        calibrated,
        predicted,
        said,
        rmse=rmse,
        f2=float(np.mean(f2)),
        baseline=baseline,
        seen=seen[usual],
    )


def _sphere(ratio: float) -> Study:
    diameter = 6.0 / ratio
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "sphere", "diameter": f"{diameter * 1e6!r} um"}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {
                "diffusion": {
                    "law": "ConstantDiffusivity",
                    "D": f"{diameter**2 / (240 * 86400)!r} m2/s",
                }
            },
            "run": {"until": "87000 h", "samples": 400},
        }
    )
