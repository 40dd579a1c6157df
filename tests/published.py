"""Published dissolution data and the figures that R packages print for them.

Figures of disprofas 0.2.1, bootf2 0.4.2 and T2EQ 1.1 in R 4.2.2 on data of Tsong 1996 and Shah
1998, found through RELEASESIM_DATA or beside the checkout; tests are skipped without them.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from releasesim.curve import ReleaseCurve

_FOLDER = Path(__file__).parents[2] / "shared" / "data"
FOLDER = Path(os.environ.get("RELEASESIM_DATA", _FOLDER))
MINUTE = 60.0


@cache
def _file():
    path = FOLDER / "dissolution_reference_pairs.json"
    return json.loads(path.read_text()) if path.exists() else None


def reference_file():
    """All of the file; skips where it is not."""
    found = _file()
    if found is None:
        pytest.skip("reference numbers are not here: set RELEASESIM_DATA to their folder")
    return found


def pairs(*starts):
    """Pairs whose id begins with one of `starts`."""
    return [pair for pair in reference_file()["pairs"] if pair["id"].startswith(starts)]


def curve_of(minutes, percent, name):
    """Curve of units (m, n) in percent at times in minutes."""
    vessels = np.asarray(percent, dtype=float) / 100.0
    mean = vessels.mean(axis=1)
    if vessels.shape[1] == 1:
        return ReleaseCurve(MINUTE * np.asarray(minutes), mean, name=name)
    sd = vessels.std(axis=1, ddof=1)
    times = MINUTE * np.asarray(minutes)
    return ReleaseCurve(times, mean, sd=sd, n=vessels.shape[1], vessels=vessels, name=name)


def shah(batch):
    """Shah et al. 1998 as bootf2 has it: one row per time, one column per unit."""
    rows = reference_file()["data"]["shah1998"][batch]
    percent = [[v for key, v in row.items() if key.startswith("unit")] for row in rows]
    return curve_of([row["time"] for row in rows], percent, batch)


def disprofas(dataset, label, value):
    """Data of disprofas: one row per tablet, one column t.5, t.10 ... per time."""
    chosen = [row for row in reference_file()["data"][dataset] if row[label] == value]
    columns = [key for key in chosen[0] if key.startswith("t.")]
    percent = [[row[key] for row in chosen] for key in columns]
    return curve_of([float(key[2:]) for key in columns], percent, value)


def two_products(name):
    """Reference and test of a pair whose id or data set names them."""
    if "dip1" in name:
        return disprofas("dip1", "type", "R"), disprofas("dip1", "type", "T")
    batch = next(b for b in ("b1", "b2", "b3", "b4", "b5") if b in name.rsplit("dip2", 1)[-1])
    return disprofas("dip2", "batch", "b0"), disprofas("dip2", "batch", batch)


# --- R's random numbers --------------------------------------------------------------------------


def r_generator(seed):
    """Mersenne Twister as R's set.seed leaves it: 50 steps of 69069 x + 1, then the state."""
    state = []
    for step in range(675):
        seed = (69069 * seed + 1) & 0xFFFFFFFF
        if step > 50:
            state.append(seed)
    generator = np.random.MT19937()
    full = generator.state
    full["state"] = {"key": np.array(state, dtype=np.uint32), "pos": 624}
    generator.state = full
    return generator


def r_sample(generator, n, count):
    """R's sample.int(n, count, replace = TRUE): 16 bits at a time, rejected where too large."""
    mask, found = (1 << (n - 1).bit_length()) - 1, np.empty(0, dtype=np.int64)
    while found.size < count:
        raw = (generator.random_raw(count - found.size) >> np.uint64(16)) & np.uint64(mask)
        found = np.append(found, raw[raw < n].astype(np.int64))
    return found


def r_units(generator, n, resamples):
    """Units of one stratum as R's boot draws them, filled by columns, (B, n)."""
    return r_sample(generator, n, resamples * n).reshape(n, resamples).T
