"""Slice and check: an exported folder through the slicer, its G-code against the design."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from releasesim.errors import GeometryError, InputError
from releasesim.geometry.foreign import foreign_bytes
from releasesim.printing import Printable, printable
from releasesim.printing.manifest import RESEARCH_ONLY
from releasesim.study import Study, refuse_forbidden
from releasesim.units import mm
from releasesim.version import __version__
from releasesim.workflows.slicing.beads import WARN, Beads, beads_of
from releasesim.workflows.slicing.expected import Expected, expected_tools
from releasesim.workflows.slicing.gates import Gate, check_all
from releasesim.workflows.slicing.slicer import Sliced, run_slicer

if TYPE_CHECKING:
    from releasesim.geometry.gcode import Toolpath

MODEL, GCODE, MANIFEST = "tablet.3mf", "tablet.gcode", "manifest.json"
_FORMAT = "releasesim-export/1"
_LARGEST = 1 << 26


@dataclass(frozen=True, eq=False)
class Exported:
    """A folder that `export` wrote.

    Parameters
    ----------
    folder : Path
    study : Study
        What the folder is a print of.
    made : Printable
        As a slicer prints it.
    manifest : dict
        What vouches for the files.
    """

    folder: Path
    study: Study
    made: Printable
    manifest: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Exported:
        """Read a folder, whose files have to be those that its manifest vouches for.

        Raises
        ------
        InputError
            No export, or one that was changed since.
        """
        manifest = _manifest(folder)
        for name in (MODEL, "study.toml"):
            _check_file(folder / name, manifest["files"].get(name, {}))
        study = Study.load(folder / "study.toml")
        refuse_forbidden(study)
        return cls(folder, study, printable(study.tablet, study.printer), manifest)

    @property
    def expected(self) -> list[Expected]:
        """What each tool has to lay."""
        return expected_tools(self.made)


@dataclass(frozen=True, eq=False)
class Checked:
    """A G-code that was checked against its design.

    Parameters
    ----------
    exported : Exported
    sliced : Sliced
        The run of the slicer.
    path : Toolpath
        What the G-code lays.
    beads : Beads
        What its roads cover.
    gates : tuple of Gate
    """

    exported: Exported
    sliced: Sliced
    path: Toolpath
    beads: Beads
    gates: tuple[Gate, ...]

    @property
    def passed(self) -> bool:
        """Whether all gates passed."""
        return all(gate.passed for gate in self.gates)

    @property
    def failed(self) -> tuple[Gate, ...]:
        """Gates that did not pass."""
        return tuple(gate for gate in self.gates if not gate.passed)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user has to know although no gate failed."""
        said = [f"{self.sliced.program.name}: {line}" for line in self.sliced.warnings]
        if self.beads.overlap > WARN:
            said.append(
                f"{100 * self.beads.overlap:.1f} % of the material lies where other material lies "
                "already: it is pressed into gaps and out of the edges"
            )
        return (*said, *self.path.notices)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for slice.json, units in the names."""
        return {
            "version": __version__,
            "use": RESEARCH_ONLY,
            "study_hash": self.exported.manifest.get("study_hash"),
            "slicer": self.path.slicer,
            "gcode_sha256": self.path.digest,
            "passed": self.passed,
            "gates": [gate.to_dict() for gate in self.gates],
            "tools": [self._tool(one) for one in self.exported.expected],
            "deposited_volume_mm3": _mm3(float(self.path.tablet.volume.sum())),
            "covered_volume_mm3": _mm3(self.beads.covered),
            "overlap": self.beads.overlap,
            "narrowest_gap_mm": self.beads.narrowest_gap / mm,
            "middle_gap_mm": self.beads.middle_gap / mm,
            "features_mm3": {k: _mm3(v) for k, v in self.path.tablet.features.items()},
            "warnings": list(self.warnings),
        }

    def _tool(self, one: Expected) -> dict[str, Any]:
        volume = self.path.tablet.volume_of(one.tool)
        return {
            "tool": one.tool,
            "material": one.material,
            "volume_mm3": _mm3(volume),
            "designed_volume_mm3": _mm3(one.volume),
            "drug_mass_mg": one.drug * volume / one.volume * 1e6,
            "designed_drug_mass_mg": one.drug * 1e6,
        }


def slice_and_check(exported: Exported) -> Checked:
    """Run the slicer on an exported folder, and check what it wrote; tablet.gcode stays there.

    Raises
    ------
    MissingExtraError
        No slicer is on PATH.
    SlicerError
        It failed.
    GeometryError
        A G-code that cannot be followed.
    """
    sliced = run_slicer(exported.folder / MODEL, exported.folder / GCODE)
    return check(exported, sliced)


def check(exported: Exported, sliced: Sliced) -> Checked:
    """Check a G-code against the design it was made from."""
    from releasesim.geometry.gcode import read_gcode
    from releasesim.geometry.gcode.beads import bead_layers

    path = read_gcode(sliced.gcode)
    made, expected = exported.made, exported.expected
    beads = beads_of(bead_layers(path.tablet, [path.tablet.tools]), made.tablet.body)
    gates = check_all(path, beads, expected, made, exported.study.printer)
    return Checked(exported, sliced, path, beads, tuple(gates))


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        found = json.loads(foreign_bytes(path, _LARGEST, "a manifest"))
    except (GeometryError, ValueError, RecursionError):
        raise InputError(
            f"is no folder that `releasesim export` wrote: no {MANIFEST}", folder
        ) from None
    files = found.get("files") if isinstance(found, dict) else None
    if isinstance(found, dict) and str(found.get("format")).startswith("releasesim-inkjet/"):
        words = f'simulate the shape {{ kind = "drops", file = "{MANIFEST}" }} instead'
        raise InputError(f"is of an inkjet print, which no slicer reads: {words}", path)
    if not isinstance(files, dict) or found.get("format") != _FORMAT:
        raise InputError(f"is not a manifest of {_FORMAT}: export the study again", path)
    return dict(found)


def _check_file(path: Path, said: Any) -> None:
    """Compare a file with what the manifest says of it."""
    known = said.get("sha256") if isinstance(said, dict) else None
    if not path.exists():
        raise InputError("is missing: export the study again", path)
    try:
        content = foreign_bytes(path, _LARGEST, "a file of an export")
    except GeometryError as error:
        raise InputError(f"{error.message}: export the study again", path) from None
    if hashlib.sha256(content).hexdigest() != known:
        message = f"is not the file that {MANIFEST} vouches for: export the study again"
        raise InputError(message, path)


def _mm3(volume: float) -> float:
    return float(f"{volume / mm**3:.9g}")
