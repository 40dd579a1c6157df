"""What a design expects of its G-code: volume, drug and kinds of road of each tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from releasesim.geometry.infill import SOLID_DENSITY

if TYPE_CHECKING:
    from releasesim.printing import Printable
    from releasesim.tablet import Tablet

_SEEN = 1e-3
"""Roads of less than this share of a tool's volume may be missing or be there [-]."""


@dataclass(frozen=True)
class Expected:
    """What one tool has to lay.

    Parameters
    ----------
    tool : int
        Number in the G-code, 0 for extruder 1.
    material : str
    volume : float
        By design [m3].
    drug : float
        In that volume [kg].
    sparse_volume : float
        Of it in roads of sparse infill [m3].
    walls : int
        Number of walls asked for.
    closed : bool
        Whether it has solid layers, and room for them between its walls.
    full : bool
        Whether it has infill of 100 %, which slicers name as they do sparse infill.
    """

    tool: int
    material: str
    volume: float
    drug: float
    sparse_volume: float
    walls: int
    closed: bool
    full: bool

    @property
    def features(self) -> dict[str, bool]:
        """Kinds of road, and whether they have to be there; absent where either will do."""
        sparse = self.sparse_volume / self.volume
        kinds = {"walls": self.walls > 0}
        if self.closed:
            kinds["solid infill"] = True
        if sparse > _SEEN or not (sparse or self.full):
            kinds["sparse infill"] = sparse > _SEEN
        return kinds


def expected_tools(made: Printable) -> list[Expected]:
    """What each tool has to lay for a tablet that can be printed."""
    numbers = range(1, made.extruders + 1)
    return [_expected(made, number) for number in numbers if made.part_of(number)]


def _expected(made: Printable, extruder: int) -> Expected:
    printed = made.tablet
    own = [n for n, part in enumerate(printed.parts) if part.extruder == extruder]
    layers = [layer for n in own for layer in printed.printed[n]]
    fills = [printed.parts[n].infill for n in own]
    designed = made.designed_of(extruder)
    scale = designed / sum(printed.part_volumes[n] for n in own)  # of solids that roads stand for
    drug = scale * sum(printed.part_volumes[n] * printed.concentrations[n] for n in own)
    first = made.part_of(extruder)
    return Expected(
        tool=extruder - 1,
        material="" if first is None else first.formulation.describe(),
        volume=designed,
        drug=drug,
        sparse_volume=scale * sum(layer.sparse_area * layer.thickness for layer in layers),
        walls=printed.walls,
        closed=printed.roofs + printed.floors > 0 and any(_has_room(printed, n) for n in own),
        full=any(max(fill.densities) >= SOLID_DENSITY for fill in fills if fill is not None),
    )


def _has_room(printed: Tablet, number: int) -> bool:
    """Whether a road lies between the walls of a part: where hardly one does, either will do."""
    from releasesim.geometry.roads import inset

    fill = printed.widest_fill(printed.parts[number])
    return not inset(fill, 0.5 * printed.road_spacing).is_empty
