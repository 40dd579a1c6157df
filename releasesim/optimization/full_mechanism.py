"""What the chosen tablet would release by the whole mechanism of its polymer's card."""

from __future__ import annotations

import dataclasses

from releasesim.curve import ReleaseCurve
from releasesim.errors import ReleaseSimError
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.result import FullMechanism
from releasesim.optimization.search import SEARCH_SPACING
from releasesim.optimization.sensitivity import shifted
from releasesim.similarity import similarity_factor
from releasesim.simulation import Release, simulate
from releasesim.study import Study, with_mechanisms

#: Of the released fraction: far below what the two mechanisms differ by.
_TOLERANCE = 0.01


def full_mechanism(study: Study, release: Release, wanted: Wanted) -> FullMechanism | None:
    """Simulate the designed tablet by its card's mechanism; None where that is what was designed.

    Both mechanisms are solved on the search grid, and the designed curve is moved by what they
    differ by, so that the error of that grid mostly cancels.

    Parameters
    ----------
    study : Study
        The chosen tablet, with the effective law of its polymer.
    release : Release
        As designed.
    wanted : Wanted
        At whose times the curves are compared.
    """
    full = with_mechanisms(study)
    if full is study:
        return None
    laws = tuple(type(law).__name__ for law in full.physics.laws().values() if not law.off)
    try:
        curve = shifted(_coarse(full, wanted), _coarse(study, wanted), release)
    except ReleaseSimError as error:
        why = f"by its full mechanism ({', '.join(laws)}) the tablet was not simulated: {error}"
        return FullMechanism(laws, None, float("nan"), float("nan"), why)
    assert curve is not None  # noqa: S101 - what is shifted is there
    designed, found = release.curve.at(wanted.times), curve.at(wanted.times)
    gap = float(abs(found - designed).max())
    f2 = similarity_factor(designed, found) if designed.size > 2 else float("nan")
    return FullMechanism(laws, curve, f2, gap, _words(laws, curve, release, f2, gap))


def _coarse(study: Study, wanted: Wanted) -> ReleaseCurve:
    until = float(wanted.times[-1])
    run = dataclasses.replace(
        study.run,
        until=until,
        times=None,
        spacing=SEARCH_SPACING,
        tolerance=max(_TOLERANCE, study.run.tolerance),
    )
    return simulate(dataclasses.replace(study, run=run)).curve


def _words(
    laws: tuple[str, ...], curve: ReleaseCurve, release: Release, f2: float, gap: float
) -> str:
    at = int(abs(curve.fraction - release.curve.at(curve.time)).argmax())
    time = curve.time[at]
    here, there = float(release.curve.at(time)), float(curve.fraction[at])
    return (
        "designed with one effective law for each polymer; by its full mechanism "
        f"({', '.join(laws)}, numbers of the card) the same tablet would release {there:.0%} "
        f"instead of {here:.0%} by {time / 3600:.2g} h: largest difference {gap:.0%}, f2 {f2:.0f} "
        "between the two"
    )
