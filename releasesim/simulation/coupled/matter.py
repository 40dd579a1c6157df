"""What the parts of a tablet are made of, as numbers and tables that kernels take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import UnsupportedLawError
from releasesim.physics import (
    AutocatalyticScission,
    CaseII,
    EntericFront,
    FilmConditions,
    LocalEquilibrium,
    MassErosion,
    NoyesWhitney1897,
    Physics,
    StagnantChannels,
)
from releasesim.physics.diffusion import Diffusion
from releasesim.simulation.coupled.history import History
from releasesim.study import Study

Array = NDArray[np.float64]

#: Points of a law's table over its state, from 0 to 1.
_POINTS = 2049
#: Gauss points between two of them for the integral.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)
#: Drug that comes from a fuller part is followed up to so many times a part's own [-].
_FULLEST = 50.0
#: States that a law reads in every cell, and that its table is over.
TABLED = ("water", "water_volume_fraction", "concentration")


def where(name: str) -> str:
    """Words for a part of the tablet."""
    return f" in {name}" if name else ""


@dataclass(frozen=True, eq=False)
class Matter:
    """The parts of a tablet under one medium, (parts,) each, the tablet's own material first.

    Parameters
    ----------
    names : tuple of str
    laws : tuple of Physics
    partition : ndarray
        K = c_device/c_medium at equilibrium [-].
    concentration : ndarray
        Drug at time 0 [kg/m3].
    solubility : ndarray
        Of the drug in the device, per device volume [kg/m3]; infinite where all is dissolved.
    speed : ndarray
        Of the eroding front, per printed length [m/s].
    film : float
        Mass-transfer coefficient [m/s]; infinite for a perfect sink.
    water_content : ndarray
        Volume fraction of water at equilibrium [-]; NaN where unknown.
    drug_volume : ndarray
        Volume of drug per mass, 1/density [m3/kg]; NaN where unknown.
    history : History
        What laws of the time had done before these held.
    acid_resolved : bool
        Whether acid and ester are to be fields even where no acid diffuses: it does at other times.
    pursues : bool
        Whether fronts have fallen behind a sharp front of water, and wait where they come up with
        it; else they go with it.
    """

    names: tuple[str, ...]
    laws: tuple[Physics, ...]
    partition: Array
    concentration: Array
    solubility: Array
    speed: Array
    film: float
    water_content: Array
    drug_volume: Array
    history: History = field(default_factory=History)
    acid_resolved: bool = False
    pursues: bool = False

    @property
    def parts(self) -> range:
        """Numbers of the parts."""
        return range(len(self.laws))

    @cached_property
    def water_diffuses(self) -> bool:
        """Whether water enters some part by diffusion."""
        return any(laws.hydration.diffuses for laws in self.laws)

    @cached_property
    def water_front(self) -> bool:
        """Whether water enters behind a sharp front."""
        return any(isinstance(laws.hydration, CaseII) for laws in self.laws)

    @property
    def water_speeds(self) -> tuple[float, ...]:
        """Of a sharp water front in every part [m/s]; 0 where water diffuses, inf at once."""
        return tuple(laws.hydration.front_speed() for laws in self.laws)

    @cached_property
    def dissolves(self) -> bool:
        """Whether some drug is solid and dissolves at a rate."""
        return any(isinstance(laws.dissolution, NoyesWhitney1897) for laws in self.laws)

    @cached_property
    def acid_diffuses(self) -> bool:
        """Whether acid leaves a degrading polymer, which then differs from place to place."""
        return self.acid_resolved or any(
            isinstance(laws.hydrolysis, AutocatalyticScission) and laws.hydrolysis.D_acid > 0
            for laws in self.laws
        )

    @cached_property
    def loses_mass(self) -> bool:
        """Whether a polymer leaves when its chains are short enough."""
        return any(laws.hydrolysis.critical_molar_mass() > 0.0 for laws in self.laws)

    def molar_mass(self, part: int, t: float) -> float:
        """Mn/Mn0 of a part at t, where it is the same everywhere [-]."""
        return float(self.history.molar_mass(part, self.laws[part], t))

    def diffusivity(self, part: int, t: float) -> float:
        """Diffusivity at t of the drug in a part where it follows the time [m2/s]."""
        return float(self.history.diffusivity(part, self.laws[part], t))

    @cached_property
    def swells(self) -> bool:
        """Whether some part swells."""
        return any(not laws.is_off("swelling") for laws in self.laws)

    @cached_property
    def erodes(self) -> bool:
        """Whether a front moves."""
        return bool((self.speed > 0.0).any())

    @cached_property
    def moves(self) -> bool:
        """Whether drug diffuses at all."""
        return any(not laws.is_off("diffusion") for laws in self.laws)

    def volume_ratio(self, cells: NDArray[np.int16], water: Array) -> Array:
        """J of every cell [-] at its relative water, (n,)."""
        grown = np.array(
            [float(laws.swelling.volume_ratio(1.0)) - 1.0 for laws in self.laws]
        )  # every law of the slot is linear in w, or constant
        return np.asarray(1.0 + water * grown[cells])

    @cached_property
    def initial(self) -> Array:
        """Drug at time 0, of what holds none that of the fullest part, (parts,) [kg/m3]."""
        most = max(float(self.concentration.max()), 1e-300)
        return np.where(self.concentration > 0, self.concentration, most)

    @cached_property
    def reach(self) -> Array:
        """Most drug that a part whose D follows it can come to hold, of `initial`, (parts,) [-]."""
        u = float((self.concentration / self.partition).max())
        most = np.clip(u * self.partition / self.initial, 1.0, _FULLEST)
        follows = [laws.diffusion.varies_with == TABLED[2] for laws in self.laws]
        return np.where(follows, most, 1.0)

    @cached_property
    def drug_tables(self) -> tuple[Array, Array]:
        """Diffusivity of the drug over its state, and its integral, (parts, m).

        The state is water, or drug over `reach` times `initial`.
        """
        return _tables([self._drug_law(part) for part in self.parts])

    @cached_property
    def water_tables(self) -> tuple[Array, Array]:
        """Diffusivity of water over w, and its integral, (parts, m)."""
        return _tables([laws.hydration.diffusivity for laws in self.laws])

    def _drug_law(self, part: int) -> Callable[[Array], Array]:
        law = self.laws[part].diffusion
        if law.varies_with == "water_volume_fraction":
            laws = self.laws[part]
            if not laws.is_off("swelling"):
                return lambda w: law.diffusivity(1.0 - 1.0 / laws.swelling.volume_ratio(w))
            return lambda w: law.diffusivity(w * self.water_content[part])
        if law.varies_with == "concentration":
            return lambda c: law.diffusivity(c * self.reach[part])
        if law.varies_with in TABLED or law.varies_with is None:
            return law.diffusivity
        return np.ones_like  # read cell by cell instead


def _tables(laws: list[Callable[[Array], Array]]) -> tuple[Array, Array]:
    state = np.linspace(0.0, 1.0, _POINTS)
    value = np.array([law(state) for law in laws])
    # the integral of the linear interpolant, so that mean and value agree
    steps = 0.5 * (value[:, 1:] + value[:, :-1]) / (_POINTS - 1)
    integral = np.concatenate([np.zeros((len(laws), 1)), np.cumsum(steps, axis=1)], axis=1)
    return np.ascontiguousarray(value), np.ascontiguousarray(integral)


def matter_of(study: Study) -> Matter:
    """The parts of a study's tablet in its present medium.

    Raises
    ------
    UnsupportedLawError
        A law that lacks what it needs: a pH, a solubility, a water content.
    """
    tablet = study.tablet
    names = tuple(part.name for part in tablet.parts)
    laws = physics_of_parts(study)
    partition = np.array(
        [study.bath.partition if p.partition is None else p.partition for p in tablet.parts]
    )
    made = Matter(
        names=names,
        laws=laws,
        partition=partition,
        concentration=np.array(tablet.concentrations, dtype=float),
        solubility=np.array(
            [_solubility(study, n, p, K) for n, p, K in zip(names, laws, partition, strict=True)]
        ),
        speed=np.array([front_speed(study, n, p) for n, p in zip(names, laws, strict=True)]),
        film=study.physics.film.coefficient(film_conditions(study)),
        water_content=np.array([_water_content(part) for part in tablet.parts]),
        drug_volume=np.array([_drug_volume(part) for part in tablet.parts]),
    )
    _check(made)
    return made


def physics_of_parts(study: Study) -> tuple[Physics, ...]:
    """Laws of every part, the tablet's own first; under a stack of layers nothing is its own."""
    names = [part.name for part in study.tablet.parts]
    laws = {name: study.region_physics.get(name, study.physics) for name in names}
    if study.tablet.own_is_unused:
        laws[""] = laws[names[1]]
    return tuple(laws[name] for name in names)


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


