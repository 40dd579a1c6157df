"""Exchange: release curves as the files that other programs read.

One noun goes out, a `Course`; each format is a module of its own. Files for printers are made in
`printing`.
"""

from __future__ import annotations

from releasesim.exchange.course import Course
from releasesim.exchange.formats import FORMATS, convert
from releasesim.exchange.rocrate import write_crate

__all__ = ["FORMATS", "Course", "convert", "write_crate"]
