"""Plasma curves: read with units, measured by peak, area and time inside a window."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.curve import ConcentrationCurve
from releasesim.errors import InputError


def test_reads_units_and_writes_itself_back(tmp_path):
    path = tmp_path / "plasma.csv"
    path.write_text("# oral\nTime [min],Plasma concentration [ng/mL]\n30,250\n60,400\n", "utf-8")
    curve = ConcentrationCurve.read(path)
    np.testing.assert_allclose(curve.time, [1800.0, 3600.0])
    np.testing.assert_allclose(curve.concentration, [2.5e-4, 4e-4])
    curve.write(tmp_path / "again.csv")
    again = ConcentrationCurve.read(tmp_path / "again.csv")
    assert again.concentration.tolist() == curve.concentration.tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Time [h],Level [mg/L]\n1,2\n", "no column of concentration"),
        ("Time [h],Concentration [%]\n1,2\n", 'unit "%" must be one of'),
        ("Dose [mg],Concentration [mg/L]\n1,2\n", "times must come first"),
        ("Time [h],Concentration [mg/L]\n1,-2\n", "is negative"),
        ("Time [h],Concentration [mg/L]\n2,2\n1,2\n", "times must increase"),
    ],
)
def test_refuses_other_tables(tmp_path, text, message):
    path = tmp_path / "plasma.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        ConcentrationCurve.read(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_share_of_time_inside_a_window_is_exact_between_points():
    """A triangle 0-4-0 over 2 h lies between 1 and 3 for half of the time."""
    curve = ConcentrationCurve([0.0, 3600.0, 7200.0], [0.0, 4.0, 0.0])
    assert curve.share_within(1.0, 3.0) == pytest.approx(0.5)
    assert curve.share_within(4.5, 5.0) == 0.0
    assert ConcentrationCurve([0.0, 1.0], [2.0, 2.0]).share_within(1.0, 3.0) == 1.0
    assert curve.auc == pytest.approx(4.0 * 3600)
