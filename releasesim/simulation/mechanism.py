"""Which engine a study needs, and a refusal by name of what cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import UnsupportedLawError
from releasesim.physics import (
    ConstantDiffusivity,
    Correlation,
    EntericFront,
    ExponentialInTime,
    Film,
    NoDiffusion,
    Physics,
)
from releasesim.simulation.assemble import Material
from releasesim.simulation.coupled.matter import film_conditions, front_speed, physics_of_parts
from releasesim.simulation.coupled.pursuit import ahead_of_erosion
from releasesim.simulation.coupled.schedule import media_of
from releasesim.simulation.coupled.wetting import may_wait
from releasesim.simulation.coupling import why_coupled
from releasesim.study import Study, refuse_several

Array = NDArray[np.float64]

#: A region that does not let the drug move still holds it [m2/s].
_STILL = 1e-30


@dataclass(frozen=True)
class Mechanism:
    """A study in the numbers that the engines take.

    Parameters
    ----------
    kind : str
        "diffusion", "erosion", or "coupled": what the first two do not cover.
    materials : tuple of Material
        Of every part of the tablet; diffusivity 0 where the mechanism is erosion.
    speeds : tuple of float
        Front speed in every part [m/s]; 0 where the mechanism is diffusion.
    film, bath : float
        Mass-transfer coefficient [m/s] and bath volume [m3], infinite where there is none.
    clock : ExponentialInTime, optional
        The law by which a diffusivity of the same course everywhere changes with time.
    why : str
        What makes it a coupled problem; empty where it is none.
    """

    kind: str
    materials: tuple[Material, ...]
    speeds: tuple[float, ...]
    film: float
    bath: float
    clock: ExponentialInTime | None = None
    why: str = ""

    def time(self, times: Array) -> Array:
        """Times on the clock of a constant diffusivity, (n,) [s]."""
        if self.clock is None:
            return times
        return np.asarray(self.clock.clock(times)) / float(self.clock.D0)


def mechanism_of(study: Study) -> Mechanism:
    """The mechanism of a study, and with it the engine that is the cheapest exact one.

    Raises
    ------
    UnsupportedLawError
        A combination that cannot be, by name.
    """
    refuse_several(study, "the engine")
    physics = physics_of_parts(study)
    diffusing = [laws for laws in physics if not laws.is_off("diffusion")]
    eroding = [laws for laws in physics if not laws.is_off("erosion")]
    losing = [laws for laws in physics if laws.hydrolysis.critical_molar_mass() > 0.0]
    if not diffusing and not eroding and not losing and not _loses_later(study):
        raise UnsupportedLawError(
            "nothing releases the drug: name a diffusion or an erosion law in [physics]"
        )
    if not _bath_matters(study, physics):
        waits = _waits(study, physics) or all(ahead_of_erosion(study))
        alone = _erodes_alone(physics) and not waits
        if not diffusing and not losing and alone:
            return _erosion(study, physics)
        plain = all(_plain(laws) for laws in physics) and _keeps_one_clock(physics, study)
        if not eroding and not losing and plain:
            return _diffusion(study, physics)
    return _coupled(study, physics)


def _loses_later(study: Study) -> bool:
    """Whether an event lets polymer fall apart."""
    changes = [change for event in study.bath.events for change in event.set]
    return any(name.endswith(".Mn_critical") and float(value) > 0.0 for name, value in changes)


def _plain(laws: Physics) -> bool:
    """Whether drug only diffuses, by a law that no state changes."""
    slots = ("dissolution", "hydration", "swelling", "hydrolysis", "channels")
    known = NoDiffusion | ConstantDiffusivity | ExponentialInTime
    return isinstance(laws.diffusion, known) and all(laws.is_off(slot) for slot in slots)


def _erodes_alone(physics: Sequence[Physics]) -> bool:
    """Whether drug leaves only with the polymer: whether it is dissolved then does not matter."""
    return all(laws.is_off("channels") for laws in physics)


def _waits(study: Study, physics: Sequence[Physics]) -> bool:
    """Whether a front may have to wait for water."""
    names = [part.name for part in study.tablet.parts]
    tablet = study.tablet
    size, thick = tablet.body.size, bool(tablet.sealed)
    depth = max(size) if thick else 0.5 * min(size)
    return any(
        may_wait(laws, front_speed(study, name, laws), depth, thick=thick)
        for name, laws in zip(names, physics, strict=True)
    )


def _bath_matters(study: Study, physics: Sequence[Physics]) -> bool:
    """Whether the bath changes on the way in a manner that the curve feels."""
    bath, until = study.bath, float(study.run.output_times()[-1])
    if bath.sampling is not None and not bath.perfect_sink:
        return True
    enteric = any(isinstance(laws.erosion, EntericFront) for laws in physics)
    by_flow = isinstance(study.physics.film, Correlation)
    return any(
        event.set or not bath.perfect_sink or (event.medium is not None and (enteric or by_flow))
        for event in bath.events
        if event.at < until
    )


def _partition(study: Study, part_partition: float | None) -> float:
    return study.bath.partition if part_partition is None else part_partition


def _bath(study: Study) -> float:
    return np.inf if study.bath.volume is None else float(study.bath.volume)


def _materials(study: Study, diffusivities: Sequence[float]) -> tuple[Material, ...]:
    tablet = study.tablet
    return tuple(
        Material(concentration, D, _partition(study, part.partition))
        for part, concentration, D in zip(
            tablet.parts, tablet.concentrations, diffusivities, strict=True
        )
    )


def _film(study: Study) -> float:
    film: Film = study.physics.film
    return film.coefficient(film_conditions(study))


def _diffusion(study: Study, physics: Sequence[Physics]) -> Mechanism:
    materials = _materials(study, [_diffusivity(laws.diffusion) for laws in physics])
    speeds = (0.0,) * len(physics)
    return Mechanism("diffusion", materials, speeds, _film(study), _bath(study), _clock(physics))


def _diffusivity(law: object) -> float:
    if isinstance(law, ExponentialInTime):
        return float(law.D0)
    return float(law.D) if isinstance(law, ConstantDiffusivity) else _STILL


def _clock(physics: Sequence[Physics]) -> ExponentialInTime | None:
    """The law whose clock the tablet keeps; None where D is constant."""
    laws = [laws.diffusion for laws in physics]
    return next((law for law in laws if isinstance(law, ExponentialInTime)), None)


def _keeps_one_clock(physics: Sequence[Physics], study: Study) -> bool:
    """Whether diffusivities change together, if at all, and nothing keeps another time."""
    clock = _clock(physics)
    if clock is None:
        return True
    rates = {getattr(laws.diffusion, "rate", None) for laws in physics}
    return rates == {clock.rate} and study.physics.is_off("film")


def _erosion(study: Study, physics: Sequence[Physics]) -> Mechanism:
    names = [part.name for part in study.tablet.parts]
    speeds = tuple(front_speed(study, n, p) for n, p in zip(names, physics, strict=True))
    materials = _materials(study, [0.0] * len(physics))
    return Mechanism("erosion", materials, speeds, np.inf, _bath(study))


def _coupled(study: Study, physics: Sequence[Physics]) -> Mechanism:
    names = [part.name for part in study.tablet.parts]
    speeds = tuple(front_speed(study, n, p) for n, p in zip(names, physics, strict=True))
    materials = _materials(study, [_representative(laws) for laws in physics])
    ever = [laws for _, now in media_of(study) for laws in physics_of_parts(now)]
    why = why_coupled(study, ever)
    return Mechanism("coupled", materials, speeds, _film(study), _bath(study), why=why)


def _representative(laws: Physics) -> float:
    """Diffusivity of the drug where the tablet is wet and fresh, for regime numbers [m2/s]."""
    law = laws.diffusion
    state = {"concentration": 0.0, "time": 0.0, "leached": 0.0}.get(str(law.varies_with), 1.0)
    return max(float(law.diffusivity(state)), _STILL)


__all__ = ["Mechanism", "film_conditions", "mechanism_of"]
