"""Water that enters a tube from its bore and from outside, and drug that leaves by both.

As `water.Wetted`, by the method of lines to 1e-5, between two walls instead of around an axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from releasesim.workflows.selftest.exact import fields
from releasesim.workflows.selftest.exact.lines import Mesh, outward
from releasesim.workflows.selftest.exact.series import Array
from releasesim.workflows.selftest.exact.water import CELLS, OfWater


def between_walls(inner: float, outer: float, cells: int) -> Mesh:
    """Ring of cells that are finer towards both walls."""
    place = 0.5 * (1.0 - np.cos(np.linspace(0.0, np.pi, cells + 1)))
    return Mesh(2, inner + (outer - inner) * place)


@dataclass(frozen=True)
class WettedTube:
    """A long tube whose drug moves as the water lets it, both walls in a sink.

    Parameters
    ----------
    inner, outer : float
        Radii of its walls [m].
    water, drug : callable
        Diffusivity of water and of drug at w [m2/s].
    """

    inner: float
    outer: float
    water: OfWater
    drug: OfWater

    def released(self, time: ArrayLike, cells: int = 2 * CELLS) -> Array:
        """Released fraction of dose at `time` [s]."""
        return fields.release(
            time,
            lambda count: between_walls(self.inner, self.outer, count),
            start=lambda mesh: (0.0, 1.0),
            rate=self._change,
            left=lambda mesh, t, state: float(mesh.volume @ state[:, 1]),
            cells=cells,
        )

    def _change(self, mesh: Mesh, t: float, state: Array) -> Array:
        w, c = state.T
        wet = _spread(mesh, w - 1.0, w, 1.0, self.water)
        return np.stack([wet, _spread(mesh, c, w, 1.0, self.drug)], axis=1)


def _spread(mesh: Mesh, u: Array, w: Array, wall: float, law: OfWater) -> Array:
    """Rate of u, 0 at both walls, whose diffusivity follows w, which is `wall` there."""
    first, last = (float(law(0.5 * (w[[i]] + wall))[0]) for i in (0, -1))
    enters = outward(u[0], mesh.half_inner, first)
    leaves = outward(u[-1], mesh.half_outer, last)
    inside = law(0.5 * (w[1:] + w[:-1])) * mesh.gradient(u)
    return mesh.gather(enters, inside, -leaves)
