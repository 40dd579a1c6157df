"""Candidates: what a design shows of the tablets that it tried, and why each lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.cards import Card
from releasesim.optimization.effort import mass_of, print_time
from releasesim.optimization.finalists import NEAR, Final
from releasesim.optimization.front import undominated
from releasesim.optimization.materials import part_polymers
from releasesim.optimization.polypill import WantedOfDrugs
from releasesim.optimization.result import Candidate
from releasesim.optimization.robust import chances_of
from releasesim.optimization.search import Search, Trial
from releasesim.optimization.shortlist import apart
from releasesim.parameters import get_parameter

Array = NDArray[np.float64]

#: Tablets shown of the front.
FRONT = 12
#: Ends of the names of loadings.
_LOADINGS = ("formulation.drug_loading",)


@dataclass(frozen=True, eq=False)
class Candidates:
    """What is shown of the tablets of a search.

    Parameters
    ----------
    search : Search
    seed : int
        Of the draws by which the chance of tablets is counted.
    excluded : mapping of str to str
        Polymers that were never in the running, and why.
    """

    search: Search
    seed: int
    excluded: Mapping[str, str]

    def ranked(self, refined: Sequence[Trial], finals: Sequence[Final]) -> list[Candidate]:
        """Every polymer and pattern once, best first, with the reason why each lost."""
        out, seen = [], set()
        for place, final in enumerate(finals):
            seen.add(final.trial.pair)
            out.append(self._fine(final, self._lost(final) if place else "chosen"))
        best: dict[tuple[str, str], Trial] = {}
        for trial in [*refined, *sorted(self.search.tried, key=lambda t: t.misfit)]:
            best.setdefault(trial.pair, trial)
        coarse = [trial for pair, trial in best.items() if pair not in seen]
        out += [self._coarse(trial) for trial in sorted(coarse, key=self.search.rank)]
        out += [_excluded(*pair, reason) for pair, reason in self.search.faults.items()]
        for polymer, reason in self.excluded.items():
            out += [_excluded(polymer, name, reason) for name in self.search.space.patterns]
        return out

    def front(self, finals: Sequence[Final]) -> list[Candidate]:
        """Tablets that no other beats in fit, time, mass and chance at once, the best fit first."""
        most = max(NEAR, 2.0 * finals[0].trial.misfit)
        near = [trial for trial in self.search.tried if trial.misfit <= most]
        kept = _unbeaten(near, [(t.misfit, *self._effort(t)) for t in near])
        kept = apart(self.search, kept)
        kept = kept[:: max(1, len(kept) // FRONT)][:FRONT]
        spec = self.search.spec.robust
        if spec is None:
            return [self._unbeaten(trial) for trial in kept]
        pool = [*kept, *(f.trial for f in finals if f.trial not in kept)]
        chances = dict(zip(pool, chances_of(pool, self.search, spec, self.seed), strict=True))
        kept = _unbeaten(pool, [(t.misfit, *self._effort(t), -chances[t]) for t in pool])
        return [self._unbeaten(trial, chances[trial]) for trial in kept]

    def trial_rows(self) -> list[dict[str, float | str]]:
        """Every tablet whose curve was computed, best first; each once."""
        rows: dict[object, dict[str, float | str]] = {}
        for trial in sorted(self.search.tried, key=lambda t: (t.misfit, *t.pair, t.point)):
            row: dict[str, float | str] = {"polymer": trial.material.name}
            row |= self._parameters(trial)
            row["drug_loading"] = trial.tablet.formulation.drug_loading
            row["rmse"] = trial.misfit
            row["largest_difference"] = self.search.wanted.difference(trial.fraction)
            rows.setdefault(trial.key, row)
        return list(rows.values())

    # --- one of them -----------------------------------------------------------------------

    def _unbeaten(self, trial: Trial, chance: float = float("nan")) -> Candidate:
        shown = self._coarse(trial)
        return dataclasses.replace(shown, reason="no other beats it", chance=chance)

    def _fine(self, final: Final, reason: str) -> Candidate:
        trial = final.trial
        return Candidate(
            **self._common(trial),
            dose=final.release.dose,
            f2=final.f2,
            largest_difference=final.gap,
            rmse=final.rank[1],
            accepted=self.search.wanted.meets(final.fraction),
            stage="fine",
            reason=reason,
            chance=final.probability,
        )

    def _coarse(self, trial: Trial) -> Candidate:
        wanted = self.search.wanted
        f2, gap = wanted.similarity(trial.fraction), wanted.difference(trial.fraction)
        return Candidate(
            **self._common(trial),
            dose=trial.tablet.dose(),
            f2=f2,
            largest_difference=gap,
            rmse=trial.misfit,
            accepted=wanted.meets(trial.fraction),
            stage="coarse",
            reason=f"no finalist: on the search grid {self._miss(trial.fraction, f2, gap)}",
        )

    def _common(self, trial: Trial) -> dict[str, Any]:
        """What both grids agree on."""
        time, mass = self._effort(trial)
        return {
            "polymer": trial.material.name,
            "pattern": trial.pattern,
            "parameters": self._parameters(trial),
            "drug_loading": trial.tablet.formulation.drug_loading,
            "deposited_volume": trial.tablet.deposited_volume,
            "print_time": time,
            "mass": mass,
        }

    def _effort(self, trial: Trial) -> tuple[float, float]:
        return print_time(trial.tablet, trial.material.study), mass_of(trial.tablet)

    def _parameters(self, trial: Trial) -> dict[str, float | str]:
        """As the tablet has them: heights in whole layers, sizes that the dose has scaled."""
        spec = self.search.spec
        names = [*self.search.space.values(trial.point), *trial.choice]
        names += [item.name for item in part_polymers(spec)]
        if spec.doses:  # which follow from the doses
            names += [n for n in trial.material.study.names() if n.endswith(_LOADINGS)]
        return {name: _plain(get_parameter(trial.tablet, name)) for name in names}

    def _lost(self, final: Final) -> str:
        if final.chance is not None:
            return f"meets the target in {final.probability:.0%} of the draws only"
        if self.search.wanted.meets(final.fraction):
            return f"accepted too, but further from the target (rmse {final.rank[1]:.1%})"
        return f"misses the target: {self._miss(final.fraction, final.f2, final.gap)}"

    def _miss(self, fraction: Array, f2: float, gap: float) -> str:
        wanted, of_drug = self.search.wanted, ""
        if isinstance(wanted, WantedOfDrugs):
            name, wanted, fraction = wanted.worst(fraction)
            gap, of_drug = wanted.difference(fraction), f"{name} "
        at = int(np.argmax(np.abs(fraction - wanted.goal)))
        side = "above" if fraction[at] > wanted.goal[at] else "below"
        hours = wanted.times[at] / 3600
        alike = f", f2 {f2:.0f}" if np.isfinite(f2) else ""
        return f"{of_drug}{gap:.1%} {side} it at {hours:.3g} h{alike}"


def _unbeaten(trials: Sequence[Trial], costs: Sequence[tuple[float, ...]]) -> list[Trial]:
    """Trials that no other beats in all costs, the best fit first; what is not known is equal."""
    kept = np.flatnonzero(undominated(np.nan_to_num(np.array(costs)))).tolist()
    return sorted((trials[n] for n in kept), key=lambda trial: trial.misfit)


def _plain(value: Any) -> float | str:
    """A number, a word, or the name of a card."""
    return value.name if isinstance(value, Card) else value


def _excluded(polymer: str, pattern: str, reason: str) -> Candidate:
    nan = float("nan")
    return Candidate(polymer, pattern, {}, nan, nan, nan, nan, nan, nan, False, "excluded", reason)
