"""The reference itself: published digits, one road against another, and limits everyone knows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, linalg, sparse, special

from releasesim.workflows.selftest import exact
from releasesim.workflows.selftest.exact import CYLINDER, SLAB, SPHERE, Layer

BODIES = [SLAB, CYLINDER, SPHERE]
TIMES = np.geomspace(1e-8, 3.0, 60)


def digits(value: object, expected: object) -> None:
    """Agree in all eight decimals quoted."""
    assert np.abs(np.asarray(value) - np.asarray(expected)).max() < 5.1e-9


# --- digits computed for the project (PHYSICS.md) -------------------------------------------------


def test_sink_digits():
    """PHYSICS 2."""
    digits(exact.slab(0.05, 1.0, 1.0), 0.50408782)
    digits(exact.cylinder(0.05, 1.0, 1.0), 0.45212100)
    digits(exact.sphere(0.05, 1.0, 1.0), 0.60693976)
    finite = exact.finite_cylinder([0.01, 0.05, 0.1], 1.0, 1.0, 1.0)
    digits(finite, [0.39252251, 0.72830013, 0.88091236])
    digits(exact.mdt_finite_cylinder(1.0, 1.0, 1.0), 0.04023974)


def test_film_digits():
    """PHYSICS 3, Bi = 5; the slab's half-thickness is 1."""
    digits(exact.slab(0.2, 1.0, 2.0, k=5.0), 0.35098261)
    digits(exact.cylinder(0.1, 1.0, 1.0, k=5.0), 0.40260299)
    digits(exact.sphere(0.1, 1.0, 1.0, k=5.0), 0.55316299)


def test_closed_bath_digits():
    """PHYSICS 4, a = 2, as fractions of the dose."""
    digits(exact.slab(0.2, 1.0, 2.0, bath=2.0), 0.41878605)
    digits(exact.cylinder(0.1, 1.0, 1.0, bath=2.0), 0.48149520)
    digits(exact.sphere(0.1, 1.0, 1.0, bath=2.0), 0.57269273)
    digits(1.5 * exact.sphere(0.1, 1.0, 1.0, bath=2.0), 0.85903910)


def test_saturated_front_digits():
    """PHYSICS 5: Paul & McSpadden, and how wrong Higuchi is there."""
    ratio = [1.1, 2.0, 5.0, 10.0]
    front = np.array([exact.paul_mcspadden(r) for r in ratio])
    digits(front, [1.22048309, 1.82155415, 3.05423662, 4.39670189])
    wrong = np.array([exact.higuchi(r) for r in ratio]) / front - 1.0
    assert np.round(100.0 * wrong, 1).tolist() == [-10.2, -4.9, -1.8, -0.9]


def test_eroding_and_diffusing_half_space_digits():
    """PHYSICS 7, and the flux itself integrated."""
    digits(exact.erode_and_diffuse(1.0, 1.0, 1.0), 1.72014111)

    def flux_times_root(root: float) -> float:
        bell = math.exp(-(root**2) / 4.0) / math.sqrt(math.pi)
        return 2.0 * (root * 0.5 * math.erfc(-root / 2.0) + bell)

    released, _ = integrate.quad(flux_times_root, 0.0, 1.0)
    digits(released, 1.72014111)
    late = exact.erode_and_diffuse(400.0, 1.0, 1.0)
    assert late == pytest.approx(401.0, abs=1e-9)


def test_autocatalytic_sphere_digits():
    """PHYSICS 8, phi^2 = 5."""
    digits(exact.autocatalytic_sphere(0.1, 5.0), 0.37841659)


# --- one road against another ---------------------------------------------------------------------


