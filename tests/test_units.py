"""Quantities: the grammar, the factors, and what a user reads when one is wrong."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from releasesim import units
from releasesim.errors import UnitError


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("4 mm", "m", 0.004),
        ("0.45 mm", "m", 0.00045),
        ("10 µm", "m", 1e-5),  # micro sign
        ("10 μm", "m", 1e-5),  # Greek mu
        (" 10 mm ", "m", 0.01),
        ("-5 mm", "m", -0.005),
        (".5e1 mm", "m", 0.005),
        ("900 mL", "m3", 9e-4),
        ("5 pL", "m3", 5e-15),
        ("1 cm²/s", "m2/s", 1e-4),
        ("1 cm^2/s", "m2/s", 1e-4),
        ("5e-11 m2/s", "m2/s", 5e-11),
        ("1.25 g/cm3", "kg/m3", 1250.0),
        ("5 mg/L", "kg/m3", 0.005),
        ("36 mm/h", "m/s", 1e-5),
        ("1 1/d", "1/s", 1 / 86400),
        ("3 s^-1", "1/s", 3.0),
        ("0.7 cP", "Pa*s", 0.0007),
        ("180 Da", "kg/mol", 0.18),
        ("31 kDa", "kg/mol", 31.0),
        ("254 dpi", "1/m", 10000.0),
        ("6.8 pH", "pH", 6.8),
        ("7 IU", "IU", 7.0),
        ("37 degC", "K", 310.15),
        ("310.15 K", "K", 310.15),
        ("130 %", "1", 1.3),
        ("0.5 -", "1", 0.5),
        (0.3, "1", 0.3),
        (3, "1", 3.0),
        ("180 deg", "rad", math.pi),
        ("30 rpm", "rad/s", math.pi),
        ("36 %/h^0.5", "1/s^0.5", 0.006),
        ("2 m/s * s", "m", 2.0),
        ("3 g/(m2*s)", "kg/(m2*s)", 0.003),
    ],
)
def test_reads(text, unit, value):
    assert units.parse_quantity(text, unit) == pytest.approx(value, rel=1e-15, abs=0)


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("", "m", "is empty"),
        ("   ", "m", "is empty"),
        ("nan mm", "m", "finite"),
        ("inf mm", "m", "finite"),
        ("-Infinity mm", "m", "finite"),
        ("1e999 mm", "m", "finite"),
        (math.nan, "1", "finite"),
        (10**400, "1", "finite"),
        ("10,5 mm", "m", 'decimal comma, write "10.5 mm"'),
        ("10,5mm", "m", "decimal comma"),
        ("1,000 mm", "m", 'write "1.000 mm" or "1000 mm"'),
        ("1,000.5 mm", "m", "commas"),
        ("10mm", "m", 'put a space between number and unit: "10 mm"'),
        ("ten mm", "m", '"ten" is not a number'),
        ("10 mm mm", "m", "has a space"),
        ("1_000 mm", "m", "not a decimal number"),
        ("0x10 mm", "m", "not a decimal number"),
        ("1.2.3 mm", "m", "not a decimal number"),
        ("10", "m", "has no unit"),
        (10, "m", "has no unit, needs a length"),
        (True, "1", "pure ratio"),
        (None, "1", "pure ratio"),
        ([1], "m", "a length"),
        ("١٠ mm", "m", "digits 0 to 9"),
        ("10 mn", "m", 'did you mean "mm"?'),
        ("10 mg", "m", 'is a mass, needs a length such as "10 mm"'),
        ("45 deg", "1", "is an angle, needs a pure ratio"),
        ("30 %", "rad", "is a pure ratio, needs an angle"),
        ("37 C", "K", "needs a temperature"),
        ("37 °C", "K", "write temperatures in degC"),
        ("5 J/degC", "m", "stands alone"),
        ("5 s-1", "1/s", '"s^-1"'),
        ("5 (J/mol)/K", "m", "brackets"),
        ("10 mm/", "m", "ends or begins"),
        ("10 mm^999999999", "m", "exponent"),
        ("10 \x00mm", "m", "unknown unit"),
        ("1e308 m", "nm", "finite"),
    ],
)
def test_refuses_in_one_line_that_shows_what_was_read(text, unit, words):
    with pytest.raises(UnitError) as caught:
        units.parse_quantity(text, unit)
    message = str(caught.value)
    assert words in message
    assert message.isprintable()
    assert len(message) < 300


def test_a_vanishing_number_is_zero_not_a_giant_fraction():
    assert units.parse_quantity("1e-999999999 mm", "m") == 0.0


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.004, "mm", "4 mm"),
        (310.15, "degC", "37 degC"),
        (0.3, "%", "30 %"),
        (0.3, "1", "0.3"),
        (86400.0, "h", "24 h"),
        (1e-10, "m2/s", "1e-10 m2/s"),
        (12350.0, "s", "12350 s"),
        (50 * units.rpm, "rpm", "50 rpm"),
        (math.nan, "h", "nan h"),
    ],
)
def test_formats(value, unit, text):
    assert units.format_quantity(value, unit) == text


@pytest.mark.parametrize("unit", ["mm", "h", "%", "degC", "g/cm3", "rpm", "deg", "mm/h", "mL"])
def test_exact_text_reads_back_to_the_same_float(unit):
    for value in (1 / 3, 0.1 + 0.2, 5.4e-9, 310.15, 299.987654321):
        text = units.exact_quantity(value, unit)
        assert units.parse_quantity(text, units.si_unit(unit)) == value


def test_convert():
    assert units.convert(1.0, "cm2/s", "m2/s") == 1e-4
    assert units.convert(37.0, "degC", "K") == 310.15


def test_constants_agree_with_the_grammar():
    for name in ("mm", "um", "nm", "mL", "uL", "pL", "mg", "ug", "ng", "kg", "g", "L", "rpm"):
        assert getattr(units, name) == units.parse_unit(name).factor.__float__()
    assert units.hour == units.parse_quantity("1 h", "s")
    assert units.day == units.parse_quantity("1 d", "s")


def test_import_leaves_pint_alone():
    code = "import sys, releasesim.units; assert 'pint' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603  our own interpreter
