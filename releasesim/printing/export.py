"""Export: a folder with everything that a print of the tablet needs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from releasesim.errors import InputError
from releasesim.files import write_atomic
from releasesim.printing import manifest
from releasesim.printing.changes import with_changes
from releasesim.printing.printable import Printable, printable
from releasesim.printing.settings import (
    bed_size,
    fill_settings,
    global_settings,
    object_settings,
    part_settings,
    part_steps,
)
from releasesim.printing.sheet import settings_sheet
from releasesim.units import mm

if TYPE_CHECKING:
    from releasesim.cards import Printer
    from releasesim.curve import ReleaseCurve
    from releasesim.printing.threemf import Volume
    from releasesim.study import Study

MANIFEST = "manifest.json"
STUDY = "study.toml"


@dataclass(frozen=True)
class Export:
    """What was written, and where.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        What manifest.json says: volumes, masses, hashes, notes.
    """

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, the manifest last."""
        return tuple(self.folder / name for name in (*self.manifest["files"], MANIFEST))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person has to know before printing."""
        return tuple(self.manifest["notes"])

    def __repr__(self) -> str:
        names = ", ".join(path.name for path in self.files)
        volume, drug = self.manifest["deposited_volume_mm3"], self.manifest["drug_mass_mg"]
        return f"Export of {volume:.4g} mm3 with {drug:.4g} mg of drug to {self.folder}: {names}"


def export(
    study: Study,
    folder: str | Path,
    *,
    printer: str | Printer | None = None,
    curve: ReleaseCurve | None = None,
    roads: bool = False,
) -> Export:
    """Write what a print of the study's tablet needs: 3MF, STL, slicer settings and a manifest.

    The same study gives the same bytes. The manifest comes last: where it stands, all is written.

    Parameters
    ----------
    study : Study
        Its tablet is exported at its nominal size.
    folder : str or Path
        Existing or new; files of an earlier export in it are replaced.
    printer : str or Printer, optional
        Card to print on, and its name; the study's own where absent. Its limits are kept.
    curve : ReleaseCurve, optional
        The predicted release, for the manifest.
    roads : bool
        Also mesh every road, walls and solid layers included, as roads.stl.

    Returns
    -------
    Export
        The folder and its manifest.

    Raises
    ------
    InputError
        A process that does not extrude, two materials on one extruder, or a folder that is a file.
    GeometryError
        Nothing of the tablet is large enough to print, or the printer cannot make it.
    RefusedError
        The patient of the study must not have the drug.
    """
    from releasesim.study import refuse_forbidden

    refuse_forbidden(study)
    study = study if printer is None else with_printer(study, printer)
    _check_process(study)
    if study.process == "inkjet":
        return _export_ink(study, Path(folder), curve)
    made = printable(study.tablet, study.printer)
    # numbers of extruders as the slicer knows them, for who reads its G-code
    study = dataclasses.replace(study, tablet=with_changes(study.tablet))
    account = manifest.facts(study, made)
    files = _contents(study, made, account) | {STUDY: _study_text(study, Path(folder))}
    if roads:
        files |= {"roads.stl": _roads_stl(made, account)}
    content = account | manifest.with_curve(curve) | manifest.file_facts(files)
    _write(Path(folder), files, manifest.json_text(content))
    return Export(Path(folder), content)


def _export_ink(study: Study, folder: Path, curve: ReleaseCurve | None) -> Export:
    """Write what an inkjet printer needs: an image of every layer, or the lines."""
    from releasesim.printing.inkjet import inkjet_files

    files, account = inkjet_files(study)
    files |= {STUDY: _study_text(study, folder)}
    content = account | manifest.with_curve(curve) | manifest.file_facts(files)
    _write(folder, files, manifest.json_text(content))
    return Export(folder, content)


def with_printer(study: Study, printer: str | Printer) -> Study:
    """Return the study as another printer prints it, by that printer's process."""
    from releasesim.cards import Printer

    card = Printer.load(printer) if isinstance(printer, str) else printer
    return dataclasses.replace(study, printer=card, process=card.process)


def _check_process(study: Study) -> None:
    if study.process not in ("fdm", "powder_extrusion", "inkjet"):
        raise InputError(f'process = "{study.process}": export does not know it')
    if study.printer is not None and study.printer.process != study.process:
        raise InputError(
            f'process = "{study.process}": {study.printer.name} is a printer for '
            f"{study.printer.process}"
        )


