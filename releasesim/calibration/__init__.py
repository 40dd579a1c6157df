"""Calibration: physics parameters from a measured release curve; `fit` is the verb."""

from __future__ import annotations

from releasesim.calibration.fitting import fit
from releasesim.calibration.result import Estimate, Fit

__all__ = ["Estimate", "Fit", "fit"]
