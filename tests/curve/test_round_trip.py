"""Any table that a laboratory may write reads back as the numbers it was written from."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from releasesim.curve import ReleaseCurve, read_table

_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_TENTHS = st.integers(0, 1200)  # of a percent


@st.composite
def tables(draw):
    """Times in tenths of a unit, vessels in tenths of a percent, and a way of writing them."""
    count, vessels = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    steps = draw(st.lists(st.integers(1, 500), min_size=count, max_size=count))
    row = st.lists(_TENTHS, min_size=vessels, max_size=vessels)
    values = draw(st.lists(row, min_size=count, max_size=count))
    separator, decimal = draw(st.sampled_from([(",", "."), (";", ","), (";", "."), ("\t", ",")]))
    return {
        "times": np.cumsum(steps),
        "values": np.array(values),
        "unit": draw(st.sampled_from(list(_UNITS))),
        "separator": separator,
        "decimal": decimal,
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])),
        "end": draw(st.sampled_from(["\n", "\r\n"])),
        "long": draw(st.booleans()),
    }


def written(table):
    def number(tenths):
        return f"{tenths // 10}{table['decimal']}{tenths % 10}"

    times, values, unit = table["times"], table["values"], table["unit"]
    if table["long"]:
        rows = [["Time [" + unit + "]", "Vessel", "Released [%]"]]
        rows += [
            [number(t), f"no. {v}", number(values[i, v])]
            for v in range(values.shape[1])
            for i, t in enumerate(times)
        ]
    else:
        rows = [["Time [" + unit + "]", *(f"Vessel {i} [%]" for i in range(values.shape[1]))]]
        rows += [[number(t), *map(number, row)] for t, row in zip(times, values, strict=True)]
    text = table["end"].join(table["separator"].join(row) for row in rows) + table["end"]
    return text.encode(table["encoding"])


@settings(max_examples=120, deadline=None)
@given(tables())
def test_tables_read_back(table):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lab.csv"
        path.write_bytes(written(table))
        found = read_table(path)
        np.testing.assert_allclose(found.time, table["times"] / 10 * _UNITS[table["unit"]])
        np.testing.assert_allclose(found.vessels, table["values"] / 1000, atol=1e-15)
        curve = ReleaseCurve.of_table(found, "lab")
        curve.write(path)
        assert ReleaseCurve.read(path).vessels.tolist() == found.vessels.tolist()
