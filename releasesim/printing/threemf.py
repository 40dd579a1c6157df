"""3MF: one object whose volumes carry the settings that PrusaSlicer obeys.

The model itself is the core specification, which every slicer reads as plain geometry. Volumes are
ranges of its triangles, named in the slicer's own metadata; readers of other makes ignore those.
"""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from releasesim.printing.mesh import Triangles, Vertices, triangles
from releasesim.printing.settings import Settings

if TYPE_CHECKING:
    from manifold3d import Manifold

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
_SLICER = "http://schemas.slic3r.org/3mf/2017/06"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
# PrusaSlicer drops the types of volumes in files of other applications
_APPLICATION = "PrusaSlicer-2.5.0"

_TYPES = f"""{_XML}<Types xmlns="{_PACKAGE}/content-types">
 <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
 <Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
 <Default Extension="config" ContentType="text/plain"/>
 <Default Extension="json" ContentType="application/json"/>
</Types>
"""
_RELATIONSHIPS = f"""{_XML}<Relationships xmlns="{_PACKAGE}/relationships">
 <Relationship Id="rel-1" Target="/3D/3dmodel.model" Type="http://schemas.microsoft.com/\
3dmanufacturing/2013/01/3dmodel"/>
</Relationships>
"""
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of zip files: the same content, the same bytes
_UNIX, _READABLE = 3, 0o644 << 16


@dataclass(frozen=True, eq=False)
class Volume:
    """A body of one material, or one that modifies others.

    Parameters
    ----------
    name : str
    mesh : Manifold
        Closed; apart from all other volumes unless it modifies them [mm].
    settings : dict of str to str
        Keys of the slicer, `extruder` among them.
    modifier : bool
        True where it prints nothing itself and only changes the settings of what it holds.
    """

    name: str
    mesh: Manifold
    settings: Settings
    modifier: bool = False


def threemf_bytes(
    volumes: Sequence[Volume],
    *,
    title: str,
    print_settings: Settings,
    object_settings: Settings,
    centre: tuple[float, float],
    data: str,
) -> bytes:
    """3MF of a tablet; the same content gives the same bytes.

    Parameters
    ----------
    volumes : sequence of Volume
        From the first to the last.
    title : str
        Of the model.
    print_settings, object_settings : dict of str to str
        Keys of the slicer for the whole print and for the object.
    centre : (float, float)
        Where the tablet stands on the bed [mm].
    data : str
        Our own account, JSON.
    """
    meshes = [triangles(volume.mesh) for volume in volumes]
    counts = [len(corners) for _, corners in meshes]
    return _zipped(
        {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _RELATIONSHIPS,
            "3D/3dmodel.model": _model(meshes, title, centre),
            "Metadata/Slic3r_PE.config": config_text(print_settings, comment="; "),
            "Metadata/Slic3r_PE_model.config": _model_config(
                volumes, counts, title, object_settings
            ),
            "Metadata/releasesim.json": data,
        }
    )


def config_text(settings: Settings, comment: str = "") -> str:
    """Write settings one a line, as PrusaSlicer keeps them."""
    return "".join(f"{comment}{key} = {value}\n" for key, value in settings.items())


def _zipped(entries: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(entries.items()):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, _UNIX
            entry.external_attr = _READABLE
            archive.writestr(entry, text.encode("utf-8"))
    return buffer.getvalue()


def _model(
    meshes: Sequence[tuple[Vertices, Triangles]], title: str, centre: tuple[float, float]
) -> str:
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    corners = [c + start for (_, c), start in zip(meshes, starts[:-1], strict=True)]
    vertices = "".join(_vertices(v) for v, _ in meshes)
    faces = "".join(map(_faces, corners))
    return f"""{_XML}<model unit="millimeter" xml:lang="en-US" xmlns="{_CORE}" \
xmlns:slic3rpe="{_SLICER}">
 <metadata name="slic3rpe:Version3mf">1</metadata>
 <metadata name="Title">{_text(title)}</metadata>
 <metadata name="Application">{_APPLICATION}</metadata>
 <resources>
  <object id="1" type="model">
   <mesh>
    <vertices>
{vertices}    </vertices>
    <triangles>
{faces}    </triangles>
   </mesh>
  </object>
 </resources>
 <build>
  <item objectid="1" transform="1 0 0 0 1 0 0 0 1 {centre[0]:.6g} {centre[1]:.6g} 0"/>
 </build>
</model>
"""


def _vertices(vertices: Vertices) -> str:
    # nine digits carry a 32-bit float, which is what slicers keep
    rows = (vertices + 0.0).tolist()
    return "".join(f'<vertex x="{x:.9g}" y="{y:.9g}" z="{z:.9g}"/>\n' for x, y, z in rows)


def _faces(corners: Triangles) -> str:
    return "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>\n' for a, b, c in corners.tolist())


def _model_config(
    volumes: Sequence[Volume], counts: Sequence[int], title: str, settings: Settings
) -> str:
    whole = {"name": title, "extruder": "1", **settings}
    ends = np.cumsum(counts)
    lines = [_XML + "<config>", ' <object id="1" instances_count="1">']
    lines += _metadata("object", whole)
    for volume, count, end in zip(volumes, counts, ends, strict=True):
        lines.append(f'  <volume firstid="{end - count}" lastid="{end - 1}">')
        kind = "ParameterModifier" if volume.modifier else "ModelPart"
        own = {"name": volume.name, "volume_type": kind, "matrix": _IDENTITY}
        lines += _metadata("volume", own | volume.settings)
        lines.append("  </volume>")
    return "\n".join([*lines, " </object>", "</config>", ""])


_IDENTITY = "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1"


def _metadata(kind: str, values: Settings) -> list[str]:
    return [
        f'   <metadata type="{kind}" key="{key}" value="{_text(value)}"/>'
        for key, value in values.items()
    ]


def _text(words: str) -> str:
    """Words as XML may hold them: no control characters, marks escaped."""
    return html.escape("".join(c if c.isprintable() else " " for c in words))
