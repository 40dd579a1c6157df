"""Printers: the limits a design has to respect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from releasesim.cards.card import Card, si
from releasesim.cards.reading import TableReader
from releasesim.cards.value import Value


@dataclass(frozen=True, kw_only=True, repr=False)
class Printer(Card):
    """A printer with its usual settings; ranges are its limits.

    Parameters
    ----------
    process : str
        fdm, powder_extrusion or inkjet.
    nozzle_diameter : Value
        [m].
    road_width, layer_height : Value
        Usual value and limits [m].
    min_gap : Value
        Narrowest gap between roads that stays open [m].
    build_x, build_y, build_z : Value
        Largest print [m].
    max_temperature : Value
        Of the nozzle [K].
    max_loading : Value
        Highest drug loading that usually feeds and prints, mass fraction [-].
    filament_diameter : Value or None
        [m]; None where it prints from powder.
    print_speed : Value or None
        Of the nozzle over the roads of a tablet [m/s]; None where it is not known.
    shortest_road : Value or None
        Shorter roads are laid with too much or too little: its flow starts and stops slowly [m].
    pitch : Value or None
        Distance of drops, of an inkjet printer [m].
    drop_volume : Value or None
        [m3].
    wet_layer : Value or None
        Ink over the area that it wets: above its range it runs before it dries [m].
    ink_viscosity : Value or None
        Of ink that it can eject [Pa.s].
    evaporation_rate : Value or None
        Solvent that leaves a layer [kg/m2/s].
    """

    kind: ClassVar[str] = "printer"

    process: str
    nozzle_diameter: Value = field(metadata=si("m"))
    road_width: Value = field(metadata=si("m"))
    layer_height: Value = field(metadata=si("m"))
    min_gap: Value = field(metadata=si("m"))
    build_x: Value = field(metadata=si("m"))
    build_y: Value = field(metadata=si("m"))
    build_z: Value = field(metadata=si("m"))
    max_temperature: Value = field(metadata=si("K"))
    max_loading: Value = field(metadata=si("1"))
    filament_diameter: Value | None = field(default=None, metadata=si("m"))
    print_speed: Value | None = field(default=None, metadata=si("m/s"))
    shortest_road: Value | None = field(default=None, metadata=si("m"))
    pitch: Value | None = field(default=None, metadata=si("m"))
    drop_volume: Value | None = field(default=None, metadata=si("m3"))
    wet_layer: Value | None = field(default=None, metadata=si("m"))
    ink_viscosity: Value | None = field(default=None, metadata=si("Pa*s"))
    evaporation_rate: Value | None = field(default=None, metadata=si("kg/m2/s"))

    @classmethod
    def _read_rest(cls, reader: TableReader) -> dict[str, Any]:
        return {"process": reader.choice("process", ("fdm", "powder_extrusion", "inkjet"))}

    def _words(self) -> list[str]:
        return [f"  process: {self.process}"]