@pytest.mark.parametrize("n", BODIES)
@pytest.mark.parametrize(
    ("biot", "bath"),
    [
        *[(biot, math.inf) for biot in (math.inf, 1e-4, 0.5, 1.0, 800.0)],
        *[(math.inf, bath) for bath in (0.05, 2.0, 300.0)],
    ],
)
def test_series_and_transform_agree(n, biot, bath):
    """Eigenfunctions against the Laplace transform, from T = 1e-3 to equilibrium."""
    T = np.geomspace(1e-3, 20.0, 40)
    series = 1.0 - exact.modes(n, biot, bath).remaining(T)
    inverted = exact.invert_laplace(lambda s: exact.transform(s, n, biot, bath), T)
    assert np.abs(series - inverted).max() < 1e-11


@pytest.mark.parametrize("n", BODIES)
def test_short_times_follow_the_surface(n):
    """Released -> n (2 sqrt(T/pi) - (n-1) T/2): Crank 4.20, 5.24, 6.22."""
    T = np.array([1e-12, 1e-9, 1e-7])
    expected = n * (2.0 * np.sqrt(T / np.pi) - 0.5 * (n - 1) * T)
    assert np.abs(exact.one_direction(T, n) / expected - 1.0).max() < 1e-7


def test_slab_and_sphere_match_their_erfc_series():
    """Crank 4.20 and 6.22: they converge at every time."""
    root = np.sqrt(TIMES)
    m = np.arange(1, 40)[:, None]
    x = m / root
    ierfc = np.exp(-(x**2)) / math.sqrt(np.pi) - x * special.erfc(x)
    slab = 2.0 * root * (1.0 / math.sqrt(np.pi) + 2.0 * ((-1.0) ** m * ierfc).sum(axis=0))
    sphere = 6.0 * root * (1.0 / math.sqrt(np.pi) + 2.0 * ierfc.sum(axis=0)) - 3.0 * TIMES
    assert np.abs(exact.one_direction(TIMES, SLAB) - slab).max() < 1e-12
    assert np.abs(exact.one_direction(TIMES, SPHERE) - sphere).max() < 1e-11


def test_cylinder_matches_its_short_time_series():
    """From I1/I0(z) = 1 - 1/2z - 1/8z^2 - 1/8z^3 - 25/128z^4 - 13/32z^5."""
    T = np.geomspace(1e-10, 1e-4, 13)
    weights = {0.5: 1.0, 1.0: -1 / 2, 1.5: -1 / 8, 2.0: -1 / 8, 2.5: -25 / 128, 3.0: -13 / 32}
    expected = sum(2.0 * w * T**p / special.gamma(1.0 + p) for p, w in weights.items())
    assert np.abs(exact.one_direction(T, CYLINDER) - expected).max() < 1e-12


@pytest.mark.parametrize("n", BODIES)
def test_film_limits(n):
    """A fast film is a sink; a slow one empties a mixed body at the rate n Bi."""
    assert np.abs(exact.one_direction(TIMES, n, 1e9) - exact.one_direction(TIMES, n)).max() < 1e-4
    T = np.linspace(0.0, 3e5, 50)
    slow = 1.0 - np.exp(-n * 1e-5 * T)
    assert np.abs(exact.one_direction(T, n, 1e-5) - slow).max() < 1e-5


@pytest.mark.parametrize("n", BODIES)
def test_film_and_bath_together_reach_equilibrium(n):
    """No series exists: its limits do."""
    both = exact.one_direction(TIMES, n, 3.0, 1e12)
    assert np.abs(both - exact.one_direction(TIMES, n, 3.0)).max() < 1e-11
    both = exact.one_direction(TIMES, n, 1e12, 2.0)
    assert np.abs(both - exact.one_direction(TIMES, n, bath=2.0)).max() < 1e-7
    assert exact.one_direction([200.0], n, 3.0, 2.0)[0] == pytest.approx(2.0 / 3.0, abs=1e-12)


