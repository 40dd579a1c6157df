"""Polymers in the running, each with its law in numbers."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from releasesim.errors import InputError, UnsupportedLawError
from releasesim.optimization.polypill import formulations
from releasesim.parameters import get_parameter
from releasesim.simulation.mechanism import Mechanism, mechanism_of
from releasesim.study import Choice, DesignSpec, Study, with_effective_laws
from releasesim.tablet import Formulation


@dataclass(frozen=True, eq=False)
class Material:
    """A polymer that is still in the running.

    Parameters
    ----------
    name : str
        Card of the polymer.
    study : Study
        The study made of it.
    mechanism : Mechanism
        Its law in numbers.
    """

    name: str
    study: Study
    mechanism: Mechanism


def materials_of(study: Study, spec: DesignSpec) -> tuple[list[Material], dict[str, str]]:
    """Polymers in the running, and why others are not.

    Polymers whose mechanism their cards give are taken with the one effective law that lumps it:
    one solve then serves all polymers of a geometry on their own clocks.

    Raises
    ------
    UnsupportedLawError
        The study itself couples laws: no scaling of time ranks those.
    InputError
        What [design.robust] calls uncertain is not drawn, or a polymer in the running lacks it.
    """
    running, out = _running(study, spec)
    _refuse_uncertain(running, spec)
    return running, out


def _running(study: Study, spec: DesignSpec) -> tuple[list[Material], dict[str, str]]:
    formulation = study.tablet.formulation
    own = formulation.polymer
    names = spec.polymers or ((own.name,) if own is not None else ())
    running: list[Material] = []
    out: dict[str, str] = {}
    if not names:  # a formulation by concentration: its laws are all there is
        return [Material("as given", study, _alone(study))], out
    choices = list(itertools.product(names, *(item.values for item in part_polymers(spec))))
    for choice in choices:
        changed = with_effective_laws(_with_polymers(study, spec, choice))
        name = ", ".join(map(str, choice))
        reason = _process_fault(changed)
        if reason:
            out[name] = reason
            continue
        try:
            running.append(Material(name, changed, _alone(changed)))
        except UnsupportedLawError as error:
            if len(choices[0]) == 1:  # of one polymer it is the study that couples laws
                raise
            out[name] = error.message
    return running, out


def is_printed(study: Study, name: str) -> bool:
    """Whether a name is a number of the print itself: of its sizes, roads and pores."""
    try:
        value = get_parameter(study.tablet, name)
    except InputError:
        return False
    return "formulation." not in name and isinstance(value, float)


def _refuse_uncertain(running: Sequence[Material], spec: DesignSpec) -> None:
    for spread in () if spec.robust is None else spec.robust.uncertain:
        fault = _never_drawn(spread.name, spec) or _unknown(spread.name, running)
        if fault:
            raise InputError(f'design.robust.uncertain."{spread.name}": {fault}')


def _never_drawn(name: str, spec: DesignSpec) -> str:
    """Why a name cannot be uncertain in a design at all; empty where it can."""
    if name.startswith("run."):
        return "it says how a study is solved, and nothing of the tablet"
    if name.startswith("patient."):
        return "what people like the patient differ in is drawn without being named"
    if name == "mass_spread":
        return "the spread of mass is drawn without being named"
    if name in [item.name for item in spec.vary]:
        return "the design chooses it: leave it out of design.vary, or out of here"
    if name.endswith("drug_loading") and (spec.dose is not None or spec.doses):
        return "it follows from the dose: mass_spread is how far tablets weigh differently"
    return ""


def _unknown(name: str, running: Sequence[Material]) -> str:
    """Whose number it is not: a polymer that is sure would look better than others for it."""
    without = [one for one in running if name not in one.study.names()]
    if without:
        laws = ", ".join(f"{one.name} ({_laws(one.study)})" for one in without)
        return (
            f"no such number is known of {laws}, and polymers that are sure cannot be ranked "
            "beside others: name what all of design.polymers have, or nothing, to draw what their "
            "cards call estimates"
        )
    if any(not isinstance(one.study.get(name), float) for one in running):
        return "it is no continuous number"
    return ""


def _laws(study: Study) -> str:
    return ", ".join(type(law).__name__ for law in study.physics.laws().values() if not law.off)


def part_polymers(spec: DesignSpec) -> list[Choice]:
    """What [design.vary] says of the polymers of regions and layers."""
    return [
        item
        for item in spec.vary
        if isinstance(item, Choice) and item.name.endswith(".formulation.polymer")
    ]


def _with_polymers(study: Study, spec: DesignSpec, choice: Sequence[float | str]) -> Study:
    """The study made of a polymer, and its regions and layers of those chosen for them."""
    own, *others = choice
    wish = study.design
    if spec.robust is not None:  # what it names may be no number of this polymer: said later
        study = dataclasses.replace(study, design=dataclasses.replace(spec, robust=None))
    named = {item.name: other for item, other in zip(part_polymers(spec), others, strict=True)}
    for name, polymer in {"formulation.polymer": own, **named}.items():
        if study.get(name).name != polymer:
            study = study.replace(name, polymer)
    return dataclasses.replace(study, design=wish)


def _alone(study: Study) -> Mechanism:
    """The mechanism of a study that has one."""
    views = [study] if study.one_drug else [study.for_drug(name) for name in study.drugs]
    mechanisms = [mechanism_of(view) for view in views]
    if all(mechanism.kind != "coupled" for mechanism in mechanisms):
        return mechanisms[0]
    raise UnsupportedLawError(
        "design ranks tablets by diffusion alone or by erosion alone, and this study couples more "
        f"({_laws(study)}): name one law in [physics], or none to take those of the cards; "
        "medium.sampling and medium.event only where they change nothing for the curve"
    )


def _process_fault(study: Study) -> str:
    """Why a polymer cannot be printed with its drugs by this process; empty where it can."""
    faults = (_fault(made, study) for _, made in formulations(study.tablet))
    return next(filter(None, faults), "")


def _fault(formulation: Formulation, study: Study) -> str:
    polymer = formulation.polymer
    if polymer is None or formulation.drug is None:
        return ""
    if study.process in ("fdm", "powder_extrusion") and study.process not in polymer.processes:
        return f"{polymer.name} is not printed by {study.process}: {', '.join(polymer.processes)}"
    coolest = polymer.nozzle_temperature.range[0]
    for drug, _ in formulation.drug_loadings:
        harm = drug.degradation_temperature
        if harm is not None and coolest > harm:
            return (
                f"{drug.name} degrades from {harm - 273.15:.0f} degC, {polymer.name} prints above "
                f"{coolest - 273.15:.0f} degC"
            )
    if study.printer is not None and coolest > study.printer.max_temperature:
        return f"{polymer.name} prints hotter than {study.printer.name} can"
    return ""
