"""Candidate mechanisms: the laws that each puts into a study, and what it has to fit.

Every candidate keeps the tablet as it is printed, its bath and its channels, and exchanges the
laws of the material and the film. Start values are the study's, else the card's, else guesses from
the size of the tablet and the time of half the dose; bounds are what physics allows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from releasesim.calibration.choice.ground import GUESSED, Ground
from releasesim.errors import InputError
from releasesim.physics import (
    ConstantDiffusivity,
    ConstantFront,
    FickianHydration,
    FilmTransfer,
    FirstOrderScission,
    Fujita1961,
    FujitaHydration,
    Law,
    LocalEquilibrium,
    MackieMeares1955,
    Physics,
    PowerInMolarMass,
)
from releasesim.simulation.coupled.matter import solubility_in
from releasesim.study import Study
from releasesim.study.laws import MECHANISM
from releasesim.study.routes import with_physics
from releasesim.units import format_quantity

Laws = dict[str, Law]

_FASTEST = 1.5e-9
"""No drug diffuses faster in water at 37 degC: small ones make 0.5 to 1.2e-9 m2/s."""
_WATER = 3.0e-9
"""Self-diffusion of water at 37 degC (M. Holz et al., Phys. Chem. Chem. Phys. 2 (2000) 4740)."""
_BANDS = {
    "diffusion.D": (1e-20, _FASTEST),
    "diffusion.D0": (1e-20, _FASTEST),
    "diffusion.D_gel": (1e-20, _FASTEST),
    "erosion.speed": (1e-13, 1e-4),
    "film.k": (1e-9, 1e-3),
    "hydration.D": (1e-16, _WATER),
    "hydrolysis.rate": (1e-10, 1e-3),
    "hydrolysis.feedback": (1e-2, 1e3),
}
"""Where parameters may lie [SI]: from what hardly moves in years to what is gone at once."""

_RATES = {
    ConstantDiffusivity: "D",
    Fujita1961: "D_gel",
    MackieMeares1955: "D0",
    PowerInMolarMass: "D0",
    ConstantFront: "speed",
    FilmTransfer: "k",
    FickianHydration: "D",
    FujitaHydration: "D",
    FirstOrderScission: "rate",
}
"""The parameter of a law that says how fast."""


@dataclass(frozen=True)
class Candidate:
    """A mechanism that could be behind data.

    Parameters
    ----------
    name : str
        For files and options.
    title : str
        For people.
    laws : callable
        Of a Ground: its laws by slot. What it lacks is an InputError that says so.
    nests : tuple of str
        Simpler candidates that it becomes where one parameter goes to its limit.
    further : tuple of str
        Dotted names of what it fits beside the rates of its laws.
    """

    name: str
    title: str
    laws: Callable[[Ground], Laws]
    nests: tuple[str, ...] = ()
    further: tuple[str, ...] = ()

    def vary(self, laws: Mapping[str, Law]) -> list[str]:
        """Dotted names of its free parameters."""
        rates = [f"{slot}.{_RATES[type(law)]}" for slot, law in laws.items() if type(law) in _RATES]
        return [*rates, *self.further]


def with_laws(study: Study, laws: Mapping[str, Law]) -> Study:
    """Return the study with these laws, and none else, of its own material and its film."""
    physics = Physics(channels=study.physics.channels, **laws)  # type: ignore[arg-type]
    gone = tuple(f"{slot}." for slot in (*MECHANISM, "film"))
    inputs = {key: value for key, value in study.inputs.items() if not key.startswith(gone)}
    return dataclasses.replace(with_physics(study, physics), inputs=inputs, calibration=None)


def band(name: str, study: Study) -> tuple[float, float]:
    """Where a parameter may lie [SI]; a drug diffuses no faster than its card says of water."""
    low, high = _BANDS[name]
    drug = study.tablet.formulation.drug
    if name.startswith("diffusion.") and drug is not None:
        high = float(drug.diffusivity_water)
    return low, high


def _diffusion(ground: Ground) -> Laws:
    guess = min(ground.length**2 / (3.0 * ground.half_time), 0.1 * _FASTEST)
    return {"diffusion": ConstantDiffusivity(ground.number(ConstantDiffusivity, "D", guess))}


def _erosion(ground: Ground) -> Laws:
    guess = 0.5 * ground.length / ground.half_time
    return {"erosion": ConstantFront(ground.number(ConstantFront, "speed", guess))}


def _both(ground: Ground) -> Laws:
    return _diffusion(ground) | _erosion(ground)


def _film(ground: Ground) -> Laws:
    k = ground.film(2.0 * ground.length / ground.half_time)
    return _diffusion(ground) | {"film": FilmTransfer(k)}


def _solubility(ground: Ground) -> Laws:
    study, own = ground.study, ground.study.physics.dissolution
    given = own.solubility if isinstance(own, LocalEquilibrium) else None
    limit = solubility_in(study, 0) if given is None else given
    if not np.isfinite(limit):
        raise InputError("no solubility: name a drug card and a medium, or dissolution.solubility")
    most = max(float(c) for c in study.tablet.concentrations)
    if most <= limit:
        held, soluble = (format_quantity(one, "mg/mL", 3) for one in (most, limit))
        raise InputError(f"all drug is dissolved: {held} in the tablet, solubility {soluble}")
    return _diffusion(ground) | {"dissolution": LocalEquilibrium(limit)}


def _hydration(ground: Ground) -> Laws:
    water = ground.law_of((FickianHydration, FujitaHydration), "no water uptake")
    lacks = "no diffusivity that follows the water"
    drug = ground.law_of((Fujita1961, MackieMeares1955), lacks)
    return _noted(ground, {"diffusion": drug, "hydration": water})


def _hydrolysis(ground: Ground, feedback: float = 0.0) -> Laws:
    scission = ground.law_of((FirstOrderScission,), "no hydrolysis")
    lacks = "no diffusivity that follows the molar mass"
    drug = ground.law_of((PowerInMolarMass,), lacks)
    laws = _noted(ground, {"diffusion": drug, "hydrolysis": scission})
    return laws | {"hydrolysis": dataclasses.replace(scission, feedback=feedback)}


def _autocatalysis(ground: Ground) -> Laws:
    feedback = ground.number(FirstOrderScission, "feedback", 1.0)
    if feedback <= 0.0:
        feedback, ground.said["hydrolysis.feedback"] = 1.0, GUESSED
    return _hydrolysis(ground, feedback)


def _noted(ground: Ground, laws: Laws) -> Laws:
    for law in laws.values():
        ground.note(law, _RATES[type(law)])
    return laws


#: In the order in which they are tried: simpler ones first, from which others start.
CANDIDATES = (
    Candidate("diffusion", "diffusion", _diffusion),
    Candidate("erosion", "erosion", _erosion),
    Candidate("diffusion_film", "diffusion, film", _film, ("diffusion",)),
    Candidate("diffusion_solubility", "diffusion, solubility limit", _solubility),
    Candidate("diffusion_erosion", "diffusion and erosion", _both, ("diffusion", "erosion")),
    Candidate("hydration", "diffusion, hydration", _hydration, ("diffusion",)),
    Candidate("hydrolysis", "diffusion, hydrolysis", _hydrolysis, ("diffusion",)),
    Candidate(
        "autocatalysis",
        "diffusion, autocatalysis",
        _autocatalysis,
        ("hydrolysis",),
        ("hydrolysis.feedback",),
    ),
)
