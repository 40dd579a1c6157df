"""Laws by slot."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, model_validator

from releasesim.study.fields import (
    Raw,
    Text,
    WrongKeyError,
    did_you_mean,
)
from releasesim.study.schema.base import (
    Table,
)

SLOTS = (
    "diffusion",
    "film",
    "dissolution",
    "hydration",
    "swelling",
    "erosion",
    "hydrolysis",
    "channels",
)


DRUG_SLOTS = ("diffusion", "film", "dissolution")
"""Slots in which a drug may have a law of its own; the others are the material's."""


class Law(BaseModel):
    """A law by name; its parameters are checked against the law itself."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Annotated[str | float, Raw()]]

    law: Annotated[str, Text("the name of a law")]


class Slots(Table):
    """One law in each slot; absent = from the polymer's card."""

    diffusion: Law | None = None
    film: Law | None = None
    dissolution: Law | None = None
    hydration: Law | None = None
    swelling: Law | None = None
    erosion: Law | None = None
    hydrolysis: Law | None = None
    channels: Law | None = None


class DrugSlots(Table):
    """Laws that one drug of several may have of its own; absent = the tablet's."""

    diffusion: Law | None = None
    film: Law | None = None
    dissolution: Law | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_drugs(cls, table: Any) -> Any:
        for key in table if isinstance(table, dict) else ():
            if key in SLOTS and key not in DRUG_SLOTS:
                own = ", ".join(DRUG_SLOTS)
                raise WrongKeyError(f"is the same for every drug; of its own a drug has {own}", key)
        return table


class Physics(Slots):
    """The slots, and for a polypill a table of slots for each drug."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, DrugSlots]

    @model_validator(mode="before")
    @classmethod
    def _drugs_hold_slots(cls, table: Any) -> Any:
        """Take an unknown key for a drug only where it holds slots, else for a typing slip."""
        for key, value in table.items() if isinstance(table, dict) else ():
            if key not in SLOTS and (not isinstance(value, dict) or "law" in value):
                known = f"there are {', '.join(SLOTS)}{did_you_mean(key, SLOTS)}"
                raise WrongKeyError(f"unknown key; {known}", key)
        return table
