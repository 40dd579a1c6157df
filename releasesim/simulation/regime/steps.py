"""The steps that drug has to take one after the other, and how long each would take alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from releasesim.geometry.shapes import Film
from releasesim.simulation.regime.phase import Phase

#: Of the time of all steps together: what a step takes at least to control, and at most to hardly
#: matter [-].
_CONTROLS, _HARDLY = 0.25, 0.1
#: One way out that is this much quicker than the other is the one that counts [-].
QUICKER = 6.0
_UPTAKE = "the polymer's water uptake"
_PERMEATION = "the drug's diffusivity in the polymer"


@dataclass(frozen=True)
class Step:
    """One step on the drug's way out.

    Parameters
    ----------
    name : str
        What the curve is then controlled by.
    knobs : str
        What moves the curve then.
    weak : str
        What hardly moves it where this step is quick.
    time : float
        Mean time that it alone would take [s].
    number : str
        The dimensionless number that says so; empty for none.
    """

    name: str
    knobs: str
    weak: str
    time: float
    number: str = ""


@dataclass(frozen=True)
class Way:
    """Steps in series."""

    steps: tuple[Step, ...]

    @property
    def time(self) -> float:
        """Of all [s]; infinite where there is no way."""
        return sum(step.time for step in self.steps) if self.steps else np.inf

    @property
    def controlling(self) -> tuple[Step, ...]:
        """Steps that take much of the time, the slowest first."""
        ranked = sorted(self.steps, key=lambda step: -step.time)
        return tuple(s for s in ranked if s is ranked[0] or s.time > _CONTROLS * self.time)

    @property
    def weak(self) -> tuple[Step, ...]:
        """Steps that hardly take any."""
        return tuple(step for step in self.steps if step.time < _HARDLY * self.time)


def by_itself(phase: Phase) -> Way:
    """The way of drug that diffuses out of the polymer.

    Mean times of a slab: L^2/3D, K L/k of a film, and as many times longer as there is drug over
    twice its solubility; A/(2 r c_s) to dissolve; L^2/3D_w, or L/2u, for water to come in.
    """
    length, D = phase.solid.length, phase.D
    if not (phase.diffuses and D > 0.0 and np.isfinite(length)):
        return Way(())
    # solid drug keeps the dissolved at c_s: less of it moves at a time
    held_up = max(1.0, 0.5 * phase.loading) if phase.dispersed else 1.0
    shaped = dimension(phase)
    across = length**2 / (3.0 * min(D, _seen(phase))) * held_up
    steps = [Step("diffusion", f"{_PERMEATION}, {shaped}", "drug diffusivity", across)]
    if np.isfinite(phase.film):
        Bi = phase.film * length / (phase.partition * D)
        time = phase.partition * length / phase.film * held_up
        steps.append(Step("film", "stirring, wetted area", "stirring", time, f"Bi = {plain(Bi)}"))
    rate = phase.dissolution_rate
    if np.isfinite(rate) and phase.concentration > 0.0:  # an empty layer has none to dissolve
        time = phase.concentration / (2.0 * rate * min(phase.solubility, phase.concentration))
        Da = rate * length**2 / D
        number = f"Damköhler r L²/D = {plain(Da)}"
        steps.append(Step("dissolution", "particle size", "particle size", time, number))
    if phase.waits_for_water:
        steps.append(_water(phase))
    return Way(tuple(steps))


def _seen(phase: Phase) -> float:
    """Diffusivity that drug sees on the whole: behind slow water it has come half up [m2/s]."""
    if not phase.laws.hydration.diffuses or phase.laws.diffusion.varies_with is None:
        return phase.D
    if phase.outruns_water:
        return phase.at_water(0.0)
    uptake = float(phase.laws.hydration.diffusivity(1.0))
    return max(phase.at_water(0.5), min(uptake, phase.D))


def with_the_polymer(phase: Phase) -> Way:
    """The way of drug that is freed as the surface recedes: L/2v, behind the water it waits for."""
    if not phase.speed > 0.0:
        return Way(())
    length = phase.solid.length
    time = 0.5 * length / phase.speed
    eroding = Step("erosion", f"the polymer's erosion, {dimension(phase)}", "its erosion", time)
    if not phase.paced_by_water:
        return Way((eroding,))
    free = 0.5 * length / phase.free_speed
    # what erodes faster than water comes erodes as water comes
    waited = Step("water uptake", f"{_UPTAKE}, {dimension(phase)}", "water uptake", time - free)
    return Way((replace(eroding, time=free), waited))


def _water(phase: Phase) -> Step:
    knobs = f"{_UPTAKE}, {dimension(phase)}"
    return Step("water uptake", knobs, "water uptake", phase.wetting_time)


def plain(number: float) -> str:
    """Two digits, as people write them."""
    return f"{float(f'{number:.2g}'):g}"


def dimension(phase: Phase) -> str:
    """The knob that sets how far drug has to go."""
    tablet = phase.study.tablet
    if isinstance(tablet.body, Film):
        return "thickness"
    return "size" if tablet.is_solid else "walls, infill, size"
