"""Drops and lines of an inkjet print."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import model_validator

from releasesim.study.fields import OneOf, Quantity, Text, Whole, WrongKeyError
from releasesim.study.schema.base import PositiveShare, Table, Time

Pitch = Annotated[float, Quantity("um", low=2, high=5000)]
Resolution = Annotated[float, Quantity("dpi", low=5, high=12700)]

ONE_MODE = {
    "drop_on_demand": [
        "resolution",
        "resolution_y",
        "pitch",
        "pitch_y",
        "drop_volume",
        "coverage",
        "halftone",
        "spot",
    ],
    "continuous": ["line_pitch", "volume_per_length", "line_width"],
}
"""Keys that belong to one mode alone."""


class Ink(Table):
    """What a drop carries."""

    concentration: Annotated[float, Quantity("mg/mL", above=0, high=2000)] | None = None
    solids: PositiveShare | None = None
    density: Annotated[float, Quantity("g/cm3", low=0.5, high=5)] | None = None
    viscosity: Annotated[float, Quantity("cP", above=0, high=10000)] | None = None

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if (self.solids is None) != (self.density is None):
            missing = "solids" if self.solids is None else "density"
            raise WrongKeyError("is missing: solids and density go together", missing)
        if self.solids is None and self.concentration is None:
            raise WrongKeyError("is missing: what stays when the solvent leaves", "solids")
        return self


class Inkjet(Table):
    """Dried layers of drops, or of lines."""

    mode: Annotated[str, OneOf(("drop_on_demand", "continuous"))] = "drop_on_demand"
    ink: Ink
    calibration: Annotated[str, Text("how the volume was measured")]
    layers: Annotated[int, Whole(1, 100000)] | None = None
    drying: Time | None = None
    resolution: Resolution | None = None
    resolution_y: Resolution | None = None
    pitch: Pitch | None = None
    pitch_y: Pitch | None = None
    drop_volume: Annotated[float, Quantity("pL", low=0.1, high=1e6)] | None = None
    coverage: PositiveShare = 1.0
    halftone: Annotated[str, OneOf(("blue_noise", "ordered"))] = "blue_noise"
    spot: Annotated[float, Quantity("um", low=2, high=10000)] | None = None
    line_pitch: Pitch | None = None
    volume_per_length: Annotated[float, Quantity("nL/mm", above=0, high=1e5)] | None = None
    line_width: Pitch | None = None

    @model_validator(mode="after")
    def _of_its_mode(self) -> Self:
        other = "continuous" if self.mode == "drop_on_demand" else "drop_on_demand"
        for key in ONE_MODE[other]:
            if key in self.model_fields_set:
                raise WrongKeyError(f'is for mode = "{other}"', key)
        if self.mode == "continuous":
            self._need("line_pitch", "volume_per_length")
        else:
            self._check_pitch()
            self._need("drop_volume")
        return self

    def _need(self, *keys: str) -> None:
        for key in keys:
            if getattr(self, key) is None:
                raise WrongKeyError(f"is missing: {self.mode} needs it, it has no default", key)

    def _check_pitch(self) -> None:
        if (self.resolution is None) == (self.pitch is None):
            raise WrongKeyError(
                "give one of resolution and pitch", *(("pitch",) if self.pitch else ())
            )
        other = "pitch_y" if self.pitch is None else "resolution_y"
        if getattr(self, other) is not None:
            raise WrongKeyError("give both axes as resolution or both as pitch", other)
