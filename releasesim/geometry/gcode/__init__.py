"""G-code read back: the roads that a printer would lay, without any material."""

from releasesim.geometry.gcode.features import FEATURES
from releasesim.geometry.gcode.read import read_gcode
from releasesim.geometry.gcode.toolpath import Toolpath

__all__ = ["FEATURES", "Toolpath", "read_gcode"]
