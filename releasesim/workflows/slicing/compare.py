"""The release of a print as it is sliced, beside the release of its design."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tomli_w

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.files import write_atomic
from releasesim.similarity import Comparison, compare
from releasesim.study import Study
from releasesim.workflows.slicing.check import GCODE, MANIFEST, Exported
from releasesim.workflows.slicing.printed import printed_data

if TYPE_CHECKING:
    from releasesim.simulation import Release

PRINTED = "printed.toml"
"""Name of the study of the print."""
_MOST_RELEASED = 2.0
"""A curve that goes beyond is none [-]."""


@dataclass(frozen=True, eq=False)
class Curves:
    """Release of the design and of its print.

    Parameters
    ----------
    designed, printed : ReleaseCurve
        At the same times.
    release : Release
        Account of the printed one.
    comparison : Comparison
        Of the two, by every common point.
    """

    designed: ReleaseCurve
    printed: ReleaseCurve
    release: Release
    comparison: Comparison

    @property
    def largest_difference(self) -> float:
        """Of the released fractions [-]."""
        return float(np.abs(self.printed.fraction - self.designed.fraction).max())

    def to_dict(self) -> dict[str, Any]:
        """Plain data for slice.json."""
        return {
            "f2": self.comparison.f2,
            "largest_difference": self.largest_difference,
            "error_estimate": self.release.error_estimate,
            "dose_kg": self.release.dose,
            "curve": {
                "time_s": self.printed.time.tolist(),
                "released_fraction": self.printed.fraction.tolist(),
                "designed_fraction": self.designed.fraction.tolist(),
            },
            "notices": list(self.release.notices),
        }


def printed_study(exported: Exported) -> Study:
    """Return the study whose tablet is the G-code in an exported folder.

    Raises
    ------
    InputError
        What the G-code cannot say, such as sealed sides.
    """
    return Study.from_dict(_data(exported), exported.folder)


def write_printed(exported: Exported, path: Path) -> None:
    """Write the study of the print beside its G-code, to be simulated again or changed."""
    write_atomic(path, tomli_w.dumps(_data(exported)))


def _data(exported: Exported) -> dict[str, Any]:
    return printed_data(exported.study, GCODE)


def compare_curves(exported: Exported, printed: Study) -> Curves:
    """Simulate a print, and compare its curve with the design's.

    Parameters
    ----------
    exported : Exported
        Its manifest's predicted curve is taken where it has one at these times.
    printed : Study
        Of the G-code.
    """
    from releasesim.simulation import simulate

    release = simulate(printed)
    designed = predicted_curve(exported.manifest, release.curve)
    if designed is None:
        designed = simulate(exported.study).curve
    designed = dataclasses.replace(designed, name="as designed")
    made = dataclasses.replace(release.curve, name="from its G-code")
    return Curves(designed, made, release, compare(designed, made, rule="fda"))


def predicted_curve(manifest: dict[str, Any], like: ReleaseCurve) -> ReleaseCurve | None:
    """Curve that was predicted on export, if it is at the times of another.

    Raises
    ------
    InputError
        What the manifest calls so is no curve.
    """
    points = manifest.get("predicted_curve")
    if points is None:
        return None
    try:
        curve = ReleaseCurve(points["time_s"], points["released_fraction"], simulated=True)
    except (InputError, LookupError, TypeError, ValueError):
        curve = None
    if curve is None or np.abs(curve.fraction).max() > _MOST_RELEASED:
        raise InputError("predicted_curve is no curve: export the study again", MANIFEST)
    return curve if np.array_equal(curve.time, like.time) else None
