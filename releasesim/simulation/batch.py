"""Many studies at once: what a GPU solves of them is solved there together."""

from __future__ import annotations

from collections.abc import Sequence

from releasesim.errors import GeometryError
from releasesim.simulation.diffusion import Posed
from releasesim.simulation.method import ON_GPU
from releasesim.simulation.release import Release
from releasesim.simulation.simulate import Solve, simulate, solve_of
from releasesim.study import Study


def simulate_batch(studies: Sequence[Study]) -> list[Release]:
    """Simulate many studies, such as the designs of a search.

    Studies with `run.device` = "gpu" or "auto" share the device: the grids that they need in any
    case are solved together, each on a stream of its own. All others are simulated one by one.

    Parameters
    ----------
    studies : sequence of Study

    Returns
    -------
    list of Release
        In the order of the studies, each as `simulate` gives it.

    Raises
    ------
    ReleaseSimError
        As `simulate`.
    """
    solves = [solve_of(study) if _plain(study) else None for study in studies]
    shared: dict[tuple[bytes, float], list[Solve]] = {}
    for solve in solves:
        if solve is not None and solve.device.name:
            shared.setdefault((solve.times.tobytes(), solve.settled), []).append(solve)
    for together in shared.values():
        _solve_ahead(together)
    return [
        simulate(study) if solve is None else solve.release()
        for study, solve in zip(studies, solves, strict=True)
    ]


def _plain(study: Study) -> bool:
    """One drug in tablets that are all alike: one solve and not several."""
    return study.one_drug and not study.tablet.mass_spread


def _solve_ahead(solves: Sequence[Solve]) -> None:
    """Solve the first grids of studies with the same times on the device, all together."""
    from releasesim.numerics.gpu import decay_batch_on_gpu

    places: list[tuple[Solve, float, Posed]] = []
    for solve in solves:
        for spacing in solve.first_spacings():
            places += [(solve, spacing, one) for one in _posed(solve, spacing)]
    times = solves[0].times
    problems = [posed.problem for _, _, posed in places]
    found = decay_batch_on_gpu(problems, times, tolerance=solves[0].settled)
    for (solve, spacing, posed), decay in zip(places, found, strict=True):
        solve.found.setdefault(spacing, []).append(posed.answer(decay, times, ON_GPU))


def _posed(solve: Solve, spacing: float) -> list[Posed]:
    """The problems of one grid if all of them are for the device; none where no grid can be."""
    try:
        posed = solve.pose(spacing)
    except GeometryError:
        return []
    end, least = float(solve.times[-1]), solve.device.gpu_from
    return posed if all(one.picked(end, least).on_gpu for one in posed) else []
