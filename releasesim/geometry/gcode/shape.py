"""The roads of a G-code as a shape: a body that is laid, not drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, final

import numpy as np

from releasesim.errors import GeometryError
from releasesim.geometry.gcode.read import read_gcode
from releasesim.geometry.gcode.toolpath import Toolpath
from releasesim.geometry.shape import Array, FileShape, nothing
from releasesim.units import exact_quantity

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from releasesim.geometry.gcode.envelope import Envelope
    from releasesim.geometry.slicing import PrintedLayer

WARNED_OVERLAP = 0.05
"""Share of the deposited volume that lies twice, above which a print is warned of [-]."""


@final
@dataclass(frozen=True)
class Gcode(FileShape):
    """The printed roads themselves, centred, standing on z = 0.

    Parameters
    ----------
    file, sha256, path : str
        See `FileShape`.
    tools : tuple of (int, str)
        Tools and the regions that they print; what other tools print is the tablet's own.
    filament_diameter : float, optional
        That the study gives [m].
    factor : float
        Every length of the body over that of the file [-].
    toolpath : Toolpath
        Of the tablet, without what lies beside it.
    """

    kind: ClassVar[str] = "gcode"
    extruded: ClassVar[bool] = False
    of_roads: ClassVar[bool] = True
    tools: tuple[tuple[int, str], ...] = ()
    filament_diameter: float | None = None
    factor: float = 1.0
    toolpath: Toolpath = field(compare=False, repr=False, kw_only=True)

    @classmethod
    def read(
        cls,
        file: str,
        folder: Path,
        tools: Mapping[str, str] | None = None,
        filament_diameter: float | None = None,
        usual_diameter: float | None = None,
    ) -> Gcode:
        """Read a G-code file.

        Parameters
        ----------
        file : str
            As the study names it.
        folder : Path
            Where relative names start from.
        tools : mapping of str to str
            "T0" and the name of the region that it prints.
        filament_diameter, usual_diameter : float, optional
            See `read_gcode` [m].

        Raises
        ------
        GeometryError
            A file that cannot be followed, a tool that prints nothing of the tablet, or several
            tools that are not told apart.
        """
        path = folder / file
        read = read_gcode(path, filament_diameter=filament_diameter, usual_diameter=usual_diameter)
        made = cls(
            file,
            read.digest,
            str(path.absolute()),
            tuple(sorted((int(tool[1:]), name) for tool, name in (tools or {}).items())),
            filament_diameter,
            toolpath=read.tablet,
        )
        made._check_tools()
        return made

    def _check_tools(self) -> None:
        used = self.toolpath.tools
        words = ", ".join(f"T{tool}" for tool in used)
        for tool, _ in self.tools:
            if tool not in used:
                message = f"T{tool} prints nothing of the tablet, which is printed by {words}"
                raise GeometryError(message, self.path)
        if len(used) > 1 and not self.tools:
            raise GeometryError(
                f"is printed by {words}: say what they print, tools = {{ T{used[0]} = "
                '"name of a region" }; what is not named prints the tablet\'s own material',
                self.path,
            )

    def tools_of(self, region: str) -> tuple[int, ...]:
        """Numbers of the tools that print a region; "" for the tablet's own material."""
        named = dict(self.tools)
        return tuple(tool for tool in self.toolpath.tools if named.get(tool, "") == region)

    def layers(self, regions: Sequence[str]) -> tuple[tuple[PrintedLayer, ...], ...]:
        """Layers of each region, as the file asks for them; "" is the tablet's own material."""
        from releasesim.geometry.gcode.beads import bead_layers

        return bead_layers(self.toolpath, [self.tools_of(region) for region in regions])

    @property
    def layer_height(self) -> float:
        """Of most of the material [m]."""
        path = self.toolpath
        heights, which = np.unique(np.round(path.height, 6), return_inverse=True)
        return float(heights[np.bincount(which, path.volume).argmax()])

    @property
    def road_spacing(self) -> float:
        """Mean width that a road covers [m]."""
        path = self.toolpath
        moving = path.width > 0.0
        return float(path.volume[moving].sum() / (path.length * path.height)[moving].sum())

    @cached_property
    def _box(self) -> tuple[float, float, float]:
        low, high = self.toolpath.box
        x, y, z = (float(length) for length in high - low)
        return x, y, z

    @cached_property
    def _envelope(self) -> Envelope:
        from releasesim.geometry.gcode.envelope import Envelope

        return Envelope(self.toolpath)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    @property
    def size(self) -> tuple[float, float, float]:
        """See `Shape.size`."""
        x, y, z = (self.factor * length for length in self._box)
        return x, y, z

    @property
    def volume(self) -> float:
        """Of the envelope, voids between roads counted [m3]."""
        return self.factor**3 * self._envelope.volume

    @property
    def surface(self) -> float:
        """Of the envelope [m2]."""
        return self.factor**2 * self._envelope.surface

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """See `Shape.distance`; of the envelope: holes that outer walls surround stay open."""
        at = np.broadcast_arrays(x, y, z)
        return self.factor * self._envelope.distance(*(place / self.factor for place in at))

    def outline(self, z: float) -> BaseGeometry:
        """See `Shape.outline`; of the envelope."""
        from shapely.affinity import scale

        found = self._envelope.outline(z / self.factor) or nothing()
        return scale(found, self.factor, self.factor, origin=(0.0, 0.0))

    def scaled(self, factor: float) -> Self:
        """See `Shape.scaled`."""
        return self if factor == 1.0 else replace(self, factor=factor * self.factor)

    def face_names(self) -> tuple[str, ...]:
        """See `Shape.face_names`."""
        return ("top", "bottom", "z-", "z+")

    def written(self) -> dict[str, Any]:
        """See `FileShape.written`."""
        diameter = self.filament_diameter
        given = {} if diameter is None else {"filament_diameter": exact_quantity(diameter, "mm")}
        named = {f"T{tool}": name for tool, name in self.tools}
        return ({"tools": named} if named else {}) | given

    def describe(self) -> str:
        """File, box, slicer and layers."""
        box = " x ".join(f"{length * 1e3:.4g}" for length in self.size)
        layers = " and ".join(f"{h * 1e3:.4g}" for h in self.toolpath.layer_heights[:3])
        slicer = self.toolpath.slicer
        by = "" if slicer == "unknown" else f" by {slicer}"
        return f"G-code {self.file}{by}, {box} mm, layers of {layers} mm"
