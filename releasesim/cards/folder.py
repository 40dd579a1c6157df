"""Where the cards lie, and which there are."""

from __future__ import annotations

from pathlib import Path

from releasesim.cards.reading import did_you_mean
from releasesim.errors import CardError

FOLDERS = {
    "drug": "drugs",
    "polymer": "polymers",
    "excipient": "excipients",
    "medium": "media",
    "apparatus": "apparatus",
    "printer": "printers",
    "gene": "genes",
    "therapy": "therapies",
    "body": "bodies",
}
"""kind of card -> folder of models/ that holds it."""


def models_folder() -> Path:
    """Return the folder of cards: inside the installed package, or at the root of the checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_models", package.parent / "models"):
        if folder.is_dir():
            return folder
    raise CardError("the models folder is missing: install releasesim again")


def kind_folder(kind: str) -> str:
    """Return the folder's name for a kind, given in the singular or the plural."""
    if kind in FOLDERS.values():
        return kind
    if kind not in FOLDERS:
        hint = did_you_mean(kind, FOLDERS)
        raise CardError(f"no kind of card '{kind}'; there are {', '.join(FOLDERS)}{hint}")
    return FOLDERS[kind]


def list_cards(kind: str, folder: Path | None = None) -> list[str]:
    """Names of all cards of a kind, sorted.

    Examples
    --------
    >>> list_cards("apparatus")
    ['usp1', 'usp2', 'usp4']
    """
    root = (folder or models_folder()) / kind_folder(kind)
    return sorted(path.stem for path in root.glob("*.toml"))


def card_path(kind: str, name: str, folder: Path | None = None) -> Path:
    """Return the file of a card; an unknown name is refused with the nearest known one."""
    names = list_cards(kind, folder)
    if kind == "drug" and name in list_cards("therapy", folder):
        raise CardError(
            f"{name} cannot be printed: it is a therapy of another form "
            f"(releasesim cards show {name})"
        )
    if name not in names:
        plural, hint = kind_folder(kind), did_you_mean(name, names)
        raise CardError(f"no {plural} card '{name}'; there are {', '.join(names) or 'none'}{hint}")
    return (folder or models_folder()) / kind_folder(kind) / f"{name}.toml"
