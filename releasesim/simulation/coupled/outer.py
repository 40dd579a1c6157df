"""How large a swollen device is (PHYSICS 1: swelling reports outer dimensions)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.shapes import Cylinder, Ring, Sphere
from releasesim.study import Study

if TYPE_CHECKING:
    from releasesim.simulation.coupled.course import Course

Array = NDArray[np.float64]

#: Share of the printed volume below which nothing stands [-].
_GONE = 1e-3


@dataclass(frozen=True)
class Outer:
    """Outer dimensions of what stands at the end.

    Parameters
    ----------
    size : (float, float, float)
        Along x, y and z [m]; 0 where all has gone.
    volume_ratio : float
        Swollen over printed volume of what stands, J on the whole [-].
    """

    size: tuple[float, float, float]
    volume_ratio: float

    def words(self) -> str:
        """For a notice."""
        if not any(self.size):
            return "swelling: nothing stands at the end"
        size = " x ".join(f"{1e3 * side:.3g}" for side in self.size)
        return (
            f"swells to {size} mm by the end, {self.volume_ratio:.3g} times the volume of what "
            "then stands; channels do not close in this model"
        )


def outer_of(course: Course, study: Study, shape: tuple[int, int, int]) -> Outer | None:
    """Size of a device that has come to its end; None where nothing swells.

    Parameters
    ----------
    course : Course
        One that has run.
    study : Study
    shape : (int, int, int)
        Of all its cells, before they were folded.
    """
    if not course.matter.swells:
        return None
    model, tablet = course.model, study.tablet
    stands = course.standing & (model.region < len(tablet.parts))
    if course.front is not None:  # an empty device is not followed to the end
        stands &= course.front.arrival > course.t
    volume = np.where(stands, model.standing, 0.0)
    printed = course.cells.solid & (model.region < len(tablet.parts))
    if not volume.sum() > _GONE * model.whole[printed].sum():
        return Outer((0.0, 0.0, 0.0), 1.0)
    water = np.clip(model.water(course.t, course.y), 0.0, 1.0)
    J = course.matter.volume_ratio(model.region, water)
    ratio = float((volume * J).sum() / volume.sum())
    gone = _receded(course, stands, printed, shape)
    x, y, z = tablet.body.size
    if isinstance(tablet.body, Sphere) and course.cells.shape[1] == 1:
        gone = (gone[0], gone[0], gone[0])
    elif isinstance(tablet.body, Cylinder | Ring) and course.cells.shape[1] == 1:
        gone = (gone[0], gone[0], gone[2])
    grown = float(np.cbrt(ratio))
    sides = (float(grown * max(d - g, 0.0)) for d, g in zip((x, y, z), gone, strict=True))
    return Outer((next(sides), next(sides), next(sides)), ratio)


def _receded(
    course: Course, stands: NDArray[np.bool_], printed: NDArray[np.bool_], shape: tuple[int, ...]
) -> tuple[float, float, float]:
    """Length that is gone along every axis of the cells, from both of its ends [m].

    A front is as far as the volume says that the outermost cells take care of.
    """
    shaped = course.cells.shape
    first, now = printed.reshape(shaped), stands.reshape(shaped)
    held = np.where(now, course.model.standing.reshape(shaped), 0.0)
    whole = np.where(now, course.model.whole.reshape(shaped), 0.0)
    found = []
    for axis, (h, number) in enumerate(zip(course.cells.spacing, shape, strict=True)):
        others = tuple(k for k in range(3) if k != axis)
        if whole.shape[axis] == 1:
            found.append(0.0)
            continue
        before, after = np.flatnonzero(first.any(others)), np.flatnonzero(now.any(others))
        left = held.sum(others) / np.maximum(whole.sum(others), 1e-300)
        inner = float(after[-1] - after[0]) - 1.0
        length = left[after[0]] + left[after[-1]] + inner if inner >= 0.0 else left[after[0]]
        ends = float(before[-1] - before[0]) + 1.0 - float(length)
        folded = shaped[axis] < number
        around = axis == 0 and shaped[1] == 1
        found.append(h * ends * (2.0 if folded or around else 1.0))
    return found[0], found[1], found[2]
