"""Each drug of several against its own target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from releasesim.optimization.result import Design
from releasesim.report import curves
from releasesim.report.page import Table
from releasesim.report.words import quantity
from releasesim.simulation import Release
from releasesim.study import Study


@dataclass(frozen=True)
class DrugPart:
    """What a page says of one drug of several.

    Parameters
    ----------
    name, words : str
        The drug; whether it meets its target.
    verdict : str
        How near it comes.
    accepted : bool
    comparison : list of (str, str)
    curve : Table
    """

    name: str
    words: str
    verdict: str
    accepted: bool
    comparison: list[tuple[str, str]]
    curve: Table


def designed_drugs(design: Design) -> list[DrugPart]:
    """Each drug of a designed tablet."""
    return [
        DrugPart(
            name,
            _words(name, one.dose, one.accepted),
            "",
            one.accepted,
            curves.comparison_rows(one.comparison),
            curves.target_table(one.shown_target, one.curve, one.comparison),
        )
        for name, one in design.drugs.items()
    ]


def simulated_drugs(release: Release, study: Study) -> Iterator[DrugPart]:
    """Each drug of a simulated tablet that has a target with a curve."""
    targets = study.target.drugs if study.target else {}
    for name, target in targets.items():
        curve = release.curves.get(name)
        if target.curve is None or curve is None:
            continue
        comparison, _ = curves.comparison_of(target.curve, curve)
        if comparison is not None:
            accepted = curves.meets(target, comparison)
            yield DrugPart(
                name,
                _words(name, release.doses[name], accepted),
                f"{name}: {curves.target_verdict(target, comparison)}",
                accepted,
                curves.comparison_rows(comparison),
                curves.target_table(target.curve, curve, comparison),
            )


def _words(name: str, dose: float, accepted: bool) -> str:
    return f"{name}, {quantity(dose, 'mg')}: its target is {'met' if accepted else 'missed'}"
