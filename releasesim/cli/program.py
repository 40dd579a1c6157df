"""The program `releasesim`: its commands, and what it is called when it is asked."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from typing import Annotated, Any

import typer

from releasesim.cli import screen
from releasesim.cli.cards import cards
from releasesim.cli.cite import cite
from releasesim.cli.compare import compare
from releasesim.cli.convert import convert
from releasesim.cli.data import data
from releasesim.cli.design import design
from releasesim.cli.doctor import doctor
from releasesim.cli.export import export
from releasesim.cli.failures import DEBUG, Program
from releasesim.cli.fit import fit
from releasesim.cli.mechanisms import mechanisms
from releasesim.cli.new import new
from releasesim.cli.plasma import deconvolve, plasma
from releasesim.cli.selftest import selftest
from releasesim.cli.show import show
from releasesim.cli.simulate import simulate
from releasesim.cli.slice import slice_
from releasesim.cli.sweep import sweep
from releasesim.cli.validate import validate

_NAMES = {"help_option_names": ["-h", "--help"]}
_COMMANDS: tuple[Callable[..., Any], ...] = (
    new,
    simulate,
    show,
    compare,
    fit,
    mechanisms,
    design,
    plasma,
    deconvolve,
    export,
    convert,
    slice_,
    sweep,
    doctor,
    selftest,
    validate,
    cite,
)

app = typer.Typer(
    name="releasesim",
    cls=Program,
    add_completion=False,
    rich_markup_mode=None,  # brackets in our words are brackets
    pretty_exceptions_enable=False,
    context_settings=_NAMES,
)
for _command in _COMMANDS:
    app.command(_command.__name__.rstrip("_"))(_command)
app.add_typer(cards, name="cards")
app.add_typer(data, name="data")


def _show_version(wanted: bool) -> None:
    if wanted:
        from releasesim.version import __version__

        screen.put(sys.stdout, f"releasesim {__version__}\n")
        raise typer.Exit


_HELP = """Drug release from 3D-printed tablets: simulate, compare, fit, design, export.

For research use only.

\b
  releasesim new                                  a study to start from
  releasesim simulate study.toml --out results    its release curve
  releasesim design study.toml --out best         the tablet for its target

\b
Exit codes: 0 done, 1 our bug, 2 usage, 3 bad input, 4 target not reachable
(the best design is written all the same), 5 a check failed, 6 runs in quarantine,
130 interrupted.
"""


@app.callback(help=_HELP)
def releasesim(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Take what stands before the command; `_HELP` is what a user reads."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # a console that knows no "²" shows a question mark rather than failing
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if not sys.warnoptions and not os.environ.get(DEBUG):
        warnings.simplefilter("ignore")  # they speak to programmers
    app(prog_name="releasesim")
