"""The plan of a sweep: which runs, in which order, in which shards. The seed decides, no worker."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import InputError
from releasesim.extras import load_extra
from releasesim.study import Level, Study, SweepSpec
from releasesim.version import __version__

Array = NDArray[np.float64]
#: Runs that a plan may have: what comes next is a plan for years, or a typing error.
MOST_RUNS = 20_000_000

#: Points of a plan keep off the ends of the unit interval, where some distributions have no value.
_OFF = 1e-6


@dataclass(frozen=True)
class Job:
    """One run of a sweep.

    Parameters
    ----------
    index : int
        Its place in the plan.
    changes : mapping of str to float, str or tuple of str
        Values that the study takes, by dotted name, in SI.
    """

    index: int
    changes: Mapping[str, Level]


@dataclass(frozen=True)
class Shard:
    """Runs that are computed together and stand in one file.

    Parameters
    ----------
    jobs : tuple of Job
    name : str
        Hash of what the shard computes: study, version, measures, runs.
    """

    jobs: tuple[Job, ...]
    name: str

    def halves(self) -> tuple[Shard, Shard]:
        """The two parts by which a bad run is found."""
        middle = len(self.jobs) // 2
        first, second = self.jobs[:middle], self.jobs[middle:]
        return Shard(first, f"{self.name}a"), Shard(second, f"{self.name}b")


@dataclass(frozen=True, eq=False)
class Plan:
    """All runs of a sweep.

    Parameters
    ----------
    spec : SweepSpec
    study_hash : str
        Of the study that the runs change.
    seed : int
    rows : list of tuple
        Value of every varied parameter in every run, in SI or words.
    unit : (n, d) ndarray
        Points of the unit cube behind a plan for sensitivity indices; empty for others [-].
    """

    spec: SweepSpec
    study_hash: str
    seed: int
    rows: Sequence[tuple[Level, ...]]
    unit: Array

    @property
    def names(self) -> tuple[str, ...]:
        """Dotted names of what varies."""
        return tuple(spread.name for spread in self.spec.vary)

    @cached_property
    def shards(self) -> tuple[Shard, ...]:
        """The runs in files of `spec.shard`, in order."""
        size = self.spec.shard
        return tuple(self._shard(start, start + size) for start in range(0, len(self.rows), size))

    def _shard(self, start: int, stop: int) -> Shard:
        jobs = tuple(
            Job(index, dict(zip(self.names, row, strict=True)))
            for index, row in enumerate(self.rows[start:stop], start)
        )
        content = {
            "version": __version__,
            "study": self.study_hash,
            "measures": [measure.words for measure in self.spec.measures],
            "jobs": [[job.index, list(job.changes.items())] for job in jobs],
        }
        return Shard(jobs, hashlib.sha256(json.dumps(content).encode()).hexdigest()[:24])

    def to_dict(self) -> dict[str, Any]:
        """Plain data for plan.json."""
        return {
            "study_hash": self.study_hash,
            "version": __version__,
            "seed": self.seed,
            "plan": self.spec.plan,
            "samples": self.spec.samples,
            "measures": [measure.words for measure in self.spec.measures],
            "names": list(self.names),
            "runs": len(self.rows),
            "shards": [shard.name for shard in self.shards],
        }


def plan_of(study: Study) -> Plan:
    """Write out every run of a study's sweep.

    Raises
    ------
    InputError
        Without [sweep], for too many runs, or a sample that the method cannot take.
    MissingExtraError
        sobol and morris need SALib.
    """
    spec = study.sweep
    if spec is None:
        raise InputError("a sweep needs a [sweep] table: what varies, and what to measure")
    count = runs_of(spec)
    if count > MOST_RUNS:
        raise InputError(f"sweep: {count:.3g} runs; at most {MOST_RUNS:.0e} are planned at once")
    seed, unit = study.run.seed, np.empty((0, len(spec.vary)))
    if spec.plan == "factorial":
        rows: list[tuple[Level, ...]] = list(itertools.product(*(s.levels() for s in spec.vary)))
    elif spec.plan == "population":
        rows = list(_population(spec, seed))
    else:
        unit = _points(spec, seed)
        rows = [_at(spec, point) for point in unit]
    return Plan(spec, study.hash, seed, rows, unit)


def runs_of(spec: SweepSpec) -> int:
    """Number of runs, without writing them out."""
    combinations = 1
    for spread in spec.vary:
        combinations *= len(spread.levels()) or 1
    names = len(spec.vary)
    return {
        "factorial": combinations,
        "population": spec.samples * combinations,
        "sobol": spec.samples * (names + 2),
        "morris": spec.samples * (names + 1),
    }[spec.plan]


def problem(spec: SweepSpec) -> dict[str, Any]:
    """What SALib calls a problem: names, each from 0 to 1."""
    names = [spread.name for spread in spec.vary]
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _at(spec: SweepSpec, point: Array) -> tuple[Level, ...]:
    return tuple(spread.at(float(u)) for spread, u in zip(spec.vary, point, strict=True))


def _population(spec: SweepSpec, seed: int) -> Iterator[tuple[Level, ...]]:
    """Combination by combination, the same draws in each: neighbours share their tablet."""
    drawn = [n for n, spread in enumerate(spec.vary) if not spread.levels()]
    shares = np.random.default_rng(seed).random((spec.samples, len(drawn)))
    for combination in itertools.product(*(spread.levels() or (0.0,) for spread in spec.vary)):
        for point in shares:
            row = list(combination)
            for n, share in zip(drawn, point, strict=True):
                row[n] = spec.vary[n].at(float(share))
            yield tuple(row)


def _points(spec: SweepSpec, seed: int) -> Array:
    """Sample of the unit cube for sensitivity indices, (n, d) [-]."""
    if spec.plan == "morris":
        sample = load_extra("SALib.sample.morris", "sensitivity").sample
        points = sample(problem(spec), spec.samples, num_levels=4, seed=seed)
    else:
        if spec.samples & (spec.samples - 1):
            raise InputError(f"sweep.samples = {spec.samples}: sobol needs a power of two")
        sample = load_extra("SALib.sample.sobol", "sensitivity").sample
        points = sample(problem(spec), spec.samples, calc_second_order=False, seed=seed)
    return np.asarray(np.clip(points, _OFF, 1.0 - _OFF), float)
