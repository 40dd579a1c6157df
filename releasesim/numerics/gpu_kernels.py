"""The Lanczos recurrence as CUDA kernels: one thread a cell, sums by block, scalars in one block.

Four kernels a step, none of which the host has to wait for: `multiply`, `settle_alpha`,
`subtract`, `settle_beta`. The scalars stay on the device, in `state`, (10,): scale of the present
vector; beta times the last scale; what to subtract of the present vector, of b and of M b; bath
entries of the present and the last vector; beta; steps done; 1 once nothing is left.
`fixed`, (9,), is that of `lanczos_kernels.lanczos_steps`. Sums come out the same every time: each
thread and each block adds in its own order.
"""

from __future__ import annotations

import numpy as np
from numba import cuda

#: Threads of a block, a power of two, and blocks at most.
THREADS, BLOCKS = 256, 1024
#: Sums that `multiply` makes; `subtract` makes one.
SUMS = 6


@cuda.jit(device=True)
def _sum_over_block(shared, count):  # type: ignore[no-untyped-def]
    """Add up `count` rows of `shared` (SUMS, THREADS), each into its first entry."""
    thread = cuda.threadIdx.x
    cuda.syncthreads()
    half = THREADS // 2
    while half > 0:
        if thread < half:
            for row in range(count):
                shared[row, thread] += shared[row, thread + half]
        cuda.syncthreads()
        half //= 2


@cuda.jit(device=True)
def _sum_over_blocks(partial, shared, count):  # type: ignore[no-untyped-def]
    """Add up the first `count` columns of `partial` (blocks, SUMS) in a single block."""
    thread = cuda.threadIdx.x
    for row in range(count):
        shared[row, thread] = 0.0
    for block in range(thread, partial.shape[0], THREADS):
        for row in range(count):
            shared[row, thread] += partial[block, row]
    _sum_over_block(shared, count)


@cuda.jit
def multiply(  # type: ignore[no-untyped-def]
    lo, hi, sx, sy, gx, gy, gz, diagonal, capacity, outlet, drug, x, old, state, partial
):
    """Put w = C^-1 A v - beta v_old into `old`; partial sums of what `settle_alpha` needs.

    v = scale x. The sums: C x w, C w, C x, outlet x, outlet w, drug x; `drug` is C u(0) [kg], the
    other arrays are those of `lanczos_steps`, flat. Cells from `lo` to `hi` may carry an unknown.
    """
    if state[9] > 0.0:
        return
    shared = cuda.shared.array((SUMS, THREADS), np.float64)
    scale, beta, bath = state[0], state[1], state[5]
    product, along_w, along = 0.0, 0.0, 0.0
    flow, across, held = 0.0, 0.0, 0.0
    for i in range(lo + cuda.grid(1), hi, cuda.gridsize(1)):
        c = capacity[i]
        if c > 0.0:
            g, v = outlet[i], x[i]
            y = (
                diagonal[i] * v
                - gx[i] * x[i + sx]
                - gx[i - sx] * x[i - sx]
                - gy[i] * x[i + sy]
                - gy[i - sy] * x[i - sy]
                - gz[i] * x[i + 1]
                - gz[i - 1] * x[i - 1]
                - g * bath
            )
            w = scale * y / c - beta * old[i]
            old[i] = w
            product += c * v * w
            along_w += c * w
            along += c * v
            flow += g * v
            across += g * w
            held += drug[i] * v
    thread = cuda.threadIdx.x
    shared[0, thread] = product
    shared[1, thread] = along_w
    shared[2, thread] = along
    shared[3, thread] = flow
    shared[4, thread] = across
    shared[5, thread] = held
    _sum_over_block(shared, SUMS)
    if thread == 0:
        for row in range(SUMS):
            partial[cuda.blockIdx.x, row] = shared[row, 0]


@cuda.jit
def settle_alpha(fixed, partial, state, filled, step):  # type: ignore[no-untyped-def]
    """Fill alpha, drug and flux of this step; how much of v, b and M b has to go. One block."""
    if state[9] > 0.0:
        return
    shared = cuda.shared.array((SUMS, THREADS), np.float64)
    _sum_over_blocks(partial, shared, SUMS)
    if cuda.threadIdx.x > 0:
        return
    product, along_w, along = shared[0, 0], shared[1, 0], shared[2, 0]
    flow, across, held = shared[3, 0], shared[4, 0], shared[5, 0]
    lost, bath = fixed[0], fixed[1]
    scale, bath_x, bath_w = state[0], state[5], 0.0
    if bath > 0.0:
        bath_w = scale * (lost * bath_x - flow) / bath - state[1] * state[6]
        product += bath * bath_x * bath_w
    alpha = scale * product
    factor = alpha * scale
    flux = flow - lost * bath_x
    # rounding puts b and M b back; M b is part of the second vector, so there only b may go
    along = along_w - factor * along
    across -= lost * bath_w + factor * flux
    share, flux_share = along / fixed[8], 0.0
    if state[7] != 0.0:
        share = fixed[2] * along + fixed[3] * across
        flux_share = fixed[3] * along + fixed[4] * across
    if bath > 0.0:
        bath_w += flux_share * lost / bath
    filled[0, step] = alpha
    filled[2, step] = scale * (held + fixed[6] * bath_x)
    filled[3, step] = scale * flux
    state[2], state[3], state[4] = factor, share, flux_share
    state[5], state[6] = bath_w - factor * bath_x, bath_x


@cuda.jit
def subtract(lo, hi, capacity, outlet, x, new, state, partial):  # type: ignore[no-untyped-def]
    """Take v, b and M b out of `new`, as far as `settle_alpha` said; partial sums of its square."""
    if state[9] > 0.0:
        return
    shared = cuda.shared.array((SUMS, THREADS), np.float64)
    factor, share, flux_share = state[2], state[3], state[4]
    square = 0.0
    for i in range(lo + cuda.grid(1), hi, cuda.gridsize(1)):
        c = capacity[i]
        if c > 0.0:
            w = new[i] - factor * x[i] - share - flux_share * outlet[i] / c
            new[i] = w
            square += c * w * w
    thread = cuda.threadIdx.x
    shared[0, thread] = square
    _sum_over_block(shared, 1)
    if thread == 0:
        partial[cuda.blockIdx.x, 0] = shared[0, 0]


@cuda.jit
def settle_beta(fixed, partial, state, filled, step):  # type: ignore[no-untyped-def]
    """Fill beta of this step and set the scale of the next vector. One block."""
    if state[9] > 0.0:
        return
    shared = cuda.shared.array((SUMS, THREADS), np.float64)
    _sum_over_blocks(partial, shared, 1)
    if cuda.threadIdx.x > 0:
        return
    beta = (shared[0, 0] + fixed[1] * state[5] * state[5]) ** 0.5
    filled[1, step] = beta
    state[1] = beta * state[0]
    state[0] = 1.0 / beta if beta > 0.0 else 0.0
    state[7] = beta
    state[8] += 1.0
    if beta <= fixed[7]:
        state[9] = 1.0
