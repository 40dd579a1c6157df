"""The physics of one material: one law in each slot."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import final

from releasesim.errors import InputError
from releasesim.physics.channels import Channels, MixedChannels
from releasesim.physics.diffusion import Diffusion, NoDiffusion
from releasesim.physics.dissolution import Dissolution, FullyDissolved
from releasesim.physics.erosion import Erosion, NoErosion
from releasesim.physics.film import Film, PerfectSink
from releasesim.physics.hydration import Hydration, InstantlyWet
from releasesim.physics.hydrolysis import Hydrolysis, NoHydrolysis
from releasesim.physics.law import LAWS, Law, law_class
from releasesim.physics.swelling import NoSwelling, Swelling


@final
@dataclass(frozen=True, repr=False)
class Physics:
    """One law in each slot; a slot that is not given holds its null law.

    Parameters
    ----------
    diffusion, film, dissolution, hydration, swelling, erosion, hydrolysis, channels : Law
        A law of that slot.

    Examples
    --------
    >>> from releasesim.physics import ConstantDiffusivity, ConstantFront
    >>> physics = Physics(diffusion=ConstantDiffusivity(D=1e-10), erosion=ConstantFront(speed=1e-7))
    >>> physics
    Physics(diffusion=ConstantDiffusivity(D=1e-10), erosion=ConstantFront(speed=1e-07))
    >>> physics.is_off("swelling")
    True
    """

    diffusion: Diffusion = field(default_factory=NoDiffusion)
    film: Film = field(default_factory=PerfectSink)
    dissolution: Dissolution = field(default_factory=FullyDissolved)
    hydration: Hydration = field(default_factory=InstantlyWet)
    swelling: Swelling = field(default_factory=NoSwelling)
    erosion: Erosion = field(default_factory=NoErosion)
    hydrolysis: Hydrolysis = field(default_factory=NoHydrolysis)
    channels: Channels = field(default_factory=MixedChannels)

    def __post_init__(self) -> None:
        for slot, value in self.laws().items():
            if not isinstance(value, Law):
                names = ", ".join(LAWS[slot])
                raise InputError(f"Physics.{slot} = {value!r}: must be a law such as {names}")
            # a law of another slot is told where it belongs
            law_class(slot, type(value).__name__)

    def laws(self) -> dict[str, Law]:
        """List the law of every slot, in the order of the study file."""
        return {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}

    def is_off(self, slot: str) -> bool:
        """Whether `slot` holds its null law."""
        laws = self.laws()
        if slot not in laws:
            raise InputError(f'no physics slot "{slot}"; there are {", ".join(laws)}')
        return laws[slot].off

    def describe(self) -> str:
        """Slots that are on, one a line, with units.

        Examples
        --------
        >>> from releasesim.physics import FilmTransfer
        >>> print(Physics(film=FilmTransfer(k=5e-6)).describe())
        film: FilmTransfer(k = 5e-06 m/s)
        """
        on = {slot: law for slot, law in self.laws().items() if not law.off}
        return "\n".join(f"{slot}: {law.describe()}" for slot, law in on.items()) or "nothing is on"

    def __repr__(self) -> str:
        on = (f"{slot}={law!r}" for slot, law in self.laws().items() if not law.off)
        return f"Physics({', '.join(on)})"
