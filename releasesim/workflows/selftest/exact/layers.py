"""Layers: laminate slab and core-shell sphere, by the exact Laplace transform."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from releasesim.workflows.selftest.exact.series import Array, Complex, invert_laplace


@dataclass(frozen=True)
class Layer:
    """One layer: thickness [m], D [m2/s], partition K [-], initial concentration [kg/m3]."""

    thickness: float
    D: float
    partition: float = 1.0
    concentration: float = 1.0


def laminate(
    time: ArrayLike, layers: Sequence[Layer], *, k: float = math.inf, first_face_open: bool = False
) -> Array:
    """Slab of layers, the last face open, the first sealed or open. Exact transform, inverted.

    u = c/K is continuous at every interface (PHYSICS 1).
    """
    return _layered(time, layers, k, False, first_face_open)


def core_shell_sphere(time: ArrayLike, layers: Sequence[Layer], *, k: float = math.inf) -> Array:
    """Sphere of a core (its thickness is its radius) and shells. Exact transform, inverted."""
    return _layered(time, layers, k, True, False)


def _layered(
    time: ArrayLike, layers: Sequence[Layer], k: float, is_sphere: bool, first_open: bool
) -> Array:
    t = np.asarray(time, dtype=float)
    edges = _edges(layers)
    measure = np.diff(edges**3) / 3.0 if is_sphere else np.diff(edges)
    dose = float(measure @ [layer.concentration for layer in layers])

    def released(s: Complex) -> Complex:
        return _layered_flux(s, layers, k, is_sphere, first_open) / (s * dose)

    flat = t.ravel()
    result = np.zeros_like(flat)
    result[flat > 0.0] = invert_laplace(released, flat[flat > 0.0])
    return result.reshape(t.shape)


def _edges(layers: Sequence[Layer]) -> Array:
    return np.concatenate(([0.0], np.cumsum([layer.thickness for layer in layers])))


def _layered_flux(
    s: Complex, layers: Sequence[Layer], k: float, is_sphere: bool, first_open: bool
) -> Complex:
    """Transform of what leaves per time and unit area (slab) or solid angle (sphere).

    Unknown are the u at the edges; each layer gives its two fluxes in them: F = M (u - u0/s).
    """
    edges, edge_count = _edges(layers), len(layers) + 1
    matrix = np.zeros((*s.shape, edge_count, edge_count), dtype=complex)
    source = np.zeros((*s.shape, edge_count), dtype=complex)
    for i, layer in enumerate(layers):
        M = _layer_matrix(s, layer, edges[i], edges[i + 1], is_sphere)
        own = layer.concentration / layer.partition / s
        matrix[..., i : i + 2, i : i + 2] += M
        source[..., i : i + 2] += M.sum(axis=-1) * own[..., None]
    open_edges = [edge_count - 1] + ([0] if first_open else [])
    return _leaving(matrix, source, k, {i: edges[i] ** 2 if is_sphere else 1.0 for i in open_edges})


def _leaving(matrix: Complex, source: Complex, k: float, area: dict[int, float]) -> Complex:
    closed = matrix.copy()
    right = source.copy()
    for i, A in area.items():
        if math.isinf(k):
            closed[..., i, :], right[..., i] = 0.0, 0.0
            closed[..., i, i] = 1.0
        else:
            closed[..., i, i] += k * A
    u = np.linalg.solve(closed, right[..., None])[..., 0]
    # what each edge gives away: the fluxes into the layers, with the sign turned
    into = (matrix @ u[..., None])[..., 0] - source
    return np.asarray(-sum(into[..., i] for i in area))


def _layer_matrix(s: Complex, layer: Layer, r0: float, r1: float, is_sphere: bool) -> Complex:
    """Fluxes INTO the layer at its two edges per u - u0/s there, (..., 2, 2)."""
    q = np.sqrt(s / layer.D)
    x = q * (r1 - r0)
    shrink = np.exp(-x)
    coth, csch = (1.0 + shrink**2) / (1.0 - shrink**2), 2.0 * shrink / (1.0 - shrink**2)
    DK = layer.D * layer.partition
    M = np.empty((*s.shape, 2, 2), dtype=complex)
    if not is_sphere:
        M[..., 0, 0] = M[..., 1, 1] = DK * q * coth
        M[..., 0, 1] = M[..., 1, 0] = -DK * q * csch
        return M
    # w = r v obeys w'' = q^2 w; the flux through r per solid angle is DK (w - r w')
    M[..., 0, 0] = DK * r0 * (1.0 + r0 * q * coth)
    M[..., 1, 1] = DK * r1 * (r1 * q * coth - 1.0)
    M[..., 0, 1] = M[..., 1, 0] = -DK * r0 * r1 * q * csch
    if r0 == 0.0:
        # the centre is no edge: its row only keeps the matrix regular
        M[..., 0, 0] = 1.0
    return M
