"""Empirical release laws: curves to draw targets with, and baselines for fits.

Each law gives the released fraction at a time by one equation, and knows no tablet. Laws with a
lag release nothing before it. Power laws are cut off at 1, where they stop meaning anything.

`EQUATIONS` are the equations of dissolution testing in their usual form, percent against a unit of
time, which `fit_equation` and `rank_equations` fit to measured curves.
"""

from __future__ import annotations

from releasesim.empirical.drawn import Biphasic, Delayed, FirstOrder, Pulse, Weibull, ZeroOrder
from releasesim.empirical.equations import EQUATIONS, Equation
from releasesim.empirical.fitting import fit_equation, rank_equations
from releasesim.empirical.goodness import Goodness, goodness
from releasesim.empirical.law import EmpiricalLaw
from releasesim.empirical.named import (
    BakerLonsdale1974,
    Higuchi1961,
    HixsonCrowell1931,
    Hopfenberg1976,
    KorsmeyerPeppas1983,
)
from releasesim.empirical.result import EquationFit
from releasesim.empirical.surface_law import SurfaceToVolume
from releasesim.empirical.transport import transport

__all__ = [
    "EQUATIONS",
    "BakerLonsdale1974",
    "Biphasic",
    "Delayed",
    "EmpiricalLaw",
    "Equation",
    "EquationFit",
    "FirstOrder",
    "Goodness",
    "Higuchi1961",
    "HixsonCrowell1931",
    "Hopfenberg1976",
    "KorsmeyerPeppas1983",
    "Pulse",
    "SurfaceToVolume",
    "Weibull",
    "ZeroOrder",
    "fit_equation",
    "goodness",
    "rank_equations",
    "transport",
]
