"""Release curves: measured, drawn or simulated, all of the same type."""

from __future__ import annotations

from releasesim.curve.release_curve import ReleaseCurve, time_text

__all__ = ["ReleaseCurve", "time_text"]
