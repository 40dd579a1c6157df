"""Printing: the files a printer's software reads, and the numbers it has to reproduce."""

from __future__ import annotations

from releasesim.printing.export import Export, export, with_printer
from releasesim.printing.printable import Printable, check_extruders, printable

__all__ = ["Export", "Printable", "check_extruders", "export", "printable", "with_printer"]
