"""How alike two release curves are, by the factors and point rules of the guidelines."""

from __future__ import annotations

from releasesim.similarity.compare import compare, difference_factor, similarity_factor
from releasesim.similarity.comparison import Comparison
from releasesim.similarity.rules import RULES, PointRule

__all__ = [
    "RULES",
    "Comparison",
    "PointRule",
    "compare",
    "difference_factor",
    "similarity_factor",
]
