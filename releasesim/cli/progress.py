"""A progress bar whose remaining time leaves compilation out."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from releasesim.workflows.compiling import CompileClock

if TYPE_CHECKING:
    from rich.progress import Progress

COMPILING = "compiling, first run only"
_PATIENCE = 2.0  # seconds of work before a guess is worth showing
_ENOUGH = 0.03  # share of work, likewise


class Eta:
    """Remaining time from the share of work done and the time that it took.

    Parameters
    ----------
    worked : float
        Time worked when a share was first reported, compilation left out [s].
    share : float
        That first share, which took an unknown time [-].
    """

    def __init__(self, worked: float, share: float) -> None:
        self.begun, self.first = worked, share

    def remaining(self, worked: float, share: float) -> float | None:
        """Seconds still to go at the speed so far; None while nobody can know.

        Examples
        --------
        >>> Eta(10.0, 0.2).remaining(20.0, 0.6)
        10.0
        """
        took, done = worked - self.begun, share - self.first
        if took < _PATIENCE or done < _ENOUGH:
            return None
        return max(0.0, took * (1.0 - share) / done)


class Watch:
    """Shows on a terminal that work goes on, how far it is and what is being done.

    Where standard error is no terminal nothing is shown.

    Parameters
    ----------
    stage : str
        What is being done first.
    """

    def __init__(self, stage: str) -> None:
        self.stage, self.share = stage, 0.0
        self._eta: Eta | None = None
        self._bar: Progress | None = None
        self._compiling = CompileClock()
        self._begun = 0.0

    def __enter__(self) -> Self:
        if sys.stderr is not None and sys.stderr.isatty():
            self._compiling.__enter__()
            self._begun = time.perf_counter()
            self._bar = self._make_bar()
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._compiling.__exit__(kind, error, trace)

    def update(self, stage: str, share: float) -> None:
        """Report a stage, and the share of it that is done, 0 to 1."""
        if stage != self.stage or share < self.share or self._eta is None:
            self._eta = Eta(self._worked(), share)
        self.stage, self.share = stage, share
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], total=1.0, completed=share)

    def words(self) -> str:
        """Time gone by, what is going on, and how long that will still take."""
        minutes, seconds = divmod(int(time.perf_counter() - self._begun), 60)
        return f"{minutes}:{seconds:02} {self._doing()}"

    def _doing(self) -> str:
        if self._compiling.busy:
            return COMPILING
        left = self._eta.remaining(self._worked(), self.share) if self._eta else None
        return f"{self.stage}, {_duration(left)} left" if left else self.stage

    def _worked(self) -> float:
        """Time since the beginning without compilation [s]."""
        return time.perf_counter() - self._begun - self._compiling.seconds

    def _make_bar(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, Task
        from rich.text import Text

        watch = self

        class Words(ProgressColumn):
            """Time gone by and the stage, or that the compiler is at work."""

            def render(self, task: Task) -> Text:
                return Text(watch.words(), overflow="ellipsis", no_wrap=True)

        columns = (BarColumn(bar_width=24), Words())
        bar = Progress(*columns, console=Console(stderr=True), transient=True)
        bar.add_task("", total=None)
        return bar


def _duration(seconds: float) -> str:
    """Write a guess no finer than it is good for.

    Examples
    --------
    >>> [_duration(t) for t in (3.2, 42.0, 70.0, 5000.0)]
    ['a few seconds', '40 s', '1 min', '1.4 h']
    """
    if seconds < 7.5:
        return "a few seconds"
    if seconds < 57.5:
        return f"{5 * round(seconds / 5)} s"
    return f"{round(seconds / 60)} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
