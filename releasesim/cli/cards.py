"""`releasesim cards`: the materials, media and machines that a study can name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releasesim.cli.failures import FAILED_CHECK
from releasesim.cli.options import Json
from releasesim.cli.screen import Screen

cards = typer.Typer(help="Show and check the cards of materials and media.")


@cards.callback(invoke_without_command=True)
def _cards(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        Screen().lines([ctx.get_help()])


@cards.command("list")
def list_(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND",
            help="drug, polymer, excipient, medium, apparatus or printer; all if absent.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """List the cards there are, of one kind or of all."""
    from releasesim.workflows.card_library import catalogue

    screen = Screen(json)
    found = catalogue(kind)
    screen.table(("kind", "name", "title"), [(one.kind, one.name, one.title) for one in found])
    screen.data({"cards": [one._asdict() for one in found]})


@cards.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a card, such as pva.")],
    json: Json = False,
) -> None:
    """Show every number of a card with its source."""
    from releasesim.workflows.card_library import find_card

    screen = Screen(json)
    card = find_card(name)
    screen.text(card.describe())
    screen.data(card.to_dict())


@cards.command("lint")
def lint(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER", help="Laid out like models/; the cards that ship if absent."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Check the units, ranges and sources of cards.

    Exit code 5 if anything is wrong.
    """
    from releasesim.workflows.card_library import check_cards

    screen = Screen(json)
    checked = check_cards(folder)
    screen.lines(checked.problems)
    screen.say(f"{checked.cards} cards, {len(checked.problems)} problems")
    screen.data(checked._asdict())
    if checked.problems:
        raise typer.Exit(FAILED_CHECK)
