"""The bath and the run."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field as Key
from pydantic import model_validator

from releasesim.study.fields import (
    Flag,
    OneOf,
    Quantity,
    Raw,
    Whole,
    WrongKeyError,
)
from releasesim.study.run import DEVICES
from releasesim.study.schema.base import (
    CardName,
    Instant,
    Partition,
    Share,
    Table,
    Time,
)


class Sampling(Table):
    """Samples drawn from the bath."""

    every: Time
    volume: Annotated[float, Quantity("mL", above=0, high=1e5)]
    replaced: Annotated[bool, Flag()] = True


class Event(Table):
    """A change of the medium at one time."""

    at: Instant
    replace: Share = 0.0
    medium: CardName | None = None
    set: dict[str, Annotated[str | float, Raw()]] = Key(default_factory=dict)


class Medium(Table):
    """The bath; volume absent = perfect sink."""

    name: CardName | None = None
    volume: Annotated[float, Quantity("mL", above=0, high=1e5)] | None = None
    partition: Partition = 1.0
    apparatus: CardName | None = None
    speed: Annotated[float, Quantity("rpm", low=0, high=1000)] | None = None
    temperature: Annotated[float, Quantity("degC", low=0, high=100)] = 310.15
    sampling: Sampling | None = None
    event: tuple[Event, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.sampling and self.volume is not None and self.sampling.volume >= self.volume:
            raise WrongKeyError("must be below the volume of the bath", "sampling", "volume")
        times = [event.at for event in self.event]
        for place in range(1, len(times)):
            if times[place] <= times[place - 1]:
                raise WrongKeyError("must be later than the event before", "event", place, "at")
        return self


class Run(Table):
    """How long, and how exactly."""

    until: Time | None = None
    samples: Annotated[int, Whole(2, 100000)] = 97
    times: tuple[Instant, ...] | None = None
    tolerance: Annotated[float, Quantity("%", low=0.001, high=10)] = 1e-3
    spacing: Annotated[float, Quantity("mm", low=0.001, high=10)] | None = None
    seed: Annotated[int, Whole(0, 2**63 - 1)] = 1
    device: Annotated[str, OneOf(DEVICES)] = "cpu"

    @model_validator(mode="after")
    def _exclusive(self) -> Self:
        for key, other in (("times", "samples"), ("spacing", "tolerance")):
            if getattr(self, key) is not None and other in self.model_fields_set:
                raise WrongKeyError(f"cannot stand beside {other}: give one of them", key)
        if self.times is not None:
            self._check_times(self.times)
        return self

    def _check_times(self, times: tuple[float, ...]) -> None:
        if not times or times[-1] <= 0.0:
            raise WrongKeyError("needs at least one time after 0", "times")
        for place in range(1, len(times)):
            if times[place] <= times[place - 1]:
                raise WrongKeyError("must be later than the time before", "times", place)
        if self.until is not None and times[-1] > self.until:
            raise WrongKeyError("is later than run.until", "times", len(times) - 1)
