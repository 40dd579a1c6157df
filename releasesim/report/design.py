"""The report on a design."""

from __future__ import annotations

import math
from collections.abc import Mapping

from releasesim.optimization.result import Candidate, Design
from releasesim.optimization.robust import Chance
from releasesim.patient import PlasmaPrediction, WantedRelease
from releasesim.report import account, curves
from releasesim.report.drugs import designed_drugs
from releasesim.report.page import Table, render
from releasesim.report.patient import patient_parts
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
_FRONT_NOTE = (
    "On the grid of the search. No other tablet that was computed is as good in all of these and "
    "better in one."
)


def design_report(design: Design, pictures: Mapping[str, bytes] | None = None) -> str:
    """Write the report on a designed tablet as one HTML page that needs no other file.

    Parameters
    ----------
    design : Design
    pictures : mapping of str to bytes, optional
        PNG under the names "design", "section", "best", "candidates", "tradeoffs" and "plasma";
        others come last under their names.

    Returns
    -------
    str
        HTML.
    """
    study, release = design.study, design.release
    return render(
        "design.html",
        pictures or {},
        {"design": _caption(design)},
        kind="Designed tablet",
        title=study.title or study.tablet.describe(),
        verdict=sentence(design.verdict),
        passed=design.accepted,
        notices=release.notices,
        comparison=[] if design.drugs else curves.comparison_rows(design.comparison),
        curve=None if design.drugs else _curve_table(design),
        chance=chance_rows(design),
        remedies=[sentence(remedy.words) for remedy in design.remedies],
        changes_tried=", ".join(design.changes_tried),
        candidates=candidates_table(design),
        front=front_table(design),
        search=_search_rows(design),
        patient=patient_parts(*_plasma(design)),
        drugs=designed_drugs(design),
        **common_parts(release, study, design.sensitivities),
    )


def _curve_table(design: Design) -> Table:
    return curves.target_table(design.shown_target, design.release.curve, design.comparison)


def _plasma(
    design: Design,
) -> tuple[dict[str, PlasmaPrediction], dict[str, WantedRelease]]:
    """Plasma and wanted release by drug."""
    of_drugs = {n: (one.plasma, one.wanted) for n, one in design.drugs.items()}
    each = of_drugs or {"": (design.plasma, design.wanted)}
    plasma = {name: found for name, (found, _) in each.items() if found is not None}
    return plasma, {name: wish for name, (_, wish) in each.items() if wish is not None}


def _caption(design: Design) -> str:
    """What the curve's picture shows beside target and prediction."""
    words = ["Target and predicted release."]
    if design.chance is not None:
        words.append("Grey: where 90 % of the draws of uncertain inputs lie.")
    elif design.sensitivities and not design.drugs:
        words.append("Grey: where it could lie for the one uncertain input that moves it most.")
    if design.wanted is not None and design.wanted.low is not None:
        words.append(
            "Between the dashed green lines: release that can give the wanted plasma, each time "
            "by itself."
        )
    return " ".join(words)


def chance_rows(design: Design) -> list[tuple[str, str]]:
    """Label and value of how often the target is met where inputs are not what the cards say."""
    chance, nominal = design.chance, design.nominal_chance
    if chance is None:
        return []
    rows = [
        (f"P({_rules(design)})", _probability(chance)),
        ("Draws", f"{chance.samples}, of {', '.join(chance.inputs) or 'nothing'}"),
    ]
    if nominal is not None:
        rows.append(("Of the tablet that fits best as the cards stand", _probability(nominal)))
    return rows


def _probability(chance: Chance) -> str:
    return f"{percent(chance.probability, 0)} ± {percent(2 * chance.standard_error, 0)}"


def _rules(design: Design) -> str:
    """What the chance is of: the rules that the verdict names in brackets."""
    start, end = design.verdict.find("("), design.verdict.find("): ")
    return design.verdict[start + 1 : end] if 0 <= start < end else "target met"


def front_table(design: Design) -> Table | None:
    """Tabulate the tablets that no other beats, numbered as in their picture; None for none."""
    if not design.front:
        return None
    timed = any(math.isfinite(one.print_time) for one in design.front)
    counted = any(math.isfinite(one.chance) for one in design.front)
    head = ["", "polymer, pattern", "settings", "misfit", "f2", "mass"]
    head += ["extrusion"] if timed else []
    head += ["chance"] if counted else []
    rows = []
    for place, one in enumerate(design.front, start=1):
        row = [
            str(place),
            f"{one.polymer}, {one.pattern}",
            _settings(one, design.study),
            percent(one.rmse),
            f"{one.f2:.1f}" if math.isfinite(one.f2) else UNKNOWN,
            quantity(one.mass, "mg", 3),
        ]
        row += [quantity(one.print_time, "min", 3)] if timed else []
        rows.append(row + ([percent(one.chance, 0)] if counted else []))
    return Table(head, rows, words=frozenset({1, 2}), note=_FRONT_NOTE)


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
        _settings(candidate, study),
        percent(candidate.drug_loading),
        quantity(candidate.dose, "mg", 3),
        _volume(candidate.deposited_volume),
        _f2(candidate),
        percent(candidate.largest_difference),
        candidate.reason,
    )


def _settings(candidate: Candidate, study: Study) -> str:
    return "; ".join(f"{n} {setting(study, n, v)}" for n, v in candidate.parameters.items())


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
