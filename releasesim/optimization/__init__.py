"""Optimization: the inverse problem, from a wanted curve to a printable tablet."""

from releasesim.optimization.design import design
from releasesim.optimization.result import Candidate, Design, FullMechanism, Sensitivity

__all__ = ["Candidate", "Design", "FullMechanism", "Sensitivity", "design"]
