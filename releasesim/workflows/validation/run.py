"""The verb `validate`: rebuild the table of predictions against published data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from releasesim.workflows.validation import injectables, powder, tables
from releasesim.workflows.validation.row import DATA_VARIABLE, HEAD, Row, data_folder

_INTRODUCTION = """# Predictions against published data

Rebuilt by `releasesim validate --out validation/predictions`. Misses stay in it.

**No data could be had for**: release curves of FDM tablets in several geometries (we know of none
that is published as numbers: Windolf 2021 and Markl 2017 give summaries, Oblom 2019 contents and a
range of t80); release at the speeds and volumes of Langrish 2021; progestin capsules with their
solubility; geometries of in-situ PLGA implants, vaginal rings and printed lattices with drug. So
nothing here validates a printed tablet: what is tested are laws, on crystals, microparticles,
implants and scaffolds.

RMSE is of released fractions that were not fitted; met is 5 % or less (15 % for single numbers).
The SA/V law is the one to beat: MDT from surface to volume and one Weibull shape (after Windolf
2021), calibrated on the same data unless said; one curve leaves its exponent at 1.
"""


@dataclass(frozen=True)
class Validation:
    """All rows, and what was left out.

    Parameters
    ----------
    rows : tuple of Row
    skipped : str
        Why published data were not used; empty where they were.
    """

    rows: tuple[Row, ...]
    skipped: str

    def text(self) -> str:
        """The table as Markdown."""
        notes = f"\n{self.skipped}\n" if self.skipped else ""
        body = "\n".join(row.text() for row in self.rows)
        return f"{_INTRODUCTION}{notes}\n{HEAD}\n{body}\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"rows": [dict(vars(row)) for row in self.rows], "skipped": self.skipped}


def validate(folder: Path | None = None) -> Validation:
    """Predict everything there are data for.

    Parameters
    ----------
    folder : Path, optional
        Of the published data; default RELEASESIM_DATA, else ../shared/data beside the checkout.
    """
    data = folder or data_folder()
    facts = tables.facts()
    if data is None:
        words = f"The published data are not here: {DATA_VARIABLE} names their folder. Skipped."
        return Validation(tuple(facts), words)
    found = [*powder.rows(data), *injectables.rows(data), *tables.rows(data), *facts]
    return Validation(tuple(found), "")
