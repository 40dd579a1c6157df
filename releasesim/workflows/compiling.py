"""How long the compiler has been at work: the first run compiles the kernels, later ones do not."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

_EVENT = "numba:compile"


class CompileClock:
    """Counts the time that Numba compiles while the clock is open.

    Kernels that come from the cache cost nothing here.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._begun = 0.0
        self._done = 0.0
        self._listener: Any = None

    @property
    def busy(self) -> bool:
        """Whether a kernel is being compiled now."""
        return self._depth > 0

    @property
    def seconds(self) -> float:
        """Spent on compilation so far [s]."""
        running = time.perf_counter() - self._begun if self.busy else 0.0
        return self._done + running

    def start(self) -> None:
        """Note that a kernel is being compiled; kernels that it calls are inside its time."""
        if self._depth == 0:
            self._begun = time.perf_counter()
        self._depth += 1

    def stop(self) -> None:
        """Note that a kernel is done."""
        self._depth -= 1
        if self._depth == 0:
            self._done += time.perf_counter() - self._begun

    def __enter__(self) -> Self:
        from numba.core import event

        clock = self

        class Listener(event.Listener):  # type: ignore[misc]
            """Passes Numba's events on."""

            def on_start(self, event: Any) -> None:
                clock.start()

            def on_end(self, event: Any) -> None:
                clock.stop()

        self._listener = Listener()
        event.register(_EVENT, self._listener)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        from numba.core import event

        event.unregister(_EVENT, self._listener)
