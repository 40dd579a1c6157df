"""Look into a film while it releases: how much drug its middle still holds."""

import numpy as np

import releasesim as rs
from releasesim.physics import ConstantDiffusivity

study = rs.Study(
    tablet=rs.Tablet(
        shape=rs.Film(thickness=1 * rs.mm, area=1e-4),  # 1 cm2
        formulation=rs.Formulation(concentration_given=200.0),  # kg/m3
    ),
    physics=rs.Physics(diffusion=ConstantDiffusivity(D=1e-10)),  # m2/s, into a perfect sink
    run=rs.Run(until=1 * rs.hour),
)
seen = rs.fields(study, [0.0, 500 * rs.second])  # D t / l^2 = 0.2, l half the thickness
print(seen)

start, later = seen
print(f"left in the film {100 * later.drug.sum() / seen.dose:.2f} % of the dose")
middle = np.argmax(later.concentration)
print(f"in the middle {100 * later.concentration.flat[middle] / seen.highest:.2f} % of the start")
