"""How to cite releasesim, and what else a paper that rests on it has to name."""

from __future__ import annotations

from typing import NamedTuple

from releasesim.version import __version__

AUTHORS = "The releasesim developers"
TITLE = "releasesim: drug release from 3D-printed tablets"
YEAR = 2026
"""Of this version."""


class Citation(NamedTuple):
    """The reference in words and as BibTeX, and what else to name."""

    text: str
    bibtex: str
    advice: str


def citation() -> Citation:
    """Return the reference for this version."""
    fields = {
        "author": f"{{{AUTHORS}}}",
        "title": TITLE,
        "year": str(YEAR),
        "version": __version__,
        "license": "BSD-3-Clause",
    }
    inside = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return Citation(
        text=f"{AUTHORS} ({YEAR}). {TITLE}, version {__version__} [computer software].",
        bibtex=f"@software{{releasesim,\n{inside}}}\n",
        advice=(
            "Give the study_hash of release.json with the result, and cite the sources of the "
            "cards that it used: releasesim cards show NAME lists them."
        ),
    )