def test_curves_start_at_zero_and_rise_to_one():
    t = np.array([0.0, *TIMES, 50.0])
    for released in (
        exact.slab(t, 1.0, 1.0, open_faces=1),
        exact.finite_cylinder(t, 1.0, 1.0, 0.5, k=2.0, sealed=("top",)),
        exact.block(t, 1.0, 1.0, 2.0, 0.5),
        exact.ring(t, 1.0, 1.0, 0.3, 0.8, k=4.0),
        exact.core_shell_sphere(t, [Layer(0.5, 1.0), Layer(0.5, 0.3, 2.0, 0.5)]),
    ):
        assert released[0] == 0.0
        assert np.diff(released).min() > -1e-12
        assert released[-1] == pytest.approx(1.0, abs=1e-6)


# --- products and sealed faces --------------------------------------------------------------------


def test_sealing_removes_a_direction():
    cylinder = exact.finite_cylinder(TIMES, 1.0, 1.0, 2.0, sealed=("top", "bottom"))
    assert np.array_equal(cylinder, exact.cylinder(TIMES, 1.0, 1.0))
    axial = exact.finite_cylinder(TIMES, 1.0, 1.0, 2.0, sealed=("side",))
    assert np.array_equal(axial, exact.slab(TIMES, 1.0, 2.0))
    half = exact.finite_cylinder(TIMES, 1.0, 1.0, 1.0, sealed=("bottom",))
    assert np.abs(half - exact.finite_cylinder(TIMES, 1.0, 1.0, 2.0)).max() < 1e-14
    plate = exact.block(TIMES, 1.0, 9.0, 9.0, 2.0, sealed=("x-", "x+", "y-", "y+"))
    assert np.array_equal(plate, exact.slab(TIMES, 1.0, 2.0))


def test_block_matches_a_triple_sum():
    t, sides = 0.03, (1.0, 0.7, 1.6)
    n = 2 * np.arange(200) + 1
    remaining = 1.0
    for side in sides:
        terms = np.exp(-((n * np.pi / side) ** 2) * t) / n**2
        remaining *= 8.0 / np.pi**2 * terms.sum()
    assert exact.block(t, 1.0, *sides) == pytest.approx(1.0 - remaining, abs=1e-13)


# --- annulus --------------------------------------------------------------------------------------


def test_annulus_matches_crank():
    """Crank 5.70: both faces open."""
    a, b = 0.4, 1.0
    series = exact.annulus_modes(b, a, math.inf, math.inf)
    q = np.sqrt(series.rate)
    first, last = special.j0(a * q), special.j0(b * q)
    amplitude = 4.0 / (b**2 - a**2) * (first - last) / (q**2 * (first + last))
    assert q.size == exact.TERMS
    assert np.abs(series.amplitude - amplitude).max() < 1e-12


@pytest.mark.parametrize("sealed", [(), ("inner",), ("side",)])
@pytest.mark.parametrize("k", [math.inf, 3.0, 1e-3])
def test_annulus_modes_hold_the_whole_dose(sealed, k):
    """Amplitudes are positive and sum to 1 but for the tail; early and late roads meet."""
    h = [0.0 if face in sealed else k for face in ("inner", "side")]
    series = exact.annulus_modes(1.0, 0.4, *h)
    assert series.amplitude.min() > 0.0
    assert 0.99 < series.amplitude.sum() < 1.0 + 1e-12
    T = 0.36 * exact.EARLY * np.array([1.0, 3.0, 5.0])
    early = exact.invert_laplace(lambda s: exact.two_walls(s, 1.0, 0.4, *h), T)
    assert np.abs(early - (1.0 - series.remaining(T))).max() < 1e-11


def test_thin_tube_is_a_slab_and_tiny_hole_changes_little():
    T = 1e-4 * np.geomspace(1e-4, 1.0, 30)
    tube = exact.annulus(T, 1.0, 10.005, 9.995)
    assert np.abs(tube - exact.slab(T, 1.0, 0.01)).max() < 1e-6
    needle = exact.annulus(TIMES, 1.0, 1.0, 1e-5, sealed=("inner",))
    assert np.abs(needle - exact.cylinder(TIMES, 1.0, 1.0)).max() < 1e-6


# --- mean dissolution times -----------------------------------------------------------------------


