"""Are two measured release profiles similar? Two batches of Shah et al. 1998, 12 tablets each."""

from pathlib import Path

import releasesim as rs

folder = Path(__file__).parent
reference = rs.ReleaseCurve.read(folder / "shah1998_reference.csv")
batch = rs.ReleaseCurve.read(folder / "shah1998_batch2.csv")

# guidelines differ, and are read differently, on which points count: here that decides
for rule in ("fda", "fda_both"):
    print(rs.compare(reference, batch, rule=rule))
comparison = rs.compare(reference, batch, rule="fda_both")  # as the paper counts: f2 = 51.08
print(f"f1 = {comparison.f1:.2f} % of the reference")
