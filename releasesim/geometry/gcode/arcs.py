"""Arcs of G2 and G3 as chords."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_STRAY = 2e-3
"""How far a chord may stray from its arc [mm]."""
_LOOSE = 0.1
"""How much the distances of both ends from the centre may differ, of the radius [-]."""
_LARGEST = 2000.0
"""Radius that is still an arc [mm]."""
_MOST_TURNS = 100


def arc_points(
    start: Array, end: Array, words: Mapping[str, float], unit: float, clockwise: bool
) -> Array:
    """Points along an arc in the XY plane, both ends among them, (n, 3) [mm].

    Parameters
    ----------
    start, end : (3,) ndarray
        Where it begins and ends [mm]; Z rises evenly.
    words : mapping
        I and J (centre from the start) or R (radius; negative: the longer way), P (whole turns
        more), in units of the file.
    unit : float
        Of the file [mm].
    clockwise : bool
        G2.

    Raises
    ------
    ValueError
        There is no such arc.

    Examples
    --------
    >>> arc = arc_points(np.zeros(3), np.array([2.0, 0.0, 0.0]), {"I": 1.0}, 1.0, True)
    >>> round(float(np.hypot(arc[:, 0] - 1.0, arc[:, 1]).std()), 9), bool((arc[1:-1, 1] > 0).all())
    (0.0, True)
    """
    if "R" in words:
        centre = _centre(start, end, words["R"] * unit, clockwise)
    elif "I" in words or "J" in words:
        centre = start[:2] + unit * np.array([words.get("I", 0.0), words.get("J", 0.0)])
    else:
        raise ValueError("an arc without I, J or R")
    from_start, from_end = start[:2] - centre, end[:2] - centre
    radius = float(np.hypot(*from_start))
    if not 0.0 < radius <= _LARGEST:
        raise ValueError(f"an arc of radius {radius:g} mm")
    if abs(float(np.hypot(*from_end)) - radius) > _LOOSE * radius:
        raise ValueError("an arc whose end lies elsewhere than on its circle")
    begin, stop = math.atan2(from_start[1], from_start[0]), math.atan2(from_end[1], from_end[0])
    turn = (begin - stop if clockwise else stop - begin) % (2.0 * math.pi)
    if turn < 1e-9 or bool((start[:2] == end[:2]).all()):
        turn = 2.0 * math.pi
    turns = words.get("P", 0.0)
    if not 0.0 <= turns <= _MOST_TURNS:
        raise ValueError(f"an arc of P{turns:g} turns")
    turn += 2.0 * math.pi * int(turns)
    turn = -turn if clockwise else turn
    angle = begin + turn * _shares(radius, turn)
    circle = centre + radius * np.column_stack([np.cos(angle), np.sin(angle)])
    rise = start[2] + (end[2] - start[2]) * _shares(radius, turn)
    points = np.column_stack([circle, rise])
    points[0], points[-1] = start, end
    return points


def _shares(radius: float, turn: float) -> Array:
    """Places along an arc of so many chords that none strays, 0 to 1."""
    step = 2.0 * math.acos(max(0.0, 1.0 - _STRAY / radius)) if radius > _STRAY else math.pi / 2.0
    return np.linspace(0.0, 1.0, max(2, math.ceil(abs(turn) / step) + 1))


def _centre(start: Array, end: Array, radius: float, clockwise: bool) -> Array:
    """Centre of the arc of a radius [mm]: the shorter way, or the longer where it is negative."""
    chord = end[:2] - start[:2]
    half = 0.5 * float(np.hypot(*chord))
    if not 0.0 < half <= abs(radius) * (1.0 + _LOOSE):
        raise ValueError(
            f"an arc of radius {abs(radius):g} mm between points {2 * half:g} mm apart"
        )
    rise = math.sqrt(max(0.0, radius**2 - half**2))
    left = np.array([-chord[1], chord[0]]) / (2.0 * half)
    side = -1.0 if clockwise == (radius > 0.0) else 1.0
    return np.asarray(start[:2] + 0.5 * chord + side * rise * left)
