"""`releasesim cite`: how to cite it."""

from __future__ import annotations

from releasesim.cli.options import Json
from releasesim.cli.screen import Screen


def cite(json: Json = False) -> None:
    """Say how to cite releasesim, in words and as BibTeX."""
    from releasesim.workflows.cite import citation

    screen = Screen(json)
    words, bibtex, advice = citation()
    screen.text(f"{words}\n\n{advice}\n\n")
    screen.lines(bibtex.splitlines())  # as they are: no line of it may wrap
    screen.data({"text": words, "bibtex": bibtex, "advice": advice})
