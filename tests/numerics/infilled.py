"""A printed tablet as arrays: strands in crossed layers, channels between them."""

from __future__ import annotations

import numpy as np

from releasesim.numerics.operator import DiffusionProblem


def infilled(spacing, *, slow=1e-11, fast=7e-10, loaded="strands", bath=np.inf, radius=5e-3):
    """One quarter of a tablet of 4 mm with 0.4 mm strands at 30 %, one layer 0.2 mm."""
    n, nz = round(radius / spacing), round(4e-3 / spacing)
    x = (np.arange(-n, 0) + 0.5) * spacing
    pitch = 4e-4 / 0.3
    strand = np.abs((x + pitch / 2) % pitch - pitch / 2) <= 2e-4
    layer = ((np.arange(nz) + 0.5) * spacing / 2e-4).astype(int) % 2
    covered = np.where(layer == 0, strand[None, :, None], strand[:, None, None])
    solid = np.zeros((n + 2, n + 2, nz + 2), dtype=bool)
    solid[1:-1, 1:-1, 1:-1] = (x[:, None, None] ** 2 + x[None, :, None] ** 2) < radius**2
    D = np.zeros(solid.shape)
    D[1:-1, 1:-1, 1:-1] = np.where(covered, slow, fast)
    faces, outlet = [], np.zeros(solid.shape)
    for axis in range(3):
        both = solid & np.roll(solid, -1, axis)
        beyond = np.roll(D, -1, axis)
        series = 2.0 * D * beyond / np.where(both, D + beyond, 1.0)
        faces.append(np.where(both, spacing * series, 0.0))
        for side in (-1, 1):
            open_face = solid & ~np.roll(solid, side, axis)
            if axis < 2 and side == -1:
                # the mirror plane
                np.moveaxis(open_face, axis, 0)[n] = False
            outlet += np.where(open_face, 2.0 * spacing * D, 0.0)
    drug = {"strands": np.where(slow == D, 100.0, 0.0), "all": 100.0}[loaded]
    return DiffusionProblem(
        np.where(solid, spacing**3, 0.0),
        (faces[0], faces[1], faces[2]),
        outlet,
        np.where(solid, drug, 0.0),
        bath=bath / 4.0,
        images=4,
    )
