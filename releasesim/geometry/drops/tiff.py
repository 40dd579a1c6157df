"""One layer of drops from a TIFF file: 1 bit a pixel, looked at before it is unpacked."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError

Places = NDArray[np.bool_]

MOST_PIXELS = 100_000_000
INCH = 0.0254  # [m]
_RESOLUTION = (282, 283)  # tags, along x and y
_SAME = 0.01
"""Share by which a resolution may differ from the pitch: some programs write whole numbers."""


def read_tiff(
    data: bytes,
    shape: tuple[int, int],
    *,
    black: bool,
    pitch: tuple[float, float] | None = None,
) -> Places:
    """Drops of one layer, (nx, ny), x to the right and y upwards.

    Parameters
    ----------
    data : bytes
        The file.
    shape : (int, int)
        Pixels along x and y that it has to have.
    black : bool
        Whether a black pixel is a drop, or a white one.
    pitch : (float, float), optional
        Of places along x and y [m], with which a resolution in the file has to agree.

    Raises
    ------
    GeometryError
        No TIFF, of another size or resolution, of more than one bit, of several pages, or cut off.
    """
    from PIL import Image, TiffImagePlugin

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            image = TiffImagePlugin.TiffImageFile(io.BytesIO(data))
            _check(image, shape)
            if pitch is not None:
                _check_resolution(image, pitch)
            image.load()
    except GeometryError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise GeometryError("says that it has more pixels than a layer can have") from None
    except Exception as error:  # whatever a foreign file does to a foreign reader
        words = " ".join(str(error).split()) or type(error).__name__
        shown = "".join(c for c in words if c.isprintable())[:120]
        raise GeometryError(f"is no TIFF that can be read: {shown}") from None
    drops = np.asarray(image, dtype=bool)
    return np.ascontiguousarray((~drops if black else drops)[::-1].T)


def _check_resolution(image, pitch: tuple[float, float]) -> None:  # type: ignore[no-untyped-def]
    """Refuse an image that would be printed in another size than it is simulated in."""
    said = image.info.get("dpi") if set(_RESOLUTION) <= set(image.tag_v2) else None
    if not said or not all(float(dpi) > 0.0 for dpi in said):
        return  # it says none, or none in inches or centimetres
    asked = [INCH / step for step in pitch]
    if any(abs(float(dpi) / wanted - 1.0) > _SAME for dpi, wanted in zip(said, asked, strict=True)):
        found, wanted = (" x ".join(f"{float(dpi):.5g}" for dpi in both) for both in (said, asked))
        raise GeometryError(f"says {found} dpi, and the manifest's pitch is {wanted} dpi")


def _check(image, shape: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]  # of Pillow
    """Refuse an image by its header alone."""
    if image.width * image.height > MOST_PIXELS:
        raise GeometryError(
            f"says that it has {image.width} x {image.height} pixels, at most {MOST_PIXELS:.0e}"
        )
    if image.mode != "1":
        raise GeometryError(f'is of mode "{image.mode}", not 1 bit a pixel')
    if image.size != shape:
        raise GeometryError(
            f"has {image.width} x {image.height} pixels, the manifest says {shape[0]} x {shape[1]}"
        )
    if getattr(image, "n_frames", 1) != 1:
        raise GeometryError(f"has {image.n_frames} pages, not one")
