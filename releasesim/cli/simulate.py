"""`releasesim simulate`: from a study to its release curve, on disk and in a short table."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Annotated

import typer

from releasesim.cli.options import Json, OutFolderPath, StudyFile
from releasesim.cli.screen import Screen

if TYPE_CHECKING:
    from releasesim.curve import ReleaseCurve
    from releasesim.simulation import Release


def simulate(
    study: StudyFile,
    out: OutFolderPath,
    *,
    band: Annotated[
        bool,
        typer.Option("--band", help="Also the 95 % band of the calibration that the study names."),
    ] = False,
    json: Json = False,
) -> None:
    """Simulate the release of a study's tablet.

    Writes release.csv (time_s,released_fraction, and one more column for each drug of several),
    release.json (the account), release.png and report.html; with --band also band.csv.
    """
    from dataclasses import replace

    from releasesim.cli.progress import Watch
    from releasesim.patient import people_of, unpredicted
    from releasesim.study import Study, refuse_forbidden
    from releasesim.workflows.band import calibrated_band
    from releasesim.workflows.output import OutFolder
    from releasesim.workflows.results import write_release

    screen = Screen(json)
    loaded = Study.load(study)
    refuse_forbidden(loaded)
    people_of(loaded)  # what is wrong with a person is better known before the long work
    with OutFolder(out, account="release.json") as folder:
        with Watch("simulating"):
            from releasesim.simulation import simulate as run

            release = run(loaded)
            release = replace(release, notices=(*release.notices, *unpredicted(loaded)))
            around = calibrated_band(loaded, release) if band else None
        write_release(folder, loaded, release, around)
    more = [("band", around.describe())] if around is not None else []
    screen.rows(loaded.title or study.name, [*release_rows(release), *more])
    screen.say(folder.describe())
    banded = {} if around is None else {"band": around.to_dict()}
    screen.data({**release.to_dict(), **banded})


def release_rows(release: Release) -> list[tuple[str, str]]:
    """Label and value of what a formulator looks at first."""
    from releasesim.curve import time_text

    curve = release.curve
    rows = [
        ("dose", release.dose_words()),
        *((name, _drug_row(release, name)) for name in release.several),
        ("t50", _time_to(curve, 0.5)),
        ("t80", _time_to(curve, 0.8)),
        ("MDT", f"{time_text(curve.mdt)}, of what is released by {_end(curve)}"),
        ("released", f"{100 * curve.fraction[-1]:.1f} % at {_end(curve)}"),
        ("regime", release.regime_words),
        ("method", release.method),
        (
            "error",
            f"{100 * release.error_estimate:.2g} % of the dose beyond 10 % released, estimated",
        ),
    ]
    if release.estimates_used:
        rows.append(("estimates", ", ".join(release.estimates_used)))
    return rows + [("note", notice) for notice in release.notices]


def _drug_row(release: Release, name: str) -> str:
    curve = release.curves[name]
    return (
        f"{release.doses[name] * 1e6:.4g} mg, t50 {_time_to(curve, 0.5)}, "
        f"{100 * curve.fraction[-1]:.1f} % at {_end(curve)}"
    )


def _time_to(curve: ReleaseCurve, fraction: float) -> str:
    from releasesim.curve import time_text

    time = curve.time_to(fraction)
    return f"not reached by {_end(curve)}" if isnan(time) else time_text(time)


def _end(curve: ReleaseCurve) -> str:
    from releasesim.curve import time_text

    return time_text(float(curve.time[-1]))
