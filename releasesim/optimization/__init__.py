"""Optimization: the inverse problem, from a wanted curve to a printable tablet."""

from releasesim.optimization.design import design
from releasesim.optimization.result import Candidate, Design, FullMechanism, Sensitivity
from releasesim.optimization.store import CurveStore

__all__ = ["Candidate", "CurveStore", "Design", "FullMechanism", "Sensitivity", "design"]
