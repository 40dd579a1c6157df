"""Limits of a printer: why it cannot print a tablet, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from releasesim.geometry.infill import narrowest_gap
from releasesim.geometry.roads import RoadModel
from releasesim.units import format_quantity

if TYPE_CHECKING:
    from releasesim.cards import Polymer, Printer
    from releasesim.tablet.formulation import Formulation
    from releasesim.tablet.inkjet import Inkjet
    from releasesim.tablet.tablet import Tablet

#: Rounding of units.
_ROUNDING = 1e-9


def road_faults(tablet: Tablet, printer: Printer) -> Iterator[str]:
    """Say which roads, gaps and sizes of a tablet of roads a printer cannot make."""
    for name, value, (low, high) in (
        ("road width", tablet.road_width, printer.road_width.range),
        ("layer height", tablet.layer_height, printer.layer_height.range),
    ):
        if not low * (1 - _ROUNDING) <= value <= high * (1 + _ROUNDING):
            yield (
                f"{name} {value * 1e3:.3g} mm is outside the printer's "
                f"{low * 1e3:.3g} to {high * 1e3:.3g} mm"
            )
    road = RoadModel(tablet.road_width, tablet.layer_height)
    gaps = [narrowest_gap(part.infill, road) for part in tablet.parts if part.infill is not None]
    closed = [gap for gap in gaps if 0.0 < gap < printer.min_gap]
    if closed:
        yield (
            f"gaps of {min(closed) * 1e3:.2g} mm between roads: below the printer's "
            f"{printer.min_gap * 1e3:.2g} mm they close"
        )
    sizes = (printer.build_x, printer.build_y, printer.build_z)
    if any(size > limit for size, limit in zip(tablet.body.size, sizes, strict=True)):
        yield "larger than the printer's build volume"


def ink_faults(tablet: Tablet, printer: Printer) -> Iterator[str]:
    """Say which drops and sizes of a tablet of ink a printer cannot make."""
    inkjet = tablet.inkjet
    if inkjet is None:
        return
    for name, value, limits, unit in (
        ("pitch", inkjet.pitch, printer.pitch, "um"),
        ("pitch_y", inkjet.pitch_y, printer.pitch, "um"),
        ("drop_volume", inkjet.drop_volume, printer.drop_volume, "pL"),
        ("line_width", inkjet.line_width, printer.road_width, "um"),
    ):
        if value is None or limits is None:
            continue
        low, high = limits.range
        if not low * (1 - _ROUNDING) <= value <= high * (1 + _ROUNDING):
            yield (
                f"{name} {format_quantity(value, unit)} is outside the printer's "
                f"{format_quantity(low, unit)} to {format_quantity(high, unit)}"
            )
    yield from _too_thick(tablet, inkjet, printer)
    sizes = (printer.build_x, printer.build_y, printer.build_z)
    if any(size > limit for size, limit in zip(tablet.body.size, sizes, strict=True)):
        yield "larger than the printer's build volume"


def _too_thick(tablet: Tablet, inkjet: Inkjet, printer: Printer) -> Iterator[str]:
    """Say which inks the head cannot eject, or drips."""
    if printer.ink_viscosity is None:
        return
    low, high = printer.ink_viscosity.range
    inks = dict.fromkeys(part.ink or inkjet.ink for part in tablet.parts)
    for viscosity in (ink.viscosity for ink in inks):
        if viscosity is not None and not low * (1 - _ROUNDING) <= viscosity <= high * (
            1 + _ROUNDING
        ):
            yield (
                f"ink of {format_quantity(viscosity, 'cP')} is outside the "
                f"{format_quantity(low, 'cP')} to {format_quantity(high, 'cP')} that the printer "
                "ejects"
            )


def material_faults(tablet: Tablet, printer: Printer) -> Iterator[str]:
    """Say which materials of a tablet a printer cannot melt or feed."""
    for made in dict.fromkeys(part.formulation for part in tablet.parts):
        if made.polymer is not None:
            yield from _too_hot(made.polymer, printer)
            yield from _too_loaded(made, printer)


def _too_hot(polymer: Polymer, printer: Printer) -> Iterator[str]:
    nozzle, limit = float(polymer.nozzle_temperature), float(printer.max_temperature)
    if nozzle > limit:
        yield (
            f"{polymer.name} prints at {format_quantity(nozzle, 'degC')}, hotter than the "
            f"printer's {format_quantity(limit, 'degC')}"
        )


def _too_loaded(made: Formulation, printer: Printer) -> Iterator[str]:
    most = float(printer.max_loading.range[1])
    if made.concentration_given is None and made.loading > most * (1 + _ROUNDING):
        yield (
            f"drug_loading {format_quantity(made.loading, '%')} is above the "
            f"{format_quantity(most, '%')} that the printer feeds"
        )
