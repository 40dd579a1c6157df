"""What is uncertain about a material: independent inputs, a calibration's estimates, the mass."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.cards import Value
from releasesim.study import Level, RobustSpec, Spread, Study

Array = NDArray[np.float64]

#: Half-width of a card's range in standard deviations: it is taken as a 95 % interval.
_RANGE = 1.959964
#: Draws keep off the ends of the unit interval, where a normal quantile has no value.
_OFF = 1e-9


@dataclass(frozen=True)
class CardRange(Spread):
    """A card's number over its range: log-normal on either side, the value its median.

    Parameters
    ----------
    value, low, high : float
        Median, and the ends of the 95 % interval, all positive.

    Examples
    --------
    >>> spread = CardRange("diffusion.D", 2e-10, 1e-10, 8e-10)
    >>> [round(spread.at(q) * 1e10, 2) for q in (0.025, 0.5, 0.975)]
    [1.0, 2.0, 8.0]
    """

    value: float
    low: float
    high: float

    def at(self, share: float) -> float:
        """Quantile."""
        z = _normal(share)
        end = self.high if z > 0.0 else self.low
        return self.value * math.exp(abs(z) / _RANGE * math.log(end / self.value))


@dataclass(frozen=True)
class Draw:
    """One way in which things could be.

    Parameters
    ----------
    changes : dict of str to float or str
        Inputs by dotted name, in SI.
    mass : float
        Mass of the tablet over its mean [-].
    """

    changes: dict[str, Level]
    mass: float


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """The uncertain inputs of one material.

    Parameters
    ----------
    spreads : tuple of Spread
        Independent of each other.
    names : tuple of str
        Of estimates that vary together.
    medians : (p,) ndarray
        Of those, in SI.
    factor : (p, p) ndarray
        Lower Cholesky factor of the covariance of their logarithms [-].
    mass : float
        Standard deviation of the mass from tablet to tablet, relative [-].
    """

    spreads: tuple[Spread, ...]
    names: tuple[str, ...]
    medians: Array
    factor: Array
    mass: float

    @classmethod
    def of(cls, study: Study, spec: RobustSpec) -> Uncertainty:
        """What a study leaves uncertain, as [design.robust] says or as its cards do."""
        joint, medians, factor = _calibrated(study)
        named = [spread.name for spread in spec.uncertain]
        if named:
            keep = [n for n, name in enumerate(joint) if name not in named]
            joint = tuple(joint[n] for n in keep)
            medians, factor = medians[keep], _sub_factor(factor, keep)
        spreads = spec.uncertain or tuple(
            CardRange(name, float(value), *value.range)
            for name, value in study.inputs.items()
            if name not in joint and _spans(value)
        )
        return cls(spreads, joint, medians, factor, study.tablet.mass_spread)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of everything that is drawn."""
        mass = ("tablet mass",) if self.mass else ()
        return (*(spread.name for spread in self.spreads), *self.names, *mass)

    def draws(self, count: int, seed: int) -> list[Draw]:
        """Draws by scrambled Sobol points: the same seed, the same draws."""
        from scipy.stats import qmc

        dimension = len(self.spreads) + len(self.names) + 1
        power = max(1, math.ceil(math.log2(count)))
        points = qmc.Sobol(dimension, scramble=True, seed=seed).random_base2(power)[:count]
        return [self._draw(np.clip(point, _OFF, 1.0 - _OFF)) for point in points]

    def _draw(self, point: Array) -> Draw:
        own, joint = point[: len(self.spreads)], point[len(self.spreads) : -1]
        changes: dict[str, Level] = {
            spread.name: spread.at(float(u)) for spread, u in zip(self.spreads, own, strict=True)
        }
        logs = self.factor @ np.array([_normal(float(u)) for u in joint])
        together = self.medians * np.exp(logs)
        changes |= dict(zip(self.names, together.tolist(), strict=True))
        return Draw(changes, max(0.05, 1.0 + self.mass * _normal(float(point[-1]))))


def _calibrated(study: Study) -> tuple[tuple[str, ...], Array, Array]:
    """Estimates of the calibration that the study stands on, and their covariance as a factor."""
    card = study.calibration
    used = study.inputs
    keep = [] if card is None else [n for n, name in enumerate(card.names) if name in used]
    if card is None or not keep:
        return (), np.empty(0), np.empty((0, 0))
    names = tuple(card.names[n] for n in keep)
    medians = np.array([float(used[name]) for name in names])
    return names, medians, _factor(np.asarray(card.covariance)[np.ix_(keep, keep)])


def _factor(covariance: Array) -> Array:
    """A square root of a covariance that may be singular, (p, p)."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _sub_factor(factor: Array, keep: list[int]) -> Array:
    return _factor((factor @ factor.T)[np.ix_(keep, keep)])


def _spans(value: Value) -> bool:
    """Whether a card's number is an estimate with a range to draw from."""
    if value.grade != "estimate" or value.low is None or value.high is None:
        return False
    low, high = value.range
    return 0.0 < low < high and low <= float(value) <= high


def _normal(share: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(share))
