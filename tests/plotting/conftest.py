"""Puts `results` within reach of a run of this folder alone."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
