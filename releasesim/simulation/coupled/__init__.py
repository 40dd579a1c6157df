"""The coupled engine: every law in any sensible combination, step by step.

`Cells` are geometry, `Matter` is chemistry, `Model` puts them together as rates of change, `Course`
takes them through a dissolution test.
"""

from releasesim.simulation.coupled.revolved import revolves
from releasesim.simulation.coupled.solve import Coupled, solve_coupled

__all__ = ["Coupled", "revolves", "solve_coupled"]
