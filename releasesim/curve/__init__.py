"""Release and plasma curves: measured, drawn or simulated, all of the same types."""

from __future__ import annotations

from releasesim.curve.concentration import ConcentrationCurve
from releasesim.curve.release_curve import ReleaseCurve, time_text

__all__ = ["ConcentrationCurve", "ReleaseCurve", "time_text"]
