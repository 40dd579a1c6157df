"""The result of a simulation: the curve, and the account that makes it worth believing."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve


@dataclass(frozen=True, eq=False, repr=False)
class Release:
    """A simulated release curve with its account.

    Parameters
    ----------
    curve : ReleaseCurve
        Time [s] and released fraction of the dose [-].
    dose : float
        Free drug in the tablet, all drugs together [kg].
    ledger_error : float
        Of the dose [-]. Diffusion and coupled laws: gap between drug left and drug that crossed the
        surface, counted apart. Erosion: drug that no front passes; 0 where the law is closed.
    error_estimate : float
        Of the released fraction beyond 10 % released, absolute, by comparison of three grids, and
        of the time steps where laws are coupled [-].
    regime : mapping of str to float
        Dimensionless numbers, PHYSICS 10.
    regime_words : str
        What controls the curve and what moves it.
    method : str
        The engine, and why it was picked.
    steps : int
        Products with the operator, or evaluations of coupled rates; 0 for fronts.
    cells : int
        Unknowns of the finest grid.
    spacing : float
        Its cell edge [m]; 0 where no grid was needed.
    flooded : tuple of float
        Times at which closed voids flood [s].
    seconds : mapping of str to float
        Wall time of each stage.
    estimates_used : tuple of str
        Card values of grade "estimate" that the curve depends on, by dotted name.
    notices : tuple of str
        What the user should know.
    study_hash, version, cards, seed
        Where the result comes from.
    curves : mapping of str to ReleaseCurve
        Released fraction of each drug's own dose, by the name of the drug. `curve` is that of all
        drugs together, by mass.
    doses : mapping of str to float
        Free drug of each kind in the tablet [kg].
    curve_sd : (n,) ndarray, optional
        Standard deviation of released drug from tablet to tablet, over the mean dose [-]; None
        where the study gives no spread of mass.
    dose_sd : float
        Standard deviation of the dose [kg].
    swollen : (float, float, float), optional
        Outer dimensions at the end, along x, y and z [m]; None where nothing swells.
    """

    curve: ReleaseCurve
    dose: float
    ledger_error: float
    error_estimate: float
    regime: Mapping[str, float]
    regime_words: str
    method: str
    steps: int
    cells: int
    spacing: float
    flooded: tuple[float, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    estimates_used: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    study_hash: str = ""
    version: str = ""
    cards: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1
    curves: Mapping[str, ReleaseCurve] = field(default_factory=dict)
    doses: Mapping[str, float] = field(default_factory=dict)
    curve_sd: NDArray[np.float64] | None = None
    dose_sd: float = 0.0
    swollen: tuple[float, float, float] | None = None

    @property
    def several(self) -> Mapping[str, ReleaseCurve]:
        """The curves of single drugs where there are several; else nothing."""
        return self.curves if len(self.curves) > 1 else {}

    def to_dict(self) -> dict[str, Any]:
        """Plain data for release.json; the keys are stable."""
        return {
            "study_hash": self.study_hash,
            "version": self.version,
            "seed": self.seed,
            "cards": dict(self.cards),
            "curve": {
                "time_s": self.curve.time.tolist(),
                "released_fraction": self.curve.fraction.tolist(),
            },
            **self._drugs_dict(),
            "dose_kg": self.dose,
            **self._spread_dict(),
            "ledger_error": self.ledger_error,
            "error_estimate": self.error_estimate,
            "regime": dict(self.regime),
            "regime_words": self.regime_words,
            "method": self.method,
            "steps": self.steps,
            "cells": self.cells,
            "spacing_m": self.spacing,
            "flooded_s": list(self.flooded),
            **({} if self.swollen is None else {"swollen_m": list(self.swollen)}),
            "seconds": dict(self.seconds),
            "estimates_used": list(self.estimates_used),
            "notices": list(self.notices),
        }

    def _spread_dict(self) -> dict[str, Any]:
        """Spread from tablet to tablet; only where the study gives one."""
        if self.curve_sd is None:
            return {}
        sd = {"dose_kg": self.dose_sd, "released_fraction": self.curve_sd.tolist()}
        return {"standard_deviation": sd}

    def _drugs_dict(self) -> dict[str, Any]:
        """Curve and dose of each drug, at the times of the whole; only where there are several."""
        if not self.several:
            return {}
        curves = {
            name: {"released_fraction": curve.fraction.tolist(), "dose_kg": self.doses[name]}
            for name, curve in self.several.items()
        }
        return {"curves": curves}

    def __repr__(self) -> str:
        rows = [f"{key}: {value}" for key, value in self._rows()]
        return "\n".join(["Release", *(f"  {row}" for row in rows)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(key)}</th>"
            f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
            for key, value in self._rows()
        )
        return f"<table>{rows}</table>{self.curve._repr_html_()}"

    def _rows(self) -> list[tuple[str, str]]:
        rows = [
            ("curve", str(self.curve)),
            ("dose", self.dose_words()),
            *((name, self._drug_words(name)) for name in self.several),
            ("regime", self.regime_words),
            ("method", self.method),
            (
                "error estimate",
                f"{self.error_estimate:.2%} of the dose beyond 10 % released, "
                f"ledger {self.ledger_error:.1e}",
            ),
        ]
        if self.estimates_used:
            rows.append(("estimates", ", ".join(self.estimates_used)))
        return rows + [("note", notice) for notice in self.notices]

    def dose_words(self) -> str:
        """The dose, and its spread from tablet to tablet where there is one."""
        spread = f" ± {self.dose_sd * 1e6:.3g} mg" if self.dose_sd else ""
        return f"{self.dose * 1e6:.4g} mg{spread}"

    def _drug_words(self, name: str) -> str:
        return f"{self.doses[name] * 1e6:.4g} mg, {self.curves[name]}"
