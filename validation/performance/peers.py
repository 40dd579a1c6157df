"""P1, P2 and P3 by releasesim and by others, each in the way its own documentation suggests.

Explicit schemes step on the whole voxel grid with c = 0 (and w = 1) in the cells outside, at nine
tenths of the largest stable step. Every function times a warm run, or part of one: its note says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from problems import BETA, D0, TIMES, Problem

Array = NDArray[np.float64]

#: Step of explicit Euler, of the largest stable one.
_SAFE = 0.9


@dataclass
class Outcome:
    """Seconds of a warm run, its curve at TIMES (None if cut short), and what to know of it."""

    seconds: float
    curve: Array | None
    note: str


class Skipped(Exception):  # noqa: N818  # it is not an error
    """Why a peer does not solve a problem."""


# --- releasesim -----------------------------------------------------------------------------------


def ours(problem: Problem, limit: float) -> Outcome:
    """Releasesim as it comes."""
    if problem.nonlinear:
        return _simulated(problem)
    return _lanczos(problem, single=False)


def ours_single(problem: Problem, limit: float) -> Outcome:
    """Releasesim, vectors in float32."""
    if problem.nonlinear:
        raise Skipped("nonlinear problems are stepped in float64 only")
    return _lanczos(problem, single=True)


def _lanczos(problem: Problem, *, single: bool) -> Outcome:
    from releasesim.numerics.lanczos import decay

    part = problem.operator(folded=True)
    decay(part, TIMES, single=single)
    runs, found = [], None
    for _ in range(15):
        begun = time.process_time()
        found = decay(part, TIMES, single=single)
        runs.append(time.process_time() - begun)
    assert found is not None  # noqa: S101  # for the type checker
    note = f"Lanczos, {found.matvecs} products, {part.unknowns} unknowns (1/{part.images})"
    return Outcome(float(np.median(runs)), 1.0 - found.held / part.mass, note)


def _simulated(problem: Problem) -> Outcome:
    from releasesim.errors import UnsupportedLawError
    from releasesim.simulation import simulate
    from releasesim.study import Study

    study = Study.from_dict(
        {
            "tablet": {"shape": {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"}},
            "formulation": {"concentration": "1 mg/mL"},
            "physics": {
                "hydration": {"law": "FujitaHydration", "D": "1e-10 m2/s", "beta": BETA},
                "diffusion": {
                    "law": "Fujita1961",
                    "D_gel": "1e-10 m2/s",
                    "beta": BETA,
                    "w_gel": 1.0,
                },
            },
            "run": {"until": "24 h", "samples": 201, "spacing": f"{problem.spacing * 1e3} mm"},
        }
    )
    try:
        simulate(study)
    except UnsupportedLawError as error:
        raise Skipped(str(error)) from None
    runs = []
    for _ in range(3):
        begun = time.process_time()
        release = simulate(study)
        runs.append(time.process_time() - begun)
    at = np.concatenate([[0.0], release.curve.time[release.curve.time > 0]])
    curve = np.interp(np.sqrt(TIMES), np.sqrt(at), release.curve.at(at))
    return Outcome(float(np.median(runs)), curve, f"simulate: {release.method}")


def scipy_lanczos(problem: Problem, limit: float) -> Outcome:
    """The same recurrence on a scipy CSR matrix, as many products, the same mirror image."""
    from scipy.linalg import eigh_tridiagonal

    from releasesim.numerics.lanczos import decay

    part = _linear(problem).operator(folded=True)
    steps = decay(part, TIMES).matvecs
    M, root, initial = csr(part)

    def run() -> Array:
        norm = float(np.linalg.norm(root))
        v, old, beta = root / norm, np.zeros_like(root), 0.0
        start, alphas, betas, counts = root * initial, [], [], []
        for _ in range(steps):
            counts.append(float(start @ v))
            w = M @ v
            w -= beta * old
            alpha = float(w @ v)
            w -= alpha * v
            beta = float(np.linalg.norm(w))
            alphas.append(alpha)
            betas.append(beta)
            old, v = v, w / beta
        rates, vectors = eigh_tridiagonal(np.array(alphas), np.array(betas[:-1]))
        return np.exp(-np.outer(TIMES, rates)) @ (norm * vectors[0] * (np.array(counts) @ vectors))

    held, seconds = _warm(run, 5)
    note = f"{steps} products, {root.size} unknowns"
    return Outcome(seconds, 1.0 - part.images * held / part.mass, note)


def scipy_expm_multiply(problem: Problem, limit: float) -> Outcome:
    """scipy.sparse.linalg.expm_multiply on the same mirror image; it takes times evenly spaced."""
    from scipy.sparse.linalg import expm_multiply

    part = _linear(problem).operator(folded=True)
    M, root, initial = csr(part)
    start, outputs, trial = root * initial, 101, 0.02
    begun = time.process_time()
    expm_multiply(-trial * TIMES[-1] * M, start)
    whole = (time.process_time() - begun) / trial
    if whole > limit:
        return Outcome(whole, None, f"extrapolated from {trial:.0%} of the day")
    begun = time.process_time()
    states = expm_multiply(-M, start, start=0.0, stop=float(TIMES[-1]), num=outputs, endpoint=True)
    seconds = time.process_time() - begun
    curve = np.full(TIMES.size, np.nan)
    # (20 k/200)^2 is a hundredth of k^2: every twentieth output is among them
    shared = np.arange(0, TIMES.size, 20)
    curve[shared] = 1.0 - (states @ root / float(start @ root))[shared**2 // 400]
    return Outcome(seconds, curve, f"{outputs} outputs evenly in time, {root.size} unknowns")


def csr(part):  # type: ignore[no-untyped-def]
    """M = C^-1/2 A C^-1/2 of the cells that carry an unknown, sqrt(C) and u(0)."""
    from scipy import sparse

    shape = part.capacity.shape
    inside = np.flatnonzero(part.capacity)
    number = np.full(part.capacity.size, -1)
    number[inside] = np.arange(inside.size)
    parts = [sparse.diags(part.diagonal().ravel()[inside])]
    for face, stride in zip(part.conductance, (shape[1] * shape[2], shape[2], 1), strict=True):
        cell = np.flatnonzero(face)
        entries = (-face.ravel()[cell], (number[cell], number[cell + stride]))
        half = sparse.coo_matrix(entries, (inside.size, inside.size))
        parts += [half, half.T]
    root = np.sqrt(part.capacity.ravel()[inside])
    scale = sparse.diags(1.0 / root)
    return (scale @ sum(parts) @ scale).tocsr(), root, part.initial.ravel()[inside]


def _linear(problem: Problem) -> Problem:
    if problem.nonlinear:
        raise Skipped("for linear problems only")
    return problem


def _warm(run: Callable[[], Array], rounds: int) -> tuple[Array, float]:
    result, runs = run(), []
    for _ in range(rounds):
        begun = time.process_time()
        result = run()
        runs.append(time.process_time() - begun)
    return result, float(np.median(runs))


# --- explicit Euler -------------------------------------------------------------------------------


def _steps(problem: Problem) -> int:
    """Explicit Euler steps for the whole day."""
    fastest = float(problem.diffusivity.max()) * 6.0 / min(problem.grid.spacing) ** 2
    return int(np.ceil(TIMES[-1] * fastest / _SAFE))


def _march(
    advance: Callable[[int], None], held: Callable[[], float], steps: int, limit: float
) -> Outcome:
    """Steps from output to output; what was measured is extrapolated where it takes too long."""
    advance(2)  # compile
    at = np.unique(np.round(steps * TIMES / TIMES[-1]).astype(int))
    done, seconds = 2, 0.0
    seen, values = [0.0], [0.0]
    for target in at[at > 2]:
        begun = time.process_time()
        advance(int(target - done))
        now = held()
        seconds += time.process_time() - begun
        done = int(target)
        seen.append(done)
        values.append(1.0 - now)
        if seconds > limit / 4 and done < 0.25 * steps:
            return Outcome(
                seconds / (done - 2) * steps,
                None,
                f"extrapolated from {done} of {steps} steps",
            )
    curve = np.interp(np.sqrt(TIMES), np.sqrt(np.array(seen) / steps * TIMES[-1]), values)
    return Outcome(seconds, curve, f"{steps} steps")


def _faces(D: Array, mask: NDArray[np.bool_], h: tuple[float, ...], dt: float) -> list[Array]:
    """D dt/h2 on faces to the next cell along each axis, harmonic; the inner D at the surface."""
    out = []
    for axis in range(3):
        near, far = np.moveaxis(D, axis, 0)[:-1], np.moveaxis(D, axis, 0)[1:]
        a, b = np.moveaxis(mask, axis, 0)[:-1], np.moveaxis(mask, axis, 0)[1:]
        face = np.where(a & b, 2.0 * near * far / (near + far), np.where(a, near, far))
        out.append(np.moveaxis(face * dt / h[axis] ** 2, 0, axis))
    return out


def numpy_euler(problem: Problem, limit: float) -> Outcome:
    """Explicit Euler, NumPy slices."""
    mask, steps = problem.mask, _steps(problem)
    h, dt = problem.grid.spacing, TIMES[-1] / steps
    inside = mask[1:-1, 1:-1, 1:-1]
    c = mask.astype(float)
    w = np.where(mask, 0.0, 1.0)
    faces = None if problem.nonlinear else _faces(problem.diffusivity, mask, h, dt)
    core = (slice(1, -1),) * 3

    def change(u: Array, flow: list[Array]) -> Array:
        total = np.zeros(inside.shape)
        for axis, face in enumerate(flow):
            q = face * np.diff(u, axis=axis)
            cut = list(core)
            cut[axis] = slice(None)
            q = q[tuple(cut)]
            total += np.diff(q, axis=axis)
        return total

    def advance(count: int) -> None:
        for _ in range(count):
            flow = faces
            if flow is None:
                D = D0 * np.exp(BETA * (w - 1.0))
                flow = []
                for axis in range(3):
                    d = np.moveaxis(D, axis, 0)
                    mean = 0.5 * (d[:-1] + d[1:]) * dt / h[axis] ** 2
                    flow.append(np.moveaxis(mean, 0, axis))
                dw = change(w, flow)
                c[core] += np.where(inside, change(c, flow), 0.0)
                w[core] += np.where(inside, dw, 0.0)
            else:
                c[core] += np.where(inside, change(c, flow), 0.0)

    total = float(mask.sum())
    return _march(advance, lambda: float(c.sum()) / total, steps, limit)


def jax_euler(problem: Problem, limit: float) -> Outcome:
    """Explicit Euler, one jitted loop between outputs, float64."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    mask, steps = problem.mask, _steps(problem)
    h, dt = problem.grid.spacing, TIMES[-1] / steps
    inside = jnp.asarray(mask)
    faces = [jnp.asarray(f) for f in _faces(problem.diffusivity, mask, h, dt)]

    def change(u, flow):  # type: ignore[no-untyped-def]
        total = 0.0
        for axis, face in enumerate(flow):
            q = face * jnp.diff(u, axis=axis)
            pad = [(0, 0)] * 3
            pad[axis] = (1, 1)
            total = total + jnp.diff(jnp.pad(q, pad), axis=axis)
        return jnp.where(inside, total, 0.0)

    def step(_, state):  # type: ignore[no-untyped-def]
        c, w = state
        if not problem.nonlinear:
            return c + change(c, faces), w
        D = D0 * jnp.exp(BETA * (w - 1.0))
        flow = []
        for axis in range(3):
            d = jnp.moveaxis(D, axis, 0)
            flow.append(jnp.moveaxis(0.5 * (d[:-1] + d[1:]) * dt / h[axis] ** 2, 0, axis))
        return c + change(c, flow), w + change(w, flow)

    loop = jax.jit(lambda count, state: jax.lax.fori_loop(0, count, step, state))
    state = [(inside.astype(float), jnp.where(inside, 0.0, 1.0))]

    def advance(count: int) -> None:
        state[0] = jax.block_until_ready(loop(count, state[0]))

    total = float(mask.sum())
    return _march(advance, lambda: float(state[0][0].sum()) / total, steps, limit)


