"""Which engine a study needs, and a refusal by name of every law that has none yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import UnsupportedLawError
from releasesim.physics import (
    ConstantDiffusivity,
    ConstantFront,
    EntericFront,
    ExponentialInTime,
    FilmConditions,
    MassErosion,
    NoDiffusion,
    Physics,
)
from releasesim.simulation.assemble import Material
from releasesim.study import Study

Array = NDArray[np.float64]

_COUPLED = ("dissolution", "hydration", "swelling", "hydrolysis", "channels")
#: A region that does not let the drug move still holds it [m2/s].
_STILL = 1e-30


@dataclass(frozen=True)
class Mechanism:
    """A study in the numbers that the engines take.

    Parameters
    ----------
    kind : str
        "diffusion" or "erosion".
    materials : tuple of Material
        Of every part of the tablet; diffusivity 0 where the mechanism is erosion.
    speeds : tuple of float
        Front speed in every part [m/s]; 0 where the mechanism is diffusion.
    film, bath : float
        Mass-transfer coefficient [m/s] and bath volume [m3], infinite where there is none.
    clock : ExponentialInTime, optional
        The law by which a diffusivity of the same course everywhere changes with time.
    """

    kind: str
    materials: tuple[Material, ...]
    speeds: tuple[float, ...]
    film: float
    bath: float
    clock: ExponentialInTime | None = None

    def time(self, times: Array) -> Array:
        """Times on the clock of a constant diffusivity, (n,) [s]."""
        if self.clock is None:
            return times
        return np.asarray(self.clock.clock(times)) / float(self.clock.D0)


def mechanism_of(study: Study) -> Mechanism:
    """The one mechanism of a study.

    Raises
    ------
    UnsupportedLawError
        A law or combination that this version has no engine for, by name.
    """
    for part in study.tablet.parts:
        if part.formulation.further_drugs:
            names = ", ".join(card.name for card, _ in part.formulation.further_drugs)
            raise UnsupportedLawError(
                f"several drugs in one formulation (beside {names}) are not simulated in this "
                "version: name one drug"
            )
    physics = _physics_of_parts(study)
    for name, laws in physics.items():
        _refuse_coupled(name, laws)
    _refuse_bath_changes(study, tuple(physics.values()))
    diffusing = [n for n, laws in physics.items() if not laws.is_off("diffusion")]
    eroding = [n for n, laws in physics.items() if not laws.is_off("erosion")]
    if diffusing and eroding:
        raise UnsupportedLawError(
            f"diffusion ({physics[diffusing[0]].diffusion.describe()}) together with erosion "
            f"({physics[eroding[0]].erosion.describe()}) is not simulated in this version: "
            "name one of them"
        )
    if not diffusing and not eroding:
        raise UnsupportedLawError(
            "nothing releases the drug: name a diffusion or an erosion law in [physics]"
        )
    if eroding:
        return _erosion(study, physics)
    return _diffusion(study, physics)


def _physics_of_parts(study: Study) -> dict[str, Physics]:
    """Laws of every part, the tablet's own first; under a stack of layers nothing is its own."""
    names = [part.name for part in study.tablet.parts]
    laws = {name: study.region_physics.get(name, study.physics) for name in names}
    if study.tablet.layers:
        laws[""] = laws[names[1]]
    return laws


def _where(name: str) -> str:
    return f" in {name}" if name else ""


def _refuse_coupled(name: str, laws: Physics) -> None:
    for slot in _COUPLED:
        if not laws.is_off(slot):
            law = getattr(laws, slot)
            raise UnsupportedLawError(
                f"{slot} law {type(law).__name__}{_where(name)} is not simulated in this version: "
                "it must be coupled to diffusion or erosion"
            )
    if not isinstance(laws.diffusion, NoDiffusion | ConstantDiffusivity | ExponentialInTime):
        raise UnsupportedLawError(
            f"diffusion law {type(laws.diffusion).__name__}{_where(name)} is not simulated in this "
            "version; ConstantDiffusivity and ExponentialInTime are"
        )
    known = ConstantFront | MassErosion | EntericFront
    if not laws.is_off("erosion") and not isinstance(laws.erosion, known):
        raise UnsupportedLawError(
            f"erosion law {type(laws.erosion).__name__}{_where(name)} is not simulated in this "
            "version; ConstantFront, MassErosion and EntericFront are"
        )


