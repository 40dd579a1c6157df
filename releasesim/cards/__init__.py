"""Cards of materials, machines, genes and bodies: numbers with sources."""

from releasesim.cards.apparatus import Apparatus
from releasesim.cards.bibliography import Reference, read_bibliography
from releasesim.cards.biomarker import BiomarkerRule
from releasesim.cards.body import Body
from releasesim.cards.calibration import Calibration
from releasesim.cards.card import Card
from releasesim.cards.drug import Drug, Ionisation, SaltLimit
from releasesim.cards.excipient import Excipient
from releasesim.cards.folder import FOLDERS, list_cards, models_folder
from releasesim.cards.gene import Gene, Genotype
from releasesim.cards.library import CARD_CLASSES, load_card
from releasesim.cards.lint import lint_cards
from releasesim.cards.medium import Medium
from releasesim.cards.pharmacokinetics import GenotypeClearance, Pharmacokinetics
from releasesim.cards.polymer import Polymer
from releasesim.cards.printer import Printer
from releasesim.cards.therapy import Therapy
from releasesim.cards.value import LawSpec, Value

__all__ = [
    "CARD_CLASSES",
    "FOLDERS",
    "Apparatus",
    "BiomarkerRule",
    "Body",
    "Calibration",
    "Card",
    "Drug",
    "Excipient",
    "Gene",
    "Genotype",
    "GenotypeClearance",
    "Ionisation",
    "LawSpec",
    "Medium",
    "Pharmacokinetics",
    "Polymer",
    "Printer",
    "Reference",
    "SaltLimit",
    "Therapy",
    "Value",
    "lint_cards",
    "list_cards",
    "load_card",
    "models_folder",
    "read_bibliography",
]
