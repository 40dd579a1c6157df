"""Polymers in the running, each with its law in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from releasesim.errors import UnsupportedLawError
from releasesim.simulation.mechanism import Mechanism, mechanism_of
from releasesim.study import DesignSpec, Study, with_effective_laws


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
    """
    formulation = study.tablet.formulation
    own = formulation.polymer
    names = spec.polymers or ((own.name,) if own is not None else ())
    running: list[Material] = []
    out: dict[str, str] = {}
    if not names:  # a formulation by concentration: its laws are all there is
        return [Material("as given", study, _alone(study))], out
    for name in names:
        changed = (
            study
            if own is not None and name == own.name
            else study.replace("formulation.polymer", name)
        )
        changed = with_effective_laws(changed)
        reason = _process_fault(changed)
        if reason:
            out[name] = reason
        else:
            running.append(Material(name, changed, _alone(changed)))
    return running, out


def _alone(study: Study) -> Mechanism:
    """The mechanism of a study that has one."""
    mechanism = mechanism_of(study)
    if mechanism.kind != "coupled":
        return mechanism
    laws = [type(law).__name__ for law in study.physics.laws().values() if not law.off]
    raise UnsupportedLawError(
        "design ranks tablets by diffusion alone or by erosion alone, and this study couples more "
        f"({', '.join(laws)}): name one law in [physics], or none to take those of the cards; "
        "medium.sampling and medium.event only where they change nothing for the curve"
    )


def _process_fault(study: Study) -> str:
    """Why a polymer cannot be printed with this drug by this process; empty where it can."""
    formulation = study.tablet.formulation
    polymer, drug = formulation.polymer, formulation.drug
    if polymer is None or drug is None:
        return ""
    if study.process in ("fdm", "powder_extrusion") and study.process not in polymer.processes:
        return f"{polymer.name} is not printed by {study.process}: {', '.join(polymer.processes)}"
    coolest = polymer.nozzle_temperature.range[0]
    harm = drug.degradation_temperature
    if harm is not None and coolest > harm:
        return (
            f"{drug.name} degrades from {harm - 273.15:.0f} degC, {polymer.name} prints above "
            f"{coolest - 273.15:.0f} degC"
        )
    if study.printer is not None and coolest > study.printer.max_temperature:
        return f"{polymer.name} prints hotter than {study.printer.name} can"
    return ""
