"""The verb: from a wanted curve to the tablet that comes nearest, and an honest verdict."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from releasesim.cards import Card
from releasesim.errors import InputError, RefusedError
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.effort import mass_of, print_time
from releasesim.optimization.explore import Explorer
from releasesim.optimization.for_patient import Wish, for_patient, for_patient_by_drug
from releasesim.optimization.front import undominated
from releasesim.optimization.full_mechanism import full_mechanism
from releasesim.optimization.materials import Material, materials_of, part_polymers
from releasesim.optimization.polypill import WantedOfDrugs, refuse_unclear
from releasesim.optimization.remedy import Remedy, remedies
from releasesim.optimization.result import Candidate, Design, DrugDesign, FullMechanism
from releasesim.optimization.robust import Chance, chance_of, climb, most_likely
from releasesim.optimization.search import Progress, Search, Trial
from releasesim.optimization.sensitivity import sensitivities
from releasesim.optimization.space import Space
from releasesim.optimization.store import CurveStore
from releasesim.optimization.verdict import verdict
from releasesim.parameters import get_parameter
from releasesim.patient import predict
from releasesim.similarity import compare
from releasesim.simulation import Release, simulate
from releasesim.study import Study, refuse_several

Array = NDArray[np.float64]
T = TypeVar("T")

#: Sobol points per pattern: so many, and for each parameter that is a number.
_LEAST, _EACH = 8, 4
#: Trials refined, some of them by least squares; finalists on the fine grid, some of them
#: corrected by what it says.
REFINED, POLISHED, FINALISTS, CORRECTED = 10, 4, 4, 2
#: Trials whose chance is looked at, those from which it is climbed; tablets on the front.
SCREENED, CLIMBERS, FRONT = 24, 2, 12
#: By so much must the chance of another be better to be preferred to the best fit [-].
BETTER = 0.01
#: Misfit up to which a tablet may stand on that front [-].
_NEAR = 0.08
#: Refined trials of a polymer and pattern differ by this in the unit cube.
_DISTINCT = 0.15
#: Corrections of a finalist, tablets tried in each, and the misfit below which none is needed [-].
_CORRECTIONS, _TRIED, _CLOSE = 3, 6, 0.007
#: What a finalist may lack on a fine grid and still pass on a finer one [-].
_DOUBT = 0.03
#: Output times of a candidate, at least: curves are judged between them.
_SAMPLES = 97
#: Ends of the names of loadings.
_LOADINGS = ("formulation.drug_loading",)
#: Grids are not refined any further for a finalist.
_FINALIST_TOLERANCE = 0.5


def design(
    study: Study, *, progress: Progress | None = None, store: CurveStore | None = None
) -> Design:
    """Choose polymer, infill, walls and size so that a tablet releases as the target asks.

    A polymer whose mechanism the study leaves to its card is taken with the one effective law of
    that card; the winner is then simulated by the card's whole mechanism as well, and what that
    changes is said.

    Per polymer and pattern: Sobol points on a coarse grid, one geometry solve for all polymers; an
    emulator of their curves says where to look next, whole numbers and all; bounded least squares
    from the best; the finalists are corrected and judged on the fine grid.

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
        Without target or design.
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
    if len(study.drugs) > 1:
        return _of_several(study, tell, store)
    refuse_several(study, "design")
    study, wish = for_patient(study)
    kept = None if store is None else store.of(study)
    job = _Job(study, Wanted.of(study.target, wish.rules if wish else ()), tell, kept)
    found = job.run()
    if wish is None:
        return found
    plasma = predict(found.study, found.release.curve, found.release.dose)
    return dataclasses.replace(found, wanted=wish.wanted, plasma=plasma)


def _of_several(study: Study, tell: Progress, store: CurveStore | None) -> Design:
    """A design for several drugs, each with its own target, dose and plasma."""
    refuse_unclear(study)
    study, wishes = for_patient_by_drug(study)
    rules = {name: wish.rules for name, wish in wishes.items()}
    wanted = WantedOfDrugs.of_study(study, rules)
    kept = None if store is None else store.of(study)
    found = _Job(study, wanted, tell, kept).run()
    return dataclasses.replace(found, drugs=dict(_each(found, wanted, wishes)))


