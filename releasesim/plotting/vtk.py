"""VTK image data (.vti): every cell of a grid with its region and what it holds."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import VoxelGrid

_TYPES = {"f4": "Float32", "i2": "Int16", "u1": "UInt8"}
_BLOCK = 1 << 20
_LEVEL = 6


def vti_text(grid: VoxelGrid, values: Mapping[str, NDArray], time: float) -> str:  # type: ignore[type-arg]
    """Write values of cells as ImageData.

    Parameters
    ----------
    grid : VoxelGrid
    values : mapping of str to (nx, ny, nz) ndarray
        float32, int16 or uint8; the first is what viewers show.
    time : float
        [s].
    """
    nx, ny, nz = grid.shape
    start = (o - 0.5 * h for o, h in zip(grid.origin, grid.spacing, strict=True))
    extent = f"0 {nx} 0 {ny} 0 {nz}"
    arrays = "\n".join(_array(name, value) for name, value in values.items())
    return (
        '<?xml version="1.0"?>\n'
        '<VTKFile type="ImageData" version="1.0" byte_order="LittleEndian" header_type="UInt32" '
        'compressor="vtkZLibDataCompressor">\n'
        f'<ImageData WholeExtent="{extent}" Origin="{_numbers(start)}" '
        f'Spacing="{_numbers(grid.spacing)}">\n'
        '<FieldData><DataArray type="Float64" Name="TimeValue" NumberOfTuples="1" format="ascii">'
        f"{time!r}</DataArray></FieldData>\n"
        f'<Piece Extent="{extent}">\n'
        f"<CellData Scalars={quoteattr(next(iter(values)))}>\n{arrays}\n</CellData>\n"
        "</Piece>\n</ImageData>\n</VTKFile>\n"
    )


def pvd_text(files: Mapping[str, float]) -> str:
    """Write the collection that tells a viewer which file belongs to which time [s]."""
    rows = "\n".join(
        f'<DataSet timestep="{time!r}" file={quoteattr(name)}/>' for name, time in files.items()
    )
    return (
        '<?xml version="1.0"?>\n<VTKFile type="Collection" version="1.0">\n'
        f"<Collection>\n{rows}\n</Collection>\n</VTKFile>\n"
    )


def _array(name: str, value: NDArray) -> str:  # type: ignore[type-arg]
    kind = _TYPES[value.dtype.str[1:]]
    data = np.asfortranarray(value).tobytes(order="F")  # x runs fastest
    return (
        f'<DataArray type="{kind}" Name={quoteattr(name)} format="binary">'
        f"{_compressed(data)}</DataArray>"
    )


def _compressed(data: bytes) -> str:
    """Blocks as VTK has them: how many, how large, how large the last, then each one's size."""
    blocks = [zlib.compress(data[n : n + _BLOCK], _LEVEL) for n in range(0, len(data), _BLOCK)]
    head = struct.pack("<3I", len(blocks), _BLOCK, len(data) % _BLOCK)
    head += struct.pack(f"<{len(blocks)}I", *map(len, blocks))
    return base64.b64encode(head).decode() + base64.b64encode(b"".join(blocks)).decode()


def _numbers(values) -> str:  # type: ignore[no-untyped-def]
    return " ".join(repr(float(value)) for value in values)
