"""The bath that a tablet releases into, and what happens to it on the way."""

from __future__ import annotations

from dataclasses import dataclass

from releasesim.cards import Apparatus, Medium

BODY_TEMPERATURE = 310.15
"""At which cards hold their values [K]."""


@dataclass(frozen=True)
class Sampling:
    """Samples drawn at a fixed interval.

    Parameters
    ----------
    every : float
        Interval [s].
    volume : float
        Of one sample [m3].
    replaced : bool
        Whether fresh medium replaces each sample.
    """

    every: float
    volume: float
    replaced: bool = True


@dataclass(frozen=True)
class Event:
    """A change of the medium.

    Parameters
    ----------
    at : float
        When [s].
    replace : float
        Share of the bath that becomes fresh medium [-].
    medium : Medium or None
        The medium from now on; None keeps it.
    set : tuple of (str, float or str)
        Physics parameters that change, by dotted name, in SI: (("film.k", 2e-6),).
    """

    at: float
    replace: float = 0.0
    medium: Medium | None = None
    set: tuple[tuple[str, float | str], ...] = ()


@dataclass(frozen=True)
class Bath:
    """Medium, vessel and sampling.

    Parameters
    ----------
    medium : Medium or None
        Card of the medium; None where only the laws matter.
    volume : float or None
        [m3]; None is a perfect sink.
    partition : float
        c_device / c_bath at equilibrium [-].
    apparatus : Apparatus or None
        Card of the apparatus.
    speed : float or None
        Rotation [rad/s].
    temperature : float
        [K].
    sampling : Sampling or None
        None draws nothing.
    events : tuple of Event
        In the order of time.

    Examples
    --------
    >>> Bath().perfect_sink
    True
    """

    medium: Medium | None = None
    volume: float | None = None
    partition: float = 1.0
    apparatus: Apparatus | None = None
    speed: float | None = None
    temperature: float = BODY_TEMPERATURE
    sampling: Sampling | None = None
    events: tuple[Event, ...] = ()

    @property
    def perfect_sink(self) -> bool:
        """Whether the drug never comes back from the bath."""
        return self.volume is None

    @property
    def at_body_temperature(self) -> bool:
        """Whether card values hold."""
        return abs(self.temperature - BODY_TEMPERATURE) < 0.05
