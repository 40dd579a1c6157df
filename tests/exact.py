"""Exact release curves from the literature, against which the solver is tested.

Nothing here reads the solver. Every curve is the released fraction of the DOSE against time, in
SI. Two independent roads lead to most of them, and the tests hold them against each other:

- eigenfunction series (Crank 1975; Carslaw & Jaeger 1959), right to rounding from T = 1e-3 up;
- the Laplace transform, inverted along Weideman's contour, right to about 1e-12 at any time: it
  serves below T = D t / R^2 = 1e-3.

Sources: J. Crank, The Mathematics of Diffusion, 2nd ed., Oxford (1975); H. S. Carslaw,
J. C. Jaeger, Conduction of Heat in Solids, 2nd ed., Oxford (1959); J. C. Fu, C. Hagemeir,
D. L. Moyer, J. Biomed. Mater. Res. 10 (1976) 743; H. B. Hopfenberg, ACS Symp. Ser. 33 (1976) 26;
D. R. Paul, S. K. McSpadden, J. Membr. Sci. 1 (1976) 33; J. A. C. Weideman, SIAM J. Numer. Anal. 44
(2006) 2342.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

TERMS = 120
"""Terms of every series: exp(-(TERMS pi)^2 1e-3) is far below rounding."""

EARLY = 1e-3
"""D t / R^2 below which the Laplace transform is inverted instead of summing the series."""

SLAB, CYLINDER, SPHERE = 1, 2, 3
"""Dimensions in which the body is curved, plus one: surface x radius / volume."""


# --- Building blocks ------------------------------------------------------------------------------


def invert_laplace(
    transform: Callable[[Complex], Complex], time: ArrayLike, nodes: int = 32
) -> Array:
    """Invert a Laplace transform whose singularities lie on the negative real axis.

    Weideman (2006), midpoint rule on the modified Talbot contour
    ``s = N/t (0.5017 q cot(0.6407 q) - 0.6122 + 0.2645 i q)``. `time` (n,) > 0.
    """
    t = np.atleast_1d(np.asarray(time, dtype=float))[:, None]
    q = (np.arange(nodes // 2) + 0.5) * 2.0 * np.pi / nodes
    # the lower half of the contour is the conjugate of the upper: real part, twice
    shape = 0.5017 * q / np.tan(0.6407 * q) - 0.6122 + 0.2645j * q
    slope = 0.5017 / np.tan(0.6407 * q) - 0.5017 * 0.6407 * q / np.sin(0.6407 * q) ** 2 + 0.2645j
    s = nodes / t * shape
    values = np.exp(nodes * shape) * transform(s) * slope * nodes / t
    return np.asarray((values.sum(axis=1) * 2.0 / (1j * nodes)).real)


def bisect(g: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Roots of `g`, one in each bracket [low, high] with a change of sign."""
    low, high = np.array(low, dtype=float), np.array(high, dtype=float)
    sign = np.sign(g(high))
    for _ in range(100):
        middle = 0.5 * (low + high)
        is_high = np.sign(g(middle)) == sign
        high, low = np.where(is_high, middle, high), np.where(is_high, low, middle)
    return 0.5 * (low + high)


def bessel_zeros(order: int, count: int = TERMS) -> Array:
    """Positive zeros of J0 or J1: McMahon's expansion, then Newton."""
    beta = (np.arange(1, count + 1) + order / 2.0 - 0.25) * np.pi
    x = beta - (4.0 * order**2 - 1.0) / (8.0 * beta)
    for _ in range(6):
        J0, J1 = special.j0(x), special.j1(x)
        x = x + J0 / J1 if order == 0 else x - J1 / (J0 - J1 / x)
    return np.asarray(x)


@dataclass(frozen=True)
class Modes:
    """Remaining fraction ``limit + sum A_n exp(-rate_n t)`` of one direction of a body.

    rate [1/s] or, of a dimensionless body, per T; amplitude, of the dose [-]; both (n,).
    """

    rate: Array
    amplitude: Array
    limit: float = 0.0

    def remaining(self, time: ArrayLike) -> Array:
        """Fraction of the dose not yet released at `time`."""
        t = np.asarray(time, dtype=float)
        return np.asarray(self.limit + np.exp(-np.multiply.outer(t, self.rate)) @ self.amplitude)


