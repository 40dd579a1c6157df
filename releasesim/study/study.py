"""The study: everything a simulation, a comparison or a design needs, in one value."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from releasesim.cards import Calibration, Printer, Value
from releasesim.files import write_atomic
from releasesim.geometry.shape import FileShape
from releasesim.physics import Law, Physics
from releasesim.study import describe, routes
from releasesim.study.bath import Bath
from releasesim.study.cards_used import cards_offered, cards_used
from releasesim.study.laws import DrugPhysics
from releasesim.study.locate import line_of, locate
from releasesim.study.notices import study_notices
from releasesim.study.run import Run
from releasesim.study.sweep import SweepSpec
from releasesim.study.wishes import DesignSpec, PatientSpec, Target
from releasesim.tablet import Tablet


@dataclass(frozen=True, kw_only=True, repr=False)
class Study:
    """A tablet, the physics it follows, the bath it releases into, and what is asked of it.

    Parameters
    ----------
    tablet : Tablet
        What is printed.
    physics : Physics
        Laws of the tablet's own material, film and channels.
    bath : Bath
        Perfect sink at 37 degC where nothing is said.
    run : Run
        Time span, output times, accuracy.
    region_physics : mapping of str to Physics
        Laws of regions and layers, by name, where they differ from the tablet's.
    drug_physics : mapping of str to mapping of str to Law
        Laws that one drug of several has of its own, by name of the drug and slot: diffusion, film
        and dissolution; it has them in all parts of the tablet.
    region_drug_physics : mapping of str to mapping
        The same in one region or layer, by its name.
    title : str
        For people.
    process : str
        fdm, powder_extrusion or inkjet.
    printer : Printer or None
        Card of the printer.
    calibration : Calibration or None
        Card of a fit, from which laws and numbers come that the study does not name.
    target : Target or None
        The wanted curve.
    design : DesignSpec or None
        What a design may change.
    patient : PatientSpec or None
        For whom.
    sweep : SweepSpec or None
        Which variants of it `sweep` computes.
    inputs : mapping of str to Value
        Card values that the result depends on, by dotted name; a name given by the user is not in.
    path : Path or None
        File it was read from.

    Examples
    --------
    >>> study = Study.from_dict({
    ...     "tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}},
    ...     "formulation": {"concentration": "100 mg/mL"},
    ...     "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}},
    ... })
    >>> study.replace("diffusion.D", "2e-10 m2/s").physics
    Physics(diffusion=ConstantDiffusivity(D=2e-10))
    """

    tablet: Tablet
    physics: Physics
    bath: Bath = field(default_factory=Bath)
    run: Run = field(default_factory=Run)
    region_physics: Mapping[str, Physics] = field(default_factory=dict, hash=False)
    drug_physics: DrugPhysics = field(default_factory=dict, hash=False)
    region_drug_physics: Mapping[str, DrugPhysics] = field(default_factory=dict, hash=False)
    title: str = ""
    process: str = "fdm"
    printer: Printer | None = None
    calibration: Calibration | None = None
    target: Target | None = None
    design: DesignSpec | None = None
    patient: PatientSpec | None = None
    sweep: SweepSpec | None = None
    inputs: Mapping[str, Value] = field(default_factory=dict, hash=False)
    path: Path | None = field(default=None, compare=False)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a study file.

        Raises
        ------
        InputError
            Anything in it that cannot be, with file, line and key.
        """
        from releasesim.study.load import make_study
        from releasesim.study.source import Source

        return make_study(cls, Source.read(path))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], folder: str | Path | None = None) -> Self:
        """Make a study from plain data of the form of a study file.

        Parameters
        ----------
        data : mapping
            As tomllib would give it.
        folder : str or Path, optional
            Where relative file names start from; default the working folder.
        """
        from releasesim.study.load import make_study
        from releasesim.study.source import Source

        return make_study(cls, Source(data, folder=folder))

    def to_data(self) -> dict[str, Any]:
        """Return plain data of the form of a study file, which `from_dict` reads back."""
        from releasesim.study.write import study_data

        return study_data(self)

    def where(self, *keys: str | int) -> tuple[Path | None, int | None]:
        """File that the study was read from and line of a key in it, for errors found later."""
        try:
            text = "" if self.path is None else self.path.read_text(encoding="utf-8")
        except OSError:  # it was never a file, or is one no more
            return None, None
        return (self.path, line_of(locate(text), keys)) if text else (None, None)

    def write(self, path: str | Path) -> None:
        """Write the study as a file, whole or not at all."""
        import tomli_w

        from releasesim.study.write import moved

        data = moved(self.to_data(), self.path, Path(path))
        write_atomic(path, tomli_w.dumps(data))

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """What a user has to know before trusting a result."""
        return tuple(study_notices(self))

    @property
    def cards(self) -> dict[str, str]:
        """Hash of every card used, by kind and name: "polymer pva"."""
        return {f"{card.kind} {card.name}": card.hash for card in cards_used(self)}

    @property
    def hash(self) -> str:
        """SHA-256 of everything that a result depends on, hex: the same study, the same hash."""
        data = self.to_data()
        if self._curve_points():  # the points count, not the name of their file
            for table in (data["target"], data["target"].get("plasma", {})):
                table.pop("curve", None)
        content = {"study": data, "cards": self.cards, "curve": self._curve_points()}
        content |= self._shape_files()
        content["offered"] = {card.name: card.hash for card in cards_offered(self)}
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def drug_laws(self) -> list[tuple[str, Mapping[str, Law]]]:
        """Laws of single drugs with words that say where they hold."""
        inside = [
            (f"{drug} in {region}", laws)
            for region, drugs in self.region_drug_physics.items()
            for drug, laws in drugs.items()
        ]
        return [*self.drug_physics.items(), *inside]

    def _shape_files(self) -> dict[str, Any]:
        """Hashes of the files that shapes stand in; nothing where none does."""
        shapes = [self.tablet.shape, *(region.shape for region in self.tablet.regions)]
        files = [shape.sha256 for shape in shapes if isinstance(shape, FileShape)]
        return {"shapes": files} if files else {}

    def _curve_points(self) -> list[list[float]]:
        """Points of a measured target: its file may change under the same name."""
        if self.target is None:
            return []
        plasma = self.target.plasma
        if plasma is not None and plasma.times:
            return [list(plasma.times), list(plasma.concentrations)]
        if self.target.curve_file is None or self.target.curve is None:
            return []
        return [self.target.curve.time.tolist(), self.target.curve.fraction.tolist()]

    # --- several drugs ---------------------------------------------------------------------

    @property
    def drugs(self) -> tuple[str, ...]:
        """Names of the drugs in the tablet; "drug" for one that has no card."""
        return self.tablet.drugs

    @property
    def one_drug(self) -> bool:
        """Whether there is one drug, which follows the laws of the tablet."""
        return len(self.drugs) == 1 and not self.drug_physics and not self.region_drug_physics

    def for_drug(self, name: str) -> Self:
        """Return the same tablet and bath as one drug sees them: a study of one drug.

        The other drugs are mass and nothing else: size, density and mass of every part stay as
        they are. A part without the drug stays, with its own laws and a concentration of 0. The
        laws that the drug has of its own stand in the tablet and in all its parts.

        Parameters
        ----------
        name : str
            One of `drugs`.

        Raises
        ------
        InputError
            No such drug is in the tablet.
        """
        from releasesim.study.drugs import for_drug

        return for_drug(self, name)

    # --- dotted names ----------------------------------------------------------------------

    def names(self) -> list[str]:
        """List the dotted names that `get` and `replace` know."""
        return routes.names(self)

    def get(self, name: str) -> Any:
        """Return what stands under a dotted name, in SI.

        Raises
        ------
        InputError
            There is no such name; the message lists those there are.
        """
        return routes.get_value(self, name)

    def replace(self, name: str, value: Any) -> Self:
        """Return a copy with one value replaced.

        Parameters
        ----------
        name : str
            "infill.density", "region.core.infill.density", "diffusion.D",
            "formulation.drug_loading", "formulation.polymer", "medium.volume", "run.until", ...
        value : float or str
            In SI, or text with a unit: 0.3 or "30 %".

        Raises
        ------
        InputError
            There is no such name, or the value cannot be.
        """
        return routes.replace_value(self, name, value)

    # --- showing itself --------------------------------------------------------------------

    def __repr__(self) -> str:
        return "\n".join(f"{key}: {value}" for key, value in self._rows())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(key)}</th>"
            f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
            for key, value in self._rows()
        )
        return f"<table>{rows}</table>"

    def _rows(self) -> list[tuple[str, str]]:
        """Say what the study holds, one row each."""
        rows = [
            ("Study", self.title or "untitled"),
            ("tablet", describe.tablet(self.tablet)),
            ("formulation", describe.formulation(self.tablet.formulation)),
            ("physics", describe.physics(self.physics)),
            *((name, describe.physics(laws)) for name, laws in self.region_physics.items()),
            *((name, describe.named_laws(laws)) for name, laws in self.drug_laws()),
            ("bath", describe.bath(self.bath)),
            ("run", describe.run(self.run)),
        ]
        return rows + [("notice", notice) for notice in self.notices]
