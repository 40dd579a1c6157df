"""What a study asks for: the wanted curve, what a design may change, and for whom.

Plain specifications; the rooms above turn them into designs and doses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from releasesim import empirical
from releasesim.curve import ReleaseCurve

CURVE_LAWS: dict[str, type[empirical.EmpiricalLaw]] = {
    "zero_order": empirical.ZeroOrder,
    "first_order": empirical.FirstOrder,
    "weibull": empirical.Weibull,
    "pulse": empirical.Pulse,
    "biphasic": empirical.Biphasic,
    "delayed": empirical.Delayed,
}
"""Kind of a drawn curve, as a study file says it, and its law."""

CURVE_UNITS = {
    "duration": "s",
    "lag": "s",
    "rate": "1/s",
    "scale": "s",
    "shape": "1",
    "at": "s",
    "width": "s",
    "fast_fraction": "1",
    "fast_rate": "1/s",
    "slow_rate": "1/s",
}
"""SI unit of every parameter of a drawn curve."""


@dataclass(frozen=True)
class Plasma:
    """A wanted window of plasma concentration at steady state.

    Parameters
    ----------
    low, high : float
        [kg/m3].
    dose_every : float
        Dosing interval [s].
    """

    low: float
    high: float
    dose_every: float


@dataclass(frozen=True)
class Target:
    """The wanted curve, and when a curve is near enough.

    Parameters
    ----------
    curve : ReleaseCurve or None
        Measured or drawn; None where it follows from `plasma`.
    accept_f2 : float or None
        Lowest similarity factor f2.
    accept_largest_difference : float or None
        Largest difference at any time, absolute fraction [-].
    plasma : Plasma or None
        A window to derive the curve from.
    curve_file : str or None
        File of a measured curve, as the study names it.
    law : EmpiricalLaw or None
        Law of a drawn curve.
    """

    curve: ReleaseCurve | None = field(default=None, compare=False)
    accept_f2: float | None = None
    accept_largest_difference: float | None = None
    plasma: Plasma | None = None
    curve_file: str | None = None
    law: empirical.EmpiricalLaw | None = None


def draw(law: empirical.EmpiricalLaw, until: float, kind: str) -> ReleaseCurve:
    """Draw the curve of an empirical law up to `until` [s].

    Examples
    --------
    >>> draw(empirical.ZeroOrder(duration=7200.0), 7200.0, "zero_order").at(3600.0).item()
    0.5
    """
    corners = [time for time in _corners(law) if 0.0 < time < until]
    times = np.unique([*np.linspace(0.0, until, 501), *corners])
    return ReleaseCurve(times, law.fraction(times), name=kind, simulated=True)


def _corners(law: empirical.EmpiricalLaw) -> list[float]:
    """Return the times at which a law of straight lines bends [s]."""
    if isinstance(law, empirical.Pulse):
        return [law.at - law.width / 2, law.at + law.width / 2]
    lag = getattr(law, "lag", 0.0)
    return [lag, lag + getattr(law, "duration", 0.0)]


@dataclass(frozen=True)
class Vary:
    """A parameter that a design may move in a range, in SI; whole numbers stay whole.

    Parameters
    ----------
    name : str
        Dotted name, such as "infill.density".
    minimum, maximum : float
        Range, both ends allowed.
    """

    name: str
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Choice:
    """A parameter that a design may choose from a list, in SI.

    Parameters
    ----------
    name : str
        Dotted name, such as "infill.pattern".
    values : tuple
        The choices.
    """

    name: str
    values: tuple[float | str, ...]


@dataclass(frozen=True)
class DesignSpec:
    """What a design may change, and for which dose.

    Parameters
    ----------
    dose : float or None
        Of free drug [kg]; None: from the patient.
    dose_tolerance : float
        Relative [-].
    absorbs_dose : str
        "drug_loading" follows from dose and deposited mass; "size" at fixed loading.
    polymers : tuple of str
        Names of cards to choose from; empty keeps the study's.
    vary : tuple of Vary or Choice
        In the order of the file.
    """

    dose: float | None = None
    dose_tolerance: float = 0.02
    absorbs_dose: str = "drug_loading"
    polymers: tuple[str, ...] = ()
    vary: tuple[Vary | Choice, ...] = ()


@dataclass(frozen=True)
class PatientSpec:
    """One person, as far as dose and release need.

    Parameters
    ----------
    weight : float or None
        [kg].
    age : float or None
        [s].
    sex : str or None
        female or male.
    creatinine_clearance : float or None
        [m3/s].
    genotype : mapping of str to str
        Gene to diplotype.
    biomarkers : mapping of str to str
        Biomarker to result.
    smoking : bool or None
        None where unknown.
    comedication : tuple of str
        Other drugs.
    """

    weight: float | None = None
    age: float | None = None
    sex: str | None = None
    creatinine_clearance: float | None = None
    genotype: Mapping[str, str] = field(default_factory=dict, hash=False)
    biomarkers: Mapping[str, str] = field(default_factory=dict, hash=False)
    smoking: bool | None = None
    comedication: tuple[str, ...] = ()