def front_speed(study: Study, name: str, laws: Physics) -> float:
    """Speed of the eroding front of one part in the present medium, per printed length [m/s]."""
    law = laws.erosion
    if laws.is_off("erosion"):
        return 0.0
    if isinstance(law, EntericFront):
        if study.bath.medium is None:
            raise UnsupportedLawError(
                f"EntericFront{where(name)} needs a pH: name a medium in [medium]"
            )
        speed = float(law.front_speed(float(study.bath.medium.pH)))
        # so slow that it would not eat through a hair in the whole run
        speed = speed if speed * study.run.until > 1e-9 else 0.0
    elif isinstance(law, MassErosion) and law.density is None:
        part = next(p for p in study.tablet.parts if p.name == name)
        speed = float(law.k0) / float(part.formulation.density)
    else:
        speed = float(law.front_speed())
    # the eroding surface is fully swollen: it recedes by v J^(-1/3) per printed length
    speed /= float(laws.swelling.stretch(1.0))
    water = laws.hydration.front_speed()
    # what is dry does not erode: behind a water front, no faster than it
    return min(speed, water) if isinstance(laws.hydration, CaseII) else speed


def _solubility(study: Study, name: str, laws: Physics, partition: float) -> float:
    law = laws.dissolution
    if not isinstance(law, LocalEquilibrium | NoyesWhitney1897):
        return np.inf
    if law.solubility is not None:
        return float(law.solubility)
    drug, medium = study.tablet.formulation.drug, study.bath.medium
    if drug is None or medium is None:
        lacks = "drug card" if drug is None else "medium with a pH"
        raise UnsupportedLawError(
            f"{type(law).__name__}{where(name)} has no solubility and there is no {lacks} to take "
            "it from: give solubility"
        )
    return partition * float(drug.solubility(float(medium.pH)))


