"""How a print differs from its drawing, in words: for reports, notices and the manifest."""

from __future__ import annotations

from collections.abc import Iterator

from releasesim.errors import InputError
from releasesim.tablet.tablet import Tablet
from releasesim.units import format_quantity


def deviations(tablet: Tablet) -> Iterator[tuple[str, str]]:
    """Label and value of everything that was said of the print and not of the drawing."""
    if tablet.oversize:
        yield "Prints larger than drawn by", format_quantity(tablet.oversize, "%")
    if tablet.measured_height is not None:
        height = format_quantity(tablet.measured_height, "mm")
        yield "Measured height", f"{height}, {tablet.stretch:.4g} times the expected"
    if tablet.flow != 1.0:
        asked = "of what is asked of the printer"
        yield "Deposited material", f"{format_quantity(tablet.flow, '%')} {asked}"
    if tablet.gap_porosity:
        yield "Gaps between touching roads", format_quantity(tablet.gap_porosity, "%")
    if tablet.porosity:
        yield "Porosity of the roads", format_quantity(tablet.porosity, "%")
    if tablet.mass_spread:
        spread = format_quantity(tablet.mass_spread, "%")
        yield "Spread of mass from tablet to tablet", f"{spread} (relative standard deviation)"


def measured(tablet: Tablet) -> Iterator[str]:
    """Say how the print differs from its drawing, and what a measured mass or height rescaled."""
    said = "; ".join(f"{label.lower()} {words}" for label, words in deviations(tablet))
    if said:
        yield f"simulated as it is printed, not as drawn: {said}"
    if tablet.mass is not None:
        yield f"measured mass {format_quantity(tablet.mass, 'mg')}{_against_nominal(tablet)}"
    if tablet.measured_height is not None:
        height = format_quantity(tablet.measured_height, "mm")
        what = "heights and volume" if tablet.mass else "heights, volume, mass and dose"
        yield (
            f"measured height {height} is {tablet.stretch:.4g} times the expected: {what} are "
            "rescaled to it"
        )
    if tablet.is_solid and tablet.flow * (1.0 - tablet.gap_porosity) > 1.0:
        yield (
            f"flow {format_quantity(tablet.flow, '%')}: an exact solid has no roads to widen; mass "
            "and dose are larger, the body is not: give an infill, or oversize"
        )


def _against_nominal(tablet: Tablet) -> str:
    try:
        scale = tablet.material_scale
    except InputError:  # a formulation given by its concentration has no density
        return ": no density is known, so nothing can be rescaled to it"
    nominal = format_quantity(tablet.mass / scale if tablet.mass else 0.0, "mg")
    return f" is {scale:.4g} times the expected {nominal}: material and drug are rescaled to it"
