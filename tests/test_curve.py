"""Release curves: reading without guessing, moments against closed forms."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest

from releasesim.curve import ReleaseCurve, time_text
from releasesim.empirical import FirstOrder, Weibull, ZeroOrder
from releasesim.errors import InputError

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def csv(tmp_path):
    def write(content):
        path = tmp_path / "lab.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


# --- reading ---------------------------------------------------------------------------------


def test_laboratory_table_in_percent(csv):
    path = csv("# batch 7\nTime [min],Released [%],SD [%],n\n\n30,35,2.5,12\n60,101.5,1,12\n")
    curve = ReleaseCurve.read(path)
    assert curve.time.tolist() == [1800.0, 3600.0]
    assert curve.fraction.tolist() == [0.35, 1.015]  # above 100 % is kept as measured
    assert curve.sd.tolist() == [0.025, 0.01]
    assert (curve.n, curve.name, curve.simulated) == (12, "lab", False)


@pytest.mark.parametrize(("unit", "seconds"), [("s", 1), ("min", 60), ("h", 3600), ("d", 86400)])
def test_time_units(csv, unit, seconds):
    curve = ReleaseCurve.read(csv(f"Time [{unit}],Released [-]\n0,0\n2,0.5\n"))
    assert curve.time.tolist() == [0.0, 2.0 * seconds]
    assert curve.fraction.tolist() == [0.0, 0.5]


def test_vessels_give_mean_sd_and_n(csv):
    path = csv("Time [h],Vessel 1 [%],Vessel 2 [%],Vessel 3 [%]\r\n1,10,20,30\r\n2,40,40,43\r\n")
    curve = ReleaseCurve.read(path)
    assert curve.fraction == pytest.approx([0.2, 0.41], abs=1e-15)
    assert curve.sd == pytest.approx([0.1, math.sqrt(3.0) / 100], abs=1e-15)  # n - 1
    assert curve.n == 3
    assert curve.vessels.shape == (2, 3)


def test_our_own_release_csv_is_simulated(csv):
    curve = ReleaseCurve.read(csv("time_s,released_fraction,error\n0,0,0\n60,0.25,0.001\n"))
    assert curve.simulated
    assert curve.fraction.tolist() == [0.0, 0.25]


def test_polypill_column_is_chosen_by_drug(csv):
    path = csv("time_s,released_fraction_a,released_fraction_b\n0,0,0\n60,0.25,0.5\n")
    assert ReleaseCurve.read(path, column="b").fraction[1] == 0.5
    with pytest.raises(InputError, match=r":1 choose one of the columns released_fraction_a, "):
        ReleaseCurve.read(path)


def test_laboratory_column_is_chosen_by_name(csv):
    path = csv("Time [h],Theophylline [%],Caffeine [%]\n1,10,20\n")
    assert ReleaseCurve.read(path, column="caffeine").fraction[0] == 0.2
    with pytest.raises(InputError, match=r'no column of released drug; there are "Theophylline'):
        ReleaseCurve.read(path)


HEAD = "Time [min],Released [%]\n"
REFUSED = {
    "no unit of release": ("Time [min],Released\n5,10\n", r":1 .*Released.*no unit.*\[%\]"),
    "no unit of time": ("Time,Released [%]\n5,10\n", r":1 .*Time.*no unit"),
    "unknown unit": ("Time [min],Released [m]\n5,10\n", r":1 .*unit \"m\" must be one of %, -"),
    "mass without dose": ("Time [min],Released [mg]\n5,10\n", r":1 B1: .*needs the dose"),
    "times not first": ("Released [%],Time [min]\n10,5\n", r":1 .*times must come first"),
    "negative release": (HEAD + "5,10\n10,-2\n", r":3 .*Released \[%\].*negative"),
    "negative time": (HEAD + "-5,10\n", r":2 .*Time \[min\].*negative"),
    "NaN": (HEAD + "5,nan\n", r":2 .*not a finite number"),
    "infinite": (HEAD + "5,inf\n", r":2 .*not a finite number"),
    "overflow": (HEAD + "5,1e999\n", r":2 .*not a finite number"),
    "repeated time": (HEAD + "5,10\n5,12\n", r":3 .*5 after 5, times must increase"),
    "decreasing time": (HEAD + "# c\n10,10\n\n5,12\n", r":5 .*5 after 10"),
    "text": (HEAD + "5,about 10\n", r":2 .*\"about 10\" is not a finite number"),
    "digits of other scripts": (HEAD + "5,١٠\n", r":2 .*not a finite number"),
    "empty cell": (HEAD + "5,\n", r":2 .*empty cell"),
    "quoted decimal comma": (HEAD + '5,"10,5"\n', r":2 .*decimal comma, write 10\.5"),
    "decimal comma": (HEAD + "5,10,5\n", r":2 3 cells where the header has 2.*write 10\.5"),
    "short row": (HEAD + "5,10\n10\n", r":3 1 cells where the header has 2"),
    "semicolons": ("Time [min];Released [%]\n5;10,5\n6;11.5\n", r":3 B3: .*different decimal"),
    "one column": ("Time [min]\n5\n", r":1 one column only"),
    "twice the same": ("Time [min],A [%],A [%]\n5,1,2\n", r":1 .*appears more than once"),
    "mean beside vessels": (
        "Time [min],Vessel 1 [%],Mean [%]\n5,1,2\n",
        r":1 .*Mean.*beside vessels",
    ),
    "n not whole": ("Time [h],Released [%],n\n1,5,2.5\n", r":2 .*whole number"),
    "n changes": ("Time [h],Released [%],n\n1,5,12\n2,9,11\n", r":3 .*same in all rows"),
    "no rows": (HEAD, r":1 a header and no rows"),
    "empty": ("", r"empty file"),
    "only comments": ("# nothing\n", r"empty file"),
    "binary": (b"\x89PNG\0\0", r"binary file"),
    "not UTF-8": (HEAD.encode() + b"5,1\xb5\n", r":2 .*UTF-8"),
    "own without release": ("time_s,mass\n0,0\n", r":1 no column released_fraction"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_file_and_line(csv, case):
    content, message = REFUSED[case]
    path = csv(content)
    with pytest.raises(InputError, match=message) as refusal:
        ReleaseCurve.read(path)
    assert str(refusal.value).startswith(str(path))


def test_missing_file_is_bad_input(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        ReleaseCurve.read(tmp_path / "none.csv")


def test_byte_order_mark_and_parentheses_are_read(csv):
    curve = ReleaseCurve.read(csv(b"\xef\xbb\xbf" + b"Time (min),Released (%)\n5,10\n"))
    assert curve.fraction.tolist() == [0.1]


# --- construction ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "at least one time"),
        (([1.0, 2.0], [0.1]), "2 times but 1 of fraction"),
        (([2.0, 1.0], [0.1, 0.2]), "increase"),
        (([-1.0, 1.0], [0.1, 0.2]), "0 or more"),
        (([1.0, 2.0], [0.1, -0.2]), "negative"),
        (([1.0, 2.0], [0.1, math.nan]), "not finite"),
        (([1.0], [0.1], [-0.1]), "standard deviation is negative"),
        (([1.0], [0.1], None, 0), "n = 0"),
        (([[1.0]], [0.1]), "2 dimensions"),
    ],
)
def test_what_cannot_be_a_curve(arguments, message):
    with pytest.raises(InputError, match=message):
        ReleaseCurve(*arguments)


def test_curve_cannot_be_changed_and_keeps_a_copy():
    time = np.array([1.0, 2.0])
    curve = ReleaseCurve(time, [0.1, 0.2])
    time[0] = 1.5
    assert curve.time[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        curve.fraction[0] = 0.5


def test_solver_round_off_below_zero_is_kept_only_when_simulated():
    assert ReleaseCurve([0.0, 1.0], [-1e-15, 0.2], simulated=True).fraction[0] == -1e-15
    with pytest.raises(InputError, match="negative"):
        ReleaseCurve([0.0, 1.0], [-1e-15, 0.2])


# --- writing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["mean", "vessels", "simulated"])
def test_written_curve_reads_back_exactly(tmp_path, kind):
    time, vessels = [0.1, 1800.0, 1e7 / 3], np.array([[0.1, 0.2], [1 / 3, 0.5], [0.95, 1.02]])
    mean, sd = vessels.mean(axis=1), vessels.std(axis=1, ddof=1)
    extra = {
        "mean": {"sd": sd, "n": 2},
        "vessels": {"sd": sd, "n": 2, "vessels": vessels},
        "simulated": {"simulated": True},
    }[kind]
    curve = ReleaseCurve(time, mean, name="x", **extra)
    curve.write(tmp_path / "x.csv")
    again = ReleaseCurve.read(tmp_path / "x.csv")
    for field in ("time", "fraction", "sd", "vessels"):
        assert np.array_equal(getattr(again, field), getattr(curve, field)), field
    assert (again.n, again.name, again.simulated) == (curve.n, "x", curve.simulated)


def test_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_text("old")

    def full_disk(_descriptor):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        ReleaseCurve([1.0], [0.1]).write(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


# --- what the curve says ---------------------------------------------------------------------


def test_moments_of_first_order():
    """MDT = 1/k, VDT = 1/k2, RD = 1; midpoints of 2000 steps to t = 30/k: 2e-4 relative."""
    k = 1e-4
    time = np.linspace(0.0, 30.0 / k, 2001)
    curve = ReleaseCurve(time, FirstOrder(rate=k).fraction(time))
    assert curve.mdt == pytest.approx(1.0 / k, rel=2e-4)
    assert curve.vdt == pytest.approx(1.0 / k**2, rel=2e-4)
    assert curve.relative_dispersion == pytest.approx(1.0, rel=2e-4)


def test_mdt_of_weibull():
    """MDT = Ti + Td Gamma(1 + 1/b), Td = 2 h, b = 2."""
    time = np.linspace(0.0, 50000.0, 2001)
    curve = ReleaseCurve(time, Weibull(scale=7200.0, shape=2.0, lag=600.0).fraction(time))
    assert curve.mdt == pytest.approx(600.0 + 7200.0 * math.gamma(1.5), rel=1e-5)


def test_mdt_of_constant_rate_is_exact_without_time_zero():
    """MDT = T/2 and VDT = T2/12 - h2/12 by midpoints of width h."""
    time = np.linspace(1000.0, 10000.0, 10)
    curve = ReleaseCurve(time, ZeroOrder(duration=10000.0).fraction(time))
    assert curve.mdt == pytest.approx(5000.0, rel=1e-14)
    assert curve.vdt == pytest.approx((10000.0**2 - 1000.0**2) / 12.0, rel=1e-14)
    assert curve.dissolution_efficiency() == pytest.approx(0.5, rel=1e-14)


def test_burst_at_time_zero_counts_at_time_zero():
    curve = ReleaseCurve([0.0, 100.0], [0.5, 1.0])
    assert curve.mdt == 25.0
    assert curve.dissolution_efficiency() == 0.75


def test_nothing_released_has_no_mdt():
    curve = ReleaseCurve([0.0, 100.0], [0.0, 0.0])
    assert math.isnan(curve.mdt)
    assert math.isnan(curve.vdt)
    assert math.isnan(curve.relative_dispersion)
    assert "MDT unknown" in repr(curve)


def test_dissolution_efficiency_until():
    curve = ReleaseCurve([10.0, 20.0], [0.4, 1.0])
    assert curve.dissolution_efficiency(15.0) == pytest.approx((2.0 + 2.75) / 15.0, rel=1e-14)
    with pytest.raises(InputError, match="ends at 20 s"):
        curve.dissolution_efficiency(30.0)
    with pytest.raises(InputError, match="after 0"):
        curve.dissolution_efficiency(0.0)


def test_interpolation_starts_at_nothing_and_never_extrapolates():
    curve = ReleaseCurve([10.0, 20.0], [0.4, 0.8])
    assert curve.at([0.0, 5.0, 15.0, 20.0]) == pytest.approx([0.0, 0.2, 0.6, 0.8], abs=1e-15)
    for time in (20.1, -1.0, math.nan):
        with pytest.raises(InputError, match="ends at 20 s"):
            curve.at(time)


def test_time_to():
    curve = ReleaseCurve([10.0, 20.0, 30.0], [0.4, 0.8, 0.7])
    assert curve.time_to(0.2) == 5.0
    assert curve.time_to(0.6) == pytest.approx(15.0, rel=1e-14)
    assert curve.time_to(0.0) == 0.0
    assert math.isnan(curve.time_to(0.9))


def test_shows_itself():
    curve = ReleaseCurve([1800.0, 10800.0], [0.35, 0.95], sd=[0.02, 0.01], n=12, name="<a>")
    assert repr(curve).startswith(
        "ReleaseCurve '<a>': 2 points, 30 min to 3 h, 35 % to 95 %, n = 1"
    )
    assert "&lt;a&gt;" in curve._repr_html_()
    assert "<td>95.0 %</td><td>1.0 %</td>" in curve._repr_html_()
    dense = ReleaseCurve(np.arange(97.0), np.linspace(0.0, 1.0, 97), simulated=True)
    assert dense._repr_html_().count("<tr>") == 13
    assert repr(dense).endswith("simulated")


def test_time_text_reads_naturally():
    assert [time_text(60.0 * m) for m in (1, 2, 119, 120, 1440, 14400)] == [
        "60 s",
        "2 min",
        "119 min",
        "2 h",
        "24 h",
        "10 d",
    ]


# --- shipped curves --------------------------------------------------------------------------


def test_shah_reference_means():
    """Shah et al. 1998, Pharm. Res. 15:889, reference batch: means of 12 units."""
    curve = ReleaseCurve.read(EXAMPLES / "shah1998_reference.csv")
    assert curve.time.tolist() == [1800.0, 3600.0, 5400.0, 10800.0]
    assert 100 * curve.fraction == pytest.approx([34.9167, 59.5, 79.2667, 95.075], abs=1e-4)
    assert curve.n == 12


def test_sustained_target():
    curve = ReleaseCurve.read(EXAMPLES / "sustained_12h.csv")
    assert curve.time[-1] == 12 * 3600.0
    assert curve.fraction[-1] == 0.95
    assert curve.sd is None
    rates = np.diff(curve.fraction) / np.diff(curve.time)
    assert np.all(np.diff(rates) < 1e-15)  # slows down throughout
