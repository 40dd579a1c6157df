"""`releasesim plasma` and `releasesim deconvolve`: between release and a patient's blood."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releasesim.cli.options import Json, OutFolderPath, StudyFile
from releasesim.cli.screen import Screen


def plasma(
    study: StudyFile,
    out: OutFolderPath,
    release: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A release curve to take instead of simulating."),
    ] = None,
    json: Json = False,
) -> None:
    """Predict the plasma of a study's patient, with a band.

    Writes plasma.csv, plasma.png and plasma.json; of several drugs each has a curve and a picture
    of its own, plasma_NAME.csv and plasma_NAME.png. Exit code 3 if a biomarker forbids the drug or
    a genotype cannot be read.
    """
    from releasesim.cli.progress import Watch
    from releasesim.report.patient import patient_rows
    from releasesim.study import Study
    from releasesim.workflows.output import OutFolder
    from releasesim.workflows.plasma import plasma_of_study, write_plasma

    screen = Screen(json)
    loaded = Study.load(study)
    with OutFolder(out, account="plasma.json") as folder:
        with Watch("simulating"):
            found = plasma_of_study(loaded, release)
        data = write_plasma(folder, loaded, found)
    for name, one in found.items():
        title = loaded.title or study.name
        screen.rows(f"{title}: {name}" if name else title, patient_rows(one))
    screen.say(folder.describe())
    screen.data(data)


def deconvolve(
    measured: Annotated[
        Path, typer.Argument(metavar="PLASMA", help="Plasma after one dose (CSV).")
    ],
    study: Annotated[
        Path, typer.Option(metavar="STUDY", help="Study with the patient and the drug.")
    ],
    out: OutFolderPath,
    *,
    dose: Annotated[
        str | None, typer.Option(metavar="MASS", help='Dose, "100 mg"; the tablet\'s if absent.')
    ] = None,
    method: Annotated[
        str, typer.Option(help="constrained, wagner_nelson or loo_riegelman.")
    ] = "constrained",
    noise: Annotated[
        str | None, typer.Option(metavar="CV", help='Known noise, "5 %"; else by likelihood.')
    ] = None,
    json: Json = False,
) -> None:
    """Read the release of a drug back from measured plasma.

    Writes release.csv and deconvolution.json.
    """
    from releasesim.study import Study
    from releasesim.units import parse_quantity
    from releasesim.workflows.output import OutFolder, json_text
    from releasesim.workflows.plasma import read_back

    screen = Screen(json)
    mass = None if dose is None else parse_quantity(dose, "kg")
    share = None if noise is None else parse_quantity(noise, "1")
    curve, data = read_back(Study.load(study), measured, mass, method, share)
    with OutFolder(out, account="deconvolution.json") as folder:
        folder.save("release.csv", curve.write)
        folder.write("deconvolution.json", json_text(data))
    screen.lines([repr(curve)])
    if "residual" in data:
        off = f"{data['residual']:.1%} (root mean square)"
        screen.say(f"by {data['rule']}; the plasma it gives back is off by {off}")
    screen.say(folder.describe())
    screen.data(data)
