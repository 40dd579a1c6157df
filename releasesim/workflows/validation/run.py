"""The verb `validate`: rebuild the table of predictions against published data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from releasesim.workflows.validation import facts, implants, injectables, powder, tables
from releasesim.workflows.validation.row import DATA_VARIABLE, HEAD, Row, data_folder

_INTRODUCTION = """# Predictions against published data

Rebuilt by `releasesim validate --out validation/predictions`. Misses stay in it.

**No data could be had for**: release curves of FDM tablets in several geometries (we know of none
that is published as numbers: Windolf 2021 and Markl 2017 give summaries, Oblom 2019 contents and a
range of t80); release at the speeds and volumes of Langrish 2021; the solubility and diffusivity of
progestins in silicone; geometries of implants that form in place, of vaginal rings and of printed
lattices with drug. So nothing here validates a printed tablet: what is tested are laws, on
crystals, microparticles, implants and scaffolds.

**Nothing can be predicted from**: t80 of capsular devices (Jeong 2020: 1.7 to 6.7 h, but not the
holes that gave them); disintegration of sintered theophylline tablets (Levine 2024: 12 to 58 s from
the highest to the lowest SA/V, neither of which is told; no law here disintegrates); contents of
isoniazid tablets (Oblom 2019: a dose, no release); the glass transition of a PLGA (its article and
monomers are not known); plasma and genotypes, which stand in validation/pharmacokinetics.

**Told in words, and not made rows of**: tablets of HPMC with equal SA/V have f2 above 70 whatever
their shape (Reynolds); the rate from porous phosphate follows 1/r + 1/h (Mulye & Turco 1995); rings
of PEO release evenly to 80 to 90 % (drug, law and speed not told); rates from HPMC fall with
diameter (2013, no numbers); PCL loses mass only below a molar mass of 5000 (Pitt 1981). Single
diffusivities and solubilities, and formulas of mean times, have nothing to be predicted from.

RMSE is of released fractions that were not fitted; met is 5 % or less (15 % for single numbers).
The SA/V law is the one to beat: MDT from surface to volume and one Weibull shape (after Windolf
2021), calibrated on the same data unless said; one curve leaves its exponent at 1. Pictures of all
rows: [1](validation_1.png), [2](validation_2.png), [3](validation_3.png).
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

    @property
    def notices(self) -> list[str]:
        """What has to be read before the table, paragraph by paragraph."""
        paragraphs = _INTRODUCTION.split("\n\n")[1:]
        plain = [" ".join(words.replace("**", "").split()) for words in paragraphs]
        return [*plain[1:-1], plain[-1].partition(" Pictures of")[0], *filter(None, [self.skipped])]

    def text(self) -> str:
        """The table as Markdown."""
        notes = f"\n{self.skipped}\n" if self.skipped else ""
        body = "\n".join(row.text() for row in self.rows)
        return f"{_INTRODUCTION}{notes}\n{HEAD}\n{body}\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"rows": [row.to_dict() for row in self.rows], "skipped": self.skipped}


def validate(folder: Path | None = None) -> Validation:
    """Predict everything there are data for.

    Parameters
    ----------
    folder : Path, optional
        Of the published data; default RELEASESIM_DATA, else ../shared/data beside the checkout.
    """
    data = folder or data_folder()
    verified = facts.facts()
    if data is None:
        words = f"The published data are not here: {DATA_VARIABLE} names their folder. Skipped."
        return Validation(tuple(verified), words)
    found = [
        *powder.rows(data),
        *injectables.rows(data),
        *tables.rows(data),
        *implants.rows(data),
        *verified,
    ]
    return Validation(tuple(found), "")
