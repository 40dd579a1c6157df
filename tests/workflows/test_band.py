"""The band of a calibration against the slope of an exact curve."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.errors import InputError
from releasesim.simulation import simulate
from releasesim.study import Study
from releasesim.units import hour
from releasesim.workflows.band import calibrated_band
from releasesim.workflows.selftest import exact

D, ERROR = 2.3e-10, 0.05
CARD = f"""
kind = "calibration"
name = "lot"
title = "by hand"
[physics.diffusion]
law = "ConstantDiffusivity"
[physics.diffusion.D]
value = "{D} m2/s"
range = ["2e-10 m2/s", "2.6e-10 m2/s"]
grade = "measured"
source = "fit"
[covariance]
of = ["diffusion.D"]
logarithms = [[{ERROR**2}]]
"""
STUDY = """
calibration = "lot.toml"
[tablet]
shape = { kind = "sphere", diameter = "4.2 mm" }
[formulation]
concentration = "100 mg/mL"
[run]
until = "6 h"
"""


def load(tmp_path, text=STUDY):
    (tmp_path / "lot.toml").write_text(CARD)
    (tmp_path / "study.toml").write_text(text)
    return Study.load(tmp_path / "study.toml")


def test_the_band_is_the_slope_times_the_error(tmp_path):
    """Crank (1975) eq 6.20, differentiated by ln D."""
    study = load(tmp_path)
    release = simulate(study)
    band = calibrated_band(study, release)
    times = np.array([0.5, 1.0, 2.0, 4.0]) * hour
    ends = [exact.sphere(times, D * np.exp(sign * ERROR), 2.1e-3) for sign in (1, -1)]
    expected = 1.959964 * (ends[0] - ends[1])
    width = np.interp(times, band.time, band.high - band.low)
    assert width == pytest.approx(expected, abs=2e-3)
    assert band.names == ("diffusion.D",)
    assert "from the errors of diffusion.D" in band.describe()
    assert band.text().splitlines()[0] == "time_s,low_fraction,high_fraction"


def test_without_a_calibration_in_use_there_is_no_band(tmp_path):
    own = '[physics.diffusion]\nlaw = "ConstantDiffusivity"\nD = "1e-10 m2/s"\n'
    study = load(tmp_path, STUDY + own)
    release = simulate(study)
    with pytest.raises(InputError, match="calibration 'lot' has no covariance of what this study"):
        calibrated_band(study, release)
    alone = load(tmp_path, STUDY.replace('calibration = "lot.toml"', "") + own)
    with pytest.raises(InputError, match="names no calibration"):
        calibrated_band(alone, release)