def mdt_of(released, until: float) -> float:
    """Integral of what remains, in x = t^(1/2) where curves are smooth."""
    x, w = np.polynomial.legendre.leggauss(400)
    root = 0.5 * (x + 1.0) * math.sqrt(until)
    return float(np.sum(w * (1.0 - released(root**2)) * root) * math.sqrt(until))


FILM = {"k": 2.0, "partition": 1.5}
UNIFORM = {
    "slab": (exact.slab, exact.mdt_slab(1.0, 1.0), 0.5),
    "cylinder": (exact.cylinder, exact.mdt_cylinder(1.0, 1.0), 0.5),
    "sphere": (exact.sphere, exact.mdt_sphere(1.0, 1.0), 1.0 / 3.0),
}
UNEVEN = {
    "finite": (exact.finite_cylinder, exact.mdt_finite_cylinder, (1.0, 0.8), 0.8 / 3.6),
    "block": (exact.block, exact.mdt_block, (1.0, 0.7, 1.2), 0.84 / 5.48),
    "ring": (exact.ring, exact.mdt_ring, (1.0, 0.4, 0.8), 0.84 * 0.8 / (1.68 + 2.24)),
}


@pytest.mark.parametrize("name", UNIFORM)
def test_film_adds_exactly_its_own_time(name):
    """MDT from the curve; where flux is even, a film adds K V/(k A) whatever k is."""
    released, mdt, depth = UNIFORM[name]
    assert mdt_of(lambda t: released(t, 1.0, 1.0), 5.0) == pytest.approx(mdt, rel=1e-8)
    expected = mdt + exact.mdt_film(depth, 1.0, **FILM)
    assert mdt_of(lambda t: released(t, 1.0, 1.0, **FILM), 40.0) == pytest.approx(
        expected, rel=1e-8
    )


@pytest.mark.parametrize("name", UNEVEN)
def test_film_adds_at_least_its_own_time(name):
    """MDT from the curve; where flux is uneven, K V/(k A) is a lower bound, not the answer."""
    released, mdt, sizes, depth = UNEVEN[name]
    sink, film = mdt(1.0, *sizes), mdt(1.0, *sizes, **FILM)
    assert mdt_of(lambda t: released(t, 1.0, *sizes), 5.0) == pytest.approx(sink, rel=1e-8)
    assert mdt_of(lambda t: released(t, 1.0, *sizes, **FILM), 40.0) == pytest.approx(film, rel=1e-8)
    assert film - sink > 1.02 * exact.mdt_film(depth, 1.0, **FILM)


def poisson_mean(cells, k):
    """Mean of lap T = -1 in the cylinder R = 1, H = 0.8, by finite volumes on (r, z)."""
    n, m = cells
    r, dz = np.linspace(0.0, 1.0, n + 1), 0.4 / m
    ring, dr = np.diff(r**2) / 2.0, 1.0 / n
    wall = [1.0 / (0.5 * step + 1.0 / k) for step in (dr, dz)]
    radial = np.append(r[1:-1] / dr, r[-1] * wall[0])
    R = sparse.diags_array(
        [-radial[:-1], radial + np.append(0.0, radial[:-1]), -radial[:-1]], offsets=[-1, 0, 1]
    )
    up = np.append(np.full(m - 1, 1.0 / dz), wall[1])
    Z = sparse.diags_array([-up[:-1], up + np.append(0.0, up[:-1]), -up[:-1]], offsets=[-1, 0, 1])
    A = sparse.kron(R, dz * sparse.eye_array(m)) + sparse.kron(sparse.diags_array(ring), Z)
    volume = np.kron(ring, np.full(m, dz))
    return float(volume @ sparse.linalg.spsolve(A.tocsc(), volume) / volume.sum())


@pytest.mark.parametrize("k", [math.inf, 4.0 / 3.0])
def test_finite_cylinder_mdt_matches_a_poisson_solve(k):
    """A road without series: extrapolated from two grids."""
    coarse, fine = (poisson_mean(cells, k) for cells in ((40, 20), (80, 40)))
    expected = exact.mdt_finite_cylinder(1.0, 1.0, 0.8, k=k)
    assert (4.0 * fine - coarse) / 3.0 == pytest.approx(expected, rel=1e-4)


