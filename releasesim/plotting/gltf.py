"""Binary glTF 2.0: coloured surfaces in metres, for viewers in three dimensions."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from releasesim.plotting.section import part_colour
from releasesim.plotting.surfaces import Surface
from releasesim.version import __version__

_FLOAT, _UNSIGNED, _VERTICES, _INDICES = 5126, 5125, 34962, 34963
_MAGIC, _JSON, _BIN = 0x46546C67, 0x4E4F534A, 0x004E4942
#: glTF has y up: a quarter turn about x brings our z there.
_Z_UP = [-(0.5**0.5), 0.0, 0.0, 0.5**0.5]


def glb_bytes(surfaces: Sequence[Surface], names: Sequence[str], extras: dict[str, Any]) -> bytes:
    """Write surfaces as one .glb file.

    Parameters
    ----------
    surfaces : sequence of Surface
        One mesh each, in the colour that the part has in all pictures.
    names : sequence of str
        Of all parts of the tablet.
    extras : dict
        Where it comes from, for whoever reads the file.
    """
    chunks: list[bytes] = []
    accessors: list[dict[str, Any]] = []
    views: list[dict[str, Any]] = []
    for surface in surfaces:
        points = np.ascontiguousarray(surface.vertices, dtype="<f4")
        corners = np.ascontiguousarray(surface.triangles, dtype="<u4")
        accessors += [
            {
                "componentType": _FLOAT,
                "count": len(points),
                "type": "VEC3",
                "min": points.min(axis=0).tolist(),
                "max": points.max(axis=0).tolist(),
            },
            {"componentType": _UNSIGNED, "count": corners.size, "type": "SCALAR"},
        ]
        for data, target in ((points, _VERTICES), (corners, _INDICES)):
            begin = sum(map(len, chunks))
            views.append(
                {"buffer": 0, "byteOffset": begin, "byteLength": data.nbytes, "target": target}
            )
            accessors[len(views) - 1]["bufferView"] = len(views) - 1
            chunks.append(data.tobytes())  # whole words: the next one is aligned
    content = {
        "asset": {"version": "2.0", "generator": f"releasesim {__version__}", "extras": extras},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(surfaces)))}],
        "nodes": [
            {"name": names[s.part], "mesh": n, "rotation": _Z_UP} for n, s in enumerate(surfaces)
        ],
        "meshes": [_mesh(n, names[s.part]) for n, s in enumerate(surfaces)],
        "materials": [_material(s.part, names[s.part]) for s in surfaces],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": sum(map(len, chunks))}],
    }
    text = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(chunks)
    whole = 12 + 8 + len(text) + 8 + len(body)
    return b"".join(
        (
            struct.pack("<III", _MAGIC, 2, whole),
            struct.pack("<II", len(text), _JSON),
            text,
            struct.pack("<II", len(body), _BIN),
            body,
        )
    )


def _mesh(number: int, name: str) -> dict[str, Any]:
    places = {"POSITION": 2 * number}
    primitive = {"attributes": places, "indices": 2 * number + 1, "material": number}
    return {"name": name, "primitives": [primitive]}


def _material(part: int, name: str) -> dict[str, Any]:
    # glTF takes colours in linear light
    linear = [float(c) ** 2.2 for c in to_rgb(part_colour(part))]
    metal = {"baseColorFactor": [*linear, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.7}
    return {"name": name, "pbrMetallicRoughness": metal}
