"""Cards of drugs, polymers, excipients, media, apparatus and printers: numbers with sources."""

from releasesim.cards.apparatus import Apparatus
from releasesim.cards.bibliography import Reference, read_bibliography
from releasesim.cards.calibration import Calibration
from releasesim.cards.card import Card
from releasesim.cards.drug import Drug, Ionisation, Pharmacokinetics, SaltLimit
from releasesim.cards.excipient import Excipient
from releasesim.cards.folder import FOLDERS, list_cards, models_folder
from releasesim.cards.library import CARD_CLASSES, load_card
from releasesim.cards.lint import lint_cards
from releasesim.cards.medium import Medium
from releasesim.cards.polymer import Polymer
from releasesim.cards.printer import Printer
from releasesim.cards.value import LawSpec, Value

__all__ = [
    "CARD_CLASSES",
    "FOLDERS",
    "Apparatus",
    "Calibration",
    "Card",
    "Drug",
    "Excipient",
    "Ionisation",
    "LawSpec",
    "Medium",
    "Pharmacokinetics",
    "Polymer",
    "Printer",
    "Reference",
    "SaltLimit",
    "Value",
    "lint_cards",
    "list_cards",
    "load_card",
    "models_folder",
    "read_bibliography",
]