def test_mean_dissolution_time_of_tubes_and_sealed_faces():
    tube = mdt_of(lambda t: exact.annulus(t, 1.0, 1.0, 0.4), 10.0)
    assert tube == pytest.approx(exact.mdt_annulus(1.0, 1.0, 0.4), rel=1e-8)
    sealed = mdt_of(lambda t: exact.annulus(t, 1.0, 1.0, 0.4, sealed=("inner",)), 10.0)
    assert sealed == pytest.approx(exact.mdt_annulus_sealed_inside(1.0, 1.0, 0.4), rel=1e-8)
    one_face = mdt_of(lambda t: exact.slab(t, 1.0, 1.0, open_faces=1), 20.0)
    assert one_face == pytest.approx(exact.mdt_slab(1.0, 1.0, open_faces=1), rel=1e-8)


# --- layers ---------------------------------------------------------------------------------------


def finite_volume(t, layers, cells, sphere, k=math.inf):
    """Fine 1-D finite volumes in u = c/K, diagonalised: a third, approximate road."""
    faces = np.concatenate(
        [
            start + layer.thickness * np.linspace(0.0, 1.0, cells + 1)[:-1]
            for start, layer in zip(_starts(layers), layers, strict=True)
        ]
        + [[sum(layer.thickness for layer in layers)]]
    )
    K = np.repeat([layer.partition for layer in layers], cells)
    D = np.repeat([layer.D for layer in layers], cells)
    c = np.repeat([layer.concentration for layer in layers], cells)
    power = 3 if sphere else 1
    volume, width = np.diff(faces**power) / power, np.diff(faces)
    resistance = 0.5 * width / (D * K)
    area = faces ** (power - 1)
    inside = area[1:-1] / (resistance[:-1] + resistance[1:])
    outside = area[-1] / (resistance[-1] + 1.0 / k)
    diagonal = np.zeros_like(volume)
    diagonal[:-1] += inside
    diagonal[1:] += inside
    diagonal[-1] += outside
    root = np.sqrt(K * volume)
    values, vectors = linalg.eigh_tridiagonal(diagonal / root**2, -inside / (root[:-1] * root[1:]))
    start = vectors.T @ (c / K * root)
    remaining = np.exp(-np.multiply.outer(t, values)) @ (start * (vectors.T @ root))
    return 1.0 - remaining / (volume @ c)


def _starts(layers):
    return np.concatenate(([0.0], np.cumsum([layer.thickness for layer in layers])[:-1]))


@pytest.mark.parametrize("k", [math.inf, 2.0])
def test_equal_layers_are_one_body(k):
    layers = [Layer(0.3, 1.0, 2.0), Layer(0.5, 1.0, 2.0), Layer(0.2, 1.0, 2.0)]
    sphere = exact.core_shell_sphere(TIMES, layers, k=k)
    assert np.abs(sphere - exact.sphere(TIMES, 1.0, 1.0, k=k, partition=2.0)).max() < 1e-11
    slab = exact.laminate(TIMES, layers, k=k)
    one_face = exact.slab(TIMES, 1.0, 1.0, open_faces=1, k=k, partition=2.0)
    assert np.abs(slab - one_face).max() < 1e-11
    both = exact.laminate(TIMES, layers, k=k, first_face_open=True)
    assert np.abs(both - exact.slab(TIMES, 1.0, 1.0, k=k, partition=2.0)).max() < 1e-11


