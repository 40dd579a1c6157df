"""The verb `gradient`: how a misfit of the released curve moves with parameters of a study.

Linear diffusion takes the adjoint of its solve (NUMERICS 5): two Lanczos runs give the derivative
by every coefficient of the grid, and each parameter only has to say how it moves the coefficients,
by two assemblies and no solve. A parameter that only sets the clock (one diffusivity into a sink,
one front speed) follows from the curve's slope. Coupled laws take the time steps of
the study once more, a little to one side of it. Everything else is differenced, and says so.
"""

from releasesim.simulation.gradient.result import Gradient, gradient

__all__ = ["Gradient", "gradient"]