def _switch(
    time: ArrayLike, scale: float, late: Callable[[Array], Array], early: Callable[[Array], Array]
) -> Array:
    """Released fraction by `late` above ``time = EARLY scale``, `early` below, 0 at 0."""
    t = np.asarray(time, dtype=float)
    flat = t.ravel()
    released = np.zeros_like(flat)
    is_late, is_early = flat >= EARLY * scale, (flat > 0.0) & (flat < EARLY * scale)
    if is_late.any():
        released[is_late] = late(flat[is_late])
    if is_early.any():
        released[is_early] = early(flat[is_early])
    return released.reshape(t.shape)


def either(*released: Array) -> Array:
    """Released fraction of a body whose remaining fraction is the product of its directions'."""
    total = np.zeros_like(released[0])
    for one in released:
        # 1 - (1-f)(1-g), written so that small fractions keep their digits
        total = total + one - total * one
    return total


# --- Slab, long cylinder, sphere: sink, film, closed bath -----------------------------------------


def transform(s: Complex, n: int, biot: float = math.inf, bath: float = math.inf) -> Complex:
    """Laplace transform of the released fraction of dose in T, any film and bath at once.

    With eta the mean response to the surface, tanh z/z, 2 I1/(z I0) or 3 (coth z/z - 1/z^2), z =
    sqrt(s): ``f = eta / (s (1 + eta/bath + s eta/(n biot)))``; Crank's series are its poles.
    """
    z = np.sqrt(s)
    eta = {SLAB: _eta_slab, CYLINDER: _eta_cylinder, SPHERE: _eta_sphere}[n](z)
    return eta / (s * (1.0 + eta / bath + s * eta / (n * biot)))


def _eta_slab(z: Complex) -> Complex:
    return np.tanh(z) / z


def _eta_cylinder(z: Complex) -> Complex:
    return 2.0 * special.ive(1, z) / (z * special.ive(0, z))


def _eta_sphere(z: Complex) -> Complex:
    # coth z / z - 1/z^2 loses everything near 0, where the series is exact to rounding
    near = np.abs(z) < 0.05
    safe = np.where(near, 1.0, z)
    far = 3.0 * (1.0 / (safe * np.tanh(safe)) - 1.0 / safe**2)
    return np.where(near, 1.0 - z**2 / 15.0 + 2.0 * z**4 / 315.0 - z**6 / 1575.0, far)


@lru_cache(maxsize=64)
def modes(n: int, biot: float = math.inf, bath: float = math.inf) -> Modes:
    """Series in T of the slab (T = D t/l^2), long cylinder or sphere (D t/R^2).

    A film (Crank 4.53, 5.49, 6.43) or a closed bath (4.37, 5.33, 6.30), not both: for that there is
    `transform`.
    """
    if math.isinf(bath):
        q = _film_roots(n, biot)
        return Modes(q**2, _film_amplitudes(n, biot, q))
    if not math.isinf(biot):
        raise ValueError("no series for a film and a closed bath at once")
    q = _bath_roots(n, bath)
    gone = bath / (1.0 + bath)
    return Modes(q**2, gone * _bath_amplitudes(n, bath, q), 1.0 - gone)


def _film_roots(n: int, biot: float) -> Array:
    k = np.arange(TERMS)
    zeros_0, zeros_1 = bessel_zeros(0), bessel_zeros(1)
    if math.isinf(biot):
        return np.asarray(
            {SLAB: (k + 0.5) * np.pi, CYLINDER: zeros_0, SPHERE: (k + 1.0) * np.pi}[n]
        )
    if n == SLAB:
        return bisect(lambda q: q * np.sin(q) - biot * np.cos(q), k * np.pi, (k + 0.5) * np.pi)
    if n == CYLINDER:
        low = np.concatenate(([0.0], zeros_1[:-1]))
        return bisect(lambda q: q * special.j1(q) - biot * special.j0(q), low, zeros_0)
    # a hair above 0, where the trivial root lies
    low = np.where(k == 0, 1e-9, k * np.pi)
    return bisect(lambda q: q * np.cos(q) + (biot - 1.0) * np.sin(q), low, (k + 1.0) * np.pi)


def _film_amplitudes(n: int, biot: float, q: Array) -> Array:
    if math.isinf(biot):
        return np.asarray(2.0 * n / q**2)
    extra = {SLAB: biot, CYLINDER: 0.0, SPHERE: -biot}[n]
    return np.asarray(2.0 * n * biot**2 / (q**2 * (q**2 + biot**2 + extra)))