@pytest.mark.parametrize("sphere", [False, True])
@pytest.mark.parametrize("k", [math.inf, 2.0])
def test_unequal_layers_match_fine_finite_volumes(sphere, k):
    """Different D, K and loading; extrapolated from two grids."""
    layers = [Layer(0.6, 1.0, 0.5, 1.0), Layer(0.4, 0.2, 2.0, 0.3)]
    t = np.array([0.01, 0.05, 0.2, 1.0])
    coarse, fine = (finite_volume(t, layers, cells, sphere, k) for cells in (150, 300))
    road = exact.core_shell_sphere if sphere else exact.laminate
    assert np.abs(road(t, layers, k=k) - (4.0 * fine - coarse) / 3.0).max() < 2e-7


def test_empty_shell_gives_a_lag():
    """A shell without drug: nothing at first; the MDT by integrating D lap T = -1 once."""
    layers = [Layer(0.5, 1.0, 1.0, 1.0), Layer(0.5, 0.1, 1.0, 0.0)]
    released = exact.core_shell_sphere([0.002, 100.0], layers)
    assert abs(released[0]) < 1e-12
    assert released[1] == pytest.approx(1.0, abs=1e-12)
    mdt = mdt_of(lambda t: exact.core_shell_sphere(t, layers), 60.0)
    core, barrier = 0.5**2 / 15.0, (1.0 - 0.5**2) / (6.0 * 0.1)
    assert mdt == pytest.approx(core + barrier, rel=1e-8)


# --- erosion --------------------------------------------------------------------------------------


def test_hopfenberg():
    """Released = 1 - (1 - v t/a)^n, and 1 once nothing is left."""
    t = np.array([0.0, 0.3, 1.0, 4.0])
    left = np.array([1.0, 0.7, 0.0, 0.0])
    assert exact.erode_slab(t, 1.0, 2.0) == pytest.approx(1.0 - left)
    assert exact.erode_cylinder(t, 1.0, 1.0) == pytest.approx(1.0 - left**2)
    assert exact.erode_sphere(t, 1.0, 1.0) == pytest.approx(1.0 - left**3)


def test_finite_bodies_erode_as_products():
    """PHYSICS 7: 1 - (1 - v t/R)^2 (1 - 2 v t/H)."""
    t = 0.2
    assert exact.erode_finite_cylinder(t, 1.0, 1.0, 0.8) == pytest.approx(1.0 - 0.64 * 0.5)
    sealed = exact.erode_finite_cylinder(t, 1.0, 1.0, 0.8, sealed=("side", "top"))
    assert sealed == pytest.approx(0.25)
    assert exact.erode_block(t, 1.0, 1.0, 2.0, 0.8) == pytest.approx(1.0 - 0.6 * 0.8 * 0.5)
    assert exact.erode_ring(t, 1.0, 1.0, 0.4, 0.8) == pytest.approx(
        1.0 - (0.8**2 - 0.6**2) / 0.84 * 0.5
    )
    solid_inside = exact.erode_ring(t, 1.0, 1.0, 0.4, 0.8, sealed=("inner",))
    assert solid_inside == pytest.approx(1.0 - (0.8**2 - 0.4**2) / 0.84 * 0.5)
    assert exact.erode_ring(5.0, 1.0, 1.0, 0.4, 0.8) == 1.0


def test_hole_grows_by_steiner():
    """A square hole: sides move out, corners become quarter circles; a round one stays round."""
    shapely = pytest.importorskip("shapely")
    square = shapely.box(0.0, 0.0, 1.0, 1.0)
    grown = square.buffer(0.3, quad_segs=512)
    assert exact.hole_area(0.3, 1.0, 1.0, 4.0) == pytest.approx(grown.area, rel=1e-6)
    assert exact.hole_area(0.3, 1.0, np.pi, 2.0 * np.pi) == pytest.approx(np.pi * 1.3**2)


def test_dissolving_slab():
    """PHYSICS 5: thin, all of it dissolves; thick, only sqrt(D/k_d) does."""
    assert exact.dissolving_slab_flux(1.0, 1e-4, 3.0, 0.1) == pytest.approx(
        3.0 * 1e-4 * 0.1, rel=1e-5
    )
    assert exact.dissolving_slab_flux(1.0, 4.0, 3.0, 50.0) == pytest.approx(6.0)
