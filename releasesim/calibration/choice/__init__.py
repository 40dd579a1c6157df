"""The choice among mechanisms: candidates, empirical equations, and what tells them apart."""

from __future__ import annotations

from releasesim.calibration.choice.candidates import CANDIDATES, Candidate
from releasesim.calibration.choice.choosing import choose_mechanism
from releasesim.calibration.choice.criteria import Criteria, akaike_weights, criteria
from releasesim.calibration.choice.left_out import LeftOut
from releasesim.calibration.choice.result import Choice, Ranked, Untried
from releasesim.calibration.choice.trial import Trial

__all__ = [
    "CANDIDATES",
    "Candidate",
    "Choice",
    "Criteria",
    "LeftOut",
    "Ranked",
    "Trial",
    "Untried",
    "akaike_weights",
    "choose_mechanism",
    "criteria",
]
