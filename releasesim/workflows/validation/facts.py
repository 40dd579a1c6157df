"""Verified facts of the literature as computed rows; they need no data."""

from __future__ import annotations

import math

import numpy as np

from releasesim.empirical import SurfaceToVolume
from releasesim.errors import ReleaseSimError
from releasesim.simulation import simulate
from releasesim.study import Study
from releasesim.workflows.validation.row import Row, Seen, root_mean_square, seen_curve


def facts() -> list[Row]:
    """Verified facts as computed rows; they need no data."""
    return [*_surface_law(), _oversize(), _t80()]


_SHAPES = {
    "cylinder 6 x 3 mm": {"kind": "cylinder", "diameter": "6 mm", "height": "3 mm"},
    "cylinder 10 x 4 mm": {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"},
    "cylinder 12 x 6 mm": {"kind": "cylinder", "diameter": "12 mm", "height": "6 mm"},
    "ring 12/6 x 4 mm": {
        "kind": "ring",
        "outer_diameter": "12 mm",
        "inner_diameter": "6 mm",
        "height": "4 mm",
    },
    "block 10 x 6 x 3 mm": {
        "kind": "block",
        "length": "10 mm",
        "width": "6 mm",
        "height": "3 mm",
    },
}


def _eroding(shape: dict[str, str]) -> Study:
    front = {"law": "ConstantFront", "speed": "0.3 mm/h"}
    return Study.from_dict(
        {
            "tablet": {"shape": shape},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {"erosion": front},
            "run": {"until": "12 h", "samples": 25},
        }
    )


def _surface_law() -> list[Row]:
    """How well the SA/V law could do at best, were every tablet an eroding body."""
    studies = {name: _eroding(shape) for name, shape in _SHAPES.items()}
    curves = {name: simulate(study).curve for name, study in studies.items()}
    ratio = {n: s.tablet.body.surface / s.tablet.body.volume for n, s in studies.items()}
    names = list(_SHAPES)
    law = SurfaceToVolume.fit([ratio[n] for n in names[:3]], [curves[n] for n in names[:3]])
    found = []
    for name in names[3:]:
        time, curve = curves[name].time[1:], curves[name].fraction[1:]
        gap = root_mean_square(law.fraction(ratio[name], time) - curve)
        minutes = abs(law.mean_time(ratio[name]) - curves[name].mdt) / 60.0
        said = (
            f"published 0.6 to 3.8 %, MDT within 5 min (Windolf 2021); here {100 * gap:.1f} %, "
            f"MDT off by {minutes:.1f} min"
        )
        seen = seen_curve(time, curve, law.fraction(ratio[name], time))
        title = "SA/V law on simulated fronts"
        words = f"{name}, of which points are simulated"
        found.append(Row(title, "3 cylinders", words, said, baseline=gap, seen=seen))
    return found


def _oversize() -> Row:
    drawn = _eroding(_SHAPES["cylinder 10 x 4 mm"])
    printed = drawn.replace("oversize", 0.075)
    volume = printed.tablet.body.volume / drawn.tablet.body.volume
    large, small = simulate(printed).curve, simulate(drawn).curve
    slower = large.mdt / small.mdt
    said = f"volume x {volume:.3f}, MDT x {slower:.3f}: left out, a prediction is that wrong"
    title = "prints 7.5 % larger than drawn (Markl 2017)"
    seen = seen_curve(large.time, large.fraction, small.at(large.time))
    return Row(
        title,
        "nothing",
        "eroding cylinder 10 x 4 mm; drawn: points as printed, line as in the drawing",
        said,
        seen=seen,
    )


def _t80() -> Row:
    from releasesim.cards import list_cards

    minutes = []
    for polymer in list_cards("polymer"):
        try:
            release = simulate(_tablet_of(polymer))
        except ReleaseSimError:
            continue
        at = release.curve.time_to(0.8)
        minutes += [at / 60.0] if math.isfinite(at) else []
    low, high = min(minutes), max(minutes)
    inside = sum(40.0 <= m <= 852.0 for m in minutes)
    said = (
        f"cards give {low:.0f} to {high:.0f} min over {len(minutes)} polymers that end within "
        f"30 d; {inside} of them lie between 40 and 852 min. Which polymers were printed is not "
        "in the data"
    )
    return Row(
        "t80 of 8 x 2.5 mm tablets, 8 formulations: 40 to 852 min (Oblom 2019)",
        "nothing: effective laws of the polymers' cards, solid body",
        "t80",
        said,
        seen=Seen(
            np.array([40.0, 852.0]),
            np.array(minutes),
            labels=("polymer, by rank; grey: published range", "t80 [min]"),
            span=(40.0, 852.0),
        ),
    )


def _tablet_of(polymer: str) -> Study:
    from releasesim.study import with_effective_laws

    study = Study.from_dict(
        {
            "tablet": {"shape": {"kind": "cylinder", "diameter": "8 mm", "height": "2.5 mm"}},
            "formulation": {"drug": "theophylline", "polymer": polymer, "drug_loading": "30 %"},
            "run": {"until": "720 h", "samples": 400},
        }
    )
    return with_effective_laws(study)


__all__ = ["facts"]
