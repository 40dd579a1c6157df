"""Cards as a library: its catalogue, one card by its name alone, and the check of all."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from releasesim.cards import FOLDERS, Card, lint_cards, list_cards, load_card
from releasesim.errors import CardError, InputError


class Entry(NamedTuple):
    """One line of the catalogue."""

    kind: str
    name: str
    title: str


class Checked(NamedTuple):
    """What a check found: number of cards, and each problem in a line."""

    cards: int
    problems: list[str]


def catalogue(kind: str | None = None) -> list[Entry]:
    """List the cards of a kind (singular or plural), or of all.

    Raises
    ------
    CardError
        There is no such kind.
    """
    if kind is not None:
        list_cards(kind)  # refuses an unknown kind
    chosen = [one for one, many in FOLDERS.items() if kind in (None, one, many)]
    return [Entry(one, name, _title(one, name)) for one in chosen for name in list_cards(one)]


def find_card(name: str) -> Card:
    """Return the card of this name; "media/water" also says of which kind.

    Raises
    ------
    CardError
        No card or more than one has the name.
    """
    kind, _, short = name.rpartition("/")
    if kind:
        return load_card(kind, short)
    homes = [one for one in FOLDERS if name in list_cards(one)]
    if len(homes) > 1:
        places = ", ".join(f"{one}/{name}" for one in homes)
        raise CardError(f"more than one card '{name}'; there are {places}")
    if not homes:
        close = get_close_matches(name, [one.name for one in catalogue()], 1, 0.5)
        hint = f"did you mean '{close[0]}'? " if close else ""
        raise CardError(f"no card '{name}'; {hint}'releasesim cards list' shows all")
    return load_card(homes[0], name)


def check_cards(folder: Path | None = None) -> Checked:
    """Check all cards of a folder laid out like models/; the cards that ship if absent.

    Raises
    ------
    InputError
        There is no such folder, or no card in it.
    """
    if folder is not None and not folder.is_dir():
        message = "is a file, not a folder" if folder.exists() else "there is no such folder"
        raise InputError(message, folder)
    count = sum(len(list_cards(kind, folder)) for kind in FOLDERS)
    if folder is not None and count == 0:
        where = ", ".join(FOLDERS.values())
        raise InputError(f"has no cards: they lie in folders {where}", folder)
    return Checked(count, lint_cards(folder))


def _title(kind: str, name: str) -> str:
    """Title of a card; a broken one does not hide the others."""
    try:
        return load_card(kind, name).title
    except CardError:
        return "(cannot be read: releasesim cards lint says why)"
