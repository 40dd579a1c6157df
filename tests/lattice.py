"""A printed lattice, and its release by finite volumes written here: no kernel of the engine.

Infill "grid" at 50 % without walls leaves three strands each way, four widths apart; with top and
bottom sealed the body is that cross-section, and channels are mixed with the bath. `release` solves
it in the plane, one quarter of it, with scipy's explicit Runge-Kutta on two grids, extrapolated.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import integrate

Array = np.ndarray

WIDTH, LAYER, HIGH = 0.3e-3, 0.25e-3, 1e-3
"""Width that a road covers; height of a layer and of the body [m]."""
ACROSS = 10
"""Of the body [widths]."""
REACH = 4.5
"""Of the strands from the axis [widths]: half a road ends within the outline."""
D = 1e-10
UNIT = (0.5 * WIDTH) ** 2 / D
"""Time of diffusion out of a strand [s]."""


def study(laws: dict[str, Any], span: float, **tables: Any) -> dict[str, Any]:
    """A study of the lattice for `span` times of diffusion."""
    rounded = LAYER * (1.0 - math.pi / 4.0)
    wide = f"{1e3 * ACROSS * WIDTH!r} mm"
    return {
        "tablet": {
            "shape": {"kind": "block", "length": wide, "width": wide, "height": f"{HIGH!r} m"},
            "infill": {"pattern": "grid", "density": "50 %", "angle": "0 deg"},
            "walls": 0,
            "roofs": 0,
            "floors": 0,
            "road_width": f"{WIDTH + rounded!r} m",
            "layer_height": f"{LAYER!r} m",
            "sealed": ["z-", "z+"],
        },
        "formulation": {"concentration": "100 kg/m3"},
        "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": f"{D!r} m2/s"}, **laws},
        "run": {"times": [f"{t!r} s" for t in outputs(span).tolist()]},
        **tables,
    }


def outputs(span: float) -> Array:
    """Times at which strands are resolved: before, profiles are thinner than two cells [s]."""
    return np.asarray(span * UNIT * np.linspace(0.3, 1.0, 15) ** 2)


def outline(x: Array) -> Array:
    """Whether a line across the body at `x` [widths] lies inside a strand."""
    return np.abs(x - 4.0 * np.round(x / 4.0)) < 0.5


@dataclass(frozen=True, eq=False)
class Plane:
    """Cells of one quarter of the cross-section, `fine` to a width.

    Parameters
    ----------
    h : float
        Edge of a cell [m].
    pairs : (m, 2) ndarray of int
        Cells that share a face.
    wet : (n,) ndarray
        Faces that each cell has with the bath.
    """

    h: float
    pairs: Array
    wet: Array

    @classmethod
    def cut(cls, fine: int) -> Plane:
        x = (np.arange(fine * ACROSS // 2) + 0.5) / fine
        x, y = np.meshgrid(x, x, indexing="ij")
        solid = (outline(x) & (y < REACH)) | (outline(y) & (x < REACH))
        number = np.where(solid, np.cumsum(solid).reshape(solid.shape) - 1, -1)
        pairs, wet = [], np.zeros(int(solid.sum()))
        for axis in (0, 1):
            low, high = (np.moveaxis(number, axis, 0)[at] for at in (np.s_[:-1], np.s_[1:]))
            both = (low >= 0) & (high >= 0)
            pairs.append(np.stack([low[both], high[both]], axis=1))
            for here, there in ((low, high), (high, low)):
                np.add.at(wet, here[(here >= 0) & (there < 0)], 1.0)
        return cls(WIDTH / fine, np.concatenate(pairs), wet)

    def spread(self, u: Array, between: Array | float, at_wall: Array | float) -> Array:
        """div(D grad u) of every cell, u = 0 in the bath; D of faces, and at the wall."""
        a, b = self.pairs.T
        flow = between * (u[b] - u[a])
        total = np.bincount(a, flow, u.size) - np.bincount(b, flow, u.size)
        return (total - 2.0 * self.wet * at_wall * u) / self.h**2

    def halfway(self, u: Array) -> Array:
        """Mean of u over the two cells of every face."""
        return 0.5 * (u[self.pairs[:, 0]] + u[self.pairs[:, 1]])


Rates = Callable[[Plane, Array], Array]
"""Fields (fields, n) to their rates."""


def release(
    times: Array, start: Array, rates: Rates, drug: Callable[[Array], Array], fine: int = 16
) -> Array:
    """Released fraction at `times`, extrapolated from `fine` and half as many cells to a width.

    Parameters
    ----------
    start : (fields,) ndarray
        Value of every field at the start.
    drug : callable
        Fields (fields, n) to the drug in every cell.
    """
    coarse, finer = (_curve(times, start, rates, drug, cells) for cells in (fine // 2, fine))
    return np.asarray((4.0 * finer - coarse) / 3.0)


def _curve(
    times: Array, start: Array, rates: Rates, drug: Callable[[Array], Array], fine: int
) -> Array:
    plane = Plane.cut(fine)
    n = plane.wet.size
    begin = np.repeat(start, n)
    found = integrate.solve_ivp(
        lambda t, y: rates(plane, y.reshape(len(start), n)).ravel(),
        (0.0, float(times[-1])),
        begin,
        t_eval=times,
        method="RK23",
        rtol=1e-5,
        atol=1e-6 * float(np.abs(start).max()),
    )
    assert found.success
    dose, *left = [drug(y.reshape(len(start), n)).sum() for y in (begin, *found.y.T)]
    return np.asarray(1.0 - np.array(left) / dose)
