"""How well an in-vitro in-vivo correlation predicts: errors of Cmax and AUC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from releasesim.errors import InputError

_MEAN, _SINGLE, _FAILED = 10.0, 15.0, 20.0


class Exposure(NamedTuple):
    """Largest concentration and area under the curve of a plasma profile, in its own units."""

    c_max: float
    auc: float


def exposure(time: ArrayLike, concentration: ArrayLike) -> Exposure:
    """Cmax, and AUC to the last time by linear trapezoids.

    Parameters
    ----------
    time, concentration : array_like, (m,)
        Increasing times, and concentrations of 0 or more.
    """
    t, c = np.asarray(time, dtype=float), np.asarray(concentration, dtype=float)
    if t.size != c.size or t.size < 2 or np.any(np.diff(t) <= 0.0) or c.min() < 0.0:
        raise InputError("a plasma profile needs two or more increasing times, and one value each")
    return Exposure(float(c.max()), float(np.diff(t) @ (c[1:] + c[:-1]) / 2.0))


def prediction_error(observed: float, predicted: float) -> float:
    """Absolute prediction error %PE = 100 |observed - predicted|/observed [%]."""
    if not observed > 0.0:
        raise InputError(f"an observed value of {observed:g} has no prediction error")
    return 100.0 * abs(observed - predicted) / observed


@dataclass(frozen=True)
class PredictionErrors:
    """Errors of the formulations a correlation was made from (internal) or tried on (external).

    Parameters
    ----------
    internal : bool
        Internal or external predictability.
    c_max, auc : tuple of float
        %PE of each formulation.
    """

    internal: bool
    c_max: tuple[float, ...]
    auc: tuple[float, ...]

    @property
    def means(self) -> tuple[float, float]:
        """Mean %PE of Cmax and AUC."""
        return float(np.mean(self.c_max)), float(np.mean(self.auc))

    @property
    def verdict(self) -> str:
        """FDA 1997: established, inconclusive or not established, and by which number."""
        mean, single = max(self.means), max(self.c_max + self.auc)
        found = f"mean %PE up to {mean:.1f}, single ones up to {single:.1f}"
        if self.internal:
            met = mean <= _MEAN and single <= _SINGLE
            return f"{'established' if met else 'external predictability is needed'}: {found}"
        worst = "established" if mean <= _MEAN else "inconclusive"
        return f"{worst if mean <= _FAILED else 'not established'}: {found}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "internal": self.internal,
            "c_max_percent_error": list(self.c_max),
            "auc_percent_error": list(self.auc),
            "mean_percent_error": dict(zip(("c_max", "auc"), self.means, strict=True)),
            "verdict": self.verdict,
        }


def prediction_errors(
    observed: Sequence[Exposure], predicted: Sequence[Exposure], *, internal: bool = True
) -> PredictionErrors:
    """Judge a correlation by the FDA's limits.

    Internal: mean %PE at most 10 for Cmax and AUC, none above 15. External: mean at most 10
    established, 10 to 20 inconclusive, above 20 not.

    Parameters
    ----------
    observed, predicted : sequence of Exposure
        Of the same formulations in the same order.

    References
    ----------
    .. [1] FDA, Guidance for Industry: Extended Release Oral Dosage Forms: Development, Evaluation,
       and Application of In Vitro/In Vivo Correlations, 1997.

    Examples
    --------
    >>> found = prediction_errors([Exposure(10.0, 80.0)], [Exposure(9.2, 84.0)])
    >>> found.verdict
    'established: mean %PE up to 8.0, single ones up to 8.0'
    """
    if not observed or len(observed) != len(predicted):
        raise InputError("prediction errors need one prediction for each observation")
    pairs = list(zip(observed, predicted, strict=True))
    c_max = tuple(prediction_error(o.c_max, p.c_max) for o, p in pairs)
    auc = tuple(prediction_error(o.auc, p.auc) for o, p in pairs)
    return PredictionErrors(internal, c_max, auc)
