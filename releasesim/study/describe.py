"""Nouns in one line each, as a notebook shows them."""

from __future__ import annotations

from collections.abc import Mapping

from releasesim.physics import Law, Physics
from releasesim.study.bath import Bath
from releasesim.study.run import Run
from releasesim.tablet import Formulation, Tablet
from releasesim.tablet.deviations import deviations
from releasesim.units import format_quantity


def tablet(tablet: Tablet) -> str:
    """Shape, infill, walls and layers of a tablet."""
    parts = [tablet.drawn.describe()]
    if tablet.shape.of_roads:
        parts.append("as printed")
    elif tablet.jetted is not None:
        count = tablet.jetted.layers
        parts.append(f"{count} layer{'s' * (count > 1)} of {tablet.jetted.inkjet.describe()}")
    elif tablet.infill is None:
        parts.append("solid")
    else:
        parts.append(tablet.infill.describe())
        parts.append(f"{tablet.walls} walls, {tablet.roofs} roofs, {tablet.floors} floors")
        parts.append(f"layers {format_quantity(tablet.layer_height, 'mm')}")
    parts += [f"{label.lower()} {words}" for label, words in deviations(tablet)]
    parts += [f"region {region.name}" for region in tablet.regions]
    parts += [f"layer {layer.name}" for layer in tablet.layers]
    return ", ".join(parts)


def formulation(made: Formulation) -> str:
    """Say what is in what, at which share."""
    drug = made.drug.name if made.drug else "drug"
    if made.concentration_given is not None:
        polymer = f" in {made.polymer.name}" if made.polymer else ""
        return f"{format_quantity(made.concentration_given, 'mg/mL')} {drug}{polymer}"
    polymer = made.polymer.name if made.polymer else "polymer"
    parts = [f"{format_quantity(made.drug_loading, '%')} {drug} in {polymer}"]
    more = (*made.further_drugs, *made.excipients)
    parts += [f"{format_quantity(share, '%')} {card.name}" for card, share in more]
    inert = made.inert_drugs
    parts += [f"{format_quantity(share, '%')} {card.name} (as mass)" for card, share in inert]
    return ", ".join(parts)


def physics(laws: Physics) -> str:
    """Laws that are on."""
    return named_laws({s: law for s, law in laws.laws().items() if not law.off}) or "nothing is on"


def named_laws(laws: Mapping[str, Law]) -> str:
    """Laws that are named, on or off."""
    return ", ".join(law.describe() for law in laws.values())


def bath(bath: Bath) -> str:
    """Medium, volume, apparatus, temperature."""
    parts = [bath.medium.name] if bath.medium else []
    parts.append("perfect sink" if bath.volume is None else format_quantity(bath.volume, "mL"))
    if bath.apparatus:
        parts.append(bath.apparatus.name)
    if bath.speed is not None:
        parts.append(format_quantity(bath.speed, "rpm"))
    parts.append(format_quantity(bath.temperature, "degC"))
    parts += ["sampled"] if bath.sampling else []
    parts += [f"changed at {format_quantity(event.at, 'h')}" for event in bath.events]
    return ", ".join(parts)


def run(run: Run) -> str:
    """End, output times, accuracy."""
    grid = (
        f"tolerance {format_quantity(run.tolerance, '%')}"
        if run.spacing is None
        else f"spacing {format_quantity(run.spacing, 'mm')}"
    )
    count = len(run.output_times())
    device = "" if run.device == "cpu" else f", on {run.device}"
    until = format_quantity(run.until, "h")
    return f"until {until}, {count} times, {grid}, seed {run.seed}{device}"
