"""Curves for other programs: found in a folder of results or a table, and written by format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.exchange import Course, convert, write_crate
from releasesim.exchange.rocrate import CRATE
from releasesim.units import parse_quantity
from releasesim.version import __version__
from releasesim.workflows.output import OutFolder, json_text

ROCRATE, ACCOUNT = "rocrate", "conversion.json"


def find_course(source: Path, drug: str | None = None, dose: str | None = None) -> Course:
    """Find the curve of a folder that `simulate` wrote, or of a measured table.

    Parameters
    ----------
    source : Path
        Folder with release.csv and release.json, or a table.
    drug : str, optional
        Which of several drugs; all together without.
    dose : str, optional
        Such as "100 mg"; default what release.json or the table says.

    Raises
    ------
    InputError
        There is no curve, or no such drug.
    """
    path = source / "release.csv" if source.is_dir() else source
    if source.is_dir() and not path.exists():
        raise InputError("has no release.csv: simulate first, or name a table", source)
    account = _account(path)
    curve = ReleaseCurve.read(path, column=drug)
    several = account.get("curves") or {}
    drugs = {} if drug else {name: ReleaseCurve.read(path, column=name) for name in several}
    given = None if dose is None else parse_quantity(dose, "kg")
    known = (several.get(drug) or {}).get("dose_kg") if drug else account.get("dose_kg")
    return Course(
        curve,
        dose=given if given is not None else known,
        drugs=drugs,
        doses={name: one["dose_kg"] for name, one in several.items()},
        origin=_origin(path, account),
    )


def _account(path: Path) -> dict[str, Any]:
    """Read release.json beside release.csv; nothing beside a measured table."""
    beside = path.with_name("release.json")
    if path.name != "release.csv" or not beside.exists():
        return {}
    try:
        found = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError("is no account of a simulation: simulate again", beside) from None
    return found if isinstance(found, dict) else {}


def _origin(path: Path, account: dict[str, Any]) -> dict[str, str]:
    known = {
        "source": f"releasesim {account.get('version') or __version__}",
        "study hash": account.get("study_hash") or "",
        "file": path.name,
    }
    return {key: value for key, value in known.items() if value}


def write_formats(
    folder: OutFolder, source: Path, formats: Sequence[str], course: Course | None
) -> list[str]:
    """Write the formats and conversion.json, the crate of the source's folder last.

    Parameters
    ----------
    folder : OutFolder
        Where files go; the crate goes where the study is.
    source : Path
        Folder of results; needed for a crate.
    formats : sequence of str
        Names, with rocrate among them or not.
    course : Course, optional
        The curve; not needed for a crate alone.

    Returns
    -------
    list of str
        What a reader must know.
    """
    curves = [name for name in formats if name != ROCRATE]
    files, notes = convert(course, curves) if course is not None else ({}, [])
    for name, content in files.items():
        folder.write(name, content)
    if course is not None:
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        said = {"version": __version__, "sha256": hashes, "notes": notes}
        folder.write(ACCOUNT, json_text({**said, "origin": dict(course.origin)}))
    if ROCRATE in formats:
        write_crate(source)
        if source.resolve() == folder.path.resolve():
            folder.has(CRATE)
        else:
            notes.append(f"{CRATE} lies in {source}, the folder that it describes")
    return notes
