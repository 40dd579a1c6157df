"""Random valid studies, as many as asked for: `python validation/properties/run.py --count 1000`.

Every study must keep the claims of `tests/properties/claims.py`: bounds, ledger, order, and one
claim that compares two runs, by turns. What came out goes into README.md beside this file.
With `--seed 1`, `--minutes 8` to stop in time, `--limit 60` seconds of one core for a study,
`--only NUMBER` to run one alone and print it, `--quick` for the studies of the tests.
"""

from __future__ import annotations

import argparse
import collections
import os
import platform
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from properties import claims  # noqa: E402  they stand with the tests
from properties.random_studies import study_of  # noqa: E402

Data = dict[str, Any]


class TooLongError(Exception):
    """One study took longer than its limit."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `TooLongError` in a block that takes longer, on the clock of this process alone."""

    def ring(*_: object) -> None:
        raise TooLongError

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


@dataclass
class Outcome:
    """What came of one study."""

    number: int
    data: Data
    failed: list[str] = field(default_factory=list)
    stopped: bool = False
    held: collections.Counter[str] = field(default_factory=collections.Counter)
    ledger: float = 0.0
    fall: float = 0.0
    seconds: float = 0.0


def try_study(number: int, data: Data, limit: float) -> Outcome:
    """Simulate one study and hold it against the claims."""
    outcome, begun = Outcome(number, data), time.process_time()
    try:
        with at_most(limit):
            _ask(outcome)
    except TooLongError:
        outcome.stopped = True
    except Exception as error:  # whatever goes wrong belongs into the list
        outcome.failed.append(f"{type(error).__name__}: {error}")
    outcome.seconds = time.process_time() - begun
    return outcome


def _ask(outcome: Outcome) -> None:
    data = outcome.data
    _judge(outcome, claims.written_and_read(data))
    release = claims.run(data)
    outcome.ledger = release.ledger_error
    if claims.in_sink(data):
        outcome.fall = claims.fall(release)
    for finding in (*claims.account(release), claims.monotone(data, release)):
        _judge(outcome, finding)
    _judge(outcome, claims.one_pair(outcome.number, data, release))


def _judge(outcome: Outcome, finding: claims.Finding | None) -> None:
    if finding is None:
        return
    if finding.holds:
        outcome.held[finding.claim] += 1
    else:
        outcome.failed.append(str(finding))


# --- the page -----------------------------------------------------------------------------------


def page(outcomes: list[Outcome], asked: argparse.Namespace, seconds: float) -> str:
    """Write down what came out, in Markdown."""
    failed = [o for o in outcomes if o.failed]
    stopped = [o for o in outcomes if o.stopped and not o.failed]
    kinds = collections.Counter(o.data["tablet"]["shape"]["kind"] for o in outcomes)
    held: collections.Counter[str] = sum((o.held for o in outcomes), collections.Counter())
    missed = collections.Counter(f.partition(":")[0] for o in outcomes for f in o.failed)
    rows = "\n".join(f"| {c} | {held[c]} | {missed[c]} |" for c in sorted({*held, *missed}))
    until = "" if len(outcomes) == asked.count else f", of {asked.count} asked for"
    return f"""# Random valid studies

    python validation/properties/run.py {" ".join(sys.argv[1:])}

{len(outcomes)} studies run{until} (seed {asked.seed}),
{seconds / 60:.1f} minutes of wall time on one of {os.cpu_count()} cores,
Python {platform.python_version()}. Bodies: {_listed(kinds)}. A study has up
to eight laws, films have up to three layers, bodies a core, baths samples and events
(`tests/properties/random_studies.py`). Claims are those of `tests/properties/claims.py`.

| | |
|---|---|
| every claim kept | {len(outcomes) - len(failed) - len(stopped)} |
| a claim failed | {len(failed)} |
| stopped after {asked.limit:g} s of one core, both runs together | {len(stopped)} |
| largest ledger error, of the dose | {max(o.ledger for o in outcomes):.1e} |
| deepest fall of a curve in a sink | {max(o.fall for o in outcomes):.1e} |
| time of a study on one core, median | {_median(outcomes):.1f} s |
| the longest | {_longest(outcomes):.0f} s |

| claim | kept | failed |
|---|---|---|
{rows}

Two curves are the same where they differ by less than twice the sum of their error estimates,
beyond 10 % released.
{_listing("Failures", failed)}{_listing("Stopped", stopped)}"""


def _listed(counts: collections.Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())


def _median(outcomes: list[Outcome]) -> float:
    return sorted(o.seconds for o in outcomes)[len(outcomes) // 2]


def _longest(outcomes: list[Outcome]) -> float:
    return max(o.seconds for o in outcomes)


def _listing(title: str, outcomes: list[Outcome]) -> str:
    if not outcomes:
        return ""
    return f"\n## {title}\n" + "".join(
        f"\nNumber {o.number}: {'; '.join(o.failed) or 'not done in time'}\n\n"
        f"```toml\n{tomli_w.dumps(o.data).rstrip()}\n```\n"
        for o in outcomes
    )


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


def main() -> int:
    """Run the studies; 5 where a claim failed."""
    warnings.simplefilter("error")
    asked, begun, outcomes = options(), time.perf_counter(), []
    for number in range(asked.count) if asked.only is None else [asked.only]:
        if time.perf_counter() - begun > 60.0 * asked.minutes:
            break
        outcomes.append(
            try_study(number, study_of(number, asked.seed, quick=asked.quick), asked.limit)
        )
        words = "; ".join(outcomes[-1].failed) or ("stopped" if outcomes[-1].stopped else "ok")
        print(f"{number}: {words}, {outcomes[-1].seconds:.1f} s", file=sys.stderr, flush=True)
    if asked.only is None:
        text = page(outcomes, asked, time.perf_counter() - begun)
        (HERE / "README.md").write_text(text, encoding="utf-8")
    else:
        print(tomli_w.dumps(outcomes[0].data))
    return 5 if any(o.failed for o in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
