"""The page of a design that was refused: the reason first, then for whom and what was asked."""

from __future__ import annotations

from releasesim.report.page import render
from releasesim.report.patient import person_words
from releasesim.report.words import quantity, sentence
from releasesim.study import Study, describe
from releasesim.version import __version__


def refusal_report(study: Study, reason: str) -> str:
    """Write why a tablet is not designed as one HTML page that needs no other file.

    Parameters
    ----------
    study : Study
        What was asked for.
    reason : str
        Why it is refused.

    Returns
    -------
    str
        HTML.
    """
    return render(
        "refusal.html",
        {},
        kind="Refused design",
        title=study.title or study.tablet.describe(),
        verdict=sentence(reason),
        passed=False,
        notices=[],
        asked=_asked(study),
        origin=[
            ("releasesim", __version__),
            ("Study hash (SHA-256)", study.hash),
            *([("Study file", study.path.name)] if study.path is not None else []),
            *study.cards.items(),
        ],
    )


def _asked(study: Study) -> list[tuple[str, str]]:
    """Label and value of what the study asked for."""
    rows = [("Person", person_words(study.patient))] if study.patient is not None else []
    rows.append(("Tablet", sentence(study.tablet.describe())))
    rows += [("Material", describe.formulation(part.formulation)) for part in study.tablet.parts]
    spec = study.design
    if spec is not None and spec.dose is not None:
        rows.append(("Dose", quantity(spec.dose, "mg")))
    if spec is not None and spec.polymers:
        rows.append(("Polymers", ", ".join(spec.polymers)))
    return rows
