"""What a study asks for: the wanted curve, what a design may change, and for whom.

Plain specifications; the rooms above turn them into designs and doses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from releasesim import empirical
from releasesim.curve import ReleaseCurve

if TYPE_CHECKING:
    from releasesim.study.spreads import Spread

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
    """What is wanted of the plasma concentration: a window, or the course of a curve.

    Parameters
    ----------
    low, high : float or None
        Window [kg/m3]; None where a curve is given.
    dose_every : float or None
        Dosing interval [s]; None for a single dose.
    doses : int or None
        Which dose of a course is judged; None for the steady state.
    auc : float or None
        Wanted area under the curve over one interval [kg s/m3]; None: from window or curve.
    times, concentrations : tuple of float
        Points of the curve [s], [kg/m3].
    curve_file : str or None
        File of the curve, as the study names it.
    """

    low: float | None = None
    high: float | None = None
    dose_every: float | None = None
    doses: int | None = None
    auc: float | None = None
    times: tuple[float, ...] = field(default=(), repr=False)
    concentrations: tuple[float, ...] = field(default=(), repr=False)
    curve_file: str | None = None


@dataclass(frozen=True)
class Stage:
    """One time of a dissolution test by stages.

    Parameters
    ----------
    at : float
        [s].
    low, high : float or None
        Range of USP <724> [-].
    Q : float or None
        Amount of USP <711>; at stage S1 every unit has to show Q + 5 % [-].
    """

    at: float
    low: float | None = None
    high: float | None = None
    Q: float | None = None


NEARLY_ALL, LEAST_POINTS = 0.85, 3
"""Points beyond this do not count for f2, but for the first; and so many have to [-]."""


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
        A window or course to derive the curve from.
    curve_file : str or None
        File of a measured curve, as the study names it.
    law : EmpiricalLaw or None
        Law of a drawn curve.
    points : tuple of (float, float)
        Times [s] and fractions [-] of a tabulated curve.
    accept_time_in_window : float or None
        Smallest share of the dosing interval inside the plasma window [-].
    accept_cmax : float or None
        Highest plasma concentration [kg/m3].
    accept_stages : tuple of Stage
        Times of a dissolution test.
    drugs : mapping of str to Target
        What is wanted of each drug of several, by name; then nothing is wanted of them together.
    """

    curve: ReleaseCurve | None = field(default=None, compare=False)
    accept_f2: float | None = None
    accept_largest_difference: float | None = None
    plasma: Plasma | None = None
    curve_file: str | None = None
    law: empirical.EmpiricalLaw | None = None
    points: tuple[tuple[float, float], ...] = ()
    accept_time_in_window: float | None = None
    accept_cmax: float | None = None
    accept_stages: tuple[Stage, ...] = ()
    drugs: Mapping[str, Target] = field(default_factory=dict, hash=False)

    @property
    def drawn(self) -> bool:
        """Whether the curve is a line: by a law, or straight between points too few to judge at."""
        shares = [share for time, share in self.points if time > 0.0]
        counted = sum(share <= NEARLY_ALL for share in shares)
        few = counted + (counted < len(shares)) < LEAST_POINTS
        return self.law is not None or (bool(shares) and few)


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
class RobustSpec:
    """What a design shall withstand.

    Parameters
    ----------
    samples : int
        Draws by which the chance to meet the target is counted.
    uncertain : tuple of Spread
        Inputs that are uncertain; empty: those of the cards that are estimates, over their ranges,
        what a calibration leaves open, and the spread of mass.
    """

    samples: int = 256
    uncertain: tuple[Spread, ...] = ()


@dataclass(frozen=True)
class DesignSpec:
    """What a design may change, and for which dose.

    Parameters
    ----------
    dose : float or None
        Of free drug [kg]; None: from the patient.
    doses : mapping of str to float
        Of each drug of several, by name [kg].
    dose_tolerance : float
        Relative [-].
    absorbs_dose : str
        "drug_loading" follows from dose and deposited mass; "size" at fixed loading.
    polymers : tuple of str
        Names of cards to choose from; empty keeps the study's.
    vary : tuple of Vary or Choice
        In the order of the file.
    max_print_time : float or None
        Longest time of extrusion [s].
    max_mass : float or None
        Heaviest tablet [kg].
    robust : RobustSpec or None
        Rank by the chance to meet the target under uncertain inputs; None: by the curve of the
        inputs as they stand.
    """

    dose: float | None = None
    dose_tolerance: float = 0.02
    absorbs_dose: str = "drug_loading"
    polymers: tuple[str, ...] = ()
    vary: tuple[Vary | Choice, ...] = ()
    max_print_time: float | None = None
    max_mass: float | None = None
    robust: RobustSpec | None = None
    doses: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class PatientSpec:
    """One person, as far as dose and release need.

    Parameters
    ----------
    weight : float or None
        [kg].
    age : float or None
        [s].
    height : float or None
        [m].
    sex : str or None
        female or male.
    creatinine_clearance : float or None
        [m3/s].
    egfr : float or None
        Estimated filtration rate for 1.73 m2 of body surface [m3/s].
    serum_creatinine : float or None
        [kg/m3].
    genotype : mapping of str to str
        Gene to diplotype.
    biomarkers : mapping of str to str
        Biomarker to result.
    smoking : bool or None
        None where unknown.
    comedication : tuple of str
        Other drugs.
    inhibitors, inducers : mapping of str to str
        Enzyme to strength: strong, moderate or weak.
    """

    weight: float | None = None
    age: float | None = None
    height: float | None = None
    sex: str | None = None
    creatinine_clearance: float | None = None
    egfr: float | None = None
    serum_creatinine: float | None = None
    genotype: Mapping[str, str] = field(default_factory=dict, hash=False)
    biomarkers: Mapping[str, str] = field(default_factory=dict, hash=False)
    smoking: bool | None = None
    comedication: tuple[str, ...] = ()
    inhibitors: Mapping[str, str] = field(default_factory=dict, hash=False)
    inducers: Mapping[str, str] = field(default_factory=dict, hash=False)
