"""Regime numbers (PHYSICS 10): which mechanism controls, and which knob can move the curve."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from releasesim.physics import AutocatalyticScission, CaseII, NoyesWhitney1897, Physics
from releasesim.simulation.coupled.matter import physics_of_parts, solubility_in
from releasesim.simulation.mechanism import Mechanism
from releasesim.study import Study

_LITTLE, _MUCH = 0.1, 30.0
#: A step this much slower than the rest is the one that counts.
_SLOWER = 3.0


def regime_numbers(
    study: Study, mechanism: Mechanism, volume: float, area: float
) -> dict[str, float]:
    """Dimensionless numbers of a study; those that do not apply are left out.

    Lengths L are V/A of the printed solid and its wetted area, laws those of the last part that
    holds drug, D where it is wet and fresh:

    - `Bi` = k L/(K D); `bath` = V_b/(K V); `loading_over_solubility` = A/c_s;
    - `erosion_over_diffusion` = v L/D; `water_over_drug` = D_water/D;
    - `water_front_over_diffusion` = u L/D, of a sharp water front;
    - `dissolution_over_diffusion` = r L^2/D, of solid drug;
    - `phi2` = k2 E0 L^2/D_acid, whether acid runs away (PHYSICS 8);
    - the times `diffusion_time_s` = L^2/D, `erosion_time_s` = L/v, `hydration_time_s`.
    """
    numbers: dict[str, float] = {}
    length = volume / area if area > 0 else np.inf
    holding = [i for i, m in enumerate(mechanism.materials) if m.concentration > 0]
    part = holding[-1] if holding else 0
    first, laws = mechanism.materials[part], physics_of_parts(study)[part]
    speed = max(mechanism.speeds) if mechanism.kind == "erosion" else mechanism.speeds[part]
    if mechanism.kind != "erosion" and not laws.is_off("diffusion"):
        D = first.diffusivity
        numbers["diffusion_time_s"] = length**2 / D
        if np.isfinite(mechanism.film):
            numbers["Bi"] = mechanism.film * length / (first.partition * D)
        if speed > 0:
            numbers["erosion_over_diffusion"] = speed * length / D
        numbers |= _coupled_numbers(laws, length, D)
    if speed > 0:
        numbers["erosion_time_s"] = length / speed
    elif mechanism.kind == "erosion":
        numbers["erosion_time_s"] = np.inf
    if np.isfinite(mechanism.bath):
        numbers["bath"] = mechanism.bath / (first.partition * volume)
    solubility = solubility_in(study, part)
    if np.isfinite(solubility):
        numbers["loading_over_solubility"] = first.concentration / solubility
    return {name: float(value) for name, value in numbers.items()}


def _coupled_numbers(laws: Physics, length: float, D: float) -> dict[str, float]:
    """Numbers of hydration, dissolution and hydrolysis."""
    numbers: dict[str, float] = {}
    if isinstance(laws.hydration, CaseII):
        numbers["water_front_over_diffusion"] = laws.hydration.speed * length / D
        numbers["hydration_time_s"] = length / laws.hydration.speed
    elif laws.hydration.diffuses:
        water = float(laws.hydration.diffusivity(1.0))
        numbers["water_over_drug"] = water / D
        numbers["hydration_time_s"] = length**2 / water
    if isinstance(laws.dissolution, NoyesWhitney1897):
        numbers["dissolution_over_diffusion"] = laws.dissolution.rate * length**2 / D
    law = laws.hydrolysis
    if isinstance(law, AutocatalyticScission) and law.D_acid > 0:
        numbers["phi2"] = law.k2 * law.ester0 * length**2 / law.D_acid
    return numbers


def regime_words(kind: str, numbers: Mapping[str, float]) -> str:
    """One sentence: what controls the curve, and what moves it."""
    if kind == "erosion":
        return (
            "erosion-controlled: walls, infill and size move this curve, drug diffusivity does not"
        )
    said = _route(numbers)
    if kind == "coupled":
        said += _slowed(numbers)
    if numbers.get("phi2", 0.0) > 1.0:
        said += (
            f"; acid stays in and quickens the polymer's decay (phi2 = {numbers['phi2']:.2g}): "
            "thinner struts slow it down"
        )
    return said


def _route(numbers: Mapping[str, float]) -> str:
    """By which way the drug leaves."""
    ratio = numbers.get("erosion_over_diffusion", 0.0)
    if "diffusion_time_s" not in numbers or ratio > 1.0 / _LITTLE:
        shown = f" (v L/D = {ratio:.2g})" if ratio else ""
        return (
            f"erosion-controlled{shown}: walls and size move this curve, drug diffusivity hardly "
            "does"
        )
    if ratio > _LITTLE:
        return (
            f"diffusion and erosion together (v L/D = {ratio:.2g}): polymer, walls, infill and "
            "size move this curve"
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


def _slowed(numbers: Mapping[str, float]) -> str:
    """What holds the drug back before it can leave."""
    leaves = min(numbers.get("diffusion_time_s", np.inf), numbers.get("erosion_time_s", np.inf))
    said = ""
    hydration = numbers.get("hydration_time_s", 0.0)
    if hydration > leaves / _SLOWER:
        said += (
            f"; wetting takes {hydration / leaves:.2g} times as long as that: water uptake of the "
            "polymer moves this curve"
        )
    loading = numbers.get("loading_over_solubility", 0.0)
    if loading > 1.0:
        said += f"; drug at {loading:.2g} times its solubility: loading and solubility move it"
    if numbers.get("dissolution_over_diffusion", np.inf) < 1.0 / _LITTLE:
        said += "; solid drug dissolves no faster than it diffuses: particle size moves it"
    return said
