"""What `fields` returns: a sequence of frames, each computed when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import VoxelGrid
from releasesim.simulation.fields.lattice import Lattice

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Frame:
    """The device at one moment, on the cells of `Fields.lattice`.

    Parameters
    ----------
    time : float
        [s].
    drug : (nx, ny, nz) ndarray
        In every cell, dissolved or not [kg]; the sum is what the device still holds.
    concentration : (nx, ny, nz) ndarray
        Drug per volume of solid [kg/m3]; 0 where there is no solid.
    standing : (nx, ny, nz) ndarray
        Share of each cell's solid that has not eroded [-].
    """

    time: float
    drug: Array
    concentration: Array
    standing: Array


@dataclass(frozen=True, eq=False)
class Fields:
    """Where the drug is at chosen times.

    Frames are made when they are asked for (`fields[n]`, or by iteration): a few of them never fill
    the memory.

    Parameters
    ----------
    times : (n,) ndarray
        [s].
    released : (n,) ndarray
        Released fraction of the dose on this one grid [-].
    dose : float
        Drug at time 0 [kg].
    highest : float
        Largest concentration at time 0 [kg/m3].
    lattice : Lattice
        The cells.
    grid : VoxelGrid or None
        The voxels that it was solved on; None where the body was solved in fewer dimensions.
    drug : str
        Name of the drug.
    method : str
        The engine.
    make : callable
        Frame number -> Frame.
    """

    times: Array
    released: Array
    dose: float
    highest: float
    lattice: Lattice
    grid: VoxelGrid | None
    drug: str
    method: str
    make: Callable[[int], Frame]

    def __len__(self) -> int:
        return self.times.size

    def __getitem__(self, number: int) -> Frame:
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        return self.make(number % len(self))

    def __iter__(self) -> Iterator[Frame]:
        return (self.make(number) for number in range(len(self)))

    def on(self, grid: VoxelGrid, values: Array) -> Array:
        """Values of a frame in the cells of a voxel grid of the same tablet, by nearest cell."""
        if grid is self.grid:
            return values
        x, y, z = np.meshgrid(*(grid.centres(a) for a in range(3)), indexing="ij", sparse=True)
        at = np.broadcast_to(self.lattice.cell_at(x, y, z), grid.shape)
        return np.asarray(values.ravel()[at])

    def __repr__(self) -> str:
        nx, ny, nz = self.lattice.shape
        return (
            f"Fields of {self.drug} at {len(self)} times to {self.times[-1] / 3600:.3g} h on "
            f"{nx} x {ny} x {nz} cells ({self.lattice.kind}): {self.method}"
        )
