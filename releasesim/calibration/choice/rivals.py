"""Which experiment would tell rival mechanisms apart: where their predictions differ most.

The design criterion is that of A.C. Atkinson, V.V. Fedorov, Biometrika 62 (1975) 57-70
(T-optimality), at the parameters that the data gave each rival.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.choice.trial import Trial
from releasesim.calibration.next_experiment import Option, options
from releasesim.calibration.rates import characteristic_length
from releasesim.errors import ReleaseSimError
from releasesim.simulation import simulate
from releasesim.study import Study
from releasesim.study.words import joined

Array = NDArray[np.float64]

_TIMES = 12
_MOST = 3
"""Rivals that are simulated."""
_WORTH = 1.2
"""An experiment in which rivals differ by less than this times as much tells no more [-]."""


@dataclass(frozen=True)
class Difference:
    """How far rivals lie apart in one experiment.

    Parameters
    ----------
    words : str
        The experiment.
    rms : float
        Root mean square difference of the two that lie closest [-].
    """

    words: str
    rms: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"experiment": self.words, "rms_difference": self.rms}


@dataclass(frozen=True)
class Telling:
    """Experiments, the most telling first.

    Parameters
    ----------
    names : tuple of str
        Of the rivals.
    differences : tuple of Difference
    now : float
        Root mean square difference in the experiments that were done [-].
    """

    names: tuple[str, ...]
    differences: tuple[Difference, ...]
    now: float

    def describe(self) -> str:
        """Say what to do, and by how much the rivals would differ."""
        best = self.differences[0]
        if best.rms < _WORTH * self.now:
            return (
                f"no other size, infill or stirring would tell {joined(self.names)} apart much "
                f"better than these data: they would differ by {100.0 * best.rms:.2g} % of the "
                f"dose (root mean square), now by {100.0 * self.now:.2g} %"
            )
        return (
            f"{best.words} would tell {joined(self.names)} apart best: they would differ by "
            f"{100.0 * best.rms:.2g} % of the dose (root mean square), now by "
            f"{100.0 * self.now:.2g} %"
        )

    def to_list(self) -> list[dict[str, Any]]:
        """Plain values."""
        return [one.to_dict() for one in self.differences]


def telling(rivals: Sequence[Trial]) -> Telling | None:
    """Rank experiments of other sizes, infills and stirring; None without two rivals.

    Parameters
    ----------
    rivals : sequence of Trial
        The best first; three at most are simulated.
    """
    rivals = rivals[:_MOST]
    if len(rivals) < 2:
        return None
    now = _apart(
        [np.concatenate([e.curve.at(e.data.time) for e in one.fit.experiments]) for one in rivals]
    )
    of_each = [{o.words: o for o in options(one.fit.study)} for one in rivals]
    words = dict.fromkeys(word for offered in of_each for word in offered)
    last = float(rivals[0].fit.data.time[-1])
    found = []
    for word in words:
        studies = [
            _study(one, offered.get(word)) for one, offered in zip(rivals, of_each, strict=True)
        ]
        rms = _difference(studies, last * _slower(rivals[0].fit.study, studies[0]))
        found += [] if rms is None else [Difference(word, rms)]
    found.sort(key=lambda one: -one.rms)
    names = tuple(one.candidate.title for one in rivals)
    return Telling(names, tuple(found), now) if found else None


def _study(rival: Trial, option: Option | None) -> Study:
    """The experiment by a rival; stirring changes nothing where it has no film."""
    study = rival.fit.study
    if option is None:
        return study
    if option.on_film == 1.0:
        return option.study
    return study.replace("film.k", rival.values["film.k"] * option.on_film)


def _slower(now: Study, then: Study) -> float:
    """How much longer an experiment takes: between front and diffusion, by size."""
    ratio = characteristic_length(then.tablet.body) / characteristic_length(now.tablet.body)
    return float(ratio**1.5)


def _difference(studies: Sequence[Study], last: float) -> float | None:
    """Root mean square of the closest two; None where one cannot be simulated."""
    times = tuple((last * (np.arange(1, _TIMES + 1) / _TIMES) ** 2).tolist())
    try:
        curves = [_curve(study, times) for study in studies]
    except ReleaseSimError:
        return None
    return _apart(curves)


def _curve(study: Study, times: tuple[float, ...]) -> Array:
    run = dataclasses.replace(study.run, times=times, until=times[-1])
    return simulate(dataclasses.replace(study, run=run)).curve.fraction[-len(times) :]


def _apart(curves: Sequence[Array]) -> float:
    gaps = [a - b for a, b in itertools.combinations(curves, 2)]
    return min(float(np.sqrt(np.mean(gap**2))) for gap in gaps)
