"""Whatever goes wrong ends in one line and the exit code that DESIGN 4 gives it."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from releasesim.cli import screen
from releasesim.errors import ReleaseSimError
from releasesim.workflows.output import Interrupted

DEBUG = "RELEASESIM_DEBUG"
"""Environment variable that brings the traceback of a bug."""

_OPTIONS = {
    "interpolate=True": "--interpolate",
    "dose=...": "--dose MASS",
}

BUG, USAGE, BAD_INPUT, NOT_REACHABLE, FAILED_CHECK, QUARANTINED, INTERRUPTED = 1, 2, 3, 4, 5, 6, 130

# typer brings its own copy of click or uses the installed one, by version: ask for its base
_UsageError: type[Exception] = next(
    base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException"
)


class Program(TyperGroup):
    """The group of all commands; turns what they raise into a line and an exit code."""

    def main(self, args: Any = None, *rest: Any, **options: Any) -> NoReturn:
        """Run, and leave with an exit code."""
        words = list(sys.argv[1:] if args is None else args) or ["--help"]
        options["standalone_mode"] = False
        try:
            code = super().main(words, *rest, **options)
        except _UsageError as error:
            code = USAGE
            complain(_usage(error))
        sys.exit(code or 0)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was chosen."""
        try:
            return super().invoke(ctx)
        except (_UsageError, typer.Exit, typer.Abort):
            raise
        except (Exception, KeyboardInterrupt) as error:
            line, code = explain(error)
            complain(line)
            if code == BUG and os.environ.get(DEBUG):
                screen.put(sys.stderr, traceback.format_exc())
            raise typer.Exit(code) from None


def explain(error: BaseException) -> tuple[str, int]:
    """Return what to say about an error, and the exit code it ends with."""
    if isinstance(error, ReleaseSimError):
        return _in_our_words(str(error)), error.exit_code
    if isinstance(error, KeyboardInterrupt):
        what = str(error) if isinstance(error, Interrupted) else "nothing was finished"
        return f"interrupted: {what}", INTERRUPTED
    trouble = _of_the_machine(error)
    return (trouble, BAD_INPUT) if trouble else (_bug(error), BUG)


def _of_the_machine(error: BaseException) -> str:
    """Say what the machine lacks; empty where that is not the trouble."""
    if isinstance(error, OSError) and error.strerror:
        return f"{f'{error.filename}: ' if error.filename else ''}{error.strerror}"
    if isinstance(error, MemoryError):
        return "not enough memory: give run.spacing a larger value"
    if isinstance(error, RuntimeError) and "no locator available" in str(error):  # of Numba
        return (
            "there is no place to keep compiled kernels: set NUMBA_CACHE_DIR to a folder that "
            "can be written"
        )
    return ""


def complain(line: str) -> None:
    """Write one line of error, whatever the message holds."""
    shown = "".join(c if c.isprintable() else " " for c in line)
    screen.put(sys.stderr, f"error: {' '.join(shown.split())}\n")


def _bug(error: BaseException) -> str:
    said = f": {error}" if str(error) else ""
    return (
        f"a bug in releasesim, please report it ({type(error).__name__}{said}); "
        f"{DEBUG}=1 shows where"
    )


def _in_our_words(message: str) -> str:
    """Say options as the command line has them."""
    for python, words in _OPTIONS.items():
        message = message.replace(python, words)
    return message


def _usage(error: Any) -> str:
    """Say what was wrong with the words of a command, and where to read on."""
    message = str(error.format_message()).strip().removesuffix(".")
    ctx = getattr(error, "ctx", None)
    return f"{message}; see {ctx.command_path} --help" if ctx else message
