"""What makes a result worth believing, and what does not: checks, estimates, origins."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version

from releasesim.cards import Value
from releasesim.cards.bibliography import read_bibliography
from releasesim.cards.folder import models_folder
from releasesim.curve import time_text
from releasesim.optimization.result import Sensitivity
from releasesim.report.page import Table
from releasesim.report.words import (
    UNKNOWN,
    card_value,
    number,
    of_dose,
    percent,
    quantity,
    sentence,
    span,
    voids,
)
from releasesim.simulation import Release
from releasesim.study import Study

_NUMBERS = {
    "diffusion_time_s": "time to diffuse across (V/A)²/D",
    "erosion_time_s": "time to erode across (V/A)/v",
    "Bi": "Biot number of the film k(V/A)/(K D)",
    "bath": "bath over tablet volume V_b/(K V)",
    "loading_over_solubility": "drug in the tablet over its solubility A/c_s",
    "erosion_over_diffusion": "erosion over diffusion v(V/A)/D",
    "hydration_time_s": "time for water to come in",
    "water_over_drug": "diffusivity of water over that of the drug",
    "water_front_over_diffusion": "water front over diffusion u(V/A)/D",
    "dissolution_over_diffusion": "Damköhler number of solid drug r(V/A)²/D",
    "diffusivity_growth": "diffusivity at the end over that at the start",
    "phi2": "acid made over acid that diffuses out, phi²",
    "phi2_critical": "phi² above which acid runs away",
    "falls_apart_s": "time to the critical molar mass",
    "swollen_volume_ratio": "swollen over printed volume",
}
_ESTIMATES = ("input", "value", "range", "could move release by", "where it comes from")


def check_rows(release: Release, study: Study) -> list[tuple[str, str]]:
    """Label and value of the numerical checks."""
    return [
        ("What controls release", sentence(release.regime_words)),
        *((sentence(_number_words(name)), _number(name, v)) for name, v in release.regime.items()),
        ("Drug balance (ledger error)", of_dose(release.ledger_error)),
        ("Numerical error estimate", _error(release, study)),
        ("Method", sentence(release.method)),
        ("Grid", _grid(release)),
        *([("Closed voids that flood", voids(release.flooded))] if release.flooded else []),
        ("Calculation", seconds_words(release.seconds)),
    ]


def seconds_words(seconds: Mapping[str, float]) -> str:
    """Say how long each stage took."""
    return ", ".join(f"{stage} {spent:.3g} s" for stage, spent in seconds.items()) or UNKNOWN


def _number_words(name: str) -> str:
    """Say what a regime number is, and of which drug of several."""
    drug, _, plain = name.rpartition(".")
    words = _NUMBERS.get(plain, plain)
    return f"{words} of {drug}" if drug else words


def _number(name: str, value: float) -> str:
    return time_text(value) if name.endswith("_s") else number(value)


def _error(release: Release, study: Study) -> str:
    words = of_dose(release.error_estimate)
    if study.run.spacing is not None:
        return f"{words}; the grid was fixed by the study"
    return f"{words}; asked for {percent(study.run.tolerance, 2)}"


def _grid(release: Release) -> str:
    if not release.spacing:
        return "none needed"
    steps = f", {release.steps} operator products" if release.steps else ""
    return f"{quantity(release.spacing, 'mm', 3)} cells, {release.cells:,} unknowns{steps}"


# --- estimates ---------------------------------------------------------------------------------


def estimates_table(
    release: Release, study: Study, found: Iterable[Sensitivity] = ()
) -> Table | None:
    """Tabulate the inputs that are estimates; None where there are none.

    Parameters
    ----------
    release : Release
        Names them.
    study : Study
        Has their values.
    found : iterable of Sensitivity
        Those whose effect was computed come first.
    """
    moved = list(found)
    known = {sensitivity.name for sensitivity in moved}
    rows = [_moved_row(sensitivity, study) for sensitivity in moved]
    rows += [_row(name, study) for name in release.estimates_used if name not in known]
    rows += [
        _value_row(name, value)
        for name, value in _kinetics(study).items()
        if value.grade == "estimate"
    ]
    if not rows:
        return None
    note = "" if moved else "What each could move is worked out when a tablet is designed."
    return Table(_ESTIMATES, rows, words=frozenset({0, 4}), note=note)


def _moved_row(found: Sensitivity, study: Study) -> tuple[str, ...]:
    value = study.inputs.get(found.name)
    return (
        found.name,
        quantity(found.value, found.unit),
        span(found.low, found.high, found.unit),
        f"up to {percent(found.moves)}" if found.moves == found.moves else "not computed",
        _source(found.source, value),
    )


def _row(name: str, study: Study) -> tuple[str, ...]:
    value = study.inputs.get(name)
    if value is None:
        return name, UNKNOWN, UNKNOWN, "not computed", UNKNOWN
    return _value_row(name, value)


def _value_row(name: str, value: Value) -> tuple[str, ...]:
    low, high = value.range
    source = _source(value.source, value)
    return name, card_value(value), span(low, high, value.unit), "not computed", source


def _kinetics(study: Study) -> dict[str, Value]:
    """Pharmacokinetics of the drugs, which plasma rests on, by drug and name in its card."""
    if study.patient is None:
        return {}
    cards = [study.for_drug(name).tablet.formulation.drug for name in study.drugs]
    return {
        f"{drug.name}: {name}": value
        for drug in cards
        if drug is not None
        for name, value in drug.pharmacokinetics.values().items()
    }


def _source(source: str, value: Value | None) -> str:
    note = f" ({value.note})" if value is not None and value.note else ""
    return f"{source or UNKNOWN}{note}"


# --- where it comes from -----------------------------------------------------------------------


def origin_rows(release: Release, study: Study) -> list[tuple[str, str]]:
    """Label and value of what it takes to make the same result again."""
    return [
        ("releasesim", release.version or UNKNOWN),
        ("Made with", _libraries()),
        ("Study hash (SHA-256)", release.study_hash or study.hash),
        ("Seed", str(release.seed)),
        *([("Study file", study.path.name)] if study.path is not None else []),
    ]


def _libraries() -> str:
    """Python and the libraries that compute, with their versions."""
    found = [f"{name} {version(name)}" for name in ("numpy", "scipy", "numba")]
    return ", ".join([f"Python {platform.python_version()}", *found])


def cards_table(release: Release, study: Study) -> Table | None:
    """Tabulate the cards used with their hashes; None where there are none."""
    cards = release.cards or study.cards
    if not cards:
        return None
    rows = [(name, digest) for name, digest in sorted(cards.items())]
    return Table(("card", "SHA-256"), rows, words=frozenset({0, 1}))


def input_table(study: Study) -> Table | None:
    """Tabulate card values that rest on measurement or literature; None where there are none."""
    rows = [
        (name, card_value(value), span(*value.range, value.unit), value.grade, value.source)
        for name, value in {**study.inputs, **_kinetics(study)}.items()
        if value.grade != "estimate"
    ]
    head = ("input", "value", "range", "grade", "source")
    return Table(head, rows, words=frozenset({0, 4})) if rows else None


def references(study: Study) -> list[str]:
    """List the sources of the card values in full, in the order of their keys."""
    path = models_folder() / "references.bib"
    named = {value.source for value in (*study.inputs.values(), *_kinetics(study).values())}
    found = read_bibliography(path) if path.is_file() else {}
    return [f"{key}: {found[key].text}" for key in sorted(named & found.keys())]
