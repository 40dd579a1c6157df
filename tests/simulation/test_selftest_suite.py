"""The selftest's cases in the tests: each is exact, and together their estimates are honest.

The default run takes the cases that are done in well under a second; `-m slow` takes all. A case is
run once, whatever asks for it.
"""

from __future__ import annotations

from functools import cache

import pytest

from releasesim.workflows.selftest.cases import all_cases
from releasesim.workflows.selftest.run import (
    BEYOND,
    FAT,
    LEDGER,
    OK,
    SHARE,
    TOLERANCE,
    Outcome,
    Summary,
    run_named,
)

#: Words in the names of cases that take long.
LONG = (
    "erodes with dispersed",
    "sphere erodes and diffuses",
    "Case II front, v",
    "to the end, exponent 0",
    "sphere, dispersed",
    "A/c_s 10",
    "leached porosity at equilibrium",
    "core and shell, K 4",
    "sphere swells",
    "printed",
)
NAMES = tuple(case.name for case in all_cases())
QUICK = tuple(name for name in NAMES if not any(words in name for words in LONG))

outcome_of = cache(run_named)


def judged(names: tuple[str, ...]) -> Summary:
    return Summary(tuple(map(outcome_of, names)), 0.0)


def check(outcome: Outcome) -> None:
    assert outcome.verdict == OK, outcome
    assert outcome.error <= 1e-3
    assert outcome.ledger <= 1e-10


def test_the_bars_are_those_of_the_project():
    assert (TOLERANCE, LEDGER, BEYOND, SHARE, FAT) == (1e-3, 1e-10, 0.1, 0.95, 5.0)


@pytest.mark.parametrize("name", QUICK)
def test_quick_case_is_exact(name):
    check(outcome_of(name))


def test_estimates_of_quick_cases_are_neither_shy_nor_fat():
    """Errors below twice their estimates in 95 %, the median of estimate over error at most 5."""
    summary = judged(QUICK)
    assert len(summary.simulated) >= 75
    assert summary.failures == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in QUICK])
def test_long_case_is_exact(name):
    check(outcome_of(name))


@pytest.mark.slow
def test_estimates_of_all_cases_are_neither_shy_nor_fat():
    summary = judged(NAMES)
    assert len(summary.simulated) == len(NAMES)
    assert summary.failures == []
