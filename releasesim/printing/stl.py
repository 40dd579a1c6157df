"""Binary STL: triangles and nothing else, in millimetres."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from releasesim.printing.mesh import Vertices, triangles

if TYPE_CHECKING:
    from manifold3d import Manifold

_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def stl_bytes(mesh: Manifold, words: str) -> bytes:
    """Binary STL of a mesh.

    Parameters
    ----------
    mesh : Manifold
        Closed body [mm].
    words : str
        For the header, which holds 80 characters; never starting with "solid".
    """
    vertices, corners = triangles(mesh)
    facets = np.zeros(len(corners), dtype=_FACET)
    facets["corners"] = vertices[corners]
    facets["normal"] = _normals(facets["corners"].astype(np.float64))
    header = words.encode("ascii", "replace")[:80].ljust(80, b" ")
    return header + struct.pack("<I", len(facets)) + facets.tobytes()


def _normals(corners: Vertices) -> Vertices:
    """Return unit normals of triangles (m, 3, 3), (m, 3); 0 for a triangle without area."""
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    return np.asarray(normal / np.where(length > 0.0, length, 1.0))
