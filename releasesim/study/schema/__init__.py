"""Every table and key of a study file, in the order of `full_study.toml`.

Read here, quantities are SI floats. What the tables mean together is decided in `build`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field as Key
from pydantic import model_validator

from releasesim.study.fields import OneOf, Text, WrongKeyError
from releasesim.study.schema.base import CardName, FileName, Table
from releasesim.study.schema.bath import Event, Medium, Run, Sampling
from releasesim.study.schema.formulation import Component, Excipient, Formulation
from releasesim.study.schema.inkjet import Ink, Inkjet
from releasesim.study.schema.physics import DRUG_SLOTS, SLOTS, DrugSlots, Law, Physics, Slots
from releasesim.study.schema.shapes import Shape
from releasesim.study.schema.sweep import Robust, Sweep
from releasesim.study.schema.tablet import Infill, Layer, Part, Region, Tablet
from releasesim.study.schema.wishes import (
    Accept,
    Design,
    DrugTarget,
    Patient,
    Plasma,
    ShapeOfCurve,
    Stage,
    Target,
)

__all__ = [
    "DRUG_SLOTS",
    "SLOTS",
    "Accept",
    "Component",
    "Design",
    "DrugSlots",
    "DrugTarget",
    "Event",
    "Excipient",
    "Formulation",
    "Infill",
    "Ink",
    "Inkjet",
    "Law",
    "Layer",
    "Medium",
    "Part",
    "Patient",
    "Physics",
    "Plasma",
    "Region",
    "Robust",
    "Run",
    "Sampling",
    "Shape",
    "ShapeOfCurve",
    "Slots",
    "Stage",
    "StudyFile",
    "Sweep",
    "Tablet",
    "Target",
]


class StudyFile(Table):
    """A whole study file."""

    format: Annotated[str, OneOf(("releasesim/1",))] = Key("releasesim/1", alias="schema")
    title: Annotated[str, Text("a title", empty=True)] = ""
    process: Annotated[str, OneOf(("fdm", "powder_extrusion", "inkjet"))] = "fdm"
    printer: CardName | None = None
    calibration: FileName | None = None
    tablet: Tablet
    formulation: Formulation
    medium: Medium | None = None
    physics: Physics | None = None
    run: Run | None = None
    target: Target | None = None
    design: Design | None = None
    patient: Patient | None = None
    sweep: Sweep | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.target and not self.patient:
            named: Mapping[str, DrugTarget] = self.target.model_extra or {}
            for keys, target in (((), self.target), *(((n,), t) for n, t in named.items())):
                if target.plasma is not None:
                    raise WrongKeyError("needs a [patient]", "target", *keys, "plasma")
        self._check_process()
        return self

    def _check_process(self) -> None:
        inkjet, drops = self.tablet.inkjet is not None, self.tablet.shape.kind == "drops"
        if inkjet and self.process != "inkjet":
            message = 'is for process = "inkjet"; this one says '
            raise WrongKeyError(f'{message}"{self.process}"', "tablet", "inkjet")
        if self.process == "inkjet" and not inkjet and not drops:
            message = 'needs a table [tablet.inkjet], or a shape of kind "drops"'
            raise WrongKeyError(message, "process")
