"""Shards on disk: one file each, named by its content, whole or not there."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from releasesim.errors import InputError
from releasesim.files import write_atomic
from releasesim.sweep.plan import Plan, Shard

#: Age from which a half-written file was left behind by a process that was killed [s].
_STALE = 60.0

Row = dict[str, Any]
"""What a run gave: measures by name; or `refused` or `quarantined`, with the reason."""


@dataclass(frozen=True)
class Store:
    """The folder of a sweep.

    Parameters
    ----------
    folder : Path
        Made if absent.
    """

    folder: Path

    def open(self, plan: Plan, *, resume: bool) -> None:
        """Make the folder, or see that what lies in it belongs to the same plan.

        What a killed process left half-written is thrown away.

        Raises
        ------
        InputError
            Another sweep lies there, or part of this one and nobody asked to resume.
        """
        file = self.folder / "plan.json"
        wanted = plan.to_dict()
        if file.exists():
            self._same(file, wanted, resume)
        self._shards.mkdir(parents=True, exist_ok=True)
        (self.folder / "seconds").mkdir(exist_ok=True)
        for half in self.folder.glob("*/.*.part"):
            with suppress(FileNotFoundError):  # a younger one is being written: it may be gone
                if time.time() - half.stat().st_mtime > _STALE:
                    half.unlink()
        write_atomic(file, json.dumps(wanted, indent=1) + "\n")

    def _same(self, file: Path, wanted: dict[str, Any], resume: bool) -> None:
        try:
            there = json.loads(file.read_bytes())
        except (ValueError, OSError):
            raise InputError("is no plan of a sweep: choose another --out", file) from None
        if there != wanted:
            raise InputError("is the plan of another sweep: choose another --out", file)
        if not resume:
            raise InputError("this sweep was begun here: --resume goes on with it", file)

    @property
    def _shards(self) -> Path:
        return self.folder / "shards"

    def write(self, shard: Shard, rows: Sequence[Row], seconds: float) -> None:
        """Write a finished shard; its time first, which is no part of the result."""
        write_atomic(self.folder / "seconds" / shard.name, f"{seconds:.6f}\n")
        text = json.dumps(rows, ensure_ascii=False, allow_nan=False, indent=0)
        write_atomic(self._shards / f"{shard.name}.json", text + "\n")

    def read(self, shard: Shard) -> list[Row] | None:
        """Rows of a shard; None where it is missing or no rows of it."""
        file = self._shards / f"{shard.name}.json"
        try:
            rows = json.loads(file.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        indices = [row.get("run") for row in rows] if isinstance(rows, list) else []
        return rows if indices == [job.index for job in shard.jobs] else None

    def seconds(self, shard: Shard) -> float:
        """Wall time that a shard took [s]; NaN where it was not kept."""
        try:
            return float((self.folder / "seconds" / shard.name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return float("nan")
