"""Mesh files made by hand, by code that knows nothing of the readers."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np

CUBE_POINTS = np.array([[x, y, z] for x in (0.0, 10.0) for y in (0.0, 10.0) for z in (0.0, 10.0)])
CUBE = np.array(
    [
        [0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
        [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3],
    ]
)  # fmt: skip
"""Triangles of a cube, counter-clockwise from outside."""
CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="model" ContentType="x"/></Types>'
)
CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"


def cube(size=10.0, at=(0.0, 0.0, 0.0)):
    """Corners of the triangles of a cube, (12, 3, 3)."""
    return (CUBE_POINTS * (size / 10.0) + np.asarray(at))[CUBE]


def binary_stl(corners, count=None):
    """Bytes of an STL; `count` lies about the number of facets."""
    facets = np.zeros(
        len(corners), dtype=[("n", "<f4", 3), ("c", "<f4", (3, 3)), ("attribute", "<u2")]
    )
    facets["c"] = corners
    head = b"made by a test".ljust(80)
    return head + struct.pack("<I", len(corners) if count is None else count) + facets.tobytes()


def text_stl(corners, end="endsolid cube\n"):
    lines = ["solid cube"]
    for facet in corners:
        lines += ["facet normal 0 0 0", "outer loop"]
        lines += [f"vertex {x} {y} {z}" for x, y, z in facet]
        lines += ["endloop", "endfacet"]
    return ("\n".join(lines) + "\n" + end).encode()


def obj(points, triangles):
    rows = [f"v {x} {y} {z}" for x, y, z in points]
    return "\n".join(rows + [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in triangles] + [""]).encode()


def ply(points, triangles, vertices=None):
    head = (
        f"ply\nformat ascii 1.0\nelement vertex {vertices or len(points)}\nproperty float x\n"
        f"property float y\nproperty float z\nelement face {len(triangles)}\n"
        "property list uchar int vertex_indices\nend_header\n"
    )
    rows = [f"{x} {y} {z}" for x, y, z in points]
    return (head + "\n".join(rows + [f"3 {a} {b} {c}" for a, b, c in triangles]) + "\n").encode()


def mesh_xml(points, triangles):
    vertices = "".join(f'<vertex x="{x}" y="{y}" z="{z}"/>' for x, y, z in points)
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in triangles)
    return f"<mesh><vertices>{vertices}</vertices><triangles>{faces}</triangles></mesh>"


def model(objects, items='<item objectid="1"/>', unit="millimeter", before=""):
    """A 3MF model: `objects` by number, each the inside of its element."""
    inside = "".join(f'<object id="{n}" type="model">{x}</object>' for n, x in objects.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<model unit="{unit}" xmlns="{CORE}">'
        f"<resources>{inside}</resources><build>{items}</build></model>"
    )


def cube_model(**words):
    return model({1: mesh_xml(CUBE_POINTS, CUBE)}, **words)


def archive(entries, name="3D/3dmodel.model"):
    """Bytes of a ZIP; `entries` is the model, or names (or ZipInfo) with contents."""
    if isinstance(entries, str):
        entries = [("[Content_Types].xml", CONTENT_TYPES), (name, entries)]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for entry, content in entries:
            out.writestr(entry, content)
    return made.getvalue()
