"""Mean dissolution times of diffusing bodies."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from releasesim.workflows.selftest.exact.series import CYLINDER, SLAB, Array, bessel_zeros
from releasesim.workflows.selftest.exact.tube import wall
from releasesim.workflows.selftest.exact.uniform import modes, transform


def mdt_film(volume: float, area: float, k: float, partition: float = 1.0) -> float:
    """K V/(k A): what a film adds to the MDT of a body in a sink [s].

    Exact where the sink flux is the same everywhere on the surface: slab, long cylinder, sphere
    (and any concentric layers). For other bodies it is the least the film adds: with q the flux
    into the sink of D lap T = -1, a fast film adds K/(k V) int q^2 dA, and int q^2 >= V^2/A.
    """
    return partition * volume / (k * area)


def mdt_slab(D: float, thickness: float, *, open_faces: int = 2) -> float:
    """L^2/12D, or L^2/3D with one face sealed [s]."""
    return (thickness / open_faces) ** 2 / (3.0 * D)


def mdt_cylinder(D: float, radius: float) -> float:
    """R^2/8D of a long cylinder [s]."""
    return radius**2 / (8.0 * D)


def mdt_sphere(D: float, radius: float) -> float:
    """R^2/15D [s]."""
    return radius**2 / (15.0 * D)


def mdt_annulus(D: float, outer: float, inner: float) -> float:
    """Mean of the solution of D lap T = -1 between two sinks, both curved faces [s]."""
    difference = outer**2 - inner**2
    return (outer**2 + inner**2 - difference / math.log(outer / inner)) / (8.0 * D)


def mdt_annulus_sealed_inside(D: float, outer: float, inner: float) -> float:
    """Mean of the solution of D lap T = -1 with the inner face sealed [s]."""
    b2, a2 = outer**2, inner**2
    log = math.log(outer / inner)
    return ((b2 - 3.0 * a2) / 8.0 + a2 * a2 * log / (2.0 * (b2 - a2))) / D


def mdt_finite_cylinder(
    D: float, radius: float, height: float, *, k: float = math.inf, partition: float = 1.0
) -> float:
    """Sum over radial modes, each with the slab's transform in closed form [s]."""
    h = k / (partition * D)
    if math.isinf(h):
        q = bessel_zeros(0, 3000)
        return _mdt_with_slab(D, (q / radius) ** 2, 4.0 / q**2, height, h)
    radial = modes(CYLINDER, h * radius)
    return _mdt_with_slab(D, radial.rate / radius**2, radial.amplitude, height, h)


def mdt_block(
    D: float,
    length: float,
    width: float,
    height: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
) -> float:
    """Sum over the modes of two directions, the third in closed form [s]."""
    h = k / (partition * D)
    (rate_x, share_x), (rate_y, share_y) = _slab_modes(length, h), _slab_modes(width, h)
    rate, share = np.add.outer(rate_x, rate_y), np.multiply.outer(share_x, share_y)
    return _mdt_with_slab(D, rate, share, height, h)


def mdt_ring(
    D: float,
    outer: float,
    inner: float,
    height: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
) -> float:
    """Integral over the slab's modes of the tube's transform, summed [s]."""
    h = k / (partition * D)
    rate, share = _slab_modes(height, h)
    return float(np.sum(share * _annulus_mean(rate, outer, inner, h))) / D


def _slab_modes(thickness: float, h: float) -> tuple[Array, Array]:
    half = 0.5 * thickness
    if math.isinf(h):
        q = (np.arange(1500) + 0.5) * np.pi
        return np.asarray((q / half) ** 2), np.asarray(2.0 / q**2)
    axial = modes(SLAB, h * half)
    return axial.rate / half**2, axial.amplitude


def _mdt_with_slab(D: float, rate: Array, amplitude: Array, height: float, h: float) -> float:
    # int_0^inf exp(-rate D t) (1 - f_slab) dt = (1 - s f(s))/(rate D) at s = rate (H/2)^2
    s = rate * (0.5 * height) ** 2
    gone = s * np.real(transform(s.astype(complex), SLAB, h * 0.5 * height))
    return float(np.sum(amplitude * (1.0 - gone) / rate)) / D


def _annulus_mean(rate: Array, outer: float, inner: float, h: float) -> Array:
    """Mean of y over the tube, lap y - rate y = -1 with sink or film on both walls [m2]."""
    z = np.sqrt(rate)
    gap = z * (outer - inner)
    # y = (1 - A I0 - B K0)/rate, with I0, K0 scaled to 1 at the wall where each is greatest
    fade = np.exp(-gap)
    I_out, K_out = _scaled(z * outer, fade, at_outer=True)
    I_in, K_in = _scaled(z * inner, fade, at_outer=False)
    p, r = wall(h)
    M = np.empty((*rate.shape, 2, 2))
    M[..., 0, 0], M[..., 0, 1] = p * I_out[0] + r * z * I_out[1], p * K_out[0] - r * z * K_out[1]
    M[..., 1, 0], M[..., 1, 1] = p * I_in[0] - r * z * I_in[1], p * K_in[0] + r * z * K_in[1]
    A, B = np.moveaxis(np.linalg.solve(M, np.full((*rate.shape, 2, 1), p))[..., 0], -1, 0)
    integral = A * (outer * I_out[1] - inner * I_in[1]) + B * (inner * K_in[1] - outer * K_out[1])
    return np.asarray((1.0 - 2.0 * integral / (z * (outer**2 - inner**2))) / rate)


def _scaled(
    x: Array, fade: Array, *, at_outer: bool
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """(I0, I1), (K0, K1) at one wall, scaled by exp at the wall where each is greatest."""
    grow, decay = (1.0, fade) if at_outer else (fade, 1.0)
    return (
        (special.ive(0, x) * grow, special.ive(1, x) * grow),
        (special.kve(0, x) * decay, special.kve(1, x) * decay),
    )
