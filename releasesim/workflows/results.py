"""Results as files: data first, then pictures and report, the account last."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from releasesim.curve.files import split_sheet
from releasesim.errors import GeometryError
from releasesim.version import __version__
from releasesim.workflows.output import OutFolder, json_text
from releasesim.workflows.plasma import patient_plasma, plasma_data

if TYPE_CHECKING:
    from releasesim.calibration import Fit
    from releasesim.curve import ReleaseCurve
    from releasesim.optimization.result import Design
    from releasesim.printing import Export
    from releasesim.similarity import Assessment
    from releasesim.simulation import Release
    from releasesim.study import Study, Target
    from releasesim.tablet import Tablet
    from releasesim.workflows.band import Band


def write_release(
    folder: OutFolder, study: Study, release: Release, band: Band | None = None
) -> None:
    """Write release.csv, release.png, report.html and release.json; of a band also band.csv.

    Parameters
    ----------
    folder : OutFolder
        Where to.
    study : Study
        What was simulated.
    release : Release
        What came of it.
    band : Band, optional
        Of the calibration that the study names.
    """
    from releasesim import plotting
    from releasesim.report import release_report
    from releasesim.report.patient import plasma_picture

    target = study.target.curve if study.target else None
    folder.save("release.csv", lambda path: release.curve.write(path, release.several))
    each = study.target.drugs if study.target else {}
    of_drugs = {name: one.curve for name, one in each.items() if one.curve is not None}
    ends = None if band is None else (band.low, band.high)
    picture = plotting.release_figure(release, target, of_drugs, band=ends)
    folder.write("release.png", picture)
    if band is not None:
        folder.write("band.csv", band.text())
    pictures = {"release": picture, **_section(study.tablet)}
    plasma = patient_plasma(study, release)
    for name, one in plasma.items():
        key = plasma_picture(name)
        pictures[key] = plotting.plasma_figure(one)
        folder.write(f"{key}.png", pictures[key])
    folder.write("report.html", release_report(release, study, pictures, plasma=plasma))
    more = {"plasma": plasma_data(plasma)} if plasma else {}
    more |= {} if band is None else {"band": band.to_dict()}
    folder.write("release.json", json_text({**release.to_dict(), **more}))


def write_design(folder: OutFolder, design: Design) -> Export:
    """Write design.toml, its target, release.csv, the files of `export`, report.html, design.json.

    Parameters
    ----------
    folder : OutFolder
        Where to.
    design : Design
        Accepted or not.

    Returns
    -------
    Export
        The files for the printer.
    """
    from releasesim import plotting
    from releasesim.printing import export
    from releasesim.report import design_report

    study = _with_own_target(folder, design.study)
    folder.save("design.toml", study.write)
    release = design.release
    folder.save("release.csv", lambda path: release.curve.write(path, release.several))
    made = folder.fill(lambda path: export(study, path, curve=release.curve), accounts=True)
    folder.has(*(file.name for file in made.files))
    pictures = {
        "design": plotting.design_figure(design),
        **_drawn("best", plotting.best_figure(design)),
        "candidates": plotting.candidates_figure(design),
        **_drawn("tradeoffs", plotting.tradeoffs_figure(design)),
        **_plasma_pictures(design),
        **_section(study.tablet),
    }
    folder.write("report.html", design_report(design, pictures))
    folder.write("design.json", json_text(design.to_dict()))
    return made


def write_refusal(folder: OutFolder, study: Study, reason: str) -> dict[str, Any]:
    """Write report.html and design.json of a design that was refused; return what it says.

    Parameters
    ----------
    folder : OutFolder
        Where to.
    study : Study
        What was asked for.
    reason : str
        Why it is refused.
    """
    from releasesim.report import refusal_report

    folder.write("report.html", refusal_report(study, reason))
    account = {"accepted": False, "refused": reason, "study_hash": study.hash}
    account["version"] = __version__
    folder.write("design.json", json_text(account))
    return account


def _drawn(name: str, picture: bytes) -> dict[str, bytes]:
    """A picture by its name; nothing where there is nothing to draw."""
    return {name: picture} if picture else {}


def _plasma_pictures(design: Design) -> dict[str, bytes]:
    """Pictures of the patient's plasma, where a design was made for one; of each drug."""
    from releasesim import plotting
    from releasesim.report.patient import plasma_picture

    each = {name: (one.plasma, one.wanted) for name, one in design.drugs.items()}
    made = each or {"": (design.plasma, design.wanted)}
    return {
        plasma_picture(name): plotting.plasma_figure(plasma, wanted)
        for name, (plasma, wanted) in made.items()
        if plasma is not None
    }


