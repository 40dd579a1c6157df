"""RO-Crate 1.1 of a study's folder: every file with its hash, and what made it."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from releasesim.errors import InputError
from releasesim.files import write_atomic
from releasesim.version import __version__

CRATE = "ro-crate-metadata.json"
_SPECIFICATION = "https://w3id.org/ro/crate/1.1"
# schema.org's sha256 is not among the terms of 1.1, which allows further ones in the context
_CONTEXT = [f"{_SPECIFICATION}/context", {"sha256": "https://schema.org/sha256"}]
_MOST_FILES = 10_000

_FORMATS = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".toml": "application/toml",
    ".html": "text/html",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".ini": "text/plain",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".3mf": "model/3mf",
    ".stl": "model/stl",
    ".gcode": "text/x.gcode",
    ".nc": "application/netcdf",
    ".npz": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def write_crate(folder: Path, *, title: str = "", licence: str = "") -> dict[str, Any]:
    """Write ro-crate-metadata.json at the root of a folder, and return what it says.

    The date is that of the newest file, so that an unchanged folder has an unchanged crate.

    Parameters
    ----------
    folder : Path
        A study's folder with its results; hidden files are left out.
    title : str
        Name of the crate; default the folder's.
    licence : str
        Address of the licence; none is invented.

    Raises
    ------
    InputError
        It is no folder, holds nothing, or far too much.
    """
    files = _files(folder)
    entities = [_file(folder, path) for path in files]
    crate = {
        "@context": _CONTEXT,
        "@graph": [
            _descriptor(),
            _root(folder, files, entities, title, licence),
            *entities,
            *_making(folder, entities),
        ],
    }
    write_atomic(folder / CRATE, json.dumps(crate, indent=1, ensure_ascii=False) + "\n")
    return crate


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError("is no folder: an RO-Crate describes the folder it lies in", folder)
    found = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or path.is_symlink() or not path.is_file() or path == folder / CRATE:
            continue
        found.append(path)
        if len(found) > _MOST_FILES:
            raise InputError(f"holds more than {_MOST_FILES} files", folder)
    if not found:
        raise InputError("holds no files", folder)
    return found


def _file(folder: Path, path: Path) -> dict[str, Any]:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    relative = path.relative_to(folder).as_posix()
    entity: dict[str, Any] = {
        "@id": quote(relative),
        "@type": "File",
        "name": relative,
        "contentSize": str(path.stat().st_size),
        "sha256": digest,
    }
    kind = _FORMATS.get(path.suffix.lower())
    return {**entity, "encodingFormat": kind} if kind else entity


def _descriptor() -> dict[str, Any]:
    return {
        "@id": CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _SPECIFICATION},
        "about": {"@id": "./"},
    }


def _root(
    folder: Path, files: list[Path], entities: list[dict[str, Any]], title: str, licence: str
) -> dict[str, Any]:
    newest = max(path.stat().st_mtime for path in files)
    date = datetime.datetime.fromtimestamp(newest, tz=datetime.UTC).date().isoformat()
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": title or folder.resolve().name,
        "description": "Drug release from a printed tablet: study, results and their account. "
        "Research use only: not for clinical decisions.",
        "datePublished": date,
        "hasPart": [{"@id": entity["@id"]} for entity in entities],
    }
    if licence:
        root["license"] = {"@id": licence}
    studies = [e for e in entities if e["name"].endswith(".toml") and "/" not in e["name"]]
    if len(studies) == 1:
        root["mainEntity"] = {"@id": studies[0]["@id"]}
    return {**root, "mentions": [{"@id": "#simulation"}]} if _account(folder) else root


def _making(folder: Path, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entities for the program and its run, as far as release.json in the folder tells."""
    account = _account(folder)
    if not account:
        return []
    inputs = [{"@id": e["@id"]} for e in entities if e["name"].endswith(".toml")]
    results = [{"@id": e["@id"]} for e in entities if not e["name"].endswith(".toml")]
    program = {
        "@id": "#releasesim",
        "@type": "SoftwareApplication",
        "name": "releasesim",
        "softwareVersion": str(account.get("version") or __version__),
    }
    action: dict[str, Any] = {
        "@id": "#simulation",
        "@type": "CreateAction",
        "name": "Simulation of drug release",
        "instrument": {"@id": "#releasesim"},
        "object": inputs,
        "result": results,
    }
    study = account.get("study_hash")
    if study:
        action["identifier"] = f"study {study}"
    return [program, action]


def _account(folder: Path) -> dict[str, Any]:
    """Read what release.json says; nothing where it is absent or not ours."""
    path = next(iter(sorted(folder.rglob("release.json"))), None)
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return {}
    return found if isinstance(found, dict) else {}
