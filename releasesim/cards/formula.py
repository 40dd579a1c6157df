"""Molar mass from a formula, to catch a molar mass that belongs to a salt or another drug."""

from __future__ import annotations

import re

from releasesim.errors import CardError

ATOMIC_WEIGHTS = {
    "H": 1.008,
    "B": 10.81,
    "C": 12.011,
    "N": 14.007,
    "O": 15.999,
    "F": 18.998403,
    "Na": 22.989769,
    "P": 30.973762,
    "S": 32.06,
    "Cl": 35.45,
    "K": 39.0983,
    "Br": 79.904,
    "I": 126.90447,
}
"""Abridged standard atomic weights, IUPAC 2021 [g/mol]: doi 10.1515/pac-2019-0603."""

_FORMULA = re.compile(r"(?:[A-Z][a-z]?[0-9]*)+")
_ELEMENT = re.compile(r"([A-Z][a-z]?)([0-9]*)")


def molar_mass(formula: str) -> float:
    """Molar mass of a plain formula [kg/mol].

    Examples
    --------
    >>> round(molar_mass("C8H9NO2"), 6)
    0.151165
    """
    if not _FORMULA.fullmatch(formula):
        raise CardError(f'formula "{formula}": write elements and counts, such as C8H9NO2')
    return sum(_weight(*part) for part in _ELEMENT.findall(formula)) / 1000


def _weight(element: str, count: str) -> float:
    if element not in ATOMIC_WEIGHTS:
        raise CardError(f"formula: no atomic weight here for {element}")
    return ATOMIC_WEIGHTS[element] * int(count or 1)
