"""What happens to a body at once, and what is kept of its way for those who come after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.coupled.matter import Matter

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Moment:
    """Something that happens at once.

    Parameters
    ----------
    at : float
        When [s].
    drawn : float
        Share of the bath that is taken away [-].
    volume : float
        Volume of the bath from now on [m3]; NaN keeps it.
    matter : Matter or None
        What the tablet is from now on; None changes nothing.
    look : bool
        True where nothing happens but that the state is kept for whoever wants to see it.
    wetted : (n,) ndarray or None
        When each cell is wet enough to erode, from now on [s]; None where no front waits.
    """

    at: float
    drawn: float
    volume: float
    matter: Matter | None = None
    look: bool = False
    wetted: Array | None = None


@dataclass(frozen=True)
class Taken:
    """One step that was taken, so that it can be taken again.

    Parameters
    ----------
    begin, dt : float
        When, and how long [s].
    stages : int
        Of an explicit step; 0 for an implicit one, -1 where all drug had left.
    newton : tuple of tuple of bool
        Iterations of either stage of an implicit step: whether each had factors of its own.
    """

    begin: float
    dt: float
    stages: int
    newton: tuple[tuple[bool, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What every cell holds at one moment, one image, (cells,) each.

    Parameters
    ----------
    t : float
        [s].
    drug : ndarray
        Dissolved and solid [kg].
    room : ndarray
        Solid that the cell takes care of [m3].
    standing : ndarray
        Share of the cell's own solid that no front has passed [-].
    """

    t: float
    drug: Array
    room: Array
    standing: Array
