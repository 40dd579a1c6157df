"""What is known before a mechanism is fitted: the study, its cards, and a glance at the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from releasesim.calibration.rates import characteristic_length
from releasesim.errors import InputError
from releasesim.physics import Law, law
from releasesim.simulation.mechanism import film_conditions
from releasesim.study import Study

AnyLaw = TypeVar("AnyLaw", bound=Law)

GUESSED = "guessed from the size of the tablet and the time of half the dose"
STUDY = "the study"


@dataclass(frozen=True, eq=False)
class Ground:
    """What is known before a fit.

    Parameters
    ----------
    study : Study
    half_time : float
        When about half of the dose was out [s].
    said : dict of str to str
        Where each start value came from, by dotted name.
    """

    study: Study
    half_time: float
    said: dict[str, str] = field(default_factory=dict)

    @property
    def length(self) -> float:
        """Volume over surface of the body [m]."""
        return characteristic_length(self.study.tablet.body)

    def number(self, of: type[Law], name: str, otherwise: float) -> float:
        """Return a parameter of a law in SI: the study's own, else the card's, else a guess."""
        key, own = f"{of.slot}.{name}", getattr(self.study.physics, of.slot)
        if isinstance(own, of) and key not in self.study.inputs:
            self.said[key] = STUDY
            return float(getattr(own, name))
        polymer = self.study.tablet.formulation.polymer
        cards = () if polymer is None else (polymer.effective_physics, polymer.default_physics)
        for specs in cards:
            spec = specs.get(of.slot)
            if spec is not None and spec.law == of.__name__ and name in spec.parameters:
                self.said[key] = self._card
                return float(spec.parameters[name])
        self.said[key] = GUESSED
        return otherwise

    def film(self, otherwise: float) -> float:
        """Return k of the study's own film, by whatever law, else a guess [m/s]."""
        own = self.study.physics.film
        self.said["film.k"] = GUESSED if own.off else STUDY
        return otherwise if own.off else float(own.coefficient(film_conditions(self.study)))

    def law_of(self, allowed: tuple[type[AnyLaw], ...], lacks: str) -> AnyLaw:
        """Return the law, one of `allowed`, that the study or else its polymer's card has.

        Raises
        ------
        InputError
            Neither has one of those allowed.
        """
        slot = allowed[0].slot
        own = getattr(self.study.physics, slot)
        if isinstance(own, allowed):
            return own
        polymer = self.study.tablet.formulation.polymer
        if polymer is None:
            raise InputError(f"{lacks}: the study names no polymer whose card could have it")
        spec = polymer.default_physics.get(slot)
        found = None if spec is None else law(slot, spec.law, **spec.arguments)
        if not isinstance(found, allowed):
            raise InputError(f"{lacks} on the card of {polymer.name}, nor in the study")
        return found

    def note(self, law: Law, name: str) -> None:
        """Keep in mind where a law of `law_of` came from."""
        own = getattr(self.study.physics, law.slot)
        named = own == law and f"{law.slot}.{name}" not in self.study.inputs
        self.said[f"{law.slot}.{name}"] = STUDY if named else self._card

    @property
    def _card(self) -> str:
        polymer = self.study.tablet.formulation.polymer
        return "" if polymer is None else f"the card of {polymer.name}"
