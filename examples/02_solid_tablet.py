"""A solid tablet in Python nouns, against the exact series for a finite cylinder."""

import releasesim as rs
from releasesim.physics import ConstantDiffusivity

EXACT = 0.72830013  # Fu, Hagemeir & Moyer 1976: radius = height, at D t / radius^2 = 0.05

study = rs.Study(
    tablet=rs.Tablet(
        shape=rs.Cylinder(diameter=10 * rs.mm, height=5 * rs.mm),
        formulation=rs.Formulation(concentration_given=200.0),  # kg/m3
    ),
    physics=rs.Physics(diffusion=ConstantDiffusivity(D=1e-10)),  # m2/s, into a perfect sink
    run=rs.Run(times=(12500 * rs.second,)),
)
release = rs.simulate(study)
print(release)

released = float(release.curve.at(12500 * rs.second))
print(f"exact {100 * EXACT:.3f} %, simulated {100 * released:.3f} % of the dose")
