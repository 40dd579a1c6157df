"""The tablet: a shape, how it is printed, and what each of its parts is made of."""

from releasesim.tablet.formulation import Formulation
from releasesim.tablet.inkjet import Ink, Inkjet
from releasesim.tablet.parts import Layer, Part, Placed, Region
from releasesim.tablet.tablet import Tablet

__all__ = ["Formulation", "Ink", "Inkjet", "Layer", "Part", "Placed", "Region", "Tablet"]
