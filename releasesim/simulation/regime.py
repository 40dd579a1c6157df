"""Regime numbers (PHYSICS 10): which mechanism controls, and which knob can move the curve."""

from __future__ import annotations

import numpy as np

from releasesim.simulation.mechanism import Mechanism
from releasesim.study import Study

_LITTLE, _MUCH = 0.1, 30.0


def regime_numbers(
    study: Study, mechanism: Mechanism, volume: float, area: float
) -> dict[str, float]:
    """Dimensionless numbers of a study; those that do not apply are left out.

    Lengths are V/A of the printed solid and its wetted area: `Bi` = k (V/A)/(K D), `bath` =
    V_b/(K V), `loading_over_solubility` = A/c_s with the medium's solubility at its pH, and the
    times `diffusion_time_s` = (V/A)^2/D or `erosion_time_s` = (V/A)/v.
    """
    numbers: dict[str, float] = {}
    length = volume / area if area > 0 else np.inf
    first = mechanism.materials[-1] if len(mechanism.materials) > 1 else mechanism.materials[0]
    if mechanism.kind == "diffusion":
        numbers["diffusion_time_s"] = length**2 / first.diffusivity
        if np.isfinite(mechanism.film):
            numbers["Bi"] = mechanism.film * length / (first.partition * first.diffusivity)
    else:
        fastest = max(mechanism.speeds)
        numbers["erosion_time_s"] = length / fastest if fastest > 0 else np.inf
    if np.isfinite(mechanism.bath):
        numbers["bath"] = mechanism.bath / (first.partition * volume)
    drug, medium = study.tablet.formulation.drug, study.bath.medium
    if drug is not None and medium is not None:
        solubility = float(drug.solubility(float(medium.pH)))
        numbers["loading_over_solubility"] = first.concentration / (first.partition * solubility)
    return {name: float(value) for name, value in numbers.items()}


def regime_words(kind: str, numbers: dict[str, float]) -> str:
    """One sentence: what controls the curve, and what moves it."""
    if kind == "erosion":
        return (
            "erosion-controlled: walls, infill and size move this curve, drug diffusivity does not"
        )
    Bi = numbers.get("Bi", np.inf)
    if Bi < _LITTLE:
        return (
            f"film-controlled (Bi = {Bi:.2g}): wetted area and stirring move this curve, the "
            "polymer's diffusivity hardly does"
        )
    if Bi < _MUCH:
        return (
            f"diffusion and film together (Bi = {Bi:.2g}): polymer, infill, size and stirring move "
            "this curve"
        )
    return "diffusion-controlled: polymer, infill and size move this curve, stirring hardly does"
