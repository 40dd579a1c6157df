"""Measured data as they are understood: rows for people, a dictionary for programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from releasesim.curve import Conditions, ReleaseTable, read_table
from releasesim.curve.flags import Flag
from releasesim.curve.header import TIME_UNITS
from releasesim.units import format_quantity

_MOST_VESSELS = 8  # beside mean and SD, on a screen


@dataclass(frozen=True, eq=False)
class CheckedData:
    """A table and how it shows itself.

    Parameters
    ----------
    path : Path
        The file.
    table : ReleaseTable
        As `ReleaseCurve.read` takes it.
    """

    path: Path
    table: ReleaseTable

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What looks odd, by cell."""
        return self.table.flags

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What was understood, label and value."""
        rows = [("read as", self.table.layout)]
        rows += [("sheet", self.table.sheet)] if self.table.sheet else []
        rows += _said(self.table.conditions)
        rows += [("done", note) for note in self.table.notes]
        return rows + [("not understood", remark) for remark in self.table.remarks]

    @property
    def head(self) -> list[str]:
        """Headings of the table."""
        head = [f"time [{self._unit}]", "released [%]"]
        head += ["SD [%]"] if self.table.sd is not None else []
        return head + [f"{i} [%]" for i in range(1, self._shown + 1)]

    @property
    def body(self) -> list[list[str]]:
        """Rows of the table in percent."""
        table, body = self.table, []
        for i, time in enumerate(table.time):
            row = [f"{time / TIME_UNITS[self._unit]:.6g}", f"{100 * table.fraction[i]:.2f}"]
            row += [f"{100 * table.sd[i]:.2f}"] if table.sd is not None else []
            if table.vessels is not None:
                row += [f"{100 * value:.2f}" for value in table.vessels[i, : self._shown]]
            body.append(row)
        return body

    def to_dict(self) -> dict[str, Any]:
        """Plain values in SI for JSON."""
        table = self.table
        return {
            "file": self.path,
            "sheet": table.sheet or None,
            "read_as": table.layout,
            "time_s": table.time.tolist(),
            "released_fraction": table.fraction.tolist(),
            "sd": None if table.sd is None else table.sd.tolist(),
            "n": table.n,
            "vessels": None if table.vessels is None else table.vessels.tolist(),
            "simulated": table.simulated,
            "conditions": {k: v for k, v in vars(table.conditions).items() if v is not None},
            "notes": list(table.notes),
            "not_understood": list(table.remarks),
            "flags": [{"cell": flag.cell, "words": flag.words} for flag in table.flags],
        }

    @property
    def _unit(self) -> str:
        last = float(self.table.time[-1])
        return "min" if last < 4 * 3600.0 else "h" if last < 8 * 86400.0 else "d"

    @property
    def _shown(self) -> int:
        vessels = self.table.vessels
        return 0 if vessels is None else min(vessels.shape[1], _MOST_VESSELS)


def checked(
    path: Path, column: str | None = None, sheet: str | None = None, said: Conditions | None = None
) -> CheckedData:
    """Read a file as `ReleaseCurve.read` does, and keep what it understood.

    Raises
    ------
    InputError
        As `ReleaseCurve.read`.
    """
    return CheckedData(path, read_table(path, column, sheet=sheet, said=said))


def _said(conditions: Conditions) -> list[tuple[str, str]]:
    """Conditions in the units of a laboratory."""
    shown = {
        "apparatus": conditions.apparatus,
        "medium": conditions.medium,
        "speed": _in(conditions.speed, "rpm"),
        "temperature": _in(conditions.temperature, "degC"),
        "volume": _in(conditions.volume, "mL"),
        "sampling volume": _in(conditions.sample_volume, "mL"),
        "replaced": _yes(conditions.replaced),
        "dose": _in(conditions.dose, "mg"),
        "corrected": _yes(conditions.corrected),
    }
    return [(label, value) for label, value in shown.items() if value is not None]


def _in(value: float | None, unit: str) -> str | None:
    return None if value is None else format_quantity(value, unit)


def _yes(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"