def py_pde(problem: Problem, limit: float) -> Outcome:
    """py-pde, its own explicit solver on its numba backend."""
    import pde

    mask, steps = problem.mask, _steps(problem)
    h, dt = problem.grid.spacing, TIMES[-1] / steps
    size = [(0.0, n * step) for n, step in zip(mask.shape, h, strict=True)]
    grid = pde.CartesianGrid(size, mask.shape)
    inside = pde.ScalarField(grid, mask.astype(float))
    c = pde.ScalarField(grid, mask.astype(float))
    if problem.nonlinear:
        w = pde.ScalarField(grid, np.where(mask, 0.0, 1.0))
        D = f"m * {D0} * exp({BETA} * (w - 1))"
        equation = pde.PDE(
            {
                "c": f"{D} * (laplace(c) + {BETA} * dot(gradient(w), gradient(c)))",
                "w": f"{D} * (laplace(w) + {BETA} * gradient_squared(w))",
            },
            consts={"m": inside},
            bc_ops={"c:*": {"value": 0.0}, "w:*": {"value": 1.0}},
        )
        state = pde.FieldCollection([c, w], labels=["c", "w"])
    elif problem.name == "P2":
        D = pde.ScalarField(grid, problem.diffusivity)
        # d laplace(c) + grad(d) grad(c) is unstable at this contrast
        equation = pde.PDE(
            {"c": "m * divergence(d * gradient(c))"},
            consts={"m": inside, "d": D},
            bc={"value": 0.0},
        )
        state = c
    else:
        equation = pde.PDE({"c": f"m * {D0} * laplace(c)"}, consts={"m": inside}, bc={"value": 0.0})
        state = c
    solver = pde.EulerSolver(equation)
    stepper = solver.make_stepper(state, dt)
    clock = [0.0]

    def advance(count: int) -> None:
        clock[0] = stepper(state, clock[0], clock[0] + count * dt)

    def held() -> float:
        field = state[0] if problem.nonlinear else state
        return float(field.data.sum()) / float(mask.sum())

    return _march(advance, held, steps, limit)


