"""Which mechanism is behind two curves? Here the answer is known: diffusion at 1.2e-10 m2/s."""

import releasesim as rs
from releasesim.calibration.choice import choose_mechanism

# the exact series for a sphere (Crank 1975, eq. 6.20), rounded as a laboratory would
released = [0.353, 0.475, 0.625, 0.720, 0.788, 0.877, 0.928, 0.975]
hours = [0.5, 1, 2, 3, 4, 6, 8, 12]
large = rs.ReleaseCurve([t * rs.hour for t in hours], released, name="sphere of 8 mm")
# half the size: times go with the square of it by diffusion, with it by erosion
small = rs.ReleaseCurve([t * rs.hour / 4 for t in hours], released, name="sphere of 4 mm")

studies = [
    rs.Study(
        tablet=rs.Tablet(rs.Sphere(diameter=d * rs.mm), rs.Formulation(concentration_given=100.0)),
        physics=rs.Physics(),  # every candidate puts its own laws in
    )
    for d in (8, 4)
]
found = choose_mechanism(studies, [large, small], candidates=["diffusion", "erosion"])
for row in found.rows[:5]:
    print(f"{row.title}: AICc {row.above:.1f} above the best, {row.left_out.describe()}")
print(found.verdict)
best = found.left_out[found.best.candidate.name]
print(f"one sphere from the other: within {100 * best.total:.3f} % of the dose")
