"""The printer: its state, and the commands that change it. Millimetres, as in the file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.gcode import kernels as k
from releasesim.geometry.gcode.arcs import arc_points

Array = NDArray[np.float64]

FAULTS = {
    k.NO_NUMBER: "this is no G-code: a letter must be followed by a number",
    k.TWICE: "a letter stands twice in one command",
    k.CONTROL: "a byte that is no text: this is no G-code",
    k.TWO_COMMANDS: "two commands in one line",
    k.NOT_FINITE: "a letter of a move stands without a number",
    k.FAR_AWAY: f"moves to beyond {k.FARTHEST / 1e3:g} m: no printer is that large",
    k.OTHER_AXIS: "moves an axis other than X, Y, Z and E: only an extruder called E is known",
    k.NO_TOOL: f"extrudes with a tool that is not T0 to T{k.TOOLS - 1}",
}
_MOST_FLOW = 1000.0  # [%]
_MOST_CHORDS = 1_000_000
"""Of all arcs in a block of text: some 30 in each line."""


class CommandError(Exception):
    """A command that cannot be followed, at a row."""

    def __init__(self, message: str, row: int) -> None:
        super().__init__(message)
        self.message, self.row = message, row


@dataclass(frozen=True, eq=False)
class Rows:
    """Some lines of G-code as `kernels.split_lines` wrote them, and what their comments set."""

    code: NDArray[np.int32]
    mask: NDArray[np.uint32]
    values: Array
    said: Array

    def has(self, row: int, letter: str) -> bool:
        """Whether a command has a letter."""
        return bool(self.mask[row] >> (ord(letter) - ord("A")) & 1)

    def get(self, row: int, letter: str, default: float = 0.0) -> float:
        """Value of a letter; `default` where it is not there, nan where it stands alone."""
        return float(self.values[row, ord(letter) - ord("A")]) if self.has(row, letter) else default


def _start() -> Array:
    state = np.full(15, 0.0)
    state[k.UNIT] = 1.0
    state[k.WIDTH] = state[k.HEIGHT] = math.nan
    return state


@dataclass(eq=False)
class Machine:
    """State of a printer that follows G-code."""

    state: Array = field(default_factory=_start)
    tools: Array = field(default_factory=lambda: np.tile([0.0, 0.0, 1.0], (k.TOOLS, 1)))
    plane: int = 17
    relative_e: bool = False
    volumetric_ever: bool = False

    def run(self, rows: Rows) -> Array:
        """Follow all rows; return the pieces of road, see `kernels.follow`."""
        count = rows.code.size
        room = np.empty((count, 13))
        found: list[Array] = []
        row, used, chords = 0, 0, 0
        while row < count:
            row, pieces, fault = k.follow(
                row, count, rows.code, rows.mask, rows.values, rows.said, self.state, self.tools,
                room[used:],
            )  # fmt: skip
            used += pieces
            if fault:
                raise CommandError(FAULTS[fault], row)
            if row < count:
                arc = self._command(rows, row)
                if arc is not None:
                    chords += len(arc)
                    if chords > _MOST_CHORDS:
                        raise CommandError(f"arcs of more than {_MOST_CHORDS:.0e} chords", row)
                    found += [room[:used], arc]
                    room, used = room[used:], 0
                row += 1
        return np.concatenate([*found, room[:used]])

    def _command(self, rows: Rows, row: int) -> Array | None:
        code = int(rows.code[row])
        if code in (20, 30):
            return self._arc(rows, row, clockwise=code == 20)
        if code >= k.OF_T:
            self.state[k.TOOL] = (code - k.OF_T) // 10
        elif code in self._COMMANDS:
            self._COMMANDS[code](self, rows, row)
        elif rows.has(row, "E") and code < k.OF_M and code not in _HARMLESS:
            raise CommandError(f"G{code / 10:g} extrudes: only G0, G1, G2 and G3 may", row)
        return None

    def _set_plane(self, rows: Rows, row: int) -> None:
        self.plane = int(rows.code[row]) // 10

    def _set_unit(self, rows: Rows, row: int) -> None:
        self.state[k.UNIT] = 25.4 if rows.code[row] == 200 else 1.0

    def _set_relative(self, rows: Rows, row: int) -> None:
        relative = rows.code[row] == 910
        self.state[k.REL_XYZ] = relative
        # as Marlin does it: G91 holds for E as well, and G90 leaves M83 in force
        self.state[k.REL_E] = relative or self.relative_e

    def _set_relative_e(self, rows: Rows, row: int) -> None:
        self.relative_e = bool(rows.code[row] == k.OF_M + 830)
        self.state[k.REL_E] = self.relative_e

    def _home(self, rows: Rows, row: int) -> None:
        axes = [axis for axis, letter in enumerate("XYZ") if rows.has(row, letter)]
        for axis in axes or range(3):
            self.state[k.X + axis] = self.state[k.OFF_X + axis] = 0.0

    def _set_position(self, rows: Rows, row: int) -> None:
        letters = [letter for letter in "XYZE" if rows.has(row, letter)] or list("XYZE")
        for letter in letters:
            value = rows.get(row, letter) * self.state[k.UNIT]
            if not abs(value) <= 1e9:
                raise CommandError(FAULTS[k.NOT_FINITE], row)
            axis = "XYZE".index(letter)
            if letter == "E":
                self.state[k.E] = value
            else:
                self.state[k.OFF_X + axis] = self.state[k.X + axis] - value

    def _set_volumetric(self, rows: Rows, row: int) -> None:
        diameter = rows.get(row, "D", 1.0)
        on = diameter > 0.0 and rows.get(row, "S", 1.0) != 0.0
        if rows.has(row, "D") or rows.has(row, "S"):
            self.state[k.VOLUMETRIC] = on
            self.volumetric_ever |= on

    def _set_flow(self, rows: Rows, row: int) -> None:
        if not rows.has(row, "S"):
            return
        tool, flow = int(rows.get(row, "T", self.state[k.TOOL])), rows.get(row, "S")
        if not 0.0 < flow <= _MOST_FLOW or not 0 <= tool < k.TOOLS:
            raise CommandError(f"M221 S{flow:g}: a flow must be above 0 to {_MOST_FLOW:g} %", row)
        self.tools[tool, k.FLOW] = flow / 100.0

    def _refuse(self, rows: Rows, row: int) -> None:
        raise CommandError(f"G{int(rows.code[row]) / 10:g}: curves other than arcs", row)

    _COMMANDS: ClassVar[dict[int, Callable[[Machine, Rows, int], None]]] = {
        50: _refuse,
        60: _refuse,
        170: _set_plane,
        180: _set_plane,
        190: _set_plane,
        200: _set_unit,
        210: _set_unit,
        280: _home,
        900: _set_relative,
        910: _set_relative,
        920: _set_position,
        k.OF_M + 820: _set_relative_e,
        k.OF_M + 830: _set_relative_e,
        k.OF_M + 2000: _set_volumetric,
        k.OF_M + 2210: _set_flow,
    }

    def _arc(self, rows: Rows, row: int, *, clockwise: bool) -> Array:
        """Chords of an arc, as `kernels.follow` would have written them."""
        if self.plane != 17 or rows.has(row, "K"):
            raise CommandError(f"an arc outside of the XY plane (G{self.plane})", row)
        start, before = self.state[:3].copy(), self.tools[:, k.FED].sum()
        # E and the end of the arc follow the rules of a straight move
        code, straight = np.zeros(1, np.int32), np.zeros((1, 13))
        mask = rows.mask[row : row + 1] & np.uint32(0x3FFFFFF)
        _, pieces, fault = k.follow(
            0, 1, code, mask, rows.values[row : row + 1], rows.said[row : row + 1], self.state,
            self.tools, straight,
        )  # fmt: skip
        if fault:
            raise CommandError(FAULTS[fault], row)
        words = {letter: rows.get(row, letter) for letter in "IJRP" if rows.has(row, letter)}
        try:
            points = arc_points(start, self.state[:3], words, self.state[k.UNIT], clockwise)
        except ValueError as error:
            raise CommandError(str(error), row) from None
        if not pieces or self.tools[:, k.FED].sum() <= before:
            return np.zeros((0, 13))
        chords = np.repeat(straight, len(points) - 1, axis=0)
        chords[:, 0:3], chords[:, 3:6] = points[:-1], points[1:]
        chords[:, 6] /= len(chords)
        chords[:, 12] = row
        return chords


_HARMLESS = (100, 110, 170, 180, 190, 200, 210, 280, 290, 300, 900, 910, 920)
