"""The verb: from a wanted curve to the tablet that comes nearest, and an honest verdict."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from releasesim.errors import InputError, RefusedError
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.candidates import Candidates
from releasesim.optimization.explore import Explorer
from releasesim.optimization.fault import Fault
from releasesim.optimization.finalists import FINALISTS, Final, Finalists
from releasesim.optimization.finer import FinerGrid
from releasesim.optimization.for_patient import (
    Wish,
    for_patient,
    for_patient_by_drug,
    patient_notices,
)
from releasesim.optimization.full_mechanism import full_mechanism
from releasesim.optimization.materials import Material, materials_of
from releasesim.optimization.polypill import WantedOfDrugs, refuse_unclear
from releasesim.optimization.remedy import Remedy, changes_tried, remedies
from releasesim.optimization.result import Design, DrugDesign
from releasesim.optimization.search import Progress, Search, Trial
from releasesim.optimization.sensitivity import sensitivities
from releasesim.optimization.shortlist import Shortlist, diverse
from releasesim.optimization.space import Space
from releasesim.optimization.store import CurveStore
from releasesim.optimization.verdict import verdict
from releasesim.patient import predict_each
from releasesim.printing.printable import check_extruders
from releasesim.similarity import compare
from releasesim.simulation import Release
from releasesim.study import Study, refuse_several

T = TypeVar("T")

#: Sobol points per pattern: so many, and for each parameter that is a number.
_LEAST, _EACH = 8, 4
#: Trials refined, and those of them by least squares.
REFINED, POLISHED = 10, 4


def design(
    study: Study, *, progress: Progress | None = None, store: CurveStore | None = None
) -> Design:
    """Choose polymer, infill, walls and size so that a tablet releases as the target asks.

    A polymer whose mechanism the study leaves to its card is taken with the one effective law of
    that card; the winner is then simulated by the card's whole mechanism as well, and what that
    changes is said.

    Per polymer and pattern: Sobol points on a coarse grid, one geometry solve for all polymers; an
    emulator of their curves says where to look next, whole numbers and all; bounded least squares
    from the best. A grid half as wide ranks what that found, and leads on where it is not near
    enough; the finalists are corrected and judged on the grid of the study's own tolerance.

    Parameters
    ----------
    study : Study
        With [target] and [design]; a [target] plasma is turned into dose and release first.
    progress : callable, optional
        Called with the stage in words and its share done, 0 to 1.
    store : CurveStore, optional
        Where the curves of the search are kept: a design that was stopped goes on from there, to
        the same result bit by bit.

    Returns
    -------
    Design
        `accepted` is False when no candidate meets the target's rules: then it holds the best.

    Raises
    ------
    InputError
        Without target or design, or where one extruder would have to print two materials.
    RefusedError
        When the patient must not have the drug, when what is known of the patient does not say what
        it does in this one, or when no polymer can be printed at all.
    UnsupportedLawError
        For laws that cannot be combined, or that lack what they need, by name.
    """
    tell = progress or (lambda stage, share: None)
    if study.design is None:
        raise InputError("design needs a [design] table: what may vary, and for which dose")
    if study.process == "inkjet":
        raise InputError('process = "inkjet": design searches tablets of roads only')
    if study.tablet.regions:
        check_extruders(study.tablet)
    if len(study.drugs) > 1:
        return _of_several(study, tell, store)
    refuse_several(study, "design")
    study, wish = for_patient(study)
    kept = None if store is None else store.of(study)
    asked = (wish.rules, wish.people, wish.obstacle) if wish else ()
    job = _Job(study, Wanted.of(study.target, *asked), tell, kept)
    found, (name,) = job.run(), study.drugs
    release = _noticed(found.release, *patient_notices(study, [name] if wish else []))
    plasma = predict_each(found.study, {name: release.curve}, {name: release.dose}).get(name)
    wanted = wish.wanted if wish else None
    return dataclasses.replace(found, release=release, wanted=wanted, plasma=plasma)


def _of_several(study: Study, tell: Progress, store: CurveStore | None) -> Design:
    """A design for several drugs, each with its own target, dose and plasma."""
    refuse_unclear(study)
    study, wishes = for_patient_by_drug(study)
    rules = {name: wish.rules for name, wish in wishes.items()}
    obstacles = {name: wish.obstacle for name, wish in wishes.items()}
    wanted = WantedOfDrugs.of_study(study, rules, obstacles)
    kept = None if store is None else store.of(study)
    found = _Job(study, wanted, tell, kept).run()
    release = _noticed(found.release, *patient_notices(study, wishes))
    return dataclasses.replace(found, release=release, drugs=dict(_each(found, wanted, wishes)))


def _each(
    found: Design, wanted: WantedOfDrugs, wishes: Mapping[str, Wish]
) -> Iterator[tuple[str, DrugDesign]]:
    """What each drug of several does in the chosen tablet."""
    targets = found.study.target.drugs if found.study.target else {}
    plasma = predict_each(found.study, found.release.curves, found.release.doses)
    for name, one, fraction in wanted.parts(wanted.read(found.release)):
        curve, dose, wish = found.release.curves[name], found.release.doses[name], wishes.get(name)
        yield (
            name,
            DrugDesign(
                target=one.curve,
                curve=curve,
                dose=dose,
                comparison=compare(one.curve, curve),
                accepted=one.meets(fraction),
                drawn=wish is not None or targets[name].drawn,
                wanted=wish.wanted if wish else None,
                plasma=plasma.get(name),
            ),
        )


class _Job:
    """One design on its way."""

    def __init__(
        self, study: Study, wanted: Wanted, tell: Progress, store: CurveStore | None
    ) -> None:
        assert study.design is not None  # noqa: S101 - checked by `design`
        self.study, self.wanted, self.tell, self.spec = study, wanted, tell, study.design
        self.space = Space.of(study, study.design)
        self.seconds: dict[str, float] = {}
        running, self.excluded = materials_of(study, study.design)
        if not running:
            reasons = "; ".join(self.excluded.values())
            raise RefusedError(f"no polymer is left to design with: {reasons}")
        self.materials: Sequence[Material] = running
        self.search = Search(self.space, study.design, wanted, running, store=store)
        self.explorer = Explorer(self.search, FinerGrid(self.search), study.run.seed)
        self.finalists = Finalists(Shortlist(self.explorer, tell), study.run.seed, tell)

    def run(self) -> Design:
        """All stages."""
        self._timed("search", self._scan)
        refined = self._timed("refine", self._refine)
        if not refined:
            raise RefusedError(f"no tablet can be made within [design]: {self._telling_fault()}")
        finals = self._timed("finalists", lambda: self.finalists.of(refined))
        robust = self.spec.robust
        if robust is not None:
            finals = self._timed("robust", lambda: self.finalists.withstanding(finals, robust))
        return self._timed("report", lambda: self._result(refined, finals))

    def _timed(self, stage: str, work: Callable[[], T]) -> T:
        begun = time.perf_counter()
        result = work()
        self.seconds[stage] = time.perf_counter() - begun
        return result

    def _scan(self) -> None:
        self.search.scan(_LEAST + _EACH * self.space.numbers, self.study.run.seed, self.tell)

    # --- coarse grid -----------------------------------------------------------------------

    def _refine(self) -> list[Trial]:
        """What an emulator leads to; of that the most promising, down by least squares."""
        self.explorer.run(self.tell)
        chosen = self._starts()
        with ThreadPoolExecutor(2) as pool:
            polished = list(pool.map(self.search.refine, chosen[:POLISHED]))
        return sorted([*polished, *chosen[POLISHED:]], key=self.search.rank)

    def _starts(self) -> list[Trial]:
        """Each polymer's best, then the next best that differ from those before."""
        ranked = sorted(self.search.tried, key=lambda t: (t.misfit, *t.pair, t.point))
        firsts = list({trial.material.name: trial for trial in reversed(ranked)}.values())
        chosen: list[Trial] = []
        for trial in (*sorted(firsts, key=lambda t: t.misfit), *ranked):
            if len(chosen) >= max(REFINED, len(firsts)):
                break
            if all(self.search.differ(trial, other) for other in chosen):
                chosen.append(trial)
        return sorted(chosen, key=lambda t: t.misfit)

    # --- the result ------------------------------------------------------------------------

    def _result(self, refined: list[Trial], finals: list[Final]) -> Design:
        winner, shown = finals[0], Candidates(self.search, self.study.run.seed, self.excluded)
        accepted = self.wanted.meets(winner.fraction)
        with ThreadPoolExecutor(2) as pool:
            other = pool.submit(full_mechanism, winner.study, winner.release, self.wanted)
            spread = sensitivities(winner.study, winner.release, self.tell)
            full = other.result()
        helping = () if accepted else self._timed("remedies", lambda: self._remedies(refined))
        return Design(
            study=winner.study,
            release=_noticed(winner.release, *([full.words] if full else [])),
            **self._compared(winner),
            accepted=accepted,
            verdict=verdict(self.wanted, winner),
            candidates=tuple(shown.ranked(refined, finals)),
            sensitivities=spread,
            full_mechanism=full,
            chance=winner.chance,
            nominal_chance=self.finalists.nominal,
            front=tuple(shown.front(finals)),
            remedies=helping,
            changes_tried=() if accepted else changes_tried(self.search),
            evaluations={
                "curves": len(self.search.tried),
                "slopes": self.search.slopes,
                "gradients": self.search.gradients,
                "pruned": self.search.pruned,
                "finer": self.explorer.finer.count,
            },
            trials=tuple(shown.trial_rows()),
            geometries=self.search.geometries,
            seconds=dict(self.seconds),
        )

    def _compared(self, winner: Final) -> dict[str, Any]:
        """Target and comparison; of several drugs those of the worst."""
        wanted, curve = self.wanted, winner.release.curve
        if isinstance(wanted, WantedOfDrugs):
            name, wanted, _ = wanted.worst(winner.fraction)
            curve = winner.release.curves[name]
        return {"target": wanted.curve, "comparison": compare(wanted.curve, curve)}

    def _remedies(self, refined: list[Trial]) -> tuple[Remedy, ...]:
        self.tell("looking for what would help", 0.0)
        return remedies(self.search, diverse(refined, FINALISTS))

    def _telling_fault(self) -> str:
        fault = self.search.fault
        nearest = " (the nearest of those tried)" if isinstance(fault, Fault) else ""
        return f"{fault}{nearest}" or "the ranges are empty"


def _noticed(release: Release, *words: str) -> Release:
    """The curve with more among its notices."""
    return dataclasses.replace(release, notices=(*release.notices, *words)) if words else release
