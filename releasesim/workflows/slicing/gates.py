"""Gates: what a G-code has to hold before it is believed, one by one, each with its figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from releasesim.units import format_quantity, mg, mm

if TYPE_CHECKING:
    from releasesim.cards import Printer
    from releasesim.geometry.gcode import Toolpath
    from releasesim.printing import Printable
    from releasesim.workflows.slicing.beads import Beads
    from releasesim.workflows.slicing.expected import Expected

FILAMENT = 1e-3
"""Most that integrated E may differ from what the slicer says that it used [-]."""
LAST_DIGIT = 0.005 * mm
"""Half the last digit in which the slicer says it [m]: of a very small tablet that is more."""
VOLUME = 0.02
DOSE = 0.02
"""Most that volume and drug may differ from the design's [-]."""
SPARSE = 0.05
"""Most that sparse infill may differ from the design's, as a share of a tool's volume [-]."""
CLOSING = 0.02
"""Most of the cross-section that may lie in gaps which close, by the printer's card [-]."""
THIN = 0.01
"""Most of the volume that may lie in beads too narrow for the printer [-]."""

KINDS = {
    "walls": ("outer wall", "inner wall", "overhang wall"),
    "solid infill": ("solid infill", "top", "bottom", "bridge"),
    "sparse infill": ("infill",),
}
"""Kinds of road that a design speaks of, and their names in a G-code."""


@dataclass(frozen=True)
class Gate:
    """One thing that was checked.

    Parameters
    ----------
    name : str
    passed : bool
    words : str
        What was found and what is allowed.
    found, allowed : float or None
        The same as numbers, where there are: a difference [-].
    """

    name: str
    passed: bool
    words: str
    found: float | None = None
    allowed: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"name": self.name, "passed": self.passed, "words": self.words} | {
            key: value
            for key, value in (("found", self.found), ("allowed", self.allowed))
            if value is not None
        }


def check_all(
    path: Toolpath,
    beads: Beads,
    expected: Sequence[Expected],
    made: Printable,
    printer: Printer | None,
) -> list[Gate]:
    """Check a G-code against its design.

    Parameters
    ----------
    path : Toolpath
        All of it.
    beads : Beads
        What its roads cover.
    expected : sequence of Expected
        What each tool has to lay.
    made : Printable
        The tablet that was sliced.
    printer : Printer or None
        Card, for its limits.
    """
    tablet = path.tablet
    return [
        *filament(path),
        *volumes(tablet, expected),
        dose(tablet, expected),
        *features(tablet, expected),
        box(tablet, made),
        narrowest_bead(tablet, made, printer),
        *narrowest_gap(beads, printer),
    ]


def filament(path: Toolpath) -> Iterator[Gate]:
    """Compare integrated E with the slicer's own sum: it catches what a parser misreads."""
    for tool, fed in path.filament.items():
        said = path.declared_filament.get(tool)
        if said is None:
            yield Gate(f"filament T{tool}", False, "the G-code does not say what it uses")
            continue
        if not said and not fed:
            continue
        off = abs(fed / said - 1.0) if said else 1.0
        allowed = max(FILAMENT, LAST_DIGIT / said) if said else FILAMENT
        words = f"{fed / mm:.2f} mm by E, {said / mm:.2f} mm by the slicer's own sum"
        yield Gate(f"filament T{tool}", off <= allowed, words, off, allowed)


def volumes(tablet: Toolpath, expected: Iterable[Expected]) -> Iterator[Gate]:
    """Compare what each tool lays with the design."""
    wanted = {one.tool: one.volume for one in expected}
    for tool in sorted({*wanted, *tablet.tools}):
        volume, design = tablet.volume_of(tool), wanted.get(tool, 0.0)
        off = abs(volume / design - 1.0) if design else 1.0
        words = f"{volume / mm**3:.2f} mm3, designed {design / mm**3:.2f} mm3"
        yield Gate(f"volume T{tool}", off <= VOLUME, words, off, VOLUME)


