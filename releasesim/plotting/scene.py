"""Files for viewers in three dimensions: the tablet's surfaces, and its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from releasesim.plotting.animation import Animation
from releasesim.plotting.cutaway import picture_spacing
from releasesim.plotting.gltf import glb_bytes
from releasesim.plotting.stage import stage_of
from releasesim.plotting.vtk import pvd_text, vti_text
from releasesim.tablet import Tablet

#: Cells of the grid that surfaces are found on.
_CELLS = 4e5


def tablet_glb(tablet: Tablet, extras: Mapping[str, Any]) -> bytes:
    """The surfaces of a tablet, part by part, as binary glTF in metres.

    Parameters
    ----------
    tablet : Tablet
    extras : mapping
        Where it comes from.
    """
    stage = stage_of(tablet, picture_spacing(tablet, _CELLS))
    names = [part.name or "tablet" for part in tablet.parts]
    return glb_bytes(stage.surfaces(), names, dict(extras))


def field_files(film: Animation, count: int) -> dict[str, str]:
    """Some frames as VTK image data, and the collection of them, by file name.

    Parameters
    ----------
    film : Animation
        Fields on the voxels that it shows.
    count : int
        How many frames, evenly among all, the first and the last among them.
    """
    grid, fields = film.stage.grid, film.fields
    chosen = np.unique(np.linspace(0, len(fields) - 1, count).round().astype(int))
    files, times = {}, {}
    for place, number in enumerate(chosen.tolist()):
        frame, name = fields[number], f"fields_{place:02d}.vti"
        standing = fields.on(grid, frame.standing)
        values = {
            f"{fields.drug}_mg_per_mL": fields.on(grid, frame.concentration).astype("<f4"),
            "solid_share": (grid.fraction * np.where(grid.solid, standing, 1.0)).astype("<f4"),
            "region": grid.region.astype("<i2"),
        }
        files[name] = vti_text(grid, values, frame.time)
        times[name] = frame.time
    return {**files, "fields.pvd": pvd_text(times)}