def _with_own_target(folder: OutFolder, study: Study) -> Study:
    """Put a measured target beside the design, so that the folder can be moved and read again."""
    if study.target is None:
        return study
    own = _copied(folder, study, study.target, "target")
    drugs = {n: _copied(folder, study, t, f"target_{n}") for n, t in own.drugs.items()}
    target = dataclasses.replace(own, drugs=drugs)
    return dataclasses.replace(study, target=target, path=folder.path / "design.toml")


def _copied(folder: OutFolder, study: Study, target: Target, name: str) -> Target:
    """The target with copies of the files that it reads: a release curve or a course of plasma."""
    plasma = target.plasma
    if plasma is not None and plasma.curve_file is not None:
        own = _copy(folder, study, plasma.curve_file, f"{name}_plasma")
        plasma = dataclasses.replace(plasma, curve_file=own)
    file = target.curve_file and _copy(folder, study, target.curve_file, name)
    return dataclasses.replace(target, curve_file=file, plasma=plasma)


def _copy(folder: OutFolder, study: Study, named: str, name: str) -> str:
    """Copy a file that lies beside the study; return its new name, its sheet as it was."""
    place = (study.path.parent if study.path else Path()) / named
    source, sheet = split_sheet(place)
    name = f"{name}{source.suffix.lower() or '.csv'}"
    folder.write(name, source.read_bytes())
    return name if sheet is None else f"{name}#{sheet}"


def write_fit(folder: OutFolder, fit: Fit) -> None:
    """Write fitted.toml, release.csv, calibration.toml, fit.png and fit.json.

    Several experiments have fitted_1.toml, release_1.csv and so on; samples of the posterior are
    in chain.npz and posterior.png.

    Parameters
    ----------
    folder : OutFolder
        Where to.
    fit : Fit
        What the data said.
    """
    from releasesim import plotting
    from releasesim.calibration.card import write_card

    several = len(fit.experiments) > 1
    for place, one in enumerate(fit.experiments, 1):
        mark = f"_{place}" if several else ""
        folder.save(f"fitted{mark}.toml", one.study.write)
        folder.save(f"release{mark}.csv", one.curve.write)
    if not any(name.startswith(("region.", "layer.")) for name in fit.estimates):
        folder.save("calibration.toml", lambda path: write_card(fit, path))
    folder.write("fit.png", plotting.fit_figure(fit))
    if fit.posterior is not None:
        folder.write("chain.npz", fit.posterior.to_bytes())
        folder.write("posterior.png", plotting.posterior_figure(fit))
    folder.write("fit.json", json_text(fit.to_dict()))


def write_comparison(
    folder: OutFolder,
    found: Assessment,
    curves: tuple[ReleaseCurve, ReleaseCurve],
    files: tuple[Path, Path],
) -> None:
    """Write comparison.png, report.html and comparison.json.

    Parameters
    ----------
    folder : OutFolder
        Where to.
    found : Assessment
        What the comparison gave.
    curves : tuple of ReleaseCurve
        Reference and test.
    files : tuple of Path
        Where they came from; their hashes are told.
    """
    from releasesim import plotting
    from releasesim.report import comparison_report

    digests = [hashlib.sha256(split_sheet(path)[0].read_bytes()).hexdigest() for path in files]
    sources = dict(zip(("reference", "test"), zip(files, digests, strict=True), strict=True))
    picture = plotting.comparison_figure(*curves, found.comparison)
    folder.write("comparison.png", picture)
    page = comparison_report(found, *curves, {"comparison": picture}, sources)
    folder.write("report.html", page)
    account = {
        **found.to_dict(),
        "version": __version__,
        "sha256": dict(zip(sources, digests, strict=True)),
    }
    folder.write("comparison.json", json_text(account))


def _section(tablet: Tablet) -> dict[str, bytes]:
    """Picture of a cut; nothing where the tablet is too fine to be drawn, which is no error."""
    from releasesim import plotting

    try:
        return {"section": plotting.section_figure(tablet)}
    except GeometryError:
        return {}
