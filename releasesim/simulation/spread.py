"""Mass from tablet to tablet: what its spread does to dose and curve."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from releasesim.simulation.release import Release
from releasesim.study import Study
from releasesim.units import format_quantity


def simulate_spread(study: Study, simulate_one: Callable[[Study], Release]) -> Release:
    """Simulate the mean tablet, and tablets one standard deviation lighter and heavier.

    Parameters
    ----------
    study : Study
        Whose tablets differ in mass.
    simulate_one : callable
        Simulates one tablet.

    Returns
    -------
    Release
        Of the mean tablet. `curve_sd` is half of what lies between the other two, released drug
        over the mean dose: a heavier tablet holds more and, being larger, lets go of it later.
    """
    share = study.tablet.mass_spread
    mean, light, heavy = (
        simulate_one(_of_mass(study, factor)) for factor in (1.0, 1.0 - share, 1.0 + share)
    )
    apart = heavy.dose * heavy.curve.fraction - light.dose * light.curve.fraction
    found = [light, heavy]
    return dataclasses.replace(
        mean,
        curve_sd=abs(apart) / (2.0 * mean.dose),
        dose_sd=share * mean.dose,
        notices=(*mean.notices, _words(share)),
        seconds={s: t + sum(r.seconds.get(s, 0.0) for r in found) for s, t in mean.seconds.items()},
        study_hash=study.hash,
    )


def _of_mass(study: Study, factor: float) -> Study:
    tablet = study.tablet.heavier(factor) if factor != 1.0 else study.tablet
    return dataclasses.replace(study, tablet=tablet.replace(mass_spread=0.0))


def _words(share: float) -> str:
    spread = format_quantity(share, "%")
    return (
        f"tablets differ in mass by {spread} (standard deviation): dose and curve carry that band, "
        "in percent of the mean dose"
    )
