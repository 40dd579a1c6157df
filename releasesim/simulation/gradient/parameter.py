"""A number of a study that a gradient is by, and how far it is moved."""

from __future__ import annotations

from dataclasses import dataclass

from releasesim.errors import GeometryError, InputError
from releasesim.simulation.adjoint import same_body
from releasesim.study import Study

#: Relative steps of the parameters: coefficients of a fixed grid are smooth functions of them [-].
STEP, EDGE_STEP = 1e-4, 1e-6
#: Layers on each other, and regions side by side, meet by whole cells: where any come or go in a
#: step like this, only means over many of them tell [-].
CELL_STEP = 1e-3
#: Step of whole solves of closed forms and fronts [-].
FRONT_STEP = 1e-3


@dataclass(frozen=True, eq=False)
class Parameter:
    """A number of a study, and the study with other values of it."""

    study: Study
    name: str
    value: float

    @property
    def scale(self) -> float:
        """What steps are shares of."""
        if self.value != 0.0:
            return abs(self.value)
        if self.name.endswith("rate"):
            return 1.0 / self.study.run.until
        return 1.0  # a pure number that may be 0: porosity, oversize

    def ends(self, step: float) -> tuple[Study, Study, float]:
        """Studies a step below and above, one of them this one at a bound; and their distance."""
        low, high = self._at(-step), self._at(step)
        if low is None and high is None:
            raise InputError(f"{self.name} = {self.value:g} has no room to vary")
        span = (low is not None) + (high is not None)
        return low or self.study, high or self.study, span * step * self.scale

    def stencil(self, step: float) -> tuple[tuple[float, ...], list[Study]]:
        """Shares and studies whose sum over the step is the derivative, to second order."""
        for shares, places in (
            ((-0.5, 0.5), (-1.0, 1.0)),
            ((-1.5, 2.0, -0.5), (0.0, 1.0, 2.0)),
            ((1.5, -2.0, 0.5), (0.0, -1.0, -2.0)),
        ):
            studies = [self._at(step * place) for place in places]
            if None not in studies:
                return shares, [study for study in studies if study is not None]
        raise InputError(f"{self.name} = {self.value:g} has no room to vary")

    def _at(self, step: float) -> Study | None:
        if step == 0.0:
            return self.study
        try:
            return self.study.replace(path_of(self.name), self.value + step * self.scale)
        except (InputError, GeometryError):
            return None

    def beside(self, step: float) -> tuple[float, Study] | None:
        """A step to either side that can be taken, and the study there."""
        for signed in (step, -step):
            study = self._at(signed)
            if study is not None:
                return signed, study
        return None

    @property
    def moves_boundaries(self) -> bool:
        """Whether it moves what only whole cells follow: roads, and places where parts meet."""
        tablet = self.study.tablet
        near = self.beside(STEP)
        if near is None or (tablet.is_solid and len(tablet.parts) == 1):
            return False
        return not same_body(tablet, near[1].tablet)

    def at_bound(self, step: float) -> bool:
        """Whether the value cannot be moved to both sides."""
        return self._at(-step) is None or self._at(step) is None


def value_of(study: Study, name: str) -> float:
    """Its value in SI; an error where there is no derivative by it."""
    if name.startswith("run."):
        raise InputError(f'no derivative by "{name}": it says how a study is solved')
    value = study.get(path_of(name))
    if not isinstance(value, float):
        raise InputError(f"no derivative by {name}: there is one only by continuous numbers")
    return float(value)


def path_of(name: str) -> str:
    """Where a formulation keeps a concentration that was given."""
    return f"{name}_given" if name.endswith("formulation.concentration") else name
