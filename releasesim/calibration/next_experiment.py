"""Which experiment would tell most about the parameters (D-optimal; Atkinson & Donev 1992)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.model import Model
from releasesim.calibration.problem import Problem
from releasesim.calibration.shapes import model_of
from releasesim.errors import ReleaseSimError
from releasesim.physics import FilmTransfer
from releasesim.study import Study

Array = NDArray[np.float64]

_SIZES = (0.5, 2.0)
_DENSITIES = (0.2, 0.5, 1.0)
_SPEEDS = (4.0,)
_TIMES = 10
"""Samples of a candidate, from the first drug to nearly the last."""
_KNOWN_BEFORE = 1.0 / np.log(1e4) ** 2
"""Information that every logarithm has by the range of the search: keeps determinants finite."""


@dataclass(frozen=True)
class Candidate:
    """One experiment that could be done.

    Parameters
    ----------
    words : str
        What it is, in words.
    gain : float
        Rise of the logarithm of the determinant of the information [-].
    errors : mapping of str to float
        Relative standard error of each parameter, were it done [-].
    """

    words: str
    gain: float
    errors: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"experiment": self.words, "gain": self.gain, "errors": dict(self.errors)}


@dataclass(frozen=True)
class NextExperiments:
    """Candidates, the most informative first.

    Parameters
    ----------
    candidates : tuple of Candidate
    now : mapping of str to float
        Relative standard error of each parameter by the data there are [-].
    """

    candidates: tuple[Candidate, ...]
    now: Mapping[str, float]

    def describe(self) -> str:
        """Say what to do, and what it would bring."""
        best = self.candidates[0]
        changes = [
            f"{name} from {_percent(self.now[name])} to {_percent(error)}"
            for name, error in best.errors.items()
        ]
        return f"{best.words} would tell most: standard error of {', of '.join(changes)}"

    def to_list(self) -> list[dict[str, Any]]:
        """Plain values."""
        return [one.to_dict() for one in self.candidates]


def _percent(error: float) -> str:
    return f"{100.0 * error:.2g} %" if error < 1.0 else "more than 100 %"


def next_experiments(
    problem: Problem, studies: Sequence[Study], x: Array, scale: float
) -> NextExperiments | None:
    """Rank experiments of other sizes, infills and stirring by what they would tell.

    Parameters
    ----------
    studies : sequence of Study
        Of the experiments there are; the first is varied.
    x : (p,) ndarray
        The best parameters.
    scale : float
        s, the standard deviation of a residual of weight 1; a candidate's points have that of the
        mean residual.
    """
    J = problem.jacobian(x, back=1.0)
    if not scale > 0.0:
        return None
    p = x.size
    before = J.T @ J / scale**2 + _KNOWN_BEFORE * np.eye(p)
    weight = float(np.sqrt(np.mean(problem.weight**2)))
    found = []
    for option in options(studies[0]):
        more = _information(problem, option, x, weight / scale)
        if more is None:
            continue
        after = before + more
        gain = float(np.linalg.slogdet(after)[1] - np.linalg.slogdet(before)[1])
        found.append(Candidate(option.words, gain, _errors(problem, after)))
    found.sort(key=lambda one: -one.gain)
    return NextExperiments(tuple(found), _errors(problem, before)) if found else None


def _errors(problem: Problem, information: Array) -> dict[str, float]:
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    return {p.name: float(e) for p, e in zip(problem.parameters, errors, strict=True)}


def _information(problem: Problem, option: Option, x: Array, weight: float) -> Array | None:
    """Information of one candidate, (p, p); None where it cannot be simulated."""
    part, study = problem.parts[0], option.study
    names = [problem.parameters[i].name for i in part.columns]
    stirred = np.array([option.on_film if name.endswith("film.k") else 1.0 for name in names])
    own = problem.values(x)[part.columns] * stirred
    try:
        for name, value in zip(names, own, strict=True):
            study = study.replace(name, float(value))
        model = model_of(study, names, study.run.output_times()[1:])
        times = _sampling(model, study, own)
        slopes = model.slopes(own, times)
        own_slopes = _differences(model, own, times) if slopes is None else slopes
    except ReleaseSimError:
        return None
    rows = np.zeros((times.size, x.size))
    rows[:, part.columns] = own_slopes
    return rows.T @ rows * weight**2


def _differences(model: Model, values: Array, times: Array) -> Array:
    """Derivatives by the logarithms of the parameters, (n, p)."""
    columns = []
    for i in range(values.size):
        ends = [
            values * np.exp(sign * model.step * (np.arange(values.size) == i)) for sign in (1, -1)
        ]
        gap = model.fraction(ends[0], times) - model.fraction(ends[1], times)
        columns.append(gap / (2.0 * model.step))
    return np.stack(columns, axis=1)


def _sampling(model: Model, study: Study, values: Array) -> Array:
    """Times evenly in their square root, until nine tenths are out."""
    look = float(study.run.output_times()[-1]) * np.geomspace(1e-3, 10.0, 40)
    last = float(np.interp(0.9, model.fraction(values, look), look))
    return last * (np.arange(1, _TIMES + 1) / _TIMES) ** 2


@dataclass(frozen=True)
class Option:
    """A study that could be run, in words, and what its stirring does to k [-]."""

    words: str
    study: Study
    on_film: float = 1.0


def options(study: Study) -> Iterator[Option]:
    """Offer other sizes, infills and stirring."""
    shape = study.tablet.shape
    plain = not study.tablet.regions and not study.tablet.layers
    for factor in _SIZES if plain else ():
        sizes = {f.name: getattr(shape, f.name) * factor for f in dataclasses.fields(shape)}
        changed = dataclasses.replace(study.tablet, shape=dataclasses.replace(shape, **sizes))
        word = "half the size" if factor < 1.0 else "twice the size"
        yield Option(f"a tablet of {word}", dataclasses.replace(study, tablet=changed))
    if study.tablet.infill is not None:
        for density in _DENSITIES:
            if abs(density - study.tablet.infill.density) > 0.05:
                denser = study.replace("infill.density", density)
                yield Option(f"an infill of {density:.0%}", denser)
    if isinstance(study.physics.film, FilmTransfer):
        for factor in _SPEEDS:
            words = f"stirring {factor:g} times as fast"
            # k by the square root of the speed (Levich 1962)
            yield Option(f"{words} (if k follows its square root)", study, factor**0.5)
