"""3MF: bodies and where they stand (3MF core specification 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from releasesim.errors import GeometryError
from releasesim.geometry.foreign import MEGA
from releasesim.geometry.mesh.archive import Archive
from releasesim.geometry.mesh.markup import read_markup
from releasesim.geometry.mesh.soup import MOST_TRIANGLES, Points, Soup, Triangles, check_count

MOST_XML = 250 * MEGA
_MOST_PLACES = 1000
_DEEPEST = 16
METRES = {
    "micron": 1e-6,
    "millimeter": 1e-3,
    "centimeter": 1e-2,
    "inch": 0.0254,
    "foot": 0.3048,
    "meter": 1.0,
}


def read_threemf(data: bytes) -> Soup:
    """Read what a 3MF file builds, in its own unit.

    Raises
    ------
    GeometryError
        No 3MF, one that could do harm, or one with parts in other files.
    """
    archive = Archive(data)
    name = _model_name(archive)
    model = _Model(name)
    read_markup(archive.read(name, MOST_XML), name, model.start, model.end)
    return model.soup()


def _model_name(archive: Archive) -> str:
    """Entry that holds the model: what the relationships say, else the usual one."""
    targets: list[str] = []

    def start(tag: str, said: Mapping[str, str]) -> None:
        if tag == "Relationship" and said.get("Type", "").endswith("/3dmodel"):
            targets.append(said.get("Target", ""))

    if "_rels/.rels" in archive.names:
        read_markup(archive.read("_rels/.rels", MEGA), "_rels/.rels", start, lambda tag: None)
    name = (targets or ["3D/3dmodel.model"])[0].removeprefix("/")
    if name not in archive.names:
        raise GeometryError(f"is no 3MF: there is no {name[:80]!r} in it")
    return name


@dataclass(eq=False)
class _Object:
    """One object: a mesh of its own, or others with their places."""

    points: list[float] = field(default_factory=list)
    triangles: list[int] = field(default_factory=list)
    parts: list[tuple[str, Points]] = field(default_factory=list)
    kind: str = "model"


class _Model:
    """Takes elements as they come."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.metres = METRES["millimeter"]
        self.objects: dict[str, _Object] = {}
        self.items: list[tuple[str, Points]] = []
        self.open: _Object | None = None
        self.places = 0

    def start(self, tag: str, said: Mapping[str, str]) -> None:
        """An element begins."""
        if tag == "vertex" and self.open is not None:
            self.open.points += [self._number(said, axis) for axis in "xyz"]
        elif tag == "triangle" and self.open is not None:
            self.open.triangles += [self._index(said, corner) for corner in ("v1", "v2", "v3")]
            if len(self.open.triangles) > 3 * MOST_TRIANGLES:
                check_count(len(self.open.triangles) // 3)
        elif tag == "object":
            self.open = self.objects.setdefault(said.get("id", ""), _Object())
            self.open.kind = said.get("type", "model")
        elif tag == "component" and self.open is not None:
            self.open.parts.append(self._placed(said))
        elif tag == "item":
            self.items.append(self._placed(said))
        elif tag == "model":
            self._set_unit(said.get("unit", "millimeter"))

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "object":
            self.open = None

    def soup(self) -> Soup:
        """All that is built, in the unit of the file."""
        if not self.items:
            raise GeometryError(f"{self.name} builds nothing")
        soups = [s for name, place in self.items for s in self._bodies(name, place, 0)]
        if not soups:
            raise GeometryError("holds no triangles")
        joined = Soup.joined(soups)
        check_count(len(joined.triangles))
        return Soup(joined.points, joined.triangles, self.metres)

    def _bodies(self, name: str, place: Points, depth: int) -> list[Soup]:
        self.places += 1
        if depth > _DEEPEST or self.places > _MOST_PLACES:
            raise GeometryError(f"{self.name}: objects hold each other too deeply, or in a circle")
        if name not in self.objects:
            raise GeometryError(f"{self.name}: there is no object {name[:40]!r}")
        found = self.objects[name]
        if found.kind in ("support", "other"):
            return []
        inside = [
            soup for part, own in found.parts for soup in self._bodies(part, own @ place, depth + 1)
        ]
        return [*self._mesh(found, place), *inside]

    def _mesh(self, found: _Object, place: Points) -> list[Soup]:
        triangles = np.array(found.triangles, dtype=np.int64).reshape(-1, 3)
        if not triangles.size:
            return []
        points = np.array(found.points).reshape(-1, 3)
        if triangles.min() < 0 or triangles.max() >= len(points):
            raise GeometryError(f"{self.name}: a triangle names a vertex that is not there")
        return [Soup(points @ place[:3, :3] + place[3, :3], _right_way(triangles, place))]

    def _placed(self, said: Mapping[str, str]) -> tuple[str, Points]:
        if "path" in said:
            raise GeometryError(f"{self.name} has parts in other files: save it as one 3MF model")
        place = np.eye(4)
        if "transform" in said:
            words = said["transform"].split()
            if len(words) != 12:
                raise GeometryError(f"{self.name}: a transform has 12 numbers, not {len(words)}")
            place[:, :3] = np.reshape([self._float(word) for word in words], (4, 3))
            if not abs(np.linalg.det(place)) > 0.0:
                raise GeometryError(f"{self.name}: a transform makes a body flat")
        return said.get("objectid", ""), place

    def _set_unit(self, unit: str) -> None:
        if unit not in METRES:
            raise GeometryError(f"{self.name}: unit {unit[:40]!r}: must be {', '.join(METRES)}")
        self.metres = METRES[unit]

    def _number(self, said: Mapping[str, str], axis: str) -> float:
        return self._float(said.get(axis, ""))

    def _float(self, word: str) -> float:
        try:
            return float(word)
        except ValueError:
            raise GeometryError(f"{self.name}: {word[:40]!r} is no number") from None

    def _index(self, said: Mapping[str, str], corner: str) -> int:
        word = said.get(corner, "")
        if not (word.isascii() and word.isdecimal() and len(word) < 12):
            raise GeometryError(f"{self.name}: {word[:40]!r} is no number of a vertex")
        return int(word)


def _right_way(triangles: Triangles, place: Points) -> Triangles:
    """Triangles as seen from outside: a mirror turns them."""
    return triangles[:, ::-1] if np.linalg.det(place[:3, :3]) < 0 else triangles
