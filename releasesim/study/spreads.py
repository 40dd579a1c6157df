"""How a parameter is spread: a way from the unit interval to its values, read from a study."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from releasesim.errors import InputError
from releasesim.study.locate import Keys
from releasesim.study.routes import read_for, read_width
from releasesim.study.source import Source
from releasesim.units import parse_quantity

if TYPE_CHECKING:
    from releasesim.study.study import Study


Level = float | str | tuple[str, ...]
"""A value of a study: a number in SI, a word, or the words of a name that holds several."""


@dataclass(frozen=True)
class Spread(ABC):
    """How one parameter varies.

    Parameters
    ----------
    name : str
        Dotted name, such as "infill.density".
    """

    name: str

    @abstractmethod
    def at(self, share: float) -> Level:
        """Value below which a share of all draws lies, 0 < share < 1 [-]: the quantile."""

    def levels(self) -> tuple[Level, ...]:
        """Values that a factorial plan takes; none for a distribution."""
        return ()


@dataclass(frozen=True)
class Levels(Spread):
    """Given values, all equally likely.

    Examples
    --------
    >>> Levels("walls", (1, 2, 3)).at(0.4)
    2
    """

    values: tuple[Level, ...]

    def at(self, share: float) -> Level:
        """The value in whose part of the unit interval the share lies."""
        return self.values[min(int(share * len(self.values)), len(self.values) - 1)]

    def levels(self) -> tuple[Level, ...]:
        """All of them."""
        return self.values


@dataclass(frozen=True)
class Uniform(Spread):
    """Every value of a range equally likely."""

    minimum: float
    maximum: float

    def at(self, share: float) -> float:
        """Linear in the share."""
        return self.minimum + share * (self.maximum - self.minimum)


@dataclass(frozen=True)
class LogNormal(Spread):
    """Log-normal by its arithmetic mean and coefficient of variation.

    Examples
    --------
    >>> round(LogNormal("diffusion.D", 1e-10, 0.5).at(0.5) * 1e10, 4)
    0.8944
    """

    mean: float
    cv: float

    def at(self, share: float) -> float:
        """Quantile."""
        spread = math.sqrt(math.log1p(self.cv**2))
        median = self.mean / math.sqrt(1.0 + self.cv**2)
        return median * math.exp(spread * _normal(share))


@dataclass(frozen=True)
class Normal(Spread):
    """Normal; what it draws outside the allowed values is a run that is refused."""

    mean: float
    sd: float

    def at(self, share: float) -> float:
        """Quantile."""
        return self.mean + self.sd * _normal(share)


@dataclass(frozen=True)
class Shares(Spread):
    """Values with the share of draws that has each; shares add up to 1."""

    values: tuple[Level, ...]
    shares: tuple[float, ...]

    def at(self, share: float) -> Level:
        """The value in whose part of the unit interval the share lies."""
        passed = 0.0
        for value, width in zip(self.values, self.shares, strict=True):
            passed += width
            if share < passed:
                return value
        return self.values[-1]


def read_spread(source: Source, keys: Keys, name: str, raw: Any, study: Study) -> Spread:
    """Read how a parameter is spread; `study` gives its unit and what it may be.

    Raises
    ------
    InputError
        A name that the study has not, a value that it cannot hold.
    """
    with source.at(*keys):
        study.get(name)
    if isinstance(raw, list):
        values = [_value(source, (*keys, i), name, one, study) for i, one in enumerate(raw)]
        return Levels(name, tuple(values))
    if "shares" in raw:
        return _shares(source, (*keys, "shares"), name, raw["shares"], study)
    if "mean" in raw:
        return _distribution(source, keys, name, raw, study)
    low, high = (_number(source, (*keys, end), name, raw[end], study) for end in ("min", "max"))
    if low >= high:
        raise source.error((*keys, "min"), "must be below max")
    if "steps" not in raw:
        return Uniform(name, low, high)
    steps = raw["steps"]
    if not isinstance(steps, int) or isinstance(steps, bool) or not 2 <= steps <= 100_000:
        raise source.error((*keys, "steps"), "must be a whole number, 2 to 100000")
    even = [low + (high - low) * n / (steps - 1) for n in range(steps)]
    if isinstance(study.get(name), int):
        return Levels(name, tuple(dict.fromkeys(round(value) for value in even)))
    return Levels(name, tuple(even))


def _distribution(source: Source, keys: Keys, name: str, raw: Any, study: Study) -> Spread:
    mean = _number(source, (*keys, "mean"), name, raw["mean"], study)
    if "cv" in raw:
        with source.at(*keys, "cv"):
            cv = parse_quantity(raw["cv"], "1")
        if not 0.0 < cv <= 10.0 or mean <= 0.0:
            raise source.error((*keys, "cv"), "must be above 0, at most 1000 %, of a positive mean")
        return LogNormal(name, mean, cv)
    with source.at(*keys, "sd"):
        sd = read_width(study, name, raw["sd"])
    if sd <= 0.0:
        raise source.error((*keys, "sd"), "must be above 0")
    return Normal(name, mean, sd)


def _shares(source: Source, keys: Keys, name: str, raw: Any, study: Study) -> Shares:
    if not isinstance(raw, Mapping) or not raw:
        raise source.error(keys, 'must be a table of values: { "*1/*1" = "80 %", ... }')
    values, shares = [], []
    for key, text in raw.items():
        with source.at(*keys, key):
            share = parse_quantity(text, "1")
            if not 0.0 <= share <= 1.0:
                raise InputError("must be 0 to 100 %")
        values.append(_value(source, (*keys, key), name, key, study))
        shares.append(share)
    if abs(sum(shares) - 1.0) > 1e-6:
        raise source.error(keys, f"add up to {100 * sum(shares):.6g} %, not to 100 %")
    return Shares(name, tuple(values), tuple(shares))


def _number(source: Source, keys: Keys, name: str, raw: Any, study: Study) -> float:
    value = _value(source, keys, name, raw, study)
    if isinstance(value, str | tuple):
        raise source.error(keys, "is a word: give a list of choices, or shares")
    return float(value)


def _value(source: Source, keys: Keys, name: str, raw: Any, study: Study) -> Level:
    with source.at(*keys):
        if isinstance(raw, list) and not isinstance(study.get(name), tuple):
            raise InputError(f"is a list, and {name} holds one value")
        value: Level = read_for(study, name, raw)
    return value


def _normal(share: float) -> float:
    """Quantile of the standard normal distribution [-]."""
    from scipy.special import ndtri

    return float(ndtri(share))