def devito(problem: Problem, limit: float) -> Outcome:
    """Devito: generated C, explicit Euler, one thread."""
    from devito import Eq, Function, Grid, Operator, TimeFunction, configuration, exp

    configuration["log-level"] = "ERROR"
    mask, steps = problem.mask, _steps(problem)
    h, dt = problem.grid.spacing, TIMES[-1] / steps
    extent = tuple((n - 1) * step for n, step in zip(mask.shape, h, strict=True))
    grid = Grid(shape=mask.shape, extent=extent, dtype=np.float64)
    c, w = (TimeFunction(name=n, grid=grid, space_order=2) for n in "cw")
    m, d = (Function(name=n, grid=grid, space_order=2) for n in "md")
    m.data[:], d.data[:] = mask, problem.diffusivity
    c.data[:], w.data[:] = mask, np.where(mask, 0.0, 1.0)

    def flow(u, D):  # type: ignore[no-untyped-def]
        total = 0
        for x, step in zip(grid.dimensions, h, strict=True):
            for way in (1, -1):
                there = u.subs({x: x + way * x.spacing}) - u
                D_there = D.subs({x: x + way * x.spacing})
                mean = 0.5 * (D + D_there) if problem.nonlinear else 2 * D * D_there / (D + D_there)
                total = total + mean * there / step**2
        return total

    sub = grid.interior
    if problem.nonlinear:
        D = Function(name="D", grid=grid, space_order=2)
        equations = [Eq(D, D0 * exp(BETA * (w - 1)))]
        equations += [Eq(u.forward, u + dt * m * flow(u, D), subdomain=sub) for u in (c, w)] + [
            Eq(w.forward, w.forward * m + 1 - m, subdomain=sub)
        ]
    else:
        flowing = flow(c, d) if problem.name == "P2" else D0 * c.laplace
        equations = [Eq(c.forward, c + dt * m * flowing, subdomain=sub)]
    operator = Operator(equations)
    done = [0]

    def advance(count: int) -> None:
        operator.apply(time_m=done[0], time_M=done[0] + count - 1)
        done[0] += count

    def held() -> float:
        return float(c.data[done[0] % 2].sum()) / float(mask.sum())

    return _march(advance, held, steps, limit)


