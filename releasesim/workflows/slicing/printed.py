"""The study of a print: the same tablet, its roads read from the G-code instead of drawn."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from releasesim.errors import InputError

if TYPE_CHECKING:
    from releasesim.study import Study

Data = dict[str, Any]

_DRAWN = ("infill", "walls", "roofs", "floors", "layer_height", "road_width")
"""Keys of a tablet that say how it is to be laid; a G-code says it itself."""


def printed_data(study: Study, file: str) -> Data:
    """Plain data of the study whose tablet is a G-code.

    Parameters
    ----------
    study : Study
        As designed.
    file : str
        Name of the G-code.

    Raises
    ------
    InputError
        Parts of one extruder whose laws differ: the G-code cannot tell them apart.
    """
    data: Data = copy.deepcopy(study.to_data())
    tablet = data["tablet"]
    parts = tablet.pop("region", []) + tablet.pop("layer", [])
    for key in _DRAWN:
        tablet.pop(key, None)
    for key in ("target", "design", "patient"):
        data.pop(key, None)
    tools = dict(_tools(parts, own=bool(study.tablet.part_volumes[0])))
    shape: Data = {"kind": "gcode", "file": file}
    named = {f"T{tool}": part["name"] for tool, part in tools.items()}
    tablet["shape"] = shape | ({"tools": named} if named else {})
    if tools:
        tablet["region"] = [_laid(part) for part in tools.values()]
    return data


def _tools(parts: list[Data], *, own: bool) -> Iterator[tuple[int, Data]]:
    """Tools and the parts that they print; `own`: the first prints the tablet's own material."""
    known: dict[int, Data] = {0: {}} if own else {}
    for part in parts:
        tool = part.get("extruder", 1) - 1
        if tool not in known:
            known[tool] = part
            yield tool, part
        elif _laws(part) != _laws(known[tool]):
            raise InputError(
                f"'{part['name']}' has laws of its own but is printed by T{tool} as other parts "
                "are: give it an extruder of its own"
            )


def _laws(part: Mapping[str, Any]) -> Data:
    return {key: part[key] for key in ("physics", "partition") if key in part}


def _laid(part: Data) -> Data:
    """What a region of a G-code says of itself: what it is made of, not where it is."""
    where = ("shape", "thickness", "infill", "extruder")
    return {key: value for key, value in part.items() if key not in where}
