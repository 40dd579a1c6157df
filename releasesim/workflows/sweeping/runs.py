"""One run of a sweep: the study changed, simulated, measured."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from releasesim.errors import InputError
from releasesim.study import Level, Measure, Study, refuse_forbidden
from releasesim.study.measures import OF_PATIENT, OF_TARGET

if TYPE_CHECKING:
    from releasesim.curve import ReleaseCurve
    from releasesim.optimization.acceptance import Wanted
    from releasesim.simulation import Release

Changes = Mapping[str, Level]

#: Set last, in this order: they must fit the shape and the roads that come before them.
_LATE = ("layer_height", "walls")


class Runs:
    """From the changes of a run to its measures; can be pickled.

    Runs that differ in the patient alone share one simulation of the tablet.

    Parameters
    ----------
    study : Study
        With a sweep, whose measures are taken.

    Raises
    ------
    InputError
        A measure lacks what it compares with: a target, a patient.
    RefusedError
        A biomarker forbids the drug.
    """

    def __init__(self, study: Study) -> None:
        if study.sweep is None:
            raise InputError("a sweep needs a [sweep] table: what varies, and what to measure")
        refuse_forbidden(study)
        self.study, self.measures = study, study.sweep.measures
        self._last: tuple[Any, Release] | None = None
        for measure in self.measures:
            self._check(measure)

    def __call__(self, changes: Changes) -> dict[str, float]:
        """Simulate one run; measures that it has not, such as a t80 never reached, are absent.

        Raises
        ------
        ReleaseSimError
            The changed study cannot be, or cannot be simulated.
        """
        changed = with_changes(self.study, changes)
        refuse_forbidden(changed)
        release = self._release(changed, changes)
        values = {
            measure.column: _value(measure, changed, release)
            for measure in self.measures
            if measure.words not in OF_PATIENT
        }
        asked = [measure for measure in self.measures if measure.words in OF_PATIENT]
        if asked:
            plasma = _plasma(changed, release)
            values |= {measure.column: plasma[measure.words] for measure in asked}
        return {name: value for name, value in values.items() if math.isfinite(value)}

    def _release(self, changed: Study, changes: Changes) -> Release:
        from releasesim.simulation import simulate

        key = tuple(item for item in changes.items() if not item[0].startswith("patient."))
        if self._last is None or self._last[0] != key:
            self._last = (key, simulate(changed))
        return self._last[1]

    def _check(self, measure: Measure) -> None:
        target = self.study.target
        if measure.words in OF_TARGET and (target is None or target.curve is None):
            raise InputError(f'sweep.measures "{measure.words}": needs a [target] with a curve')
        if measure.words in OF_PATIENT and self.study.patient is None:
            raise InputError(f'sweep.measures "{measure.words}": needs a [patient]')
        end = float(self.study.run.output_times()[-1])
        if measure.time is not None and measure.time > end and not _varies_end(self.study):
            raise InputError(f'sweep.measures "{measure.words}": the run ends before')

    def __getstate__(self) -> dict[str, Any]:
        return {"study": self.study, "measures": self.measures, "_last": None}


def with_changes(study: Study, changes: Changes) -> Study:
    """The study of one run.

    Cards are exchanged first, since laws follow them; walls and layers fit what came before.

    Raises
    ------
    InputError
        A value that the study cannot hold.
    """
    cards = [name for name in changes if name.rpartition(".")[2] in ("drug", "polymer")]
    late = [name for name in _LATE if name in changes]
    others = [name for name in changes if name not in (*cards, *late)]
    walls = study.tablet.walls
    if any(name.startswith("shape.") or name == "road_width" for name in others):
        study = study.replace("walls", 0)  # out of the way: they are checked at the end
    for name in (*cards, *others, *late):
        study = study.replace(name, changes[name])
    return study if "walls" in changes else study.replace("walls", walls)


def _varies_end(study: Study) -> bool:
    names = [spread.name for spread in study.sweep.vary] if study.sweep else []
    return any(name.startswith("run.") for name in names)


def _value(measure: Measure, study: Study, release: Release) -> float:
    """The number of a run; nan where it has none."""
    curve = release.curve
    if measure.fraction:
        return curve.time_to(measure.fraction)
    if measure.time is not None:
        return float(curve.at(measure.time))
    if measure.words in OF_TARGET:
        return _against_target(measure, study, curve)
    return {"mdt": curve.mdt, "dose": release.dose}[measure.words]


def _plasma(study: Study, release: Release) -> dict[str, float]:
    """Plasma of the run's patient, a typical person like this one, after the last dose."""
    from releasesim.patient import patient_of, typical_plasma

    wish = study.target.plasma if study.target else None
    found = typical_plasma(patient_of(study), release.curve, release.dose, wish)
    inside = math.nan
    if wish is not None and wish.low is not None and wish.high is not None:
        inside = found.share_within(wish.low, wish.high)
    return {
        "cmax": float(found.concentration.max()),
        "tmax": found.peak_time,
        "auc": found.auc,
        "time_in_window": inside,
    }


def _against_target(measure: Measure, study: Study, curve: ReleaseCurve) -> float:
    from releasesim.optimization.acceptance import Wanted

    wanted: Wanted = Wanted.of(study.target)
    fraction = curve.at(wanted.times)
    if measure.words == "f2":
        return wanted.similarity(fraction)
    return wanted.difference(fraction)