def _refuse_bath_changes(study: Study, physics: tuple[Physics, ...]) -> None:
    bath = study.bath
    if bath.sampling is not None and not bath.perfect_sink:
        raise UnsupportedLawError(
            "medium.sampling from a bath of finite volume is not simulated in this version: "
            "leave out medium.volume (a perfect sink) or medium.sampling"
        )
    enteric = any(isinstance(laws.erosion, EntericFront) for laws in physics)
    for event in bath.events:
        if event.set or enteric or not bath.perfect_sink:
            raise UnsupportedLawError(
                f"medium.event at {event.at / 3600:g} h is not simulated in this version: it "
                "changes the bath or a law on the way"
            )


def _partition(study: Study, part_partition: float | None) -> float:
    return study.bath.partition if part_partition is None else part_partition


def _bath(study: Study) -> float:
    return np.inf if study.bath.volume is None else float(study.bath.volume)


def _diffusion(study: Study, physics: dict[str, Physics]) -> Mechanism:
    tablet = study.tablet
    laws = [physics[part.name].diffusion for part in tablet.parts]
    clock = _clock(laws, study)
    materials = tuple(
        Material(concentration, _diffusivity(law), _partition(study, part.partition))
        for part, concentration, law in zip(tablet.parts, tablet.concentrations, laws, strict=True)
    )
    film = study.physics.film.coefficient(film_conditions(study))
    return Mechanism("diffusion", materials, (0.0,) * len(laws), film, _bath(study), clock)


def _diffusivity(law: object) -> float:
    if isinstance(law, ExponentialInTime):
        return float(law.D0)
    return float(law.D) if isinstance(law, ConstantDiffusivity) else _STILL


def _clock(laws: Sequence[object], study: Study) -> ExponentialInTime | None:
    timed = [law for law in laws if isinstance(law, ExponentialInTime)]
    if not timed:
        return None
    same = all(isinstance(law, ExponentialInTime) and law.rate == timed[0].rate for law in laws)
    if not same or not study.physics.is_off("film"):
        raise UnsupportedLawError(
            "ExponentialInTime is simulated in this version only where it has one rate in the "
            "whole tablet and there is no film"
        )
    return timed[0]


def _erosion(study: Study, physics: dict[str, Physics]) -> Mechanism:
    tablet = study.tablet
    speeds = tuple(_speed(study, part.name, physics[part.name]) for part in tablet.parts)
    materials = tuple(
        Material(c, 0.0, _partition(study, part.partition))
        for part, c in zip(tablet.parts, tablet.concentrations, strict=True)
    )
    return Mechanism("erosion", materials, speeds, np.inf, _bath(study))


def _speed(study: Study, name: str, laws: Physics) -> float:
    law = laws.erosion
    if isinstance(law, EntericFront):
        if study.bath.medium is None:
            raise UnsupportedLawError(
                f"EntericFront{_where(name)} needs a pH: name a medium in [medium]"
            )
        return float(law.front_speed(float(study.bath.medium.pH)))
    if isinstance(law, MassErosion):
        part = next(p for p in study.tablet.parts if p.name == name)
        density = law.density if law.density is not None else part.formulation.density
        return float(law.k0) / float(density)
    return float(law.speed) if isinstance(law, ConstantFront) else 0.0


def film_conditions(study: Study) -> FilmConditions:
    """What the cards and the shape say about the liquid around the tablet."""
    bath, drug = study.bath, study.tablet.formulation.drug
    apparatus, medium = bath.apparatus, bath.medium
    return FilmConditions(
        velocity=None if apparatus is None else float(apparatus.fluid_velocity),
        length=max(study.tablet.body.size),
        kinematic_viscosity=None if medium is None else float(medium.viscosity / medium.density),
        diffusivity=None if drug is None else float(drug.diffusivity_water),
        rotation=bath.speed,
    )
