"""What a road is for: one set of names for the words of all slicers."""

from __future__ import annotations

from typing import Final

FEATURES: Final = (
    "unnamed",
    "outer wall",
    "inner wall",
    "overhang wall",
    "infill",
    "solid infill",
    "top",
    "bottom",
    "bridge",
    "gap fill",
    "ironing",
    "other",
    "skirt",
    "brim",
    "support",
    "prime tower",
    "custom",
)
"""Names of the codes in `Toolpath.feature`: of the tablet up to "other", beside it from "skirt"."""

UNNAMED, OTHER, CUSTOM = (FEATURES.index(name) for name in ("unnamed", "other", "custom"))
FIRST_BESIDE: Final = FEATURES.index("skirt")
"""Codes from here on are no part of the tablet."""

# Words of PrusaSlicer 2.x, Orca and Bambu, Cura, and of Slic3r with verbose G-code.
_WORDS = {
    "outer wall": "external perimeter, outer wall, wall outer",
    "inner wall": "perimeter, inner wall, wall inner, thin wall",
    "overhang wall": "overhang perimeter, overhang wall",
    "infill": "internal infill, sparse infill, infill, fill",
    "solid infill": "solid infill, internal solid infill, skin, floating vertical shell",
    "top": "top solid infill, top surface",
    "bottom": "bottom surface",
    "bridge": "bridge infill, internal bridge infill, bridge, internal bridge",
    "gap fill": "gap fill, gap infill",
    "ironing": "ironing",
    "skirt": "skirt, skirt brim",
    "brim": "brim",
    "support": "support material, support material interface, support, support interface, "
    "support transition, raft",
    "prime tower": "wipe tower, prime tower",
    "custom": "custom, undefined",
}
CODES: Final = {
    word: FEATURES.index(name) for name, words in _WORDS.items() for word in words.split(", ")
}
"""Code of a slicer's word, as `plain` writes it."""


def plain(word: str) -> str:
    """Write a slicer's word in small letters with single spaces.

    Examples
    --------
    >>> plain(" Skirt/Brim"), plain("WALL-OUTER")
    ('skirt brim', 'wall outer')
    """
    return " ".join(word.lower().replace("-", " ").replace("/", " ").replace("_", " ").split())
