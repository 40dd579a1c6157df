"""What all empirical laws share: checked parameters and time after a lag."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EmpiricalLaw(ABC):
    """Base of the laws: released fraction against time, every parameter finite and in range."""

    #: Parameters that may be 0; the others must be greater.
    may_be_zero: ClassVar[frozenset[str]] = frozenset({"lag"})

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            allowed = value >= 0.0 if field.name in self.may_be_zero else value > 0.0
            if not (math.isfinite(value) and allowed):
                bound = "0 or more" if field.name in self.may_be_zero else "greater than 0"
                name = type(self).__name__
                raise InputError(f"{name}: {field.name} = {value:g}, must be {bound}")

    @abstractmethod
    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""


def after(time: ArrayLike, lag: float = 0.0) -> Floats:
    """Time since the lag ended, 0 before [s]."""
    return np.maximum(np.asarray(time, dtype=float) - lag, 0.0)
