"""Regime numbers (PHYSICS 10): which mechanism controls, and which knob can move the curve."""

from releasesim.simulation.regime.regime import Regime, regime_of

__all__ = ["Regime", "regime_of"]
