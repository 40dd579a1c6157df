"""What controls a release: numbers and words for every part that holds drug, and every medium."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.coupled.schedule import histories_of, media_of
from releasesim.simulation.regime.numbers import numbers_of
from releasesim.simulation.regime.phase import Phase, Solid
from releasesim.simulation.regime.words import words_of
from releasesim.study import Study

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Regime:
    """Dimensionless numbers by name, and one sentence: what controls, and what moves the curve."""

    numbers: dict[str, float]
    words: str


def regime_of(study: Study, solid: Solid, times: Array, fraction: Array) -> Regime:
    """Regime of a study whose curve is known.

    Parameters
    ----------
    study : Study
        With one drug.
    solid : Solid
        What was printed.
    times, fraction : (n,) ndarray
        Outputs [s], and released fraction of the dose by then [-].

    Returns
    -------
    Regime
        Numbers of the last part that holds drug, in the medium in which most of it leaves.
    """
    held = [i for i, c in enumerate(study.tablet.concentrations) if c > 0]
    if study.tablet.own_is_unused:
        held = [i for i in held if i > 0]
    parts = [_phases(study, part, solid, times, fraction) for part in held or [0]]
    return Regime(numbers_of(_ruling(parts[-1])), words_of(parts))


def _phases(
    study: Study, part: int, solid: Solid, times: Array, fraction: Array
) -> tuple[Phase, ...]:
    """One part of the tablet in every medium that it comes into."""
    media = media_of(study)
    ends = [*(at for at, _ in media[1:]), float(times[-1])]
    return tuple(
        Phase(now, part, solid, begin, end, times, fraction, history)
        for (begin, now), end, history in zip(media, ends, histories_of(study), strict=True)
    )


def _ruling(phases: tuple[Phase, ...]) -> Phase:
    """The medium in which most leaves; of equals the last."""
    return max(reversed(phases), key=lambda phase: phase.gained)
