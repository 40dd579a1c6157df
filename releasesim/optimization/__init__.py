"""Optimization: the inverse problem, from a wanted curve to a printable tablet."""

from releasesim.optimization.design import design
from releasesim.optimization.result import Candidate, Design, Sensitivity

__all__ = ["Candidate", "Design", "Sensitivity", "design"]
