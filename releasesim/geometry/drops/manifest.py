"""The manifest of an inkjet print: read strictly, every file by its name and its hash."""

from __future__ import annotations

import hashlib
import json
import stat
from dataclasses import dataclass
from pathlib import Path

from releasesim.errors import GeometryError
from releasesim.geometry.drops.table import Table
from releasesim.geometry.foreign import MEGA, foreign_bytes
from releasesim.units import mm, pL, um

FORMAT = "releasesim-inkjet/1"
_MOST_BYTES, _MOST_IMAGE = 32 * MEGA, 32 * MEGA
_MOST_LAYERS, _MOST_CHANNELS = 5000, 16
_MOST_PLACES = 100_000_000
_POLARITIES = {"black (0) is a drop": True, "white (1) is a drop": False}
_MODES = ("drop_on_demand", "continuous")
_LINES = "lines.csv"


@dataclass(frozen=True)
class Named:
    """A file beside the manifest: its name, its hash, and its number of drops."""

    file: str
    sha256: str
    drops: int = 0


@dataclass(frozen=True)
class Channel:
    """One ink: drug in it [kg/m3], and volume without pores that it dries to, over its own [-]."""

    number: int
    concentration: float
    dried: float


@dataclass(frozen=True)
class DropFacts:
    """How drops fall.

    Parameters
    ----------
    pixels : (int, int)
        Places along x and y.
    pitch : (float, float)
        Their distance [m].
    volume : float
        Of a drop [m3].
    spot : float or None
        Across a drop that has spread [m].
    black : bool
        Whether a black pixel is a drop.
    layers : tuple
        The images of every layer, from the bottom up, each in the order of the channels.
    """

    pixels: tuple[int, int]
    pitch: tuple[float, float]
    volume: float
    spot: float | None
    black: bool
    layers: tuple[tuple[Named, ...], ...]


@dataclass(frozen=True)
class LineFacts:
    """How lines are laid.

    Parameters
    ----------
    size : (float, float)
        Of what is printed, along x and y [m].
    pitch : float
        Distance of lines [m].
    width : float or None
        Of a dried line [m]; None where they touch.
    per_length : float
        Ink along a line [m2].
    length : float
        Of all lines [m].
    layers : int
    file : Named
        Where they stand.
    """

    size: tuple[float, float]
    pitch: float
    width: float | None
    per_length: float
    length: float
    layers: int
    file: Named


@dataclass(frozen=True)
class Manifest:
    """What was printed, in SI.

    Parameters
    ----------
    laid : DropFacts or LineFacts
    thickness : float
        Of one dried layer [m].
    porosity : float
        Of the dried layers [-].
    edges_sealed : bool
        A film: nothing leaves through its edges.
    channels : tuple of Channel
    sha256 : str
        Of the file.
    """

    laid: DropFacts | LineFacts
    thickness: float
    porosity: float
    edges_sealed: bool
    channels: tuple[Channel, ...]
    sha256: str


def named_bytes(named: Named, folder: Path) -> bytes:
    """Bytes of a file beside the manifest, which have the hash that is said of them."""
    path = folder / named.file
    try:
        if stat.S_ISLNK(path.lstat().st_mode):
            raise GeometryError(f"{named.file} is a link, not a file beside the manifest")
    except OSError as error:
        raise GeometryError(f"{named.file} cannot be read: {error.strerror}") from None
    try:
        data = foreign_bytes(path, _MOST_IMAGE, "a file of an inkjet print")
    except GeometryError as error:
        raise GeometryError(f"{named.file} {error.message}") from None
    if hashlib.sha256(data).hexdigest() != named.sha256:
        raise GeometryError(f"{named.file} is not the file that the manifest vouches for")
    return data