def _each(
    found: Design, wanted: WantedOfDrugs, wishes: Mapping[str, Wish]
) -> Iterator[tuple[str, DrugDesign]]:
    """What each drug of several does in the chosen tablet."""
    targets = found.study.target.drugs if found.study.target else {}
    for name, one, fraction in wanted.parts(wanted.read(found.release)):
        curve, dose, wish = found.release.curves[name], found.release.doses[name], wishes.get(name)
        plasma = predict(found.study.for_drug(name), curve, dose) if wish else None
        yield (
            name,
            DrugDesign(
                target=one.curve,
                curve=curve,
                dose=dose,
                comparison=compare(one.curve, curve),
                accepted=one.meets(fraction),
                drawn=wish is not None or targets[name].law is not None,
                wanted=wish.wanted if wish else None,
                plasma=plasma,
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
        self.nominal: Chance | None = None
        running, self.excluded = materials_of(study, study.design)
        if not running:
            reasons = "; ".join(self.excluded.values())
            raise RefusedError(f"no polymer is left to design with: {reasons}")
        self.materials: Sequence[Material] = running
        self.search = Search(self.space, study.design, wanted, running, store=store)
        self.explorer = Explorer(self.search, study.run.seed)

    def run(self) -> Design:
        """All stages."""
        self._timed("search", self._scan)
        refined = self._timed("refine", self._refine)
        if not refined:
            raise RefusedError(f"no tablet can be made within [design]: {self._commonest_fault()}")
        finals = self._timed("finalists", lambda: self._finals(refined))
        if self.spec.robust is not None:
            finals = self._timed("robust", lambda: self._withstanding(finals))
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
        return sorted([*polished, *chosen[POLISHED:]], key=self._rank)

    def _starts(self) -> list[Trial]:
        """Each polymer's best, then the next best that differ from those before."""
        ranked = sorted(self.search.tried, key=lambda t: (t.misfit, *_pair(t), t.point))
        firsts = list({trial.material.name: trial for trial in reversed(ranked)}.values())
        chosen: list[Trial] = []
        for trial in (*sorted(firsts, key=lambda t: t.misfit), *ranked):
            if len(chosen) >= max(REFINED, len(firsts)):
                break
            if all(self._differ(trial, other) for other in chosen):
                chosen.append(trial)
        return sorted(chosen, key=lambda t: t.misfit)

    def _differ(self, one: Trial, other: Trial) -> bool:
        if _pair(one) != _pair(other):
            return True
        a, b = (np.array(self.space.features(t.choice, t.point)) for t in (one, other))
        return bool(np.abs(a - b).max(initial=0.0) > _DISTINCT)

    def _rank(self, trial: Trial) -> tuple[float, float]:
        return self.wanted.lacks(trial.fraction), trial.misfit

    # --- fine grid -------------------------------------------------------------------------

    def _finals(self, refined: list[Trial]) -> list[_Final]:
        """Finalists on a fine grid, the best of them led to where that grid meets the target."""
        with ThreadPoolExecutor(2) as pool:
            finals = sorted(pool.map(self._final, _diverse(refined, FINALISTS)), key=_by_rank)
        for n in range(min(CORRECTED, len(finals))):
            finals[n] = self._correct(finals[n], _FINALIST_TOLERANCE)
            self.tell("checking on the fine grid", (n + 1) / (CORRECTED + 1))
            if self.wanted.meets(finals[n].fraction):
                break
        return self._judged(sorted(finals, key=_by_rank))

    def _judged(self, finals: list[_Final]) -> list[_Final]:
        """The winner to the study's own tolerance; who no longer passes there makes room."""
        judged: list[_Final] = []
        for final in finals:
            if judged and final.rank[0] > _DOUBT:
                break
            exact = self._final(final.trial, tolerance=0.0)
            if not self.wanted.meets(exact.fraction) and final.rank[0] <= _DOUBT:
                exact = self._correct(exact, tolerance=0.0)
            judged.append(exact)
            if self.wanted.meets(exact.fraction):
                break
        winner = min(judged, key=_by_rank)
        others = [final for final in judged if final is not winner]
        return [winner, *sorted([*others, *finals[len(judged) :]], key=_by_rank)]

    def _withstanding(self, finals: list[_Final]) -> list[_Final]:
        """The same and those uphill in chance from them, the best chance first."""
        spec, seed = self.spec.robust, self.study.run.seed
        assert spec is not None  # noqa: S101 - asked for by the study
        climbed = []
        starts = self._able(finals[0].trial)
        for done, start in enumerate(starts):
            top = climb(start, self.search, spec, seed)
            if top is not finals[0].trial:
                climbed.append(self._final(top, tolerance=0.0))
            self.tell("making it robust", (done + 1) / len(starts))
        counted = []
        for final in (*finals, *climbed):
            chance = chance_of(final.trial, self.search, spec, seed, final.fraction)
            counted.append(dataclasses.replace(final, chance=chance))
        self.nominal = counted[0].chance
        # a chance that is hardly better among so many counted is no better among others
        first = counted[0]
        others = sorted(counted[1:], key=lambda final: (-final.probability, final.rank))
        if others and others[0].probability >= first.probability + BETTER:
            at = sum(final.probability > first.probability for final in others)
            return [*others[:at], first, *others[at:]]
        return [first, *others]

    def _able(self, winner: Trial) -> list[Trial]:
        """The trials, of all polymers and whole numbers, whose chance to climb from is best."""
        spec = self.spec.robust
        assert spec is not None  # noqa: S101 - asked for by the study
        near = [t for t in self.search.tried if t.misfit <= max(_NEAR, 2.0 * winner.misfit)]
        near.sort(key=lambda t: (t.misfit, *_pair(t), t.point))
        pool = [winner]
        for trial in near:
            if len(pool) < SCREENED and all(self._differ(trial, other) for other in pool):
                pool.append(trial)
        return most_likely(pool, self.search, spec, self.study.run.seed)[:CLIMBERS]

    def _correct(self, best: _Final, tolerance: float) -> _Final:
        """Aim the coarse search at the target less the coarse grid's own error, and look again."""
        for _ in range(_CORRECTIONS if self.space.dimension else 0):
            if best.rank[0] <= 0.0 and best.rank[1] <= _CLOSE:
                break
            goal = self.wanted.goal - (best.fraction - best.trial.fraction)
            moved = self._aimed(best.trial, goal)
            if moved is best.trial:
                break
            final = self._final(moved, tolerance)
            if final.rank >= best.rank:
                break
            best = final
        return best

    def _aimed(self, trial: Trial, goal: Array) -> Trial:
        """The trial on the search grid that comes nearest to a goal, by emulator and downhill."""
        beside = self.explorer.towards(goal, trial, _TRIED)
        nearest = min([trial, *beside], key=lambda t: float(np.mean((t.fraction - goal) ** 2)))
        return self.search.refine(nearest, goal)

    def _final(self, trial: Trial, tolerance: float = _FINALIST_TOLERANCE) -> _Final:
        """A trial on two fine grids; the winner once more, to the study's own tolerance."""
        study = self._study_of(trial)
        run = dataclasses.replace(study.run, tolerance=max(tolerance, study.run.tolerance))
        release = simulate(dataclasses.replace(study, run=run))
        fraction = self.wanted.read(release)
        f2, gap = self.wanted.similarity(fraction), self.wanted.difference(fraction)
        rank = (self.wanted.lacks(fraction), self.wanted.misfit(fraction))
        return _Final(trial, study, release, fraction, f2, gap, rank)

    def _study_of(self, trial: Trial) -> Study:
        """The candidate as a study of its own, run long enough for the target."""
        study = dataclasses.replace(trial.material.study, tablet=trial.tablet)
        run = study.run
        if run.times is not None:
            times = tuple(np.union1d(run.times, self.wanted.times).tolist())
            run = dataclasses.replace(run, times=times)
        until = max(run.until, float(self.wanted.times[-1]))
        run = dataclasses.replace(run, until=until, samples=max(run.samples, _SAMPLES))
        return dataclasses.replace(study, run=run)

    # --- the result ------------------------------------------------------------------------

    def _result(self, refined: list[Trial], finals: list[_Final]) -> Design:
        winner = finals[0]
        accepted = self.wanted.meets(winner.fraction)
        with ThreadPoolExecutor(2) as pool:
            other = pool.submit(full_mechanism, winner.study, winner.release, self.wanted)
            spread = sensitivities(winner.study, winner.release, self.tell)
            full = other.result()
        helping = () if accepted else self._timed("remedies", lambda: self._remedies(refined))
        release = _noticed(winner.release, full)
        return Design(
            study=winner.study,
            release=release,
            **self._compared(winner),
            accepted=accepted,
            verdict=verdict(self.wanted, winner.fraction, winner.f2, winner.gap, winner.trial),
            candidates=tuple(self._candidates(refined, finals)),
            sensitivities=spread,
            full_mechanism=full,
            chance=winner.chance,
            nominal_chance=self.nominal,
            front=tuple(self._front(winner.trial)),
            remedies=helping,
            evaluations={
                "curves": len(self.search.tried),
                "slopes": self.search.slopes,
                "gradients": self.search.gradients,
                "pruned": self.search.pruned,
            },
            trials=tuple(self._trial_rows()),
            geometries=self.search.geometries,
            seconds=dict(self.seconds),
        )

    def _compared(self, winner: _Final) -> dict[str, Any]:
        """Target and comparison; of several drugs those of the worst."""
        wanted, curve = self.wanted, winner.release.curve
        if isinstance(wanted, WantedOfDrugs):
            name, wanted, _ = wanted.worst(winner.fraction)
            curve = winner.release.curves[name]
        return {"target": wanted.curve, "comparison": compare(wanted.curve, curve)}

    def _remedies(self, refined: list[Trial]) -> tuple[Remedy, ...]:
        self.tell("looking for what would help", 0.0)
        return remedies(self.search, _diverse(refined, FINALISTS))

    def _front(self, winner: Trial) -> Iterator[Candidate]:
        """Tablets that no other beats in fit, time and mass at once, the best fit first."""
        near = [t for t in self.search.tried if t.misfit <= max(_NEAR, 2.0 * winner.misfit)]
        costs = np.array([[t.misfit, *self._effort(t)] for t in near])
        kept = [near[n] for n in np.flatnonzero(undominated(np.nan_to_num(costs)))]
        kept.sort(key=lambda t: t.misfit)
        for trial in kept[:: max(1, len(kept) // FRONT)][:FRONT]:
            yield dataclasses.replace(self._coarse_candidate(trial), reason="no other beats it")

    def _effort(self, trial: Trial) -> tuple[float, float]:
        return print_time(trial.tablet, trial.material.study), mass_of(trial.tablet)

    def _candidates(self, refined: list[Trial], finals: list[_Final]) -> list[Candidate]:
        """Every polymer and pattern once, best first, with the reason why each lost."""
        out, seen = [], set()
        for place, final in enumerate(finals):
            seen.add(_pair(final.trial))
            out.append(self._candidate(final, self._lost(final) if place else "chosen"))
        best: dict[tuple[str, str], Trial] = {}
        for trial in [*refined, *sorted(self.search.tried, key=lambda t: t.misfit)]:
            best.setdefault(_pair(trial), trial)
        coarse = [trial for pair, trial in best.items() if pair not in seen]
        out += [self._coarse_candidate(trial) for trial in sorted(coarse, key=self._rank)]
        out += [_excluded(*pair, reason) for pair, reason in self.search.faults.items()]
        for polymer, reason in self.excluded.items():
            out += [_excluded(polymer, pattern, reason) for pattern in self.space.patterns]
        return out

    def _candidate(self, final: _Final, reason: str) -> Candidate:
        return Candidate(
            polymer=final.trial.material.name,
            pattern=final.trial.pattern,
            parameters=self._parameters(final.trial),
            drug_loading=final.trial.tablet.formulation.drug_loading,
            dose=final.release.dose,
            deposited_volume=final.trial.tablet.deposited_volume,
            f2=final.f2,
            largest_difference=final.gap,
            rmse=final.rank[1],
            accepted=self.wanted.meets(final.fraction),
            stage="fine",
            reason=reason,
            print_time=print_time(final.trial.tablet, final.study),
            mass=mass_of(final.trial.tablet),
            chance=final.probability,
        )

    def _trial_rows(self) -> list[dict[str, float | str]]:
        """Every tablet whose curve was computed, best first; each once."""
        rows: dict[object, dict[str, float | str]] = {}
        for trial in sorted(self.search.tried, key=lambda t: (t.misfit, *_pair(t), t.point)):
            row: dict[str, float | str] = {"polymer": trial.material.name}
            row |= self._parameters(trial)
            row["drug_loading"] = trial.tablet.formulation.drug_loading
            row["rmse"] = trial.misfit
            row["largest_difference"] = self.wanted.difference(trial.fraction)
            rows.setdefault((trial.material.name, *sorted(trial.choice.items()), trial.point), row)
        return list(rows.values())

    def _parameters(self, trial: Trial) -> dict[str, float | str]:
        """As the tablet has them: heights in whole layers, sizes that the dose has scaled."""
        names = [*self.space.values(trial.point), *trial.choice]
        names += [item.name for item in part_polymers(self.spec)]
        if self.spec.doses:  # which follow from the doses
            names += [n for n in trial.material.study.names() if n.endswith(_LOADINGS)]
        return {name: _plain(get_parameter(trial.tablet, name)) for name in names}

    def _lost(self, final: _Final) -> str:
        if final.chance is not None:
            return f"meets the target in {final.probability:.0%} of the draws only"
        if self.wanted.meets(final.fraction):
            return f"accepted too, but further from the target (rmse {final.rank[1]:.1%})"
        return f"misses the target: {self._miss(final.fraction, final.f2, final.gap)}"

    def _miss(self, fraction: Array, f2: float, gap: float) -> str:
        wanted, of_drug = self.wanted, ""
        if isinstance(wanted, WantedOfDrugs):
            name, wanted, fraction = wanted.worst(fraction)
            gap, of_drug = wanted.difference(fraction), f"{name} "
        at = int(np.argmax(np.abs(fraction - wanted.goal)))
        side = "above" if fraction[at] > wanted.goal[at] else "below"
        hours = wanted.times[at] / 3600
        alike = f", f2 {f2:.0f}" if np.isfinite(f2) else ""
        return f"{of_drug}{gap:.1%} {side} it at {hours:.3g} h{alike}"

    def _coarse_candidate(self, trial: Trial) -> Candidate:
        f2, gap = self.wanted.similarity(trial.fraction), self.wanted.difference(trial.fraction)
        return Candidate(
            polymer=trial.material.name,
            pattern=trial.pattern,
            parameters=self._parameters(trial),
            drug_loading=trial.tablet.formulation.drug_loading,
            dose=trial.tablet.dose(),
            deposited_volume=trial.tablet.deposited_volume,
            f2=f2,
            largest_difference=gap,
            rmse=trial.misfit,
            accepted=self.wanted.meets(trial.fraction),
            stage="coarse",
            reason=f"no finalist: on the search grid {self._miss(trial.fraction, f2, gap)}",
            print_time=print_time(trial.tablet, trial.material.study),
            mass=mass_of(trial.tablet),
        )

    def _commonest_fault(self) -> str:
        reasons = list(self.search.faults.values())
        return Counter(reasons).most_common(1)[0][0] if reasons else "the ranges are empty"


@dataclasses.dataclass(frozen=True, eq=False)
class _Final:
    """A finalist on the fine grid."""

    trial: Trial
    study: Study
    release: Release
    fraction: Array
    f2: float
    gap: float
    rank: tuple[float, float]
    chance: Chance | None = None

    @property
    def probability(self) -> float:
        """Share of draws that meet the target [-]; nan where not counted."""
        return float("nan") if self.chance is None else self.chance.probability


def _noticed(release: Release, full: FullMechanism | None) -> Release:
    """The curve with what the whole mechanism would make of it among its notices."""
    if full is None:
        return release
    return dataclasses.replace(release, notices=(*release.notices, full.words))


def _diverse(ranked: list[Trial], count: int) -> list[Trial]:
    """The best two, then the best of other polymers, then whoever is next."""
    chosen = ranked[:2]
    for trial in ranked[2:]:
        if len(chosen) < count and trial.material not in [t.material for t in chosen]:
            chosen.append(trial)
    return [*chosen, *(t for t in ranked if t not in chosen)][:count]


def _by_rank(final: _Final) -> tuple[float, float]:
    return final.rank


def _plain(value: Any) -> float | str:
    """A number, a word, or the name of a card."""
    return value.name if isinstance(value, Card) else value


def _pair(trial: Trial) -> tuple[str, str]:
    return trial.material.name, trial.pattern


def _excluded(polymer: str, pattern: str, reason: str) -> Candidate:
    nan = float("nan")
    return Candidate(polymer, pattern, {}, nan, nan, nan, nan, nan, nan, False, "excluded", reason)
