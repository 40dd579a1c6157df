"""Tables of a manifest that others may have written: every value is looked at, by its name."""

from __future__ import annotations

from typing import Any

from releasesim.errors import GeometryError
from releasesim.units import mm


class Table:
    """A table of the manifest; complains by name."""

    def __init__(self, data: Any, name: str) -> None:
        if not isinstance(data, dict):
            raise GeometryError(f"{name or 'the manifest'} must be a table")
        self.data, self.name = data, name

    def get(self, key: str) -> Any:
        """What stands there; None where nothing does."""
        return self.data.get(key)

    def inside(self, key: str) -> Table:
        """A table in this one."""
        return Table(self.get(key), self._name(key))

    def items(self, key: str, low: int, high: int) -> list[Table]:
        """A list of tables of bounded length."""
        found = self.get(key)
        if not isinstance(found, list) or not low <= len(found) <= high:
            raise GeometryError(f"{self._name(key)} must be a list of {low} to {high} tables")
        return [Table(one, f"{self._name(key)}[{n}]") for n, one in enumerate(found)]

    def number(
        self,
        key: str,
        unit: float,
        place: int | None = None,
        *,
        low: float | None = None,
        high: float = 0.0,
    ) -> float:
        """A number, in the unit of its name; above 0 where no lower bound is given."""
        found = self._at(key, place)
        most = high or 200.0 * mm / unit
        good = isinstance(found, int | float) and not isinstance(found, bool)
        if not good or not (low or 0.0) <= found <= most:  # NaN is not either
            raise GeometryError(f"{self._name(key)} must be a number, at most {most:g}")
        if found == 0 and low is None:
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
