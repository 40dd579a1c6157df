"""The manifest of an inkjet print: read strictly, every file by its name and its hash."""

from __future__ import annotations

import hashlib
import json
import math
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from releasesim.errors import GeometryError
from releasesim.geometry.foreign import MEGA, foreign_bytes
from releasesim.units import mm, pL, um

FORMAT = "releasesim-inkjet/1"
_MOST_BYTES, _MOST_IMAGE = 32 * MEGA, 32 * MEGA
_MOST_LAYERS, _MOST_CHANNELS = 5000, 16
_MOST_PLACES = 100_000_000
_POLARITIES = {"black (0) is a drop": True, "white (1) is a drop": False}


@dataclass(frozen=True)
class Image:
    """One image: its name, its hash and its number of drops."""

    file: str
    sha256: str
    drops: int


@dataclass(frozen=True)
class Manifest:
    """What was printed, in SI.

    Parameters
    ----------
    pixels : (int, int)
        Places along x and y.
    pitch : (float, float)
        Their distance [m].
    thickness : float
        Of one dried layer [m].
    porosity : float
        Of the dried layers [-].
    drop_volume : float
        [m3].
    spot : float or None
        Across a drop that has spread [m].
    black : bool
        Whether a black pixel is a drop.
    edges_sealed : bool
        A film: nothing leaves through its edges.
    concentration, dried : float
        Drug in the ink [kg/m3], and volume without pores that it dries to, over its own [-].
    layers : tuple of Image
        The images, from the bottom up.
    sha256 : str
        Of the file.
    """

    pixels: tuple[int, int]
    pitch: tuple[float, float]
    thickness: float
    porosity: float
    drop_volume: float
    spot: float | None
    black: bool
    edges_sealed: bool
    concentration: float
    dried: float
    layers: tuple[Image, ...]
    sha256: str

    def image_bytes(self, image: Image, folder: Path) -> bytes:
        """Bytes of one image, which have the hash that is said of them."""
        path = folder / image.file
        try:
            if stat.S_ISLNK(path.lstat().st_mode):
                raise GeometryError(f"{image.file} is a link, not an image beside the manifest")
        except OSError as error:
            raise GeometryError(f"{image.file} cannot be read: {error.strerror}") from None
        try:
            data = foreign_bytes(path, _MOST_IMAGE, "the image of a layer")
        except GeometryError as error:
            raise GeometryError(f"{image.file} {error.message}") from None
        if hashlib.sha256(data).hexdigest() != image.sha256:
            raise GeometryError(f"{image.file} is not the file that the manifest vouches for")
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
    table = _Table(found, "")
    if table.get("format") != FORMAT:
        raise GeometryError(f'is no manifest of an inkjet print: format must be "{FORMAT}"')
    if table.get("mode") != "drop_on_demand":
        raise GeometryError('mode: only the images of "drop_on_demand" give a shape back')
    inks = table.items("inks", 1, _MOST_CHANNELS)
    if len(inks) > 1:
        raise GeometryError(f"has {len(inks)} inks: a shape of drops is of one")
    pixels = tuple(table.whole("pixels", 1, 1_000_000, place) for place in (0, 1))
    if pixels[0] * pixels[1] > _MOST_PLACES:
        raise GeometryError(f"pixels: {pixels[0]} x {pixels[1]} are too many")
    polarity = table.get("polarity")
    if polarity not in _POLARITIES:
        raise GeometryError(f"polarity must be one of {', '.join(_POLARITIES)}")
    return Manifest(
        pixels=(pixels[0], pixels[1]),
        pitch=(table.number("pitch_um", um, 0) * um, table.number("pitch_um", um, 1) * um),
        thickness=table.number("layer_thickness_um", um) * um,
        porosity=table.number("porosity", 1.0, low=0.0, high=0.95),
        drop_volume=table.number("drop_volume_pL", pL) * pL,
        spot=None if table.get("spot_um") is None else table.number("spot_um", um) * um,
        black=_POLARITIES[polarity],
        edges_sealed=table.get("edges") == "sealed",
        concentration=inks[0].number("drug_mg_per_mL", 1.0, low=0.0, high=2000.0),
        dried=inks[0].number("dried_share", 1.0, high=1.0),
        layers=_images(table, str(inks[0].whole("channel", 1, 16))),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _images(table: _Table, channel: str) -> tuple[Image, ...]:
    """The image of every layer, none left out."""
    listed, files = table.items("layer", 1, _MOST_LAYERS), table.inside("files")
    if len(listed) != table.whole("layers", 1, _MOST_LAYERS):
        raise GeometryError(f"lists {len(listed)} of {table.get('layers')} layers")
    images = []
    for number, layer in enumerate(listed, 1):
        if layer.get("number") != number:
            raise GeometryError(f"layer {number} is missing, or out of its order")
        image = layer.inside("images").inside(channel)
        name = image.get("file")
        if not isinstance(name, str) or not _plain(name):
            raise GeometryError(
                f"layer {number}: {str(name)[:80]!r} is no plain name of a file beside the manifest"
            )
        digest = files.inside(name).get("sha256")
        if not isinstance(digest, str) or len(digest) != 64:
            raise GeometryError(f"files: there is no sha256 of {name}")
        images.append(Image(name, digest, image.whole("drops", 0, _MOST_PLACES)))
    return tuple(images)


def _plain(name: str) -> bool:
    """Whether a name leads nowhere else."""
    odd = any(c in name for c in '/\\:*?"<>|') or not name.isprintable()
    return 0 < len(name) <= 200 and not odd and not name.startswith(".")


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


class _Table:
    """A table of the manifest; complains by name."""

    def __init__(self, data: Any, name: str) -> None:
        if not isinstance(data, dict):
            raise GeometryError(f"{name or 'the manifest'} must be a table")
        self.data, self.name = data, name

    def get(self, key: str) -> Any:
        """What stands there; None where nothing does."""
        return self.data.get(key)

    def inside(self, key: str) -> _Table:
        """A table in this one."""
        return _Table(self.get(key), self._name(key))

    def items(self, key: str, low: int, high: int) -> list[_Table]:
        """A list of tables of bounded length."""
        found = self.get(key)
        if not isinstance(found, list) or not low <= len(found) <= high:
            raise GeometryError(f"{self._name(key)} must be a list of {low} to {high} tables")
        return [_Table(one, f"{self._name(key)}[{n}]") for n, one in enumerate(found)]

    def number(
        self,
        key: str,
        unit: float,
        place: int | None = None,
        *,
        low: float = 0.0,
        high: float = 0.0,
    ) -> float:
        """A number, in the unit of its name; above 0 where no lower bound is given."""
        found = self._at(key, place)
        good = isinstance(found, int | float) and not isinstance(found, bool)
        most = high or 200.0 * mm / unit
        if not good or not math.isfinite(found) or not low <= found <= most:
            raise GeometryError(f"{self._name(key)} must be a number, at most {most:g}")
        if found == 0 and high == 0.0:
            raise GeometryError(f"{self._name(key)} must be above 0")
        return float(found)

    def whole(self, key: str, low: int, high: int, place: int | None = None) -> int:
        """A whole number."""
        found = self._at(key, place)
        if not isinstance(found, int) or isinstance(found, bool) or not low <= found <= high:
            raise GeometryError(f"{self._name(key)} must be a whole number, {low} to {high}")
        return found

    def _at(self, key: str, place: int | None) -> Any:
        found = self.get(key)
        if place is None:
            return found
        return found[place] if isinstance(found, list) and len(found) == 2 else None

    def _name(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key
