"""What the tables of a study file share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from releasesim.study.fields import (
    Name,
    Quantity,
    Text,
    WrongKeyError,
)

Length = Annotated[float, Quantity("mm", above=0, high=200)]
Position = Annotated[float, Quantity("mm", low=-200, high=200)]
Time = Annotated[float, Quantity("h", above=0, high=87660)]  # ten years
Instant = Annotated[float, Quantity("h", low=0, high=87660)]
Share = Annotated[float, Quantity("%", low=0, high=100)]
PositiveShare = Annotated[float, Quantity("%", above=0, high=100)]
Partition = Annotated[float, Quantity("1", above=0, high=1e6)]
Mass = Annotated[float, Quantity("mg", above=0, high=1e6)]
CardName = Annotated[str, Name("the name of a card")]
FileName = Annotated[str, Text("a file name")]


class Table(BaseModel):
    """Base of all tables: unknown keys are refused, what was read stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def check_names(key: str, names: list[str]) -> None:
    """Refuse a list that names one thing twice."""
    for place, name in enumerate(names):
        if name in names[:place]:
            raise WrongKeyError(f'names "{name}" twice', key, place)
