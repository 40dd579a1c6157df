"""The selftest as a committed figure: `python validation/selftest/run.py`, which writes README.md.

Every case of `releasesim selftest`, with its exact answer, error, estimate, observed order, ledger
and time; and the shares by which the suite is judged.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from releasesim.workflows.selftest.cases import all_cases
from releasesim.workflows.selftest.page import HEAD, figures, row
from releasesim.workflows.selftest.run import Summary, run_all

HERE = Path(__file__).parent


def page(summary: Summary) -> str:
    """Write figures and table down, in Markdown."""
    load = os.getloadavg()[0]
    figure = "\n".join(f"| {name} | {value} |" for name, value in figures(summary))
    rows = "\n".join("| " + " | ".join(row(one)) + " |" for one in summary.outcomes)
    head = "| " + " | ".join((*HEAD[:-1], "verdict")) + " |\n" + "|---" * len(HEAD) + "|"
    verdict = "All checks passed." if not summary.failures else "\n".join(summary.failures)
    return f"""# The selftest

    python validation/selftest/run.py

{verdict} Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, load
{load:.1f} at the end: times are those of a machine as busy as that. Two processes at once.

| | |
|---|---|
{figure}

Errors and estimates are of the released fraction, where more than 10 % is out. An order is seen on
two grids of bodies that are solved in one dimension; where laws are coupled, time steps of 0.1 %
cover it, and `validation/orders` has it.
`tests/simulation/test_selftest_suite.py` judges the same shares, of the quick cases in every run.

{head}
{rows}
"""


def main() -> int:
    """Run every case; 5 where a check failed."""
    summary = run_all(all_cases())
    (HERE / "README.md").write_text(page(summary), encoding="utf-8")
    print(summary.describe())
    return 5 if summary.failures else 0


if __name__ == "__main__":
    sys.exit(main())
