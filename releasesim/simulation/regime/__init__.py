"""Regime numbers (PHYSICS 10): which mechanism controls, and which knob can move the curve."""

from releasesim.simulation.regime.phase import Solid
from releasesim.simulation.regime.regime import Regime, regime_of

__all__ = ["Regime", "Solid", "regime_of"]
