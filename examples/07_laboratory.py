"""From measured concentrations to the law of release: samples added back, equations ranked."""

from pathlib import Path

from releasesim.curve import ReleaseCurve, read_table
from releasesim.empirical import rank_equations

file = Path(__file__).parent / "dissolution_run.csv"

table = read_table(file)  # what `releasesim data check` shows
print(table.layout, *table.notes, *table.flags, sep="\n")

curve = ReleaseCurve.read(file)
for found in rank_equations(curve)[:3]:
    print(found)

first_order = next(f for f in rank_equations(curve, ["first_order"]))
print(f"k1 = {first_order.parameters['k1']:.4f} 1/min")