def _bath_roots(n: int, a: float) -> Array:
    k = np.arange(TERMS)
    if n == SLAB:
        return bisect(lambda q: np.sin(q) + a * q * np.cos(q), (k + 0.5) * np.pi, (k + 1.0) * np.pi)
    if n == CYLINDER:
        zeros = bessel_zeros(0), bessel_zeros(1)
        return bisect(lambda q: a * q * special.j0(q) + 2.0 * special.j1(q), *zeros)
    return bisect(
        lambda q: (3.0 + a * q**2) * np.sin(q) - 3.0 * q * np.cos(q),
        (k + 1.0) * np.pi,
        (k + 1.5) * np.pi,
    )


def _bath_amplitudes(n: int, a: float, q: Array) -> Array:
    below = {SLAB: 1.0 + a, CYLINDER: 4.0 + 4.0 * a, SPHERE: 9.0 + 9.0 * a}[n]
    return np.asarray(2.0 * n * a * (1.0 + a) / (below + (a * q) ** 2))


def one_direction(T: ArrayLike, n: int, biot: float = math.inf, bath: float = math.inf) -> Array:
    """Released fraction of dose of slab, long cylinder or sphere in dimensionless time T."""

    def by_laplace(times: Array) -> Array:
        return invert_laplace(lambda s: transform(s, n, biot, bath), times)

    if math.isfinite(biot) and math.isfinite(bath):
        return _switch(T, math.inf, by_laplace, by_laplace)
    series = modes(n, biot, bath)
    return _switch(T, 1.0, lambda times: 1.0 - series.remaining(times), by_laplace)


def slab(
    time: ArrayLike,
    D: float,
    thickness: float,
    *,
    open_faces: int = 2,
    k: float = math.inf,
    partition: float = 1.0,
    bath: float = math.inf,
) -> Array:
    """Slab with 2, 1 (the other sealed) or 0 open faces.

    k film coefficient [m/s]; partition K = c_device/c_medium; bath = V_bath/(K V_device).
    """
    if open_faces == 0:
        return np.zeros_like(np.asarray(time, dtype=float))
    depth = thickness / open_faces
    T = np.asarray(time, dtype=float) * D / depth**2
    return one_direction(T, SLAB, k * depth / (partition * D), bath)


def cylinder(
    time: ArrayLike,
    D: float,
    radius: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    bath: float = math.inf,
) -> Array:
    """Long cylinder, or one with sealed top and bottom."""
    T = np.asarray(time, dtype=float) * D / radius**2
    return one_direction(T, CYLINDER, k * radius / (partition * D), bath)


def sphere(
    time: ArrayLike,
    D: float,
    radius: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    bath: float = math.inf,
) -> Array:
    """Sphere."""
    T = np.asarray(time, dtype=float) * D / radius**2
    return one_direction(T, SPHERE, k * radius / (partition * D), bath)


# --- Finite cylinder, block, ring: products -------------------------------------------------------


def _open(sealed: Iterable[str], *faces: str) -> int:
    return sum(face not in set(sealed) for face in faces)


def finite_cylinder(
    time: ArrayLike,
    D: float,
    radius: float,
    height: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    sealed: Sequence[str] = (),
) -> Array:
    """Cylinder of Fu, Hagemeir & Moyer (1976); `sealed` of "top", "bottom", "side"."""
    film = {"k": k, "partition": partition}
    axial = slab(time, D, height, open_faces=_open(sealed, "top", "bottom"), **film)
    if "side" in sealed:
        return axial
    return either(axial, cylinder(time, D, radius, k=k, partition=partition))


def block(
    time: ArrayLike,
    D: float,
    length: float,
    width: float,
    height: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    sealed: Sequence[str] = (),
) -> Array:
    """Block: the product of three slabs; `sealed` of "x-", "x+", "y-", "y+", "z-", "z+"."""
    sides = zip((length, width, height), "xyz", strict=True)
    return either(
        *(
            slab(
                time,
                D,
                side,
                open_faces=_open(sealed, f"{axis}-", f"{axis}+"),
                k=k,
                partition=partition,
            )
            for side, axis in sides
        )
    )


def annulus(
    time: ArrayLike,
    D: float,
    outer: float,
    inner: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    sealed: Sequence[str] = (),
) -> Array:
    """Long tube, both curved faces open; `sealed` of "inner", "side" (the outer one)."""
    if {"inner", "side"} <= set(sealed):
        return np.zeros_like(np.asarray(time, dtype=float))
    h = k / (partition * D)
    films = (0.0 if "inner" in sealed else h, 0.0 if "side" in sealed else h)
    gap = outer - inner
    late = annulus_modes(outer, inner, *films)
    # early, the two walls do not feel each other: exp(-1/(4 EARLY)) is below 1e-100
    return _switch(
        time,
        gap**2 / D,
        lambda t: 1.0 - late.remaining(D * t),
        lambda t: invert_laplace(lambda s: _two_walls(s, outer, inner, *films), D * t),
    )