def read_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Raises
    ------
    GeometryError
        It is not there, no manifest of an inkjet print, or says what cannot be.
    """
    data = foreign_bytes(path, _MOST_BYTES, "a manifest")
    try:
        found = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise GeometryError(f"is no JSON: {str(error)[:100]}") from None
    table = Table(found, "")
    if table.get("format") != FORMAT:
        raise GeometryError(f'is no manifest of an inkjet print: format must be "{FORMAT}"')
    mode = table.get("mode")
    if mode not in _MODES:
        raise GeometryError(f"mode must be one of {', '.join(_MODES)}")
    channels = _channels(table)
    return Manifest(
        laid=_drops(table, channels) if mode == _MODES[0] else _lines(table),
        thickness=table.number("layer_thickness_um", um) * um,
        porosity=table.number("porosity", 1.0, low=0.0, high=0.95),
        edges_sealed=table.get("edges") == "sealed",
        channels=channels,
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _channels(table: Table) -> tuple[Channel, ...]:
    channels = tuple(
        Channel(
            ink.whole("channel", 1, _MOST_CHANNELS),
            ink.number("drug_mg_per_mL", 1.0, low=0.0, high=2000.0),
            ink.number("dried_share", 1.0, high=1.0),
        )
        for ink in table.items("inks", 1, _MOST_CHANNELS)
    )
    if len({channel.number for channel in channels}) < len(channels):
        raise GeometryError("inks: two are on one channel")
    return channels


def _drops(table: Table, channels: tuple[Channel, ...]) -> DropFacts:
    pixels = tuple(table.whole("pixels", 1, 1_000_000, place) for place in (0, 1))
    if pixels[0] * pixels[1] > _MOST_PLACES:
        raise GeometryError(f"pixels: {pixels[0]} x {pixels[1]} are too many")
    polarity = table.get("polarity")
    if not isinstance(polarity, str) or polarity not in _POLARITIES:
        raise GeometryError(f"polarity must be one of {', '.join(_POLARITIES)}")
    return DropFacts(
        pixels=(pixels[0], pixels[1]),
        pitch=(table.number("pitch_um", um, 0) * um, table.number("pitch_um", um, 1) * um),
        volume=table.number("drop_volume_pL", pL) * pL,
        spot=None if table.get("spot_um") is None else table.number("spot_um", um) * um,
        black=_POLARITIES[polarity],
        layers=_images(table, [str(channel.number) for channel in channels]),
    )


def _lines(table: Table) -> LineFacts:
    width = table.get("line_width_um")
    return LineFacts(
        size=(table.number("size_mm", mm, 0) * mm, table.number("size_mm", mm, 1) * mm),
        pitch=table.number("line_pitch_um", um) * um,
        width=None if width is None else table.number("line_width_um", um) * um,
        per_length=table.number("volume_nL_per_mm", 1e-9, high=1e6) * 1e-9,
        length=table.number("line_length_mm", mm, high=1e9) * mm,
        layers=table.whole("layers", 1, _MOST_LAYERS),
        file=Named(_LINES, _hash_of(table.inside("files"), _LINES)),
    )


def _images(table: Table, channels: list[str]) -> tuple[tuple[Named, ...], ...]:
    """The images of every layer, none left out."""
    listed, files = table.items("layer", 1, _MOST_LAYERS), table.inside("files")
    if len(listed) != table.whole("layers", 1, _MOST_LAYERS):
        raise GeometryError(f"lists {len(listed)} of {table.get('layers')} layers")
    layers = []
    for number, layer in enumerate(listed, 1):
        if layer.get("number") != number:
            raise GeometryError(f"layer {number} is missing, or out of its order")
        images = layer.inside("images")
        layers.append(tuple(_image(images.inside(c), files, number) for c in channels))
    return tuple(layers)


def _image(image: Table, files: Table, number: int) -> Named:
    name = image.get("file")
    if not isinstance(name, str) or not _plain(name):
        raise GeometryError(
            f"layer {number}: {str(name)[:80]!r} is no plain name of a file beside the manifest"
        )
    return Named(name, _hash_of(files, name), image.whole("drops", 0, _MOST_PLACES))


def _hash_of(files: Table, name: str) -> str:
    digest = files.inside(name).get("sha256")
    if not isinstance(digest, str) or len(digest) != 64:
        raise GeometryError(f"files: there is no sha256 of {name}")
    return digest


def _plain(name: str) -> bool:
    """Whether a name leads nowhere else."""
    odd = any(c in name for c in '/\\:*?"<>|') or not name.isprintable()
    return 0 < len(name) <= 200 and not odd and not name.startswith(".")


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")
