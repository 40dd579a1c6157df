"""Printing: the files a printer's software reads, and the numbers it has to reproduce."""

from __future__ import annotations

from releasesim.printing.export import Export, export

__all__ = ["Export", "export"]