@lru_cache(maxsize=16)
def annulus_modes(outer: float, inner: float, h_inner: float, h_outer: float) -> Modes:
    """Series in D t [m2] of the tube, in U = A J0(q r) + B Y0(q r); h = k/(K D) [1/m] at each wall.

    With ``(r U')' = -q^2 r U``: int r U = -[r U']/q^2, int r U^2 = [r^2 (U^2 + U'^2/q^2)]/2
    (Carslaw & Jaeger 7.10). h = inf is a sink, 0 a sealed wall.
    """
    walls = _wall(h_inner), _wall(h_outer)

    def constants(q: Array) -> tuple[Array, Array]:
        p, r = walls[1]
        x = q * outer
        return p * special.y0(x) - r * q * special.y1(x), -p * special.j0(x) + r * q * special.j1(x)

    def mismatch(q: Array) -> Array:
        (A, B), (p, r), x = constants(q), walls[0], q * inner
        with_film = A * special.j1(x) + B * special.y1(x)
        return np.asarray(p * (A * special.j0(x) + B * special.y0(x)) + r * q * with_film)

    q = _scan(mismatch, math.pi / (outer - inner))
    A, B = constants(q)
    first = _value_and_slope(A, B, q, inner)
    last = _value_and_slope(A, B, q, outer)
    total = -(outer * last[1] - inner * first[1]) / q**2
    square = 0.5 * (
        outer**2 * (last[0] ** 2 + (last[1] / q) ** 2)
        - inner**2 * (first[0] ** 2 + (first[1] / q) ** 2)
    )
    return Modes(q**2, 2.0 * total**2 / (square * (outer**2 - inner**2)))


def _wall(h: float) -> tuple[float, float]:
    """(p, r) of the condition p U +- r U' = 0."""
    return (1.0, 0.0) if math.isinf(h) else (h, 1.0)


def _value_and_slope(A: Array, B: Array, q: Array, r: float) -> tuple[Array, Array]:
    x = q * r
    value = A * special.j0(x) + B * special.y0(x)
    return value, -q * (A * special.j1(x) + B * special.y1(x))


def _scan(g: Callable[[Array], Array], spacing: float) -> Array:
    """First `TERMS` roots of `g`, which lie about `spacing` apart."""
    grid = spacing * np.concatenate(([1e-7], np.arange(1, 24 * (TERMS + 2)) / 24.0))
    sign = np.sign(g(grid))
    change = np.flatnonzero(sign[1:] != sign[:-1])[:TERMS]
    return bisect(g, grid[change], grid[change + 1])


def _two_walls(s: Complex, outer: float, inner: float, h_inner: float, h_outer: float) -> Complex:
    z = np.sqrt(s)
    g_outer = z * special.ive(1, z * outer) / special.ive(0, z * outer)
    g_inner = z * special.kve(1, z * inner) / special.kve(0, z * inner)
    flux = outer * _in_series(g_outer, h_outer) + inner * _in_series(g_inner, h_inner)
    return 2.0 * flux / (outer**2 - inner**2) / s**2


def _in_series(g: Complex, h: float) -> Complex:
    return g if math.isinf(h) else g * h / (g + h)


def ring(
    time: ArrayLike,
    D: float,
    outer: float,
    inner: float,
    height: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    sealed: Sequence[str] = (),
) -> Array:
    """Ring of outer and inner RADIUS: annulus times slab.

    `sealed` of "top", "bottom", "side", "inner".
    """
    curved = annulus(time, D, outer, inner, k=k, partition=partition, sealed=sealed)
    open_faces = _open(sealed, "top", "bottom")
    return either(curved, slab(time, D, height, open_faces=open_faces, k=k, partition=partition))


# --- Layers: laminate slab and core-shell sphere, by the Laplace transform ------------------------


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


# --- Mean dissolution times -----------------------------------------------------------------------


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
        return (q / half) ** 2, 2.0 / q**2
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
    p, r = _wall(h)
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


# --- Surface erosion ------------------------------------------------------------------------------


def _left(size: float, speed: float, time: ArrayLike, faces: int) -> Array:
    """Share of a length that is left when `faces` of its ends recede."""
    return np.clip(1.0 - faces * speed * np.asarray(time, dtype=float) / size, 0.0, 1.0)


