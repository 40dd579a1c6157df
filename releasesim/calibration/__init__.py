"""Calibration: parameters of a study from measured curves, and how sure they are."""

from __future__ import annotations

from releasesim.calibration.experiment import Experiment
from releasesim.calibration.fitting import fit
from releasesim.calibration.parameters import Parameter, Prior, free_parameters
from releasesim.calibration.result import Estimate, Fit, FittedExperiment
from releasesim.calibration.summary import Summary

__all__ = [
    "Estimate",
    "Experiment",
    "Fit",
    "FittedExperiment",
    "Parameter",
    "Prior",
    "Summary",
    "fit",
    "free_parameters",
]
