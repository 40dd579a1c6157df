"""Simulation: physics and numerics meet here as coefficient arrays; `simulate` is the verb."""

from releasesim.simulation.batch import simulate_batch
from releasesim.simulation.fields import Fields, fields
from releasesim.simulation.mechanism import Mechanism, mechanism_of
from releasesim.simulation.release import Release
from releasesim.simulation.simulate import simulate

__all__ = ["Fields", "Mechanism", "Release", "fields", "mechanism_of", "simulate", "simulate_batch"]
