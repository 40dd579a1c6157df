"""The study file: what the user writes, versions and shares, as nouns."""

from __future__ import annotations

from releasesim.study.bath import Bath, Event, Sampling
from releasesim.study.biomarkers import refuse_forbidden
from releasesim.study.card_laws import with_effective_laws, with_mechanisms
from releasesim.study.drugs import refuse_several
from releasesim.study.json_schema import study_schema
from releasesim.study.measures import Measure
from releasesim.study.notices import sink_notice
from releasesim.study.run import Run
from releasesim.study.spreads import Level, Spread
from releasesim.study.study import Study
from releasesim.study.sweep import SweepSpec
from releasesim.study.wishes import (
    Choice,
    DesignSpec,
    PatientSpec,
    Plasma,
    RobustSpec,
    Stage,
    Target,
    Vary,
)

__all__ = [
    "Bath",
    "Choice",
    "DesignSpec",
    "Event",
    "Level",
    "Measure",
    "PatientSpec",
    "Plasma",
    "RobustSpec",
    "Run",
    "Sampling",
    "Spread",
    "Stage",
    "Study",
    "SweepSpec",
    "Target",
    "Vary",
    "refuse_forbidden",
    "refuse_several",
    "sink_notice",
    "study_schema",
    "with_effective_laws",
    "with_mechanisms",
]