def _study_text(study: Study, folder: Path) -> bytes:
    """Write the study that the print is of, without what was asked of it."""
    from releasesim.study.write import moved

    plain = dataclasses.replace(study, target=None, design=None, patient=None)
    data = moved(plain.to_data(), study.path, (folder / STUDY).absolute())
    return tomli_w.dumps(data).encode()


def _roads_stl(made: Printable, account: dict[str, Any]) -> bytes:
    from releasesim.printing.road_mesh import roads_mesh
    from releasesim.printing.stl import stl_bytes

    return stl_bytes(roads_mesh(made.tablet), f"roads of study {account['study_hash'][:16]} mm")


def _contents(study: Study, made: Printable, account: dict[str, Any]) -> dict[str, bytes]:
    """Each file's bytes, by name."""
    from releasesim.printing.mesh import shape_mesh
    from releasesim.printing.stl import stl_bytes
    from releasesim.printing.threemf import config_text

    words = f"releasesim {account['version']} study {account['study_hash'][:16]} mm"
    ini = config_text(global_settings(made, study.printer))
    return {
        "tablet.3mf": _threemf(study, made, account),
        "tablet.stl": stl_bytes(shape_mesh(made.tablet.body), words),
        "prusa.ini": ini.encode(),
        "settings.txt": settings_sheet(made, account).encode(),
    }


def _threemf(study: Study, made: Printable, account: dict[str, Any]) -> bytes:
    from releasesim.printing.threemf import threemf_bytes

    tablet = made.tablet
    volumes = [*_bodies(made), *_modifiers(made)]
    x, y = bed_size(study.printer)
    return threemf_bytes(
        volumes,
        title=study.title or tablet.drawn.describe(),
        print_settings=global_settings(made, study.printer),
        object_settings=object_settings(tablet),
        centre=(0.5 * x / mm, 0.5 * y / mm),
        data=manifest.json_text(account),
    )


def _bodies(made: Printable) -> list[Volume]:
    """Parts that print, as volumes of the slicer."""
    from releasesim.printing.mesh import part_meshes
    from releasesim.printing.threemf import Volume

    tablet = made.tablet
    printed = [part for part, _ in made.parts]
    return [
        Volume(manifest.part_title(part), mesh, part_settings(tablet, part))
        for part, mesh in zip(tablet.parts, part_meshes(tablet), strict=True)
        if part in printed
    ]


def _modifiers(made: Printable) -> list[Volume]:
    """Steps of graded infills: all but the first of each, which is the part's own."""
    from releasesim.printing.mesh import step_mesh
    from releasesim.printing.threemf import Volume

    return [
        Volume(
            f"{manifest.part_title(part)} {step.infill.describe()}",
            step_mesh(made.tablet, part, step),
            fill_settings(step.infill),
            modifier=True,
        )
        for part, _ in made.parts
        for step in part_steps(made.tablet, part)[1:]
    ]


def _write(folder: Path, files: Mapping[str, bytes], content: str) -> None:
    """Write `files`, and only then the manifest that vouches for them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"cannot export to {folder}: it is a file, not a folder") from None
    earlier = _vouched(folder)
    study = folder / STUDY
    if study.is_file() and study.read_bytes() != files[STUDY] and study not in earlier:
        raise InputError(
            f"{study} is not of an earlier export and would be overwritten: export to a folder of "
            "its own"
        )
    (folder / MANIFEST).unlink(missing_ok=True)
    for path in earlier:
        # a layer of an earlier print would be printed with the new ones
        path.unlink()
    for name, data in files.items():
        write_atomic(folder / name, data)
    write_atomic(folder / MANIFEST, content)


def _vouched(folder: Path) -> list[Path]:
    """Files of an earlier export, by the names and hashes of its manifest."""
    try:
        listed = json.loads((folder / MANIFEST).read_bytes())["files"]
        old = {str(name): facts["sha256"] for name, facts in listed.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []  # there is none, or none of ours
    plain = [folder / name for name in old if Path(name).name == name]
    return [path for path in plain if _has_hash(path, old[path.name])]


def _has_hash(path: Path, digest: object) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == digest
