"""What may vary: points of a unit cube for continuous parameters, choices for the others."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import InputError
from releasesim.optimization.fault import Fault
from releasesim.parameters import get_parameter, replace_parameter
from releasesim.study import Choice, DesignSpec, Study, Vary
from releasesim.tablet import Tablet
from releasesim.tablet.limits import road_faults
from releasesim.units import format_quantity

Array = NDArray[np.float64]
Parameters = Mapping[str, float | str]

#: Largest dimension of an oral tablet [m]: FDA, Size, shape and other physical attributes of
#: generic tablets and capsules (2015), recommends at most 22 mm.
LARGEST_TO_SWALLOW = 22e-3


#: Sizes nearer than this to an end of their range are at it [-].
_ALIKE = 1e-6
_WHOLE = ("walls", "roofs", "floors", "extruder")


@dataclass(frozen=True)
class Space:
    """Everything that [design.vary] names.

    Parameters
    ----------
    tablet : Tablet
        The starting point.
    continuous : tuple of Vary
        Ranges of real numbers.
    discrete : tuple of (str, tuple)
        Names and choices, whole numbers written out.
    """

    tablet: Tablet
    continuous: tuple[Vary, ...]
    discrete: tuple[tuple[str, tuple[Any, ...]], ...]

    @classmethod
    def of(cls, study: Study, spec: DesignSpec) -> Space:
        """Read the space of a study's design.

        Raises
        ------
        InputError
            When a name leads to the physics: a design varies the tablet, a fit varies the physics.
        """
        continuous, discrete = [], []
        for item in spec.vary:
            try:
                get_parameter(study.tablet, item.name)
            except InputError:
                raise InputError(
                    f'design.vary "{item.name}": a design varies the tablet (shape, infill, walls, '
                    "...); physics is what `fit` varies"
                ) from None
            if item.name.endswith("formulation.polymer"):
                continue  # a choice of materials
            if isinstance(item, Choice):
                discrete.append((item.name, tuple(item.values)))
            elif item.name.rpartition(".")[2] in _WHOLE:
                whole = range(math.ceil(item.minimum), math.floor(item.maximum) + 1)
                discrete.append((item.name, tuple(whole)))
            else:
                continuous.append(item)
        return cls(study.tablet, tuple(continuous), tuple(discrete))

    @property
    def dimension(self) -> int:
        """Number of continuous parameters."""
        return len(self.continuous)

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """Infill patterns to choose from; one entry where the pattern does not vary."""
        for name, choices in self.discrete:
            if name == "infill.pattern":
                return tuple(choices)
        return ("solid" if self.tablet.infill is None else self.tablet.infill.pattern,)

    def choices(self, pattern: str) -> list[dict[str, Any]]:
        """Every combination of the discrete parameters with this pattern."""
        names = [name for name, _ in self.discrete]
        lists = [
            (pattern,) if name == "infill.pattern" else options for name, options in self.discrete
        ]
        return [dict(zip(names, values, strict=True)) for values in itertools.product(*lists)]

    def pinned(self, unit: Sequence[float]) -> tuple[int, ...]:
        """Continuous parameters at an end that is a case of its own: infill of exactly 100 %."""
        return tuple(
            n
            for n, (item, x) in enumerate(zip(self.continuous, unit, strict=True))
            if item.name.endswith("infill.density") and x == 1.0 and item.maximum == 1.0
        )

    @cached_property
    def stepped(self) -> tuple[int, ...]:
        """Continuous parameters that prints round to whole layers."""
        if self.tablet.infill is None:
            return ()
        return tuple(n for n, item in enumerate(self.continuous) if item.name == "shape.height")

    @cached_property
    def counted(self) -> tuple[tuple[str, tuple[Any, ...]], ...]:
        """Discrete parameters that are numbers, with choices that can be put in order."""
        return tuple(
            (name, tuple(sorted(choices)))
            for name, choices in self.discrete
            if len(choices) > 1 and not any(isinstance(value, str) for value in choices)
        )

    @property
    def numbers(self) -> int:
        """Number of parameters that are numbers."""
        return self.dimension + len(self.counted)

    def features(self, choice: Mapping[str, Any], unit: Sequence[float]) -> tuple[float, ...]:
        """Everything that is a number, as it is printed, in a unit cube."""
        return self._placed(self.snapped({**self.values(unit), **choice}))

    def places(self, choice: Mapping[str, Any], tablet: Tablet) -> tuple[float, ...]:
        """The same of a tablet, whose size the dose may have scaled."""
        sizes = {item.name: get_parameter(tablet, item.name) for item in self.continuous}
        return self._placed({**sizes, **choice})

    def _placed(self, values: Parameters) -> tuple[float, ...]:
        ranges = [(item.name, item.minimum, item.maximum) for item in self.continuous]
        ranges += [(name, choices[0], choices[-1]) for name, choices in self.counted]
        return tuple((float(values[name]) - low) / (high - low) for name, low, high in ranges)

    def family(self, choice: Mapping[str, Any], unit: Sequence[float]) -> tuple[Any, ...]:
        """What features leave out: words, and ends that are a case of their own."""
        counted = [name for name, _ in self.counted]
        words = tuple((n, value) for n, value in sorted(choice.items()) if n not in counted)
        return (words, self.pinned(unit))

    def solid(self, unit: Sequence[float]) -> tuple[float, ...] | None:
        """The same point with an infill of 100 %; None where the density may not be that."""
        names = [item.name for item in self.continuous]
        if "infill.density" not in names:
            return None
        at = names.index("infill.density")
        if self.continuous[at].maximum != 1.0:
            return None
        return (*unit[:at], 1.0, *unit[at + 1 :])

    def values(self, unit: Sequence[float]) -> dict[str, float]:
        """Continuous parameters at a point of the unit cube, in SI."""
        return {
            item.name: item.minimum + float(x) * (item.maximum - item.minimum)
            for item, x in zip(self.continuous, unit, strict=True)
        }

    def build(self, parameters: Parameters) -> Tablet:
        """The tablet at given parameters; a printed height is rounded to whole layers.

        Raises
        ------
        GeometryError
            If it cannot exist.
        """
        tablet = self.tablet.replace(mass=None)
        # walls are set last: they must fit the shape and road that come before them
        late = ("walls", "layer_height")
        for name in (name for name in parameters if name not in late):
            tablet = _set(tablet, name, parameters[name])
        counts = {name: parameters[name] for name in late if name in parameters}
        return tablet.replace(**counts) if counts else tablet

    def snapped(self, parameters: Parameters) -> dict[str, float | str]:
        """The same parameters, heights of printed bodies rounded to whole layers."""
        out = dict(parameters)
        height = out.get("shape.height")
        if isinstance(height, float) and self.tablet.infill is not None:
            layer = float(out.get("layer_height", self.tablet.layer_height))
            out["shape.height"] = max(1, round(height / layer)) * layer
        return out

    def size_fault(self, tablet: Tablet) -> str:
        """Why the sizes that the dose asks for cannot be; empty where all are in their ranges."""
        for item in self.continuous:
            if not item.name.startswith("shape."):
                continue
            size = float(get_parameter(tablet, item.name))
            if not item.minimum * (1 - _ALIKE) <= size <= item.maximum * (1 + _ALIKE):
                low, high = (format_quantity(end, "mm", 3) for end in (item.minimum, item.maximum))
                words = (
                    f"the dose asks for {item.name} = {format_quantity(size, 'mm', 4)}: "
                    f"{low} to {high} are allowed"
                )
                side = "small" if size < item.minimum else "large"
                beyond = max(item.minimum / size, size / item.maximum) - 1.0
                return Fault(words, f"too {side} {item.name}", beyond)
        return ""

    def jobs(
        self, pattern: str, count: int, seed: int
    ) -> Iterator[tuple[str, dict[str, Any], tuple[float, ...]]]:
        """Scrambled Sobol points over continuous and discrete parameters alike."""
        names = [(name, options) for name, options in self.discrete if name != "infill.pattern"]
        at = self.dimension
        for point in self._sobol(at + len(names), count, seed):
            choice = {
                name: options[min(int(x * len(options)), len(options) - 1)]
                for (name, options), x in zip(names, point[at:], strict=True)
            }
            if any(name == "infill.pattern" for name, _ in self.discrete):
                choice["infill.pattern"] = pattern
            yield pattern, choice, point[:at]

    def _sobol(self, dimension: int, count: int, seed: int) -> Iterator[tuple[float, ...]]:
        from scipy.stats import qmc

        power = max(1, math.ceil(math.log2(count)))
        sampler = qmc.Sobol(dimension, scramble=True, seed=seed)
        for point in sampler.random_base2(power)[:count]:
            yield tuple(float(x) for x in point)


def _set(tablet: Tablet, name: str, value: float | str) -> Tablet:
    """Replace one parameter with the walls out of the way: they are checked at the end."""
    walls = tablet.walls
    changed = replace_parameter(tablet.replace(walls=0), name, value)
    return changed.replace(walls=walls)


def unprintable(tablet: Tablet, study: Study) -> str:
    """Why a tablet cannot be printed or swallowed; empty where it can."""
    longest = max(tablet.body.size)
    if longest > LARGEST_TO_SWALLOW:
        return f"{longest * 1e3:.3g} mm long: above 22 mm, too large to swallow"
    if study.printer is None or tablet.infill is None:
        return ""
    return next(road_faults(tablet, study.printer), "")
