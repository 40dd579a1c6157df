"""One layer of drops as a 1-bit TIFF: CCITT group 4, with its resolution."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from releasesim.units import um

INCH = 25400.0 * um


def tiff_bytes(drops: NDArray[np.bool_], pitch: tuple[float, float]) -> bytes:
    """One layer as an image: black where a drop falls, the first row furthest along y.

    Parameters
    ----------
    drops : (nx, ny) bool
        Places along x and y.
    pitch : (float, float)
        Of places along x and y [m].
    """
    from PIL import Image

    paper = np.where(drops.T[::-1], 0, 255).astype(np.uint8)
    image = Image.fromarray(paper).convert("1", dither=Image.Dither.NONE)
    made = io.BytesIO()
    dpi = (INCH / pitch[0], INCH / pitch[1])
    image.save(made, format="TIFF", compression="group4", dpi=dpi)
    return made.getvalue()
