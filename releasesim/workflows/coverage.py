"""Whether 95 % intervals hold the truth 95 times in 100: fits of synthetic data sets.

Truths are drawn anew for every data set (Talts et al. 2018, in the sense of coverage), curves come
from the engine, noise is normal. What cannot be told from a curve must be called so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration import fit
from releasesim.calibration.shapes import model_of
from releasesim.curve import ReleaseCurve
from releasesim.study import Study

Array = NDArray[np.float64]

_CYLINDER = {"kind": "cylinder", "diameter": "6 mm", "height": "3 mm"}
_FILM = {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}
_LENGTH = 0.75e-3
"""Volume over surface of the cylinder [m]."""


@dataclass(frozen=True)
class Scenario:
    """A kind of data set.

    Parameters
    ----------
    name : str
        In words.
    study : dict
        Data of the study; its values are where searches start.
    ranges : mapping of str to (float, float)
        Truths are drawn evenly in the logarithm, in SI.
    noise : float
        Standard deviation of every point [-].
    points : int
        Observations, evenly in the square root of time until 95 % is out.
    hidden : tuple of str
        Parameters that such data cannot tell.
    fitted : dict, optional
        Data of the study that is fitted, where it leaves out what does not show.
    asked : int, optional
        How many of `ranges`, the first ones, are fitted; all without.
    """

    name: str
    study: Mapping[str, Any]
    ranges: Mapping[str, tuple[float, float]]
    noise: float
    points: int
    hidden: tuple[str, ...] = ()
    fitted: Mapping[str, Any] | None = None
    asked: int | None = None


@dataclass(frozen=True)
class Coverage:
    """What fits of one scenario did.

    Parameters
    ----------
    scenario : Scenario
    sets : int
        Data sets.
    covered : mapping of str to int
        How often the interval held the truth.
    determined : mapping of str to int
        How often the parameter was called determined.
    """

    scenario: Scenario
    sets: int
    covered: Mapping[str, int]
    determined: Mapping[str, int]

    def share(self, name: str) -> float:
        """Share of intervals that held the truth [-]."""
        return self.covered[name] / self.sets

    def share_hidden(self, name: str) -> float:
        """Share of fits that called the parameter not determined [-]."""
        return 1.0 - self.determined[name] / self.sets

    def rows(self) -> list[str]:
        """One row of a Markdown table for each parameter."""
        return [
            f"| {self.scenario.name} | {name} | {self.sets} | {100 * self.share(name):.1f} % | "
            f"{100 * self.share_hidden(name):.1f} % | {self._wanted(name)} |"
            for name in self.covered
        ]

    def _wanted(self, name: str) -> str:
        if name in self.scenario.hidden:
            met = self.share_hidden(name) >= 0.95
            return f"not determined in 95 % or more: {'met' if met else 'MISSED'}"
        met = 0.935 <= self.share(name) <= 0.965
        return f"covered in 93.5 to 96.5 %: {'met' if met else 'MISSED'}"


def _study(shape: Mapping[str, Any], tolerance: str = "0.1 %", **physics: Any) -> dict[str, Any]:
    return {
        "tablet": {"shape": shape},
        "formulation": {"concentration": "100 mg/mL"},
        "physics": physics,
        "run": {"until": "12 h", "samples": 30, "tolerance": tolerance},
    }


_DIFFUSION = {"law": "ConstantDiffusivity", "D": "2e-11 m2/s"}
_STIRRED = {"law": "FilmTransfer", "k": "5e-8 m/s"}
_FRONT = {"law": "ConstantFront", "speed": "0.1 mm/h"}

SCENARIOS = (
    Scenario(
        "diffusion and film of one cylinder, Bi = k L/D of 0.4 to 7.5",
        _study(_CYLINDER, diffusion=_DIFFUSION, film=_STIRRED),
        {"diffusion.D": (1e-11, 4e-11), "film.k": (2e-8, 1e-7)},
        0.01,
        16,
    ),
    Scenario(
        "one front, sphere",
        _study({"kind": "sphere", "diameter": "6 mm"}, erosion=_FRONT),
        {"erosion.speed": (1e-8, 1e-7)},
        0.03,
        8,
    ),
    Scenario(
        "diffusion and front of one film, v L/D of 0.5 to 5",
        _study(_FILM, "0.3 %", diffusion=_DIFFUSION, erosion=_FRONT),
        {"diffusion.D": (1e-11, 2e-11), "erosion.speed": (2e-8, 1e-7)},
        0.01,
        16,
    ),
    Scenario(
        "stirred so well that the film does not show, Bi above 500",
        _study(_CYLINDER, diffusion=_DIFFUSION, film=_STIRRED),
        {"diffusion.D": (1e-11, 4e-11), "film.k": (3e-5, 3e-4)},
        0.01,
        16,
        ("film.k",),
    ),
    Scenario(
        "the same data, fitted without the film",
        _study(_CYLINDER, diffusion=_DIFFUSION, film=_STIRRED),
        {"diffusion.D": (1e-11, 4e-11), "film.k": (3e-5, 3e-4)},
        0.01,
        16,
        fitted=_study(_CYLINDER, diffusion=_DIFFUSION),
        asked=1,
    ),
    Scenario(
        "film and partition, of which only the ratio shows",
        _study(_CYLINDER, diffusion=_DIFFUSION, film=_STIRRED)
        | {"medium": {"partition": 2.0}}
        | {"physics": {"diffusion": _DIFFUSION | {"D": "1e-9 m2/s"}, "film": _STIRRED}},
        {"film.k": (5e-9, 2e-8), "medium.partition": (1.0, 4.0)},
        0.01,
        16,
        ("film.k", "medium.partition"),
    ),
)


def measure(scenario: Scenario, sets: int, seed: int) -> Coverage:
    """Fit `sets` synthetic data sets of a scenario."""
    random = np.random.default_rng(seed)
    study, names = Study.from_dict(scenario.study), list(scenario.ranges)
    asked = names[: scenario.asked]
    fitted = study if scenario.fitted is None else Study.from_dict(scenario.fitted)
    covered, determined = dict.fromkeys(asked, 0), dict.fromkeys(asked, 0)
    for _ in range(sets):
        truth = _draw(scenario, random)
        found = fit(fitted, _observe(scenario, study, names, truth, random), vary=asked)
        for name, value in zip(asked, truth, strict=False):
            covered[name] += found[name].low <= value <= found[name].high
            determined[name] += found[name].determined
    return Coverage(scenario, sets, covered, determined)


def _draw(scenario: Scenario, random: np.random.Generator) -> Array:
    low, high = np.log(list(scenario.ranges.values())).T
    return np.asarray(np.exp(random.uniform(low, high)))


def _observe(
    scenario: Scenario,
    study: Study,
    names: Sequence[str],
    truth: Array,
    random: np.random.Generator,
) -> ReleaseCurve:
    here = study
    for name, value in zip(names, truth, strict=True):
        here = here.replace(name, float(value))
    model = model_of(here, names, study.run.output_times()[1:])
    look = 3600.0 * np.geomspace(1e-2, 1e4, 400)
    last = float(np.interp(0.95, model.fraction(truth, look), look))
    times = last * (np.arange(1, scenario.points + 1) / scenario.points) ** 2
    noise = random.normal(0.0, scenario.noise, times.size)
    return ReleaseCurve(times, np.maximum(model.fraction(truth, times) + noise, 0.0), name="drawn")