def solubility_in(study: Study, part: int) -> float:
    """Solubility of the drug in a part [kg/m3], by its law or by the cards; infinite if unknown."""
    laws, own = physics_of_parts(study)[part], study.tablet.parts[part].partition
    partition = study.bath.partition if own is None else own
    drug, medium = study.tablet.formulation.drug, study.bath.medium
    law = laws.dissolution
    if isinstance(law, LocalEquilibrium | NoyesWhitney1897):
        return _solubility(study, study.tablet.parts[part].name, laws, partition)
    if drug is None or medium is None:
        return np.inf
    return partition * float(drug.solubility(float(medium.pH)))


def _water_content(part: object) -> float:
    polymer = part.formulation.polymer  # type: ignore[attr-defined]
    value = None if polymer is None else polymer.equilibrium_water
    return np.nan if value is None else float(value)


def _drug_volume(part: object) -> float:
    drug = part.formulation.drug  # type: ignore[attr-defined]
    return np.nan if drug is None else 1.0 / float(drug.density)


def _check(matter: Matter) -> None:
    """Refuse by name what cannot be, with the reason."""
    fronts = {isinstance(laws.hydration, CaseII) for laws in matter.laws}
    others = {
        type(p.hydration).__name__ for p in matter.laws if not isinstance(p.hydration, CaseII)
    }
    if len(fronts) > 1:
        raise UnsupportedLawError(
            f"CaseII in one part of the tablet and {', '.join(sorted(others))} in another: a sharp "
            "water front has no meaning where the next material takes up water by another law"
        )
    for name, laws in zip(matter.names, matter.laws, strict=True):
        part = matter.names.index(name)
        _check_diffusion(name, laws, laws.diffusion, matter, part)
        if isinstance(laws.channels, StagnantChannels) and matter.erodes:
            raise UnsupportedLawError(
                "StagnantChannels together with erosion: channels that grow would have to be "
                "resolved as they open; take MixedChannels, or leave out erosion"
            )


def _check_diffusion(name: str, laws: Physics, law: Diffusion, matter: Matter, part: int) -> None:
    kind = law.varies_with
    if kind == "molar_mass" and laws.is_off("hydrolysis"):
        raise UnsupportedLawError(
            f"{type(law).__name__}{where(name)} follows the polymer's molar mass, which never "
            "changes: name a hydrolysis law"
        )
    known = np.isfinite(matter.water_content[part]) or not laws.is_off("swelling")
    if kind == "water_volume_fraction" and not known:
        raise UnsupportedLawError(
            f"{type(law).__name__}{where(name)} needs the volume fraction of water: name a "
            "polymer whose card has equilibrium_water, or a swelling law"
        )
    if kind == "leached":
        if laws.is_off("dissolution"):
            raise UnsupportedLawError(
                f"LeachedPorosity{where(name)} grows as solid drug leaves, and all drug is "
                "dissolved from the start: name a dissolution law"
            )
        if not np.isfinite(matter.drug_volume[part]):
            raise UnsupportedLawError(
                f"LeachedPorosity{where(name)} needs the volume of the drug that leaves: name a "
                "drug card, which has its density"
            )