# --- implicit -------------------------------------------------------------------------------------


def _intervals() -> Iterator[tuple[float, float]]:
    """From output to output: implicit Euler takes one step for each."""
    yield from zip(TIMES[:-1], np.diff(TIMES), strict=True)


def _implicit(advance: Callable[[float], None], held: Callable[[], float], limit: float) -> Outcome:
    values, seconds = [0.0], 0.0
    for number, (_, dt) in enumerate(_intervals(), start=1):
        begun = time.process_time()
        advance(float(dt))
        values.append(1.0 - held())
        seconds += time.process_time() - begun
        if seconds > limit and number < 190:
            whole = f"{TIMES.size - 1} steps; later ones cost more"
            note = f"extrapolated from the first {number} of {whole}"
            return Outcome(seconds / number * (TIMES.size - 1), None, note)
    return Outcome(seconds, np.array(values), f"{TIMES.size - 1} implicit steps")


def fipy(problem: Problem, limit: float) -> Outcome:
    """FiPy on scipy's solvers, implicit Euler; D of the step before."""
    from fipy import CellVariable, DiffusionTerm, Grid3D, ImplicitSourceTerm, TransientTerm
    from fipy.solvers.scipy import LinearPCGSolver

    mask, h = problem.mask, problem.grid.spacing
    nx, ny, nz = mask.shape
    mesh = Grid3D(nx=nx, ny=ny, nz=nz, dx=h[0], dy=h[1], dz=h[2])
    inside = mask.transpose(2, 1, 0).ravel()  # x runs fastest
    c = CellVariable(mesh=mesh, value=inside.astype(float))
    outside = CellVariable(mesh=mesh, value=(~inside).astype(float))
    w = CellVariable(mesh=mesh, value=(~inside).astype(float))
    D = CellVariable(mesh=mesh, value=problem.diffusivity.transpose(2, 1, 0).ravel())

    # what holds the cells outside: a thousand times the exchange between neighbours
    fast = 1e3 * problem.diffusivity.max() / min(h) ** 2 * outside
    solver = LinearPCGSolver(tolerance=1e-6, iterations=2000)

    def advance(dt: float) -> None:
        if problem.nonlinear:
            D.setValue(D0 * np.exp(BETA * (w.value - 1.0)))
            spread = DiffusionTerm(D.arithmeticFaceValue)
            water = TransientTerm() == spread - ImplicitSourceTerm(fast) + fast
            water.solve(var=w, dt=dt, solver=solver)
        between = D.arithmeticFaceValue if problem.nonlinear else D.harmonicFaceValue
        drug = TransientTerm() == DiffusionTerm(between) - ImplicitSourceTerm(fast)
        drug.solve(var=c, dt=dt, solver=solver)

    return _implicit(advance, lambda: float(c.value[inside].sum()) / inside.sum(), limit)


