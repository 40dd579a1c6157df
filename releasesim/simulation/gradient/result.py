"""The verb `gradient`, its result, and which way to a derivative a study takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.simulation.gradient.adjoint import Diffusing
from releasesim.simulation.gradient.clock import Eroding, linear_mechanism
from releasesim.simulation.gradient.engine import Engine, with_run
from releasesim.simulation.gradient.goal import Goal
from releasesim.simulation.gradient.parameter import Parameter, value_of
from releasesim.simulation.gradient.replay import Stepping
from releasesim.simulation.mechanism import mechanism_of
from releasesim.study import Study


@dataclass(frozen=True, eq=False, repr=False)
class Gradient:
    """Derivatives of one number made of a released curve.

    Parameters
    ----------
    value : float
        The misfit, or the weighted sum of released fractions [-].
    derivatives : mapping of str to float
        By dotted name, each in 1 over the SI unit of its parameter.
    methods : mapping of str to str
        How each came about: "adjoint", "clock" (from the slope of the curve), "steps" (one more
        solve by the same time steps) or "difference" (central differences of whole solves on the
        grid of the first).
    products : int
        Products with the operator for curve and derivatives.
    solves : int
        Whole simulations beside these.
    notices : tuple of str
        What to know before trusting a derivative.
    spacing : float
        Grid on which all this was done [m]; 0 where none was needed.
    curve : ReleaseCurve
        Of the study, at the times that count.
    """

    value: float
    derivatives: Mapping[str, float]
    methods: Mapping[str, str]
    products: int
    solves: int
    spacing: float
    curve: ReleaseCurve
    notices: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> float:
        return self.derivatives[name]

    def to_dict(self) -> dict[str, Any]:
        """Plain data with stable keys."""
        return {
            "value": self.value,
            "derivatives": dict(self.derivatives),
            "methods": dict(self.methods),
            "products": self.products,
            "solves": self.solves,
            "spacing_m": self.spacing,
            "notices": list(self.notices),
        }

    def __repr__(self) -> str:
        rows = [f"  {n}: {d:.6g} ({self.methods[n]})" for n, d in self.derivatives.items()]
        cost = f"  {self.products} products with the operator, {self.solves} whole solves"
        said = [f"  note: {notice}" for notice in self.notices]
        return "\n".join([f"Gradient of {self.value:.6g}", *rows, cost, *said])


def gradient(
    study: Study,
    names: Sequence[str],
    *,
    weights: ArrayLike | None = None,
    misfit: ReleaseCurve | None = None,
) -> Gradient:
    """Differentiate a number made of the released curve by parameters of a study.

    Parameters
    ----------
    study : Study
        With `run.spacing` on that grid; without, on those that `simulate` ends with.
    names : sequence of str
        Dotted names of continuous numbers: "diffusion.D", "film.k", "erosion.speed",
        "formulation.drug_loading", "medium.volume", "shape.diameter", "infill.density", ...
    weights : (n,) array_like
        The number is sum of weights_i f(t_i) over the output times of the study.
    misfit : ReleaseCurve
        Instead: the number is sum of (f(t_i) - observed_i)^2 over its times.

    Raises
    ------
    InputError
        Unknown names, names of what is not a continuous number, neither or both of `weights` and
        `misfit`.
    UnsupportedLawError
        For laws that cannot be combined, or that lack what they need, by name.

    Examples
    --------
    >>> study = Study.from_dict({
    ...     "tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}},
    ...     "formulation": {"concentration": "100 mg/mL"},
    ...     "physics": {"erosion": {"law": "ConstantFront", "speed": "1 mm/h"}},
    ... })
    >>> data = ReleaseCurve([3600.0, 7200.0], [0.5, 0.8])
    >>> found = gradient(study, ["erosion.speed"], misfit=data)
    >>> round(found.value, 6), found.methods["erosion.speed"]
    (0.011729, 'clock')
    """
    chosen = [names] if isinstance(names, str) else list(names)
    values = {name: value_of(study, name) for name in chosen}
    if misfit is not None:
        times = tuple(float(t) for t in misfit.time)
        study = with_run(study, times=times, until=times[-1])
    if not study.tablet.dose() > 0.0:
        raise InputError("the tablet holds no drug: there is nothing to release")
    goal = Goal.of(study.run.output_times(), weights, misfit)
    engine = engine_of(study, goal)
    derivatives, methods = {}, {}
    for name, value in values.items():
        derivatives[name], methods[name] = engine.derivative(Parameter(study, name, value))
    return Gradient(
        value=goal.value(engine.fraction),
        derivatives=derivatives,
        methods=methods,
        products=engine.products,
        solves=engine.solves,
        spacing=engine.spacing,
        curve=ReleaseCurve(
            goal.times, engine.fraction, name=study.title or "simulated", simulated=True
        ),
        notices=tuple(engine.notices),
    )


def engine_of(study: Study, goal: Goal) -> Engine:
    """The way to derivatives that a study takes."""
    mechanism = linear_mechanism(study)
    if mechanism is None:
        coupled = study.one_drug and mechanism_of(study).kind == "coupled"
        return (Stepping if coupled else Engine)(study, goal)
    return (Eroding if mechanism.kind == "erosion" else Diffusing)(study, goal)
