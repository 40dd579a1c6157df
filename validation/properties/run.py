"""Random valid studies, as many as asked for: `python validation/properties/run.py --count 1000`.

Every study must keep the claims of `tests/properties/claims.py`: bounds, ledger, order, and one
claim that compares two runs, by turns. What came out goes into README.md beside this file.
With `--seed 1`, `--minutes 8` to stop in time, `--limit 60` seconds of one core for a study,
`--record FILE` to go on where an earlier run stopped, `--shard 1/2` for every second study only,
`--only NUMBER` to run one alone and print it, `--quick` for the studies of the tests.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import platform
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from properties import claims  # noqa: E402  they stand with the tests
from properties.random_studies import laws_of, study_of  # noqa: E402

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

    @property
    def words(self) -> str:
        """What came out, in short."""
        return "; ".join(self.failed) or ("stopped" if self.stopped else "ok")

    def to_line(self) -> str:
        """Write it down for `earlier`, without its study, which its number gives."""
        return json.dumps({key: value for key, value in vars(self).items() if key != "data"})


def earlier(record: Path | None, study: Callable[[int], Data]) -> dict[int, Outcome]:
    """Read what earlier runs found, by number."""
    if record is None or not record.exists():
        return {}
    found = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    return {
        row["number"]: Outcome(
            **row | {"held": collections.Counter(row["held"])}, data=study(row["number"])
        )
        for row in found
    }


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


def page(outcomes: list[Outcome], asked: argparse.Namespace) -> str:
    """Write down what came out, in Markdown."""
    seconds = sum(o.seconds for o in outcomes)
    failed = [o for o in outcomes if o.failed]
    stopped = [o for o in outcomes if o.stopped and not o.failed]
    kinds = collections.Counter(_body(o.data) for o in outcomes)
    laws = collections.Counter(law for o in outcomes for law in laws_of(o.data))
    held: collections.Counter[str] = sum((o.held for o in outcomes), collections.Counter())
    missed = collections.Counter(f.partition(":")[0] for o in outcomes for f in o.failed)
    rows = "\n".join(f"| {c} | {held[c]} | {missed[c]} |" for c in sorted({*held, *missed}))
    until = "" if len(outcomes) == asked.count else f", of {asked.count} asked for"
    return f"""# Random valid studies

    python validation/properties/run.py {" ".join(sys.argv[1:])}

{len(outcomes)} studies run{until} (seed {asked.seed}),
{seconds / 60:.1f} minutes on one core of a machine of {os.cpu_count()},
Python {platform.python_version()}.
Bodies: {_listed(kinds)}. A study has up to eight laws, films have up to three layers, bodies
a core, baths samples and events (`tests/properties/random_studies.py`). Claims are those of
`tests/properties/claims.py`. Studies with each law: {_listed(laws)}.

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


def _body(data: Data) -> str:
    return "printed" if "infill" in data["tablet"] else str(data["tablet"]["shape"]["kind"])


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
    parser.add_argument("--record", type=Path)
    parser.add_argument("--shard", default="0", help="FIRST/STEP: every STEP-th study from FIRST")
    parser.add_argument("--only", type=int)
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


def main() -> int:
    """Run the studies; 5 where a claim failed."""
    warnings.simplefilter("error")
    asked = options()
    if asked.only is not None:
        one = _tried(asked.only, asked)
        print(tomli_w.dumps(one.data))
        return 5 if one.failed else 0
    outcomes = _all(asked)
    if "/" not in asked.shard:
        (HERE / "README.md").write_text(page(outcomes, asked), encoding="utf-8")
    return 5 if any(o.failed for o in outcomes) else 0


def _all(asked: argparse.Namespace) -> list[Outcome]:
    """Outcomes in the order of their numbers, those of the record taken as they are."""
    begun = time.perf_counter()
    done = earlier(asked.record, lambda number: study_of(number, asked.seed, quick=asked.quick))
    first, _, step = asked.shard.partition("/")
    for number in range(int(first), asked.count, int(step or 1)):
        if time.perf_counter() - begun > 60.0 * asked.minutes:
            break
        if number in done:
            continue
        done[number] = _tried(number, asked)
        if asked.record is not None:
            with asked.record.open("a", encoding="utf-8") as lines:
                lines.write(done[number].to_line() + "\n")
    return [done[number] for number in sorted(done)]


def _tried(number: int, asked: argparse.Namespace) -> Outcome:
    outcome = try_study(number, study_of(number, asked.seed, quick=asked.quick), asked.limit)
    print(f"{number}: {outcome.words}, {outcome.seconds:.1f} s", file=sys.stderr, flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
