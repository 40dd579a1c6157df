"""What a design hands over: the chosen tablet, how sure, and every candidate tried."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from releasesim.curve import ReleaseCurve
from releasesim.optimization.remedy import Remedy
from releasesim.optimization.robust import Chance
from releasesim.patient import PlasmaPrediction, WantedRelease
from releasesim.similarity import Comparison
from releasesim.simulation import Release
from releasesim.study import Study


@dataclass(frozen=True)
class Candidate:
    """One polymer and pattern at its best, or the reason why it was not simulated.

    Parameters
    ----------
    polymer, pattern : str
        Card of the polymer; infill pattern, "solid" for none.
    parameters : mapping of str to float or str
        Varied parameters by dotted name, in SI.
    drug_loading : float
        Mass fraction [-]; nan where no tablet was possible.
    dose : float
        [kg].
    deposited_volume : float
        [m3].
    f2 : float
        Similarity factor against the target; nan where not simulated.
    largest_difference, rmse : float
        Absolute, of the released fraction [-].
    accepted : bool
        Whether it meets every rule of acceptance.
    print_time, mass : float
        Time of extrusion [s] and mass [kg]; nan where speed or density are not known.
    chance : float
        Share of draws of the uncertain inputs in which it is accepted [-]; nan where not counted.
    stage : str
        "fine" (finalist, the answer's own grid), "coarse" (search grid) or "excluded".
    reason : str
        Why it lost; "chosen" for the one that did not.
    """

    polymer: str
    pattern: str
    parameters: Mapping[str, float | str]
    drug_loading: float
    dose: float
    deposited_volume: float
    f2: float
    largest_difference: float
    rmse: float
    accepted: bool
    stage: str
    reason: str
    print_time: float = math.nan
    mass: float = math.nan
    chance: float = math.nan

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, numbers in SI."""
        return {
            "polymer": self.polymer,
            "pattern": self.pattern,
            "parameters": dict(self.parameters),
            "drug_loading": _number(self.drug_loading),
            "dose_kg": _number(self.dose),
            "deposited_volume_mm3": _number(self.deposited_volume * 1e9),
            "f2": _number(self.f2),
            "largest_difference": _number(self.largest_difference),
            "rmse": _number(self.rmse),
            "accepted": self.accepted,
            "print_time_s": _number(self.print_time),
            "mass_kg": _number(self.mass),
            "chance": _number(self.chance),
            "stage": self.stage,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Sensitivity:
    """What one estimated input could move.

    Parameters
    ----------
    name : str
        Dotted name, such as "erosion.speed".
    value, low, high : float
        In SI.
    unit : str
        The card's unit, for showing.
    source : str
        Of the card's value.
    at_low, at_high : ReleaseCurve or None
        Predicted curves at the ends of the range; None where the tablet could not be simulated.
    moves : float
        Largest change of the released fraction over the range, absolute [-].
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    source: str
    at_low: ReleaseCurve | None
    at_high: ReleaseCurve | None
    moves: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, numbers in SI."""
        return {
            "name": self.name,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "source": self.source,
            "moves": _number(self.moves),
        }


@dataclass(frozen=True, eq=False)
class FullMechanism:
    """The chosen tablet by the whole mechanism of its polymer's card, beside the designed curve.

    Parameters
    ----------
    laws : tuple of str
        Names of the laws.
    curve : ReleaseCurve or None
        None where it could not be simulated.
    f2 : float
        Similarity factor against the designed curve.
    largest_difference : float
        From the designed curve, absolute [-].
    words : str
        The same as a sentence.
    """

    laws: tuple[str, ...]
    curve: ReleaseCurve | None
    f2: float
    largest_difference: float
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, numbers in SI."""
        return {
            "laws": list(self.laws),
            "f2": _number(self.f2),
            "largest_difference": _number(self.largest_difference),
            "words": self.words,
        }


@dataclass(frozen=True, eq=False)
class DrugDesign:
    """What one drug of several does in the chosen tablet, against its own target.

    Parameters
    ----------
    target : ReleaseCurve
    curve : ReleaseCurve
        Predicted.
    dose : float
        [kg].
    comparison : Comparison
    accepted : bool
        Whether it meets every rule of its target.
    drawn : bool
        Whether the target was drawn or derived, and not measured.
    wanted : WantedRelease or None
        Release that a wish for plasma came down to.
    plasma : PlasmaPrediction or None
        In the patient, where one is wanted.
    """

    target: ReleaseCurve
    curve: ReleaseCurve
    dose: float
    comparison: Comparison
    accepted: bool
    drawn: bool = False
    wanted: WantedRelease | None = None
    plasma: PlasmaPrediction | None = None

    @property
    def shown_target(self) -> ReleaseCurve:
        """The target, as a line where it was derived and not measured."""
        return replace(self.target, simulated=True) if self.drawn else self.target

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, numbers in SI."""
        return {
            "dose_kg": self.dose,
            "accepted": self.accepted,
            "comparison": self.comparison.to_dict(),
            **({} if self.plasma is None else {"plasma": self.plasma.to_dict()}),
            **({} if self.wanted is None else {"wanted_release": self.wanted.to_dict()}),
        }


@dataclass(frozen=True, eq=False, repr=False)
class Design:
    """The chosen tablet and how it was chosen.

    Parameters
    ----------
    study : Study
        The chosen tablet as a study; `study.write` makes design.toml.
    release : Release
        Its predicted curve with the account.
    target : ReleaseCurve
        What was wanted, with its spread where it was measured.
    comparison : Comparison
        Prediction against target.
    accepted : bool
        False: the target is not reachable with what may vary; this is the best there is.
    verdict : str
        Accepted or not, in a sentence that names what limits.
    candidates : tuple of Candidate
        Every polymer and pattern, best first.
    sensitivities : tuple of Sensitivity
        Inputs that are estimates, the one that moves most first.
    full_mechanism : FullMechanism or None
        A check by the card's whole mechanism, since polymers are ranked by one effective law each;
        None where the study names its laws, or the card has no other.
    chance : Chance or None
        What becomes of the chosen tablet where inputs are not what the cards say; None where the
        study does not ask for it.
    nominal_chance : Chance or None
        The same of the tablet that fits best with the inputs as they stand.
    front : tuple of Candidate
        Tablets of the search that no other beats in fit, time of extrusion and mass at once.
    remedies : tuple of Remedy
        Where the target is not reachable: single changes that would make it so, smallest first.
    changes_tried : tuple of str
        Kinds of change that were tried for them; none where no tablet can help.
    evaluations : mapping of str to int
        Curves computed by the search; slopes among them, by differences; gradients that these made,
        one for each step downhill; points pruned, known not to hold the dose without a solve;
        curves on the finer grid of the shortlist.
    trials : tuple of dict
        Every tablet whose curve was computed on the search grid: its polymer, parameters and
        loading in SI, and how far it was from the target; best first.
    geometries : int
        Geometries voxelised and solved.
    seconds : mapping of str to float
        Wall time of each stage.
    wanted : WantedRelease or None
        Release that a wish for plasma came down to.
    plasma : PlasmaPrediction or None
        What the chosen tablet does in the patient.
    drugs : mapping of str to DrugDesign
        Each drug of several against its own target, by name; `target` and `comparison` are then
        those of the worst.
    """

    study: Study
    release: Release
    target: ReleaseCurve
    comparison: Comparison
    accepted: bool
    verdict: str
    candidates: tuple[Candidate, ...]
    sensitivities: tuple[Sensitivity, ...] = ()
    full_mechanism: FullMechanism | None = None
    chance: Chance | None = None
    nominal_chance: Chance | None = None
    front: tuple[Candidate, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    changes_tried: tuple[str, ...] = ()
    evaluations: Mapping[str, int] = field(default_factory=dict)
    trials: tuple[Mapping[str, float | str], ...] = ()
    geometries: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    wanted: WantedRelease | None = None
    plasma: PlasmaPrediction | None = None
    drugs: Mapping[str, DrugDesign] = field(default_factory=dict)

    @property
    def tried(self) -> int:
        """How many tablets were computed on the search grid."""
        return len(self.trials)

    @property
    def shown_target(self) -> ReleaseCurve:
        """The target, as a line where it was drawn or derived and not measured."""
        asked = self.study.target
        drawn = self.wanted is not None or (asked is not None and asked.drawn)
        return replace(self.target, simulated=True) if drawn else self.target

    @property
    def chosen(self) -> Candidate:
        """The candidate that won."""
        return self.candidates[0]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for design.json."""
        return {
            "accepted": self.accepted,
            "verdict": self.verdict,
            "chosen": self.chosen.to_dict(),
            "comparison": self.comparison.to_dict(),
            "release": self.release.to_dict(),
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "sensitivities": [sensitivity.to_dict() for sensitivity in self.sensitivities],
            "full_mechanism": self.full_mechanism and self.full_mechanism.to_dict(),
            "chance": self.chance and self.chance.to_dict(),
            "nominal_chance": self.nominal_chance and self.nominal_chance.to_dict(),
            "front": [candidate.to_dict() for candidate in self.front],
            "remedies": [remedy.words for remedy in self.remedies],
            "evaluations": dict(self.evaluations),
            "tried": self.tried,
            "trials": [dict(trial) for trial in self.trials],
            "geometries": self.geometries,
            "seconds": dict(self.seconds),
            **({} if self.plasma is None else {"plasma": self.plasma.to_dict()}),
            **({} if self.wanted is None else {"wanted_release": self.wanted.to_dict()}),
            **(
                {"drugs": {n: one.to_dict() for n, one in self.drugs.items()}} if self.drugs else {}
            ),
        }

    def __repr__(self) -> str:
        return "\n".join(["Design", *(f"  {key}: {value}" for key, value in self._rows())])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(key)}</th>"
            f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
            for key, value in self._rows()
        )
        return f"<table>{rows}</table>"

    def _plasma_notices(self) -> list[str]:
        """What the predictions of plasma take for granted, each once."""
        each = (self.plasma, *(one.plasma for one in self.drugs.values()))
        return list(dict.fromkeys(words for one in each if one for words in one.notices))

    def _rows(self) -> list[tuple[str, str]]:
        return [
            ("verdict", self.verdict),
            ("tablet", self.study.tablet.describe()),
            ("dose", f"{self.release.dose * 1e6:.4g} mg"),
            *(
                (f"f2 of {name}", f"{_f2(one.comparison)}, dose {one.dose * 1e6:.4g} mg")
                for name, one in self.drugs.items()
            ),
            *(() if self.drugs else (("f2", _f2(self.comparison)),)),
            ("largest difference", f"{self.comparison.largest_difference:.1%}"),
            *((("plasma", self.plasma.describe()),) if self.plasma is not None else ()),
            *(
                (f"plasma of {name}", one.plasma.describe())
                for name, one in self.drugs.items()
                if one.plasma is not None
            ),
            *(("of plasma", words) for words in self._plasma_notices()),
            *((("chance", self.chance.words()),) if self.chance else ()),
            *(("would help", remedy.words) for remedy in self.remedies[:3]),
            ("tried", f"{self.tried} tablets on {self.geometries} geometries"),
        ]


def _f2(comparison: Comparison) -> str:
    """The similarity factor, or why there is none."""
    return comparison.reason or f"{comparison.f2:.1f}"


def _number(value: float) -> float | None:
    """A float that JSON has a word for."""
    return None if math.isnan(value) else float(value)
