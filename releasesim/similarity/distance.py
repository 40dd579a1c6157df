"""Multivariate statistical distance of two products: Mahalanobis, Hotelling, Tsong, Hoffelder."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Distance:
    r"""Distance of two products over P points, and two decisions on it.

    With d the difference of the means, S the pooled covariance and k = nT nR/(nT + nR),

    .. math::

        D_M = \sqrt{d' S^{-1} d}, \quad T^2 = k D_M^2, \quad F = K D_M^2, \quad
        K = k (n_T + n_R - P - 1) / ((n_T + n_R - 2) P)

    Tsong's confidence region of d reaches along d from |D_M - r| to D_M + r with
    r^2 = F(1 - alpha; P, nT + nR - P - 1)/K, and the products are similar if its far end is within
    the limit D_max = MTAD sqrt(1' S^-1 1). Hoffelder's T2EQ calls them equivalent if
    F < F(alpha; P, nT + nR - P - 1, k D_max^2), noncentral, which is not the same decision.

    Parameters
    ----------
    points : int
        P.
    distance, t2, f, k, K : float
        D_M, T^2, F and the factors k, K.
    df : tuple of int
        Degrees of freedom of F.
    alpha : float
        Level.
    f_critical, p : float
        Of Hotelling's test that the means are equal.
    t_critical : float
        Bonferroni quantile of Student's t for intervals at single points.
    mtad : float
        Greatest difference that is tolerated at every point [%].
    limit : float
        D_max.
    lower, upper : float
        Nearest and farthest point of the region along d.
    noncentrality, f_equivalence, p_equivalence : float
        k D_max^2, the noncentral quantile, and the p-value of T2EQ.
    covariance : ndarray, (P, P)
        S [%2].

    References
    ----------
    .. [1] Y. Tsong et al., Drug Inf. J. 30 (1996) 1105-1112.
    .. [2] T. Hoffelder et al., Drug Inf. J. 49 (2015); T. Hoffelder, Biom. J. 61 (2019) 1120-1137.
    """

    points: int
    distance: float
    t2: float
    f: float
    k: float
    K: float
    df: tuple[int, int]
    alpha: float
    f_critical: float
    p: float
    t_critical: float
    mtad: float
    limit: float
    lower: float
    upper: float
    noncentrality: float
    f_equivalence: float
    p_equivalence: float
    covariance: Floats

    @property
    def similar(self) -> bool:
        """Tsong's decision: the whole region lies within the limit."""
        return self.upper <= self.limit

    @property
    def equivalent(self) -> bool:
        """T2EQ's decision (Hoffelder)."""
        return self.f < self.f_equivalence

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        plain = {**vars(self), "df": list(self.df), "covariance": self.covariance.tolist()}
        return {**plain, "similar": self.similar, "equivalent": self.equivalent}


def distance(
    reference: Floats, test: Floats, *, mtad: float = 10.0, alpha: float = 0.05
) -> Distance:
    """Distance of two sets of units.

    Parameters
    ----------
    reference, test : ndarray, (P, nR), (P, nT)
        Units of each product at the points [%].
    mtad : float
        Tolerated difference at every point [%].
    alpha : float
        Level; Tsong took 0.1.

    Raises
    ------
    InputError
        Too few units for so many points, or units that do not vary independently.
    """
    sizes = _Sizes(reference.shape[0], reference.shape[1], test.shape[1])
    if sizes.df[1] < 1:
        raise InputError(
            f"{sizes.nR} and {sizes.nT} units tell a distance over at most "
            f"{max(sizes.nR + sizes.nT - 2, 0)} points, not {sizes.P}: measure more units or "
            "choose fewer points"
        )
    S = _pooled(reference, test)
    D = math.sqrt(_square(S, test.mean(axis=1) - reference.mean(axis=1)))
    limit = mtad * math.sqrt(_square(S, np.ones(sizes.P)))
    return Distance(
        mtad=mtad, covariance=S, alpha=alpha, limit=limit, **_decided(D, limit, sizes, alpha)
    )


class _Sizes(NamedTuple):
    """Points and units, and the factors that follow from them."""

    P: int
    nR: int
    nT: int

    @property
    def df(self) -> tuple[int, int]:
        return self.P, self.nR + self.nT - self.P - 1

    @property
    def freedom(self) -> int:
        return self.nR + self.nT - 2

    @property
    def k(self) -> float:
        return self.nR * self.nT / (self.nR + self.nT)

    @property
    def K(self) -> float:  # noqa: N802 - the paper's symbol
        return self.k * self.df[1] / (self.freedom * self.P)


def _pooled(reference: Floats, test: Floats) -> Floats:
    parts = [np.atleast_2d(np.cov(v)) * (v.shape[1] - 1) for v in (reference, test)]
    return np.asarray(sum(parts) / (reference.shape[1] + test.shape[1] - 2))


def _square(S: Floats, d: Floats) -> float:
    """Return d' S^-1 d; refuses a covariance that is singular to working precision."""
    scale = np.sqrt(np.diag(S))
    if scale.min() <= 0.0 or np.linalg.cond(S / np.outer(scale, scale)) > 1e12:
        raise InputError(
            "the units do not vary independently at all points (singular covariance): "
            "no distance; choose fewer points"
        )
    return float(d @ np.linalg.solve(S, d))


def _decided(D: float, limit: float, sizes: _Sizes, alpha: float) -> dict[str, Any]:
    """Everything that follows from the distance and its limit."""
    from scipy.special import fdtrc, fdtri, stdtrit
    from scipy.stats import ncf

    df, k, K = sizes.df, sizes.k, sizes.K
    F, F_critical = K * D**2, float(fdtri(*df, 1.0 - alpha))
    reach, shift = math.sqrt(F_critical / K), k * limit**2
    return {
        "points": sizes.P,
        "distance": D,
        "t2": k * D**2,
        "f": F,
        "k": k,
        "K": K,
        "df": df,
        "f_critical": F_critical,
        "p": float(fdtrc(*df, F)),
        "t_critical": float(stdtrit(sizes.freedom, 1.0 - alpha / (2.0 * sizes.P))),
        "lower": abs(D - reach),
        "upper": D + reach,
        "noncentrality": shift,
        "f_equivalence": float(ncf.ppf(alpha, *df, shift)),
        "p_equivalence": float(ncf.cdf(F, *df, shift)),
    }


@dataclass(frozen=True)
class OneSample:
    """Hotelling's test of one product against given means, (P,).

    Parameters
    ----------
    distance, t2, f, K : float
        D_M, T^2 = n D_M^2, F = K D_M^2 with K = n (n - P)/((n - 1) P).
    df : tuple of int
        P and n - P.
    alpha, f_critical, p, t_critical : float
        As in `Distance`.
    """

    distance: float
    t2: float
    f: float
    K: float
    df: tuple[int, int]
    alpha: float
    f_critical: float
    p: float
    t_critical: float


def against_means(vessels: Floats, means: Floats, *, alpha: float = 0.05) -> OneSample:
    """Test units (P, n) [%] against the means of a specification (P,) [%].

    Raises
    ------
    InputError
        As many points as units or more.
    """
    from scipy.special import fdtrc, fdtri, stdtrit

    P, n = vessels.shape
    if n <= P:
        raise InputError(f"{n} units tell a distance over at most {n - 1} points, not {P}")
    D2 = _square(np.atleast_2d(np.cov(vessels)), vessels.mean(axis=1) - means)
    df, K = (P, n - P), n * (n - P) / ((n - 1) * P)
    return OneSample(
        distance=math.sqrt(D2),
        t2=n * D2,
        f=K * D2,
        K=K,
        df=df,
        alpha=alpha,
        f_critical=float(fdtri(*df, 1.0 - alpha)),
        p=float(fdtrc(*df, K * D2)),
        t_critical=float(stdtrit(n - 1, 1.0 - alpha / (2.0 * P))),
    )
