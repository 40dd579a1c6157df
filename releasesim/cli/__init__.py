"""The command line: one command for each verb, errors in one line, data apart from words.

Commands live one to a module and import what is heavy only when they run.
"""

from __future__ import annotations

from releasesim.cli.program import app, main

__all__ = ["app", "main"]
