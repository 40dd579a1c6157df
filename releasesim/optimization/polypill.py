"""Several drugs in one tablet: each with its own target and dose, searched and judged together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import InputError, UnsupportedLawError
from releasesim.optimization.acceptance import Wanted, f2_words
from releasesim.optimization.obstacle import Obstacle, first_obstacle
from releasesim.optimization.rules import Rule
from releasesim.simulation import Release
from releasesim.study import Study
from releasesim.study.words import joined
from releasesim.tablet import Formulation, Layer, Region, Tablet

Array = NDArray[np.float64]
AnyPart = TypeVar("AnyPart", Region, Layer)

#: Rounds after which the loadings of all drugs give all doses, and how near [-].
_ROUNDS, _MET = 50, 1e-9


@dataclass(frozen=True, eq=False)
class WantedOfDrugs(Wanted):
    """Targets of several drugs; a curve stands for those of all drugs, one behind the other.

    The worst drug counts: what is accepted is accepted for each.

    Parameters
    ----------
    drugs : mapping of str to Wanted
        By name; `curve` is that of the first.
    """

    drugs: Mapping[str, Wanted] = field(default_factory=dict)

    @classmethod
    def of_study(
        cls,
        study: Study,
        rules: Mapping[str, tuple[Rule, ...]],
        obstacles: Mapping[str, Obstacle | None] | None = None,
    ) -> WantedOfDrugs:
        """Read the targets of a study's drugs; `rules` and `obstacles` of plasma, by drug."""
        targets, stops = study.target.drugs if study.target else {}, obstacles or {}
        each = {
            name: Wanted.of(target, rules.get(name, ()), obstacle=stops.get(name))
            for name, target in targets.items()
        }
        stop = first_obstacle({name: one.obstacle for name, one in each.items()})
        return cls(next(iter(each.values())).curve, None, None, obstacle=stop, drugs=each)

    @property
    def times(self) -> Array:
        """Where any of the curves is judged, (n,) [s]."""
        return np.unique(np.concatenate([one.times for one in self.drugs.values()]))

    @property
    def goal(self) -> Array:
        """Wanted fractions of all drugs [-]."""
        return np.concatenate([one.goal for one in self.drugs.values()])

    def read(self, release: Release) -> Array:
        """Released fractions of all drugs at their times [-]."""
        return np.concatenate([release.curves[n].at(one.times) for n, one in self.drugs.items()])

    def parts(self, fraction: Array) -> Iterator[tuple[str, Wanted, Array]]:
        """Name, target and curve of each drug."""
        start = 0
        for name, one in self.drugs.items():
            yield name, one, fraction[start : start + one.times.size]
            start += one.times.size

    def worst(self, fraction: Array) -> tuple[str, Wanted, Array]:
        """The drug that is furthest from what is wanted of it."""
        return max(self.parts(fraction), key=lambda part: (part[1].lacks(part[2]), _miss(*part)))

    def similarity(self, fraction: Array) -> float:
        """The lowest f2."""
        return float(np.min([one.similarity(own) for _, one, own in self.parts(fraction)]))

    def meets(self, fraction: Array) -> bool:
        """Whether every drug meets every rule of its target."""
        return all(one.meets(own) for _, one, own in self.parts(fraction))

    def lacks(self, fraction: Array) -> float:
        """How far the worst drug is from meeting its rules [-]."""
        return max(one.lacks(own) for _, one, own in self.parts(fraction))

    def inside(self, fraction: Array) -> float:
        """How far inside its rules the worst drug is [-]."""
        return min(one.inside(own) for _, one, own in self.parts(fraction))

    def figures(self, fraction: Array) -> str:
        """What each drug shows, each after a comma."""
        return "".join(
            f", {name} {f2_words(one.similarity(own))}{one.figures(own)}"
            for name, one, own in self.parts(fraction)
        )

    def rules(self) -> str:
        """The rules of each drug."""
        return "; ".join(f"{name}: {one.rules()}" for name, one in self.drugs.items())


