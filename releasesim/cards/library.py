"""Cards by kind and name."""

from __future__ import annotations

from pathlib import Path

from releasesim.cards.apparatus import Apparatus
from releasesim.cards.body import Body
from releasesim.cards.card import Card
from releasesim.cards.drug import Drug
from releasesim.cards.excipient import Excipient
from releasesim.cards.folder import FOLDERS, kind_folder
from releasesim.cards.gene import Gene
from releasesim.cards.medium import Medium
from releasesim.cards.polymer import Polymer
from releasesim.cards.printer import Printer
from releasesim.cards.therapy import Therapy

CARD_CLASSES: dict[str, type[Card]] = {
    card.kind: card
    for card in (Drug, Polymer, Excipient, Medium, Apparatus, Printer, Gene, Therapy, Body)
}
"""kind -> class."""


def load_card(kind: str, name: str, folder: Path | None = None) -> Card:
    """Return one card by kind (singular or plural) and name.

    Examples
    --------
    >>> load_card("media", "water").kind
    'medium'
    """
    return card_class(kind).load(name, folder)


def card_class(kind: str) -> type[Card]:
    """Return the class of a kind, given in the singular or the plural."""
    plural = kind_folder(kind)
    return next(CARD_CLASSES[one] for one, many in FOLDERS.items() if many == plural)