def scikit_fem(problem: Problem, limit: float) -> Outcome:
    """scikit-fem, hexahedra on the voxels inside, implicit Euler, conjugate gradients (Jacobi)."""
    import skfem
    from scipy.sparse.linalg import LinearOperator, cg
    from skfem.helpers import dot, grad

    if problem.nonlinear:
        raise Skipped("not written: the matrix would have to be assembled in every step")
    mask, h = problem.mask[1:-1, 1:-1, 1:-1], problem.grid.spacing
    edges = [np.arange(n + 1) * step for n, step in zip(mask.shape, h, strict=True)]
    box = skfem.MeshHex.init_tensor(*edges)
    centre = box.p[:, box.t].mean(axis=1)
    index = tuple(
        np.clip((x / step).astype(int), 0, n - 1)
        for x, step, n in zip(centre, h, mask.shape, strict=True)
    )
    mesh = box.restrict(np.flatnonzero(mask[index]))
    D = problem.diffusivity[1:-1, 1:-1, 1:-1][index][mask[index]]
    basis = skfem.Basis(mesh, skfem.ElementHex1())

    @skfem.BilinearForm
    def stiffness(u, v, p):  # type: ignore[no-untyped-def]
        return p["D"] * dot(grad(u), grad(v))

    @skfem.BilinearForm
    def mass(u, v, _):  # type: ignore[no-untyped-def]
        return u * v

    flat = basis.with_element(skfem.ElementHex0())
    A, M = stiffness.assemble(basis, D=flat.interpolate(D)), mass.assemble(basis)
    free = basis.complement_dofs(basis.get_dofs(mesh.boundary_facets()))
    weights = np.asarray(M.sum(axis=0)).ravel()
    A, M = A[free][:, free], M[free][:, free]
    c = [np.ones(free.size)]
    start = float(weights.sum())  # nodes on the surface hold none from the start

    def advance(dt: float) -> None:
        K = M + dt * A
        inverse = 1.0 / K.diagonal()
        jacobi = LinearOperator(K.shape, matvec=lambda r: inverse * r)
        c[0], info = cg(K, M @ c[0], x0=c[0], rtol=1e-6, M=jacobi)
        if info:
            raise RuntimeError("conjugate gradients did not converge")

    return _implicit(advance, lambda: float(weights[free] @ c[0]) / start, limit)


PEERS: dict[str, Callable[[Problem, float], Outcome]] = {
    "releasesim": ours,
    "releasesim, float32": ours_single,
    "same Lanczos, scipy CSR": scipy_lanczos,
    "scipy expm_multiply": scipy_expm_multiply,
    "JAX jit Euler": jax_euler,
    "Devito Euler": devito,
    "NumPy Euler": numpy_euler,
    "py-pde Euler": py_pde,
    "FiPy": fipy,
    "scikit-fem": scikit_fem,
}
MODULES = {
    "JAX jit Euler": "jax",
    "Devito Euler": "devito",
    "py-pde Euler": "pde",
    "FiPy": "fipy",
    "scikit-fem": "skfem",
}
