"""Empirical release laws: curves to draw targets with, and baselines for fits.

Each law gives the released fraction at a time by one equation, and knows no tablet. Laws with a
lag release nothing before it. Power laws are cut off at 1, where they stop meaning anything.
"""

from __future__ import annotations

from releasesim.empirical.drawn import Biphasic, Delayed, FirstOrder, Pulse, Weibull, ZeroOrder
from releasesim.empirical.law import EmpiricalLaw
from releasesim.empirical.named import (
    BakerLonsdale1974,
    Higuchi1961,
    HixsonCrowell1931,
    Hopfenberg1976,
    KorsmeyerPeppas1983,
)

__all__ = [
    "BakerLonsdale1974",
    "Biphasic",
    "Delayed",
    "EmpiricalLaw",
    "FirstOrder",
    "Higuchi1961",
    "HixsonCrowell1931",
    "Hopfenberg1976",
    "KorsmeyerPeppas1983",
    "Pulse",
    "Weibull",
    "ZeroOrder",
]
