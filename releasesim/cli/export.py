"""`releasesim export`: the files that a print needs."""

from __future__ import annotations

from releasesim.cli.options import Json, OutFolderPath, StudyFile
from releasesim.cli.screen import Screen


def export(study: StudyFile, out: OutFolderPath, json: Json = False) -> None:
    """Write what a print of a study's tablet needs.

    Writes tablet.3mf (shape and slicer settings in one), tablet.stl, settings for slicers, and
    manifest.json with the volume, mass and dose that the print has to reproduce.
    """
    from releasesim.printing import export as export_study
    from releasesim.study import Study
    from releasesim.workflows.output import OutFolder

    screen = Screen(json)
    loaded = Study.load(study)
    with OutFolder(out, account="manifest.json") as folder:
        made = folder.fill(lambda path: export_study(loaded, path))
        folder.has(*(file.name for file in made.files))
    screen.rows(loaded.title or study.name, _rows(made.manifest))
    screen.say(folder.describe())
    screen.data(made.manifest)


def _rows(manifest: object) -> list[tuple[str, str]]:
    data = dict(manifest)  # type: ignore[call-overload]
    mass = data["mass_mg"]
    rows = [
        ("deposited", f"{data['deposited_volume_mm3']:.4g} mm3"),
        ("mass", "unknown: no density" if mass is None else f"{mass:.4g} mg"),
        ("drug", f"{data['drug_mass_mg']:.4g} mg"),
    ]
    return rows + [("note", note) for note in data["notes"]]