def dose(tablet: Toolpath, expected: Iterable[Expected]) -> Gate:
    """Compare the drug in what is laid with the design's."""
    expected = list(expected)
    wanted = sum(one.drug for one in expected)
    found = sum(one.drug * tablet.volume_of(one.tool) / one.volume for one in expected)
    off = abs(found / wanted - 1.0) if wanted else 0.0
    words = f"{found / mg:.4g} mg, designed {wanted / mg:.4g} mg"
    return Gate("dose", off <= DOSE, words, off, DOSE)


def features(tablet: Toolpath, expected: Iterable[Expected]) -> Iterator[Gate]:
    """Look for the roads that each tool has to lay, and for those it must not."""
    if not tablet.features_named:
        yield Gate("roads", False, "the G-code does not say what its roads are for")
        return
    for one in expected:
        laid = {kind: _laid(tablet, one.tool, names) for kind, names in KINDS.items()}
        wrong = [
            f"{kind} {'missing' if wanted else 'there all the same'}"
            for kind, wanted in one.features.items()
            if wanted != (laid[kind] > 0.0)
        ]
        off = abs(laid["sparse infill"] - one.sparse_volume) / one.volume
        if not wrong and off > SPARSE and not one.full:
            wrong = [
                f"sparse infill of {laid['sparse infill'] / mm**3:.1f} mm3, designed "
                f"{one.sparse_volume / mm**3:.1f} mm3"
            ]
        there = ", ".join(kind for kind, volume in laid.items() if volume > 0.0)
        words = "; ".join(wrong) or f"{there}: as designed"
        yield Gate(f"roads T{one.tool}", not wrong, words, off, SPARSE)


def _laid(tablet: Toolpath, tool: int, names: tuple[str, ...]) -> float:
    """Volume that a tool lays in roads of some names [m3]."""
    codes = [tablet.feature_names.index(name) for name in names]
    own = (tablet.tool == tool) & np.isin(tablet.feature, codes)
    return float(tablet.volume[own].sum())


def box(tablet: Toolpath, made: Printable) -> Gate:
    """Compare length, width and height with the drawing."""
    low, high = tablet.box
    found, design = high - low, np.array(made.tablet.body.size)
    # roads are counted with a square section, and without walls they end inside the outline
    room = made.tablet.road_width * (0.5 if made.tablet.walls else 1.5)
    allowed = np.array([room, room, made.tablet.layer_height])
    passed = bool((np.abs(found - design) <= allowed).all())
    sizes = [" x ".join(f"{size / mm:.2f}" for size in sizes) for sizes in (found, design)]
    words = f"{sizes[0]} mm, designed {sizes[1]} mm"
    return Gate("size", passed, words, float(np.abs(found / design - 1.0).max()))


def narrowest_bead(tablet: Toolpath, made: Printable, printer: Printer | None) -> Gate:
    """Look for beads that no printer lays: narrower than the card says, or than half a road."""
    rounded = made.tablet.road_width - made.tablet.road_spacing
    moving = tablet.length > 0.0
    width, volume = tablet.width[moving] + rounded, tablet.volume[moving]
    least = 0.5 * made.tablet.road_width if printer is None else float(printer.road_width.range[0])
    thin = float(volume[width < least * (1 - 1e-3)].sum() / volume.sum())
    words = (
        f"{100 * thin:.2g} % of the volume in beads below {format_quantity(least, 'mm', 3)}; "
        f"the narrowest is {width.min() / mm:.3f} mm"
    )
    return Gate("narrowest bead", thin <= THIN, words, thin, THIN)


def narrowest_gap(beads: Beads, printer: Printer | None) -> Iterator[Gate]:
    """Look for gaps so narrow that they close, where a card says which do."""
    if printer is None or not beads.gaps.size:
        return
    least = float(printer.min_gap)
    closing = beads.share_of_gaps_below(least)
    words = (
        f"{100 * closing:.2g} % of the body in gaps below {format_quantity(least, 'mm', 3)}; "
        f"half of what is open lies in gaps below {beads.middle_gap / mm:.2f} mm"
    )
    yield Gate("narrowest gap", closing <= CLOSING, words, closing, CLOSING)
