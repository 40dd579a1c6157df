"""The report on a design."""

from __future__ import annotations

import math
from collections.abc import Mapping

from releasesim.optimization.result import Candidate, Design
from releasesim.report import account, curves
from releasesim.report.page import Table, render
from releasesim.report.patient import patient_rows
from releasesim.report.release import common_parts
from releasesim.report.words import UNKNOWN, percent, quantity, sentence
from releasesim.study import Study
from releasesim.study.fields import Quantity
from releasesim.study.names import field_of
from releasesim.units import mm

_HEAD = (
    "",
    "polymer, pattern",
    "settings",
    "loading",
    "dose",
    "volume",
    "f2",
    "largest difference",
    "why it lost",
)
_COARSE_NOTE = "* on the coarser grid of the search."


def design_report(design: Design, pictures: Mapping[str, bytes] | None = None) -> str:
    """Write the report on a designed tablet as one HTML page that needs no other file.

    Parameters
    ----------
    design : Design
    pictures : mapping of str to bytes, optional
        PNG under the names "design", "section" and "candidates"; others come last under their
        names.

    Returns
    -------
    str
        HTML.
    """
    study, release = design.study, design.release
    return render(
        "design.html",
        pictures or {},
        kind="Designed tablet",
        title=study.title or study.tablet.describe(),
        verdict=sentence(design.verdict),
        passed=design.accepted,
        notices=release.notices,
        comparison=curves.comparison_rows(design.comparison),
        curve=curves.target_table(design.target, release.curve, design.comparison),
        candidates=candidates_table(design),
        search=_search_rows(design),
        patient=patient_rows(design.plasma, design.wanted),
        **common_parts(release, study, design.sensitivities),
    )


def candidates_table(design: Design) -> Table:
    """Tabulate every candidate, best first, with the reason why it lost."""
    candidates = design.candidates
    rows = [_row(rank, c, design.study) for rank, c in enumerate(candidates, start=1)]
    chosen = frozenset(i for i, c in enumerate(candidates) if c.reason == "chosen")
    note = _COARSE_NOTE if any(c.stage == "coarse" for c in candidates) else ""
    return Table(_HEAD, rows, words=frozenset({1, 2, 8}), marked=chosen, note=note)


def _row(rank: int, candidate: Candidate, study: Study) -> tuple[str, ...]:
    return (
        str(rank),
        f"{candidate.polymer}, {candidate.pattern}",
        "; ".join(f"{n} {setting(study, n, v)}" for n, v in candidate.parameters.items()),
        percent(candidate.drug_loading),
        quantity(candidate.dose, "mg", 3),
        _volume(candidate.deposited_volume),
        _f2(candidate),
        percent(candidate.largest_difference),
        candidate.reason,
    )


def setting(study: Study, name: str, value: float | str) -> str:
    """Write a varied parameter in the unit of the study file, four digits."""
    if isinstance(value, str):
        return value
    regions = {region.name: region.shape.kind for region in study.tablet.regions}
    field = field_of(name, {"": study.tablet.shape.kind, **regions})
    return quantity(value, field.unit) if isinstance(field, Quantity) else f"{value:.4g}"


def _volume(volume: float) -> str:
    return f"{volume / mm**3:.3g} mm³" if math.isfinite(volume) else UNKNOWN


def _f2(candidate: Candidate) -> str:
    if math.isnan(candidate.f2):
        return UNKNOWN
    return f"{candidate.f2:.1f}{'*' if candidate.stage == 'coarse' else ''}"


def _search_rows(design: Design) -> list[tuple[str, str]]:
    """Label and value of how far the search went."""
    tried = f"{design.tried} tablets on {design.geometries} geometries"
    return [("Tried", tried), ("Time of the search", account.seconds_words(design.seconds))]
