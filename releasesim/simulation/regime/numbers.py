"""Regime numbers of one part in one medium."""

from __future__ import annotations

import numpy as np

from releasesim.physics import CaseII, NoyesWhitney1897
from releasesim.simulation.regime.phase import Phase
from releasesim.simulation.regime.runaway import runaway_of


def numbers_of(phase: Phase) -> dict[str, float]:
    """Dimensionless numbers and times; those that do not apply are left out.

    Lengths L are V/A of the printed solid and its wetted area; D is that of the drug where it is
    wet, its mean over the run where it changes:

    - `Bi` = k L/(K D); `bath` = V_b/(K V); `loading_over_solubility` = A/c_s;
    - `erosion_over_diffusion` = v L/D; `water_over_drug` = D_water/D;
    - `water_front_over_diffusion` = u L/D, of a sharp water front;
    - `dissolution_over_diffusion` = r L^2/D, the Damkoehler number of solid drug;
    - `diffusivity_growth` = D at the end of the run over D at its start;
    - `phi2` = k2 E0 a^2/D_acid of the thickest piece, of half-thickness or radius a, and
      `phi2_critical`, above which acid runs away (PHYSICS 8);
    - `swollen_volume_ratio` = J at equilibrium;
    - the times `diffusion_time_s` = L^2/D, `erosion_time_s` = L/v, `hydration_time_s` = L^2/D_water
      or L/u, and `falls_apart_s`, when Mn comes to its critical value if no acid is lost.
    """
    found = _exits(phase) | _water(phase) | _polymer(phase)
    if np.isfinite(phase.bath):
        found["bath"] = phase.bath
    if np.isfinite(phase.solubility):
        found["loading_over_solubility"] = phase.loading
    return {name: float(value) for name, value in found.items()}


def _exits(phase: Phase) -> dict[str, float]:
    """By which ways drug leaves."""
    found: dict[str, float] = {}
    length, D = phase.solid.length, phase.D
    if phase.diffuses and D > 0.0:
        found["diffusion_time_s"] = length**2 / D
        if np.isfinite(phase.film):
            found["Bi"] = phase.film * length / (phase.partition * D)
        if phase.speed > 0.0:
            found["erosion_over_diffusion"] = phase.speed * length / D
        if isinstance(phase.laws.dissolution, NoyesWhitney1897):
            found["dissolution_over_diffusion"] = phase.dissolution_rate * length**2 / D
        if abs(phase.growth - 1.0) > 1e-9:
            found["diffusivity_growth"] = phase.growth
    if not phase.laws.is_off("erosion"):
        found["erosion_time_s"] = length / phase.speed if phase.speed > 0.0 else np.inf
    return found


def _water(phase: Phase) -> dict[str, float]:
    found: dict[str, float] = {}
    law, D = phase.laws.hydration, phase.D
    if phase.hydration_time > 0.0:
        found["hydration_time_s"] = phase.hydration_time
        if D > 0.0 and isinstance(law, CaseII):
            found["water_front_over_diffusion"] = law.speed * phase.solid.length / D
        elif D > 0.0:
            found["water_over_drug"] = float(law.diffusivity(1.0)) / D
    if not phase.laws.is_off("swelling"):
        found["swollen_volume_ratio"] = float(phase.laws.swelling.volume_ratio(1.0))
    return found


def _polymer(phase: Phase) -> dict[str, float]:
    """What becomes of the chains."""
    found: dict[str, float] = {}
    if phase.laws.hydrolysis.critical_molar_mass() > 0.0:
        found["falls_apart_s"] = phase.falls
    runaway = runaway_of(phase)
    if runaway is not None:
        found |= {"phi2": runaway.phi2, "phi2_critical": runaway.critical}
    return found
