"""How alike two release curves are, by the factors and point rules of the guidelines."""

from __future__ import annotations

from releasesim.similarity.assess import Settings, assess
from releasesim.similarity.assessment import Assessment
from releasesim.similarity.bootstrap import BootstrapF2, Units, bootstrap_f2
from releasesim.similarity.compare import compare, difference_factor, similarity_factor
from releasesim.similarity.comparison import Comparison
from releasesim.similarity.distance import Distance, OneSample, against_means, distance
from releasesim.similarity.estimators import ESTIMATORS, Batch, batch
from releasesim.similarity.moments import Moments, moments
from releasesim.similarity.prediction import (
    Exposure,
    PredictionErrors,
    exposure,
    prediction_error,
    prediction_errors,
)
from releasesim.similarity.rules import RULES, PointRule
from releasesim.similarity.specification import Criterion, Specification, criterion
from releasesim.similarity.stages import (
    Acceptance,
    acid_stage,
    buffer_stage,
    extended_release,
    immediate_release,
)
from releasesim.similarity.tolerance import ToleranceIntervals, tolerance_intervals

__all__ = [
    "ESTIMATORS",
    "RULES",
    "Acceptance",
    "Assessment",
    "Batch",
    "BootstrapF2",
    "Comparison",
    "Criterion",
    "Distance",
    "Exposure",
    "Moments",
    "OneSample",
    "PointRule",
    "PredictionErrors",
    "Settings",
    "Specification",
    "ToleranceIntervals",
    "Units",
    "acid_stage",
    "against_means",
    "assess",
    "batch",
    "bootstrap_f2",
    "buffer_stage",
    "compare",
    "criterion",
    "difference_factor",
    "distance",
    "exposure",
    "extended_release",
    "immediate_release",
    "moments",
    "prediction_error",
    "prediction_errors",
    "similarity_factor",
    "tolerance_intervals",
]
