"""What a sweep varies, and what it keeps of every run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from releasesim.errors import InputError
from releasesim.study import schema
from releasesim.study.measures import Measure
from releasesim.study.source import Source
from releasesim.study.spreads import Spread, read_spread

if TYPE_CHECKING:
    from releasesim.study.study import Study


@dataclass(frozen=True)
class SweepSpec:
    """Which variants of a study are computed, and what is kept of each.

    Parameters
    ----------
    plan : str
        factorial: every combination; sobol, morris: for sensitivity indices; population: draws,
        each crossed with every combination of the choices.
    samples : int
        Base samples of sobol, trajectories of morris, draws of a population.
    shard : int
        Runs in one file.
    measures : tuple of Measure
        What is kept of every run.
    vary : tuple of Spread
        In the order of the file.
    """

    plan: str = "factorial"
    samples: int = 64
    shard: int = 32
    measures: tuple[Measure, ...] = (Measure("t50"), Measure("t80"), Measure("mdt"))
    vary: tuple[Spread, ...] = ()


def build_sweep(source: Source, table: schema.Sweep | None, study: Study) -> SweepSpec | None:
    """Make the specification of a sweep; `study` gives names and units.

    Raises
    ------
    InputError
        A name that the study has not, a value it cannot hold, a form that the plan cannot use.
    """
    if table is None:
        return None
    if not table.vary:
        raise source.error(("sweep", "vary"), "names nothing: there is one run only")
    spreads = []
    for name, raw in table.vary.items():
        spread = read_spread(source, ("sweep", "vary", name), name, raw, study)
        if table.plan == "factorial" and not spread.levels():
            message = "a factorial plan needs a list of choices or { min, max, steps }"
            raise source.error(("sweep", "vary", name), message)
        spreads.append(spread)
    measures = tuple(_measures(source, table))
    return SweepSpec(table.plan, table.samples, table.shard, measures, tuple(spreads))


def _measures(source: Source, table: schema.Sweep) -> Iterator[Measure]:
    for place, words in enumerate(table.measures):
        with source.at("sweep", "measures", place):
            if words in table.measures[:place]:
                raise InputError("stands there twice")
            yield Measure(words)