def _miss(name: str, one: Wanted, own: Array) -> float:
    return one.misfit(own)


def refuse_unclear(study: Study) -> None:
    """Refuse what is not known to be wanted, or cannot be done, for several drugs at once.

    Raises
    ------
    InputError, UnsupportedLawError
        By name.
    """
    names, spec = joined(study.drugs), study.design
    if study.target is None or not study.target.drugs:
        raise UnsupportedLawError(
            f"the tablet holds {names}: design needs a target for each, "
            f"[target.{study.drugs[0]}] and so on"
        )
    if spec is not None and spec.absorbs_dose == "size":
        raise InputError(
            f"the tablet holds {names}: one size cannot give the dose of each; "
            'write absorbs_dose = "drug_loading"'
        )
    if spec is not None and spec.robust is not None:
        raise InputError(
            f"the tablet holds {names}: design.robust counts the chance of one drug at a time; "
            "leave it out"
        )


# --- doses --------------------------------------------------------------------------------------


def meet_doses(tablet: Tablet, doses: Mapping[str, float]) -> Tablet:
    """The tablet whose loadings give the dose of each drug, shares between its parts kept.

    Parameters
    ----------
    tablet : Tablet
    doses : mapping of str to float
        By drug [kg]; others stay as they are.

    Raises
    ------
    InputError
        A drug that is nowhere in the tablet, or more drug than a material holds.
    """
    for _ in range(_ROUNDS):
        held = tablet.doses
        for name in doses:
            if not held.get(name, 0.0) > 0.0:
                raise InputError(f"no part of the tablet holds {name}: its loading sets no dose")
        factors = {name: dose / held[name] for name, dose in doses.items()}
        if all(abs(factor - 1.0) < _MET for factor in factors.values()):
            return tablet
        tablet = _with_loadings(tablet, factors)
    raise InputError("no loadings give the doses of all drugs")


def with_polymers_of(tablet: Tablet, other: Tablet) -> Tablet:
    """The same print with the polymers of regions and layers that another tablet has."""
    return tablet.with_materials(
        regions=tuple(map(_with_polymer, tablet.regions, other.regions)),
        layers=tuple(map(_with_polymer, tablet.layers, other.layers)),
    )


def formulations(tablet: Tablet) -> list[tuple[str, Formulation]]:
    """What the parts of a tablet are made of, by name; empty for its own."""
    made = {part.name: part.formulation for part in tablet.parts}
    return list(made.items())


def _with_polymer(part: AnyPart, other: AnyPart) -> AnyPart:
    if part.formulation is None or other.formulation is None:
        return part
    made = dataclasses.replace(part.formulation, polymer=other.formulation.polymer)
    return dataclasses.replace(part, formulation=made)


def _with_loadings(tablet: Tablet, factors: Mapping[str, float]) -> Tablet:
    """The tablet with so many times each drug in all its parts."""

    def changed(part: AnyPart) -> AnyPart:
        if part.formulation is None:
            return part
        return dataclasses.replace(part, formulation=_scaled(part.formulation, factors))

    return tablet.with_materials(
        formulation=_scaled(tablet.formulation, factors),
        regions=tuple(map(changed, tablet.regions)),
        layers=tuple(map(changed, tablet.layers)),
    )


def _scaled(made: Formulation, factors: Mapping[str, float]) -> Formulation:
    """The formulation with so many times the drug, the polymer makes room."""
    if made.concentration_given is not None:
        factor = factors.get(made.drug_name, 1.0)
        return dataclasses.replace(made, concentration_given=factor * made.concentration_given)
    more = tuple((card, share * factors.get(card.name, 1.0)) for card, share in made.further_drugs)
    own = made.drug_loading * factors.get(made.drug_name, 1.0)
    return dataclasses.replace(made, drug_loading=own, further_drugs=more)