def erode_slab(time: ArrayLike, speed: float, thickness: float, *, open_faces: int = 2) -> Array:
    """Hopfenberg's slab."""
    return 1.0 - _left(thickness, speed, time, open_faces)


def erode_cylinder(time: ArrayLike, speed: float, radius: float) -> Array:
    """Hopfenberg's long cylinder."""
    return 1.0 - _left(radius, speed, time, 1) ** 2


def erode_sphere(time: ArrayLike, speed: float, radius: float) -> Array:
    """Hopfenberg's sphere."""
    return 1.0 - _left(radius, speed, time, 1) ** 3


def erode_finite_cylinder(
    time: ArrayLike, speed: float, radius: float, height: float, *, sealed: Sequence[str] = ()
) -> Array:
    """Cylinder that erodes on every face but the sealed ones ("top", "bottom", "side")."""
    radial = _left(radius, speed, time, _open(sealed, "side")) ** 2
    return 1.0 - radial * _left(height, speed, time, _open(sealed, "top", "bottom"))


def erode_block(time: ArrayLike, speed: float, length: float, width: float, height: float) -> Array:
    """Block that erodes on its six faces."""
    sides = (_left(side, speed, time, 2) for side in (length, width, height))
    return 1.0 - np.prod(list(sides), axis=0)


def erode_ring(
    time: ArrayLike,
    speed: float,
    outer: float,
    inner: float,
    height: float,
    *,
    sealed: Sequence[str] = (),
) -> Array:
    """Ring of outer and inner RADIUS; `sealed` of "top", "bottom", "side", "inner"."""
    depth = speed * np.asarray(time, dtype=float)
    b = outer - depth * _open(sealed, "side")
    a = inner + depth * _open(sealed, "inner")
    area = np.where(b > a, b**2 - a**2, 0.0) / (outer**2 - inner**2)
    return 1.0 - area * _left(height, speed, time, _open(sealed, "top", "bottom"))


def hole_area(time: ArrayLike, speed: float, area: float, perimeter: float) -> Array:
    """Cross-section of a convex hole that grows, A + P v t + pi (v t)^2 (Steiner) [m2]."""
    depth = speed * np.asarray(time, dtype=float)
    return area + perimeter * depth + np.pi * depth**2


def erode_and_diffuse(time: ArrayLike, speed: float, D: float) -> Array:
    """Release per area and c0 of a half-space that recedes at `speed` while drug diffuses [m].

    c_t = D c_xx + B c_x with c(0) = 0 in the frame of the surface; the integral of D c_x(0). With
    y = B sqrt(t/D)/2 it is (D/B) [(y^2 + 1/2) erf y + y^2 + y exp(-y^2)/sqrt(pi)] 2, which tends to
    B t + D/B (PHYSICS 7).
    """
    y = 0.5 * speed * np.sqrt(np.asarray(time, dtype=float) / D)
    bell = y * np.exp(-(y**2)) / math.sqrt(math.pi)
    return np.asarray(2.0 * D / speed * ((y**2 + 0.5) * special.erf(y) + y**2 + bell))


# --- Drug above its solubility; bulk hydrolysis ---------------------------------------------------


def paul_mcspadden(loading_over_solubility: float) -> float:
    """Q/(c_s sqrt(D t)) of the planar moving front, exact (Paul & McSpadden 1976)."""
    goal = 1.0 / (loading_over_solubility - 1.0)

    def mismatch(y: Array) -> Array:
        return np.asarray(math.sqrt(math.pi) * y * np.exp(y**2) * special.erf(y) - goal)

    y = float(bisect(mismatch, np.array([1e-12]), np.array([6.0]))[0])
    return 2.0 / (math.sqrt(math.pi) * math.erf(y))


def higuchi(loading_over_solubility: float) -> float:
    """Q/(c_s sqrt(D t)) by Higuchi (1961), the pseudo-steady approximation."""
    return math.sqrt(2.0 * loading_over_solubility - 1.0)


def dissolving_slab_flux(D: float, rate: float, solubility: float, half_thickness: float) -> float:
    """Steady flux out of one face while solid drug dissolves at first order [kg/m2/s]."""
    return solubility * math.sqrt(D * rate) * math.tanh(half_thickness * math.sqrt(rate / D))


def autocatalytic_sphere(T: ArrayLike, phi_squared: float) -> Array:
    """Mean acid in a sphere that makes acid in proportion to it; 0 at the wall, 1 at the start."""
    grown = np.exp(phi_squared * np.asarray(T, dtype=float))
    return np.asarray((1.0 - one_direction(T, SPHERE)) * grown)
