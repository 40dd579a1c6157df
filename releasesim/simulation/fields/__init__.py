"""Where the drug is: fields over time, from the engines that make the curve."""

from releasesim.simulation.fields.fields import Fields, Frame
from releasesim.simulation.fields.lattice import Lattice
from releasesim.simulation.fields.solve import fields

__all__ = ["Fields", "Frame", "Lattice", "fields"]
