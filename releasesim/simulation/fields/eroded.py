"""Fields of erosion: which part of every cell the front has passed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import VoxelGrid
from releasesim.simulation.erosion import (
    arrivals,
    drug_in_cells,
    starts_from_depth,
    with_partial_cells,
)
from releasesim.simulation.fields.fields import Fields, Frame
from releasesim.simulation.fields.lattice import of_grid

Array = NDArray[np.float64]


def eroded(
    grid: VoxelGrid,
    speeds: tuple[float, ...],
    concentrations: tuple[float, ...],
    times: Array,
    drug: str,
) -> Fields:
    """Fields of a front that takes polymer and drug away together."""
    volume = drug_in_cells(grid, (1.0,) * len(concentrations))
    found, _ = arrivals(grid, speeds, volume)
    held = drug_in_cells(grid, concentrations)
    if not starts_from_depth(grid, speeds):  # a march counts partial cells with solid ones
        held = with_partial_cells(grid, held).reshape(grid.shape)
        volume = with_partial_cells(grid, volume).reshape(grid.shape)
    whole = np.bincount(found.index, found.weight, grid.solid.size)
    start = np.where(volume > 0.0, held / np.where(volume > 0.0, volume, 1.0), 0.0)

    def left(t: float) -> Array:
        remains = np.bincount(found.index, found.weight * found.left(t), grid.solid.size)
        share = remains / np.where(whole > 0.0, whole, 1.0)
        return np.asarray(share.reshape(grid.shape))

    def frame(number: int) -> Frame:
        standing = left(float(times[number]))
        return Frame(float(times[number]), held * standing, start * (standing > 0.0), standing)

    total = float(held.sum())
    released = np.array([1.0 - float((held * left(t)).sum()) / total for t in times])
    return Fields(
        times=times,
        released=np.where(times > 0.0, released, 0.0),
        dose=total,
        highest=max(concentrations),
        lattice=of_grid(grid),
        grid=grid,
        drug=drug,
        method="erosion, arrival times of the front",
        make=frame,
    )
