"""What a tablet takes to print and to swallow: time of extrusion, mass."""

from __future__ import annotations

from releasesim.geometry.roads import RoadModel
from releasesim.optimization.fault import Fault
from releasesim.study import DesignSpec, Study
from releasesim.tablet import Formulation, Tablet
from releasesim.units import format_quantity


def print_time(tablet: Tablet, study: Study) -> float:
    """Time for which the nozzle extrudes [s]; nan without a printer that says how fast it is.

    Travel, heating and cooling are left out: they depend on the machine more than on the tablet.
    """
    speed = None if study.printer is None else study.printer.print_speed
    if speed is None:
        return float("nan")
    road = RoadModel(tablet.road_width, tablet.layer_height)
    return tablet.deposited_volume / (road.area * float(speed))


def mass_of(tablet: Tablet) -> float:
    """Mass of the tablet, pores counted [kg]; nan where no density is known."""
    packed = 1.0 - tablet.porosity
    return sum(
        packed * volume * _density(part.formulation)
        for part, volume in zip(tablet.parts, tablet.part_volumes, strict=True)
    )


def _density(formulation: Formulation) -> float:
    known = formulation.concentration_given is None or formulation.density_given is not None
    return formulation.density if known else float("nan")


def effort_fault(tablet: Tablet, study: Study, spec: DesignSpec) -> str:
    """Why a tablet takes too long to print or is too heavy; empty where neither holds."""
    time, mass = print_time(tablet, study), mass_of(tablet)
    if spec.max_print_time is not None and time > spec.max_print_time:
        limit = format_quantity(spec.max_print_time, "min", 3)
        words = f"takes {format_quantity(time, 'min', 3)} to extrude: at most {limit} is asked"
        return Fault(words, "time", time / spec.max_print_time - 1.0)
    if spec.max_mass is not None and mass > spec.max_mass:
        limit = format_quantity(spec.max_mass, "mg", 3)
        words = f"weighs {format_quantity(mass, 'mg', 3)}: at most {limit} is asked"
        return Fault(words, "mass", mass / spec.max_mass - 1.0)
    return ""
