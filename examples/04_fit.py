"""Which diffusivity explains a measured curve? Here the answer is known: 1.2e-10 m2/s."""

import releasesim as rs
from releasesim.physics import ConstantDiffusivity

# the exact series for a sphere (Crank 1975, eq. 6.20), rounded as a laboratory would
hours = [0.5, 1, 2, 4, 6, 8, 12, 16, 24]
released = [0.353, 0.475, 0.625, 0.788, 0.877, 0.928, 0.975, 0.991, 0.999]
data = rs.ReleaseCurve([t * rs.hour for t in hours], released, name="sphere of 8 mm")

study = rs.Study(
    tablet=rs.Tablet(rs.Sphere(diameter=8 * rs.mm), rs.Formulation(concentration_given=100.0)),
    physics=rs.Physics(diffusion=ConstantDiffusivity(D=1e-11)),  # a poor guess to start from
)
fit = rs.fit(study, data, vary=["diffusion.D"])
print(fit)
print(f"D = {fit['diffusion.D'].value:.3e} m2/s")
