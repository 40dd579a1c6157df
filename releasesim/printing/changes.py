"""Several materials through one nozzle: the filament is changed between the layers of a stack."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from releasesim.units import format_quantity

if TYPE_CHECKING:
    from releasesim.tablet import Tablet

CHANGE = "M600"
"""G-code that asks for another filament, where a slicer would change the tool."""


def with_changes(tablet: Tablet) -> Tablet:
    """Give each material of a stack that one extruder prints a number of its own, from 1 on.

    Layers of one material and tablets with regions stay as they are: regions side by side would
    need two changes in every layer.
    """
    layers = tablet.layers
    made = [layer.formulation or tablet.formulation for layer in layers]
    if len({layer.extruder for layer in layers}) != 1 or len(dict.fromkeys(made)) == 1:
        return tablet
    numbers = {formulation: 1 + n for n, formulation in enumerate(dict.fromkeys(made))}
    numbered = zip(layers, made, strict=True)
    return tablet.replace(layers=tuple(replace(one, extruder=numbers[m]) for one, m in numbered))


def change_notes(asked: Tablet, made: Tablet) -> tuple[str, ...]:
    """Say where the filament is changed; nothing where no extruder was given another number."""
    if asked is made:
        return ()
    notes, height = [], 0.0
    for below, above in itertools.pairwise(made.layers):
        height += below.thickness
        if below.extruder != above.extruder:
            at = format_quantity(height, "mm")
            notes.append(
                f"one extruder, and '{above.name}' is of another material than '{below.name}': the "
                f"G-code asks for another filament ({CHANGE}) at a height of {at}; purge the "
                "nozzle then. A printer with two extruders: give each layer its own"
            )
    return tuple(notes)
