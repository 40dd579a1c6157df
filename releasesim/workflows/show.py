"""A look at a study: what is printed, and how drug and polymer leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from releasesim.errors import InputError
from releasesim.version import __version__
from releasesim.workflows.movie import mp4_bytes
from releasesim.workflows.output import OutFolder, json_text

if TYPE_CHECKING:
    from releasesim.curve import ReleaseCurve
    from releasesim.simulation import Fields, Release
    from releasesim.study import Study

ACCOUNT = "show.json"
#: Released share at which the film ends [-], and how much longer it goes on.
_NEARLY_ALL, _LONGER = 0.995, 1.05
#: Frames crowd where release is fastest: at the power of their place in the row.
_POWER = 1.5
_VTI = 6
_MOST_FRAMES = 200


def write_show(
    folder: OutFolder, study: Study, *, frames: int, drug: str | None = None
) -> dict[str, Any]:
    """Write pictures, film and files for viewers; return the account, which is show.json.

    Parameters
    ----------
    folder : OutFolder
        Where to.
    study : Study
    frames : int
        Of the film; 0 for the tablet alone, without any simulation.
    drug : str, optional
        Which of several; the one of which there is most when absent.

    Raises
    ------
    InputError
        A number of frames that is none, or a drug that is not in the tablet.
    """
    if frames < 0 or frames == 1 or frames > _MOST_FRAMES:
        raise InputError(f"frames = {frames}: must be 0, or 2 to {_MOST_FRAMES}")
    if drug is not None and drug not in study.drugs:
        raise InputError(f"the tablet has no drug {drug}: there are {', '.join(study.drugs)}")
    account = _origin(study)
    _write_tablet(folder, study, account)
    if frames:
        account |= _write_release(folder, study, frames, drug)
    account["files"] = [*folder.files, ACCOUNT]
    folder.write(ACCOUNT, json_text(account))
    return account


def _origin(study: Study) -> dict[str, Any]:
    return {
        "use": "research use only",
        "title": study.title,
        "version": __version__,
        "study_hash": study.hash,
        "cards": dict(study.cards),
        "notices": list(study.notices),
    }


def _write_tablet(folder: OutFolder, study: Study, origin: dict[str, Any]) -> None:
    from releasesim import plotting

    folder.write("tablet.png", plotting.cutaway_figure(study.tablet, study.title))
    kept = {key: origin[key] for key in ("title", "version", "study_hash", "use")}
    folder.write("tablet.glb", plotting.tablet_glb(study.tablet, kept))


def _write_release(
    folder: OutFolder, study: Study, frames: int, drug: str | None
) -> dict[str, Any]:
    from releasesim import plotting
    from releasesim.simulation import fields, simulate

    name = drug or max(study.tablet.doses, key=lambda one: study.tablet.doses[one])
    release = simulate(study)
    curve = release.curves.get(name, release.curve)
    seen = fields(study, film_times(curve, frames), drug=name)
    film = plotting.Animation(study.tablet, seen, curve, study.title)
    pictures = list(film)
    folder.write("release.gif", plotting.gif_bytes(pictures))
    movie, problem = mp4_bytes(pictures)
    if movie:
        folder.write("release.mp4", movie)
    for file, text in plotting.field_files(film, _VTI).items():
        folder.write(file, text)
    return _account(release, seen, curve, problem)


def film_times(curve: ReleaseCurve, frames: int) -> np.ndarray:
    """Times of a film: from 0 until nearly all is released, or the curve ends, (frames,) [s]."""
    end = float(curve.time[-1])
    nearly = curve.time_to(_NEARLY_ALL)
    if np.isfinite(nearly):
        end = min(end, _LONGER * float(nearly))
    return np.asarray(end * np.linspace(0.0, 1.0, frames) ** _POWER)


def _account(release: Release, seen: Fields, curve: ReleaseCurve, problem: str) -> dict[str, Any]:
    shown = curve.at(seen.times)
    gap = float(np.abs(seen.released - shown).max())
    return {
        "drug": seen.drug,
        "dose_kg": release.doses[seen.drug],
        "method": seen.method,
        "error_estimate": release.error_estimate,
        "times_s": seen.times.tolist(),
        "released_fraction": shown.tolist(),
        "released_fraction_of_fields": seen.released.tolist(),
        "largest_gap": gap,
        "lattice": {
            "kind": seen.lattice.kind,
            "cells": list(seen.lattice.shape),
            "spacing_m": list(seen.lattice.spacing),
        },
        "left_out": [problem] if problem else [],
    }
