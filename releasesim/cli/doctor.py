"""`releasesim doctor`: whether this installation can do its work."""

from __future__ import annotations

import typer

from releasesim.cli.failures import FAILED_CHECK
from releasesim.cli.options import Json
from releasesim.cli.screen import Screen


def doctor(json: Json = False) -> None:
    """Check that this installation works.

    Tries Python, every dependency, the compiler and the cards, and looks for slicers. Exit code 5
    if something that is needed does not work; what is merely absent is only said.
    """
    from releasesim.workflows.doctor import examine

    screen = Screen(json)
    findings = examine()
    rows = [(one.state, one.name, one.words) for one in findings]
    screen.table(("", "what", "found"), rows)
    broken = [one.name for one in findings if one.state == "broken"]
    screen.say(f"broken: {', '.join(broken)}" if broken else "all that is needed works")
    screen.data({"ok": not broken, "findings": [one._asdict() for one in findings]})
    if broken:
        raise typer.Exit(FAILED_CHECK)
