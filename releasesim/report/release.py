"""The report on a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from releasesim.curve import ReleaseCurve
from releasesim.optimization.result import Sensitivity
from releasesim.patient import PlasmaPrediction
from releasesim.report import account, curves, printed
from releasesim.report.drugs import simulated_drugs
from releasesim.report.page import render
from releasesim.report.patient import patient_parts
from releasesim.similarity import Comparison
from releasesim.simulation import Release
from releasesim.study import Study


def release_report(
    release: Release,
    study: Study,
    pictures: Mapping[str, bytes] | None = None,
    *,
    comparison: Comparison | None = None,
    plasma: Mapping[str, PlasmaPrediction] | None = None,
) -> str:
    """Write the report on a simulated tablet as one HTML page that needs no other file.

    Parameters
    ----------
    release : Release
    study : Study
        What was simulated; its target is set against the curve.
    pictures : mapping of str to bytes, optional
        PNG under the names "release" and "section"; others come last under their names.
    comparison : Comparison, optional
        With the target, by another rule or at other times than `compare` would take.
    plasma : mapping of str to PlasmaPrediction, optional
        What the tablet does in the study's patient, by drug; of the only drug under "".

    Returns
    -------
    str
        HTML.
    """
    target = study.target.curve if study.target else None
    problem = ""
    if target is not None and comparison is None:
        comparison, problem = curves.comparison_of(target, release.curve)
    verdict, passed = curves.drugs_verdict(release) or curves.release_verdict(release.curve), None
    judged = list(simulated_drugs(release, study))
    if judged:
        verdict = " ".join(part.verdict for part in judged)
        passed = all(part.accepted for part in judged)
    if study.target is not None and comparison is not None:
        passed = curves.meets(study.target, comparison)
        verdict = f"{curves.target_verdict(study.target, comparison)} {verdict}"
    if target is None:
        table = curves.curve_table(release.curve)
    else:
        table = curves.target_table(target, release.curve, comparison)
    return render(
        "release.html",
        pictures or {},
        kind="Simulated release",
        title=study.title or study.tablet.describe(),
        verdict=verdict,
        passed=passed,
        notices=[
            *release.notices,
            *([problem] if problem else []),
            *_target_notice(release, target),
        ],
        comparison=curves.comparison_rows(comparison) if comparison else [],
        curve=table if target is not None else curves.drugs_table(release) or table,
        drugs=curves.drugs_table(release) if target is not None else None,
        judged=judged,
        patient=patient_parts(plasma or {}),
        **common_parts(release, study),
    )


def _target_notice(release: Release, target: ReleaseCurve | None) -> list[str]:
    if target is None or not release.several:
        return []
    return ["the target is set against all drugs together, by mass"]


def common_parts(
    release: Release, study: Study, found: tuple[Sensitivity, ...] = ()
) -> dict[str, Any]:
    """Parts that every report on a tablet has."""
    return {
        "printing": printed.printing_rows(study),
        "parts": printed.parts_table(study.tablet),
        "bath": printed.bath_rows(study),
        "inputs": account.input_table(study),
        "checks": account.check_rows(release, study),
        "origin": account.origin_rows(release, study),
        "cards": account.cards_table(release, study),
        "references": account.references(study),
        "estimates": account.estimates_table(release, study, found),
    }
