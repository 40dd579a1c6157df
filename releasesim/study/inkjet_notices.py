"""What a formulator expects to be told of an inkjet print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from releasesim.units import format_quantity

if TYPE_CHECKING:
    from releasesim.study.study import Study
    from releasesim.tablet.jetted import Jetted

#: Times the drug's mass above which solvent is spoken of.
_MUCH_SOLVENT = 5.0


def inkjet_notices(study: Study) -> Iterator[str]:
    """Say what becomes of drops, lines and solvent; nothing of a tablet that is not of ink."""
    jetted = study.tablet.jetted
    if jetted is None:
        return
    yield from _height(jetted)
    yield from _gaps(jetted)
    if not study.tablet.drawn.extruded:
        yield (
            f"a {study.tablet.drawn.kind} hangs over: ink does not stand in the air, it needs a "
            "support of another ink"
        )
    yield from _solvent(study, jetted)


def _height(jetted: Jetted) -> Iterator[str]:
    drawn = jetted.tablet.drawn_height
    if jetted.inkjet.layers is None and abs(jetted.height - drawn) > 1e-3 * drawn:
        yield (
            f"printed height is {format_quantity(jetted.height, 'um')}, not "
            f"{format_quantity(drawn, 'um')}: {jetted.layers} whole layers of "
            f"{format_quantity(jetted.thickness, 'um')}"
        )


def _gaps(jetted: Jetted) -> Iterator[str]:
    inkjet = jetted.inkjet
    if inkjet.has_gaps:
        yield (
            f"{100 * (1 - inkjet.wet):.3g} % of the area stays open, through all layers: "
            f"{'spots' if inkjet.drops else 'lines'} do not reach across"
        )
    elif inkjet.drops and inkjet.filled < 1.0:
        yield (
            f"coverage {format_quantity(inkjet.filled, '%')}: spots bridge all gaps, so layers are "
            "thinner in proportion and without holes"
        )


def _solvent(study: Study, jetted: Jetted) -> Iterator[str]:
    """Solvent load, not the number of drops, limits the dose."""
    ink, dose = jetted.inkjet.ink, study.tablet.dose()
    printer = study.printer
    if printer is not None and printer.wet_layer is not None:
        wet, most = jetted.inkjet.wet_thickness, float(printer.wet_layer.range[1])
        if wet > most * (1.0 + 1e-9):
            yield (
                f"wet layers of {format_quantity(wet, 'um')} run: {printer.name} dries at most "
                f"{format_quantity(most, 'um')}; smaller drops, and more layers"
            )
    if ink.solids is None or ink.density is None:
        return
    parts = range(len(study.tablet.parts))
    volume = sum(jetted.ink_volume(number) for number in parts)
    solvent = volume * ink.density * (1.0 - ink.solids)
    if dose > 0.0 and solvent > _MUCH_SOLVENT * dose:
        yield (
            f"{format_quantity(solvent, 'mg')} of solvent have to leave for "
            f"{format_quantity(dose, 'mg')} of drug: drying, not jetting, limits the dose"
        )
    if printer is None or printer.evaporation_rate is None or jetted.inkjet.drying is None:
        return
    load = jetted.inkjet.wet_thickness * ink.density * (1.0 - ink.solids)
    needed = load / float(printer.evaporation_rate)
    if needed > jetted.inkjet.drying * (1.0 + 1e-9):
        yield (
            f"a layer needs about {format_quantity(needed, 'min')} to dry on {printer.name}, and "
            f"has {format_quantity(jetted.inkjet.drying, 'min')}"
        )
