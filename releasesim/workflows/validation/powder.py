"""Hydrochlorothiazide crystals of four sizes: one material, one film, four curves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.empirical import SurfaceToVolume
from releasesim.workflows.validation.row import Row, curve_row, read_rows

Array = NDArray[np.float64]

FILE = "powder_hydrochlorothiazide_4sizes.csv"
FILM = 30e-6
"""Thickness of the film, from Hintz & Johnson, Int. J. Pharm. 51 (1989) 9 [m]."""
_WHY = "the curve of 200 um has the slow tail of a wide spread of sizes, which one size has not"
_WIDE = 200e-6
_TITLE = "hydrochlorothiazide crystals"


def dissolved(time: Array, diameter: float, film: float, speed: float) -> Array:
    """Fraction dissolved of spheres in a sink behind a film that also spreads, (n,) [-].

    dr/dt = -(D c_s/rho) (1/h + 1/r): the film's own resistance and that of the still liquid around
    a small sphere. Solved for t: (h rho/(D c_s)) [r0 - r - h ln((r0 + h)/(r + h))].

    Parameters
    ----------
    time : (n,) ndarray
        [s].
    diameter, film : float
        Of the spheres; h, the thickness of the film [m].
    speed : float
        D c_s/rho [m2/s].
    """
    start = 0.5 * diameter
    radius = start * np.linspace(1.0, 0.0, 2001)
    path = start - radius - film * np.log((start + film) / (radius + film))
    return 1.0 - np.interp(time, film / speed * path, radius, right=0.0) ** 3 / start**3


def read(folder: Path) -> tuple[dict[float, ReleaseCurve], float]:
    """Curves by diameter [m], and D c_s/rho [m2/s]."""
    rows = read_rows(folder / FILE)
    found = {}
    for size in sorted({float(row["particle_size_um"]) for row in rows}):
        own = [row for row in rows if float(row["particle_size_um"]) == size]
        time = np.array([3600.0 * float(row["time_h"]) for row in own])
        fraction = np.array([float(row["released_fraction"]) for row in own])
        found[round(size * 1e-6, 9)] = ReleaseCurve(time, fraction, name=f"{size:g} um")
    one = rows[0]
    speed = float(one["D_m2_s"]) * float(one["solubility_mg_mL"])
    return found, speed / (1e3 * float(one["density_g_mL"]))


def rows(folder: Path) -> list[Row]:
    """Predict every size from nothing, then each three from one."""
    curves, speed = read(folder)
    found = [_from_nothing(curves, size, speed) for size in curves]
    for size in curves:
        found += _from_one(curves, size, speed)
    return found


def _points(curve: ReleaseCurve) -> tuple[Array, Array]:
    after = curve.time > 0.0
    return curve.time[after], curve.fraction[after]


def _from_nothing(curves: Mapping[float, ReleaseCurve], size: float, speed: float) -> Row:
    time, observed = _points(curves[size])
    others = [one for one in curves if one != size]
    law = SurfaceToVolume.fit([6.0 / one for one in others], [curves[one] for one in others])
    return curve_row(
        _TITLE,
        "nothing: film of 30 um (Hintz & Johnson 1989); SA/V law on the other three",
        curves[size].name,
        observed=observed,
        fitted=dissolved(time, size, FILM, speed),
        baseline=law.fraction(6.0 / size, time),
        why=_WHY,
        time=time,
    )


def _from_one(curves: Mapping[float, ReleaseCurve], size: float, speed: float) -> list[Row]:
    film, error, scatter = _calibrate(curves[size], size, speed)
    law = SurfaceToVolume.fit([6.0 / size], [curves[size]])
    found = []
    for other, curve in curves.items():
        if other == size:
            continue
        time, observed = _points(curve)
        fitted = dissolved(time, other, film, speed)
        moved = dissolved(time, other, film * np.exp(0.01), speed) - fitted
        band = 1.96 * np.hypot(scatter, moved / 0.01 * error)
        held = float(np.mean(np.abs(observed - fitted) <= band))
        found.append(
            curve_row(
                _TITLE,
                f"film of {film * 1e6:.0f} um on {curves[size].name}",
                curve.name,
                observed=observed,
                fitted=fitted,
                baseline=law.fraction(6.0 / other, time),
                coverage=held,
                why=_WHY if other == _WIDE else f"{curve.name} asks for a thicker film",
                time=time,
                band=band,
            )
        )
    return found


def _calibrate(curve: ReleaseCurve, size: float, speed: float) -> tuple[float, float, float]:
    """Film thickness [m], standard error of its logarithm, scatter of the points [-]."""
    from scipy.optimize import least_squares

    time, observed = _points(curve)

    def residuals(x: Array) -> Array:
        return dissolved(time, size, FILM * float(np.exp(x[0])), speed) - observed

    found = least_squares(residuals, [0.0])
    scatter = float(np.sqrt(found.fun @ found.fun / (time.size - 1)))
    error = scatter / float(np.linalg.norm(np.asarray(found.jac)))
    return float(FILM * np.exp(found.x[0])), error, scatter
