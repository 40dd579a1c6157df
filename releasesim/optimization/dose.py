"""How a dose is met: by the drug loading, or by the size of the tablet."""

from __future__ import annotations

import dataclasses

from releasesim.cards import Polymer
from releasesim.errors import GeometryError, InputError
from releasesim.optimization.fault import Fault
from releasesim.study import DesignSpec, Study
from releasesim.tablet import Formulation, Tablet

_SCALES, _GROWTH = (0.2, 4.0), 1.25


def meet_dose(tablet: Tablet, formulation: Formulation, spec: DesignSpec) -> Tablet:
    """The tablet made of `formulation` that holds the dose.

    Raises
    ------
    InputError
        If no loading or size gives the dose.
    """
    tablet = tablet.with_formulation(formulation)
    if spec.dose is None:
        return tablet
    if spec.absorbs_dose == "size":
        return _by_size(tablet, spec.dose)
    return _by_loading(tablet, spec.dose)


def _by_loading(tablet: Tablet, dose: float) -> Tablet:
    """Drug loading follows from dose and deposited mass."""
    elsewhere = sum(
        volume * concentration
        for part, volume, concentration in zip(
            tablet.parts, tablet.part_volumes, tablet.deposited_concentrations, strict=True
        )
        if part.formulation is not tablet.formulation
    )
    own = sum(
        volume
        for part, volume in zip(tablet.parts, tablet.part_volumes, strict=True)
        if part.formulation is tablet.formulation
    )
    if own <= 0.0:
        raise InputError(
            "no part is made of the tablet's own formulation: its loading sets no dose"
        )
    packed = 1.0 - tablet.porosity
    loading = tablet.formulation.loading_for((dose - elsewhere) / (own * packed))
    changed = dataclasses.replace(tablet.formulation, drug_loading=loading)
    return tablet.with_formulation(changed)


def _by_size(tablet: Tablet, dose: float) -> Tablet:
    """Scale the drawn shape until the dose fits; layers and roads make it jump a little."""
    from scipy.optimize import brentq

    def excess(factor: float) -> float:
        return _scaled(tablet, factor).dose() / dose - 1.0

    known = {1.0: excess(1.0)}
    step = 1.0 / _GROWTH if known[1.0] > 0 else _GROWTH
    near, far = 1.0, step
    while _SCALES[0] <= far <= _SCALES[1]:
        try:
            value = excess(far)
        except GeometryError as error:
            raise InputError(f"no size holds the dose: {error.message}") from None
        if value * known[1.0] <= 0:
            factor = float(brentq(excess, min(near, far), max(near, far), xtol=1e-4))
            return _in_whole_layers(_scaled(tablet, factor))
        near, far = far, far * step
    raise InputError("no size from a fifth to four times the drawn one holds the dose")


def _scaled(tablet: Tablet, factor: float) -> Tablet:
    return tablet.replace(shape=tablet.shape.scaled(factor), walls=0).replace(walls=tablet.walls)


def _in_whole_layers(tablet: Tablet) -> Tablet:
    """The same print, its drawn height the printed one."""
    if tablet.infill is None or tablet.layers or not tablet.shape.extruded:
        return tablet
    return tablet.replace(shape=tablet.shape.with_height(tablet.printed_height))


def loading_fault(formulation: Formulation, study: Study) -> str:
    """Why a drug loading cannot be used; empty where it can."""
    if formulation.polymer is None:
        return ""
    low, high = allowed_loading(formulation.polymer, study)
    loading = formulation.loading  # of several drugs all together
    if loading > high + 1e-9:
        words = f"needs {loading:.1%} drug: {formulation.polymer.name} takes at most {high:.0%}"
        return Fault(words, f"too much for {formulation.polymer.name}", loading / high - 1.0)
    if loading < low - 1e-9:
        words = f"needs only {loading:.2%} drug: {formulation.polymer.name} starts at {low:.1%}"
        return Fault(words, f"too little for {formulation.polymer.name}", 1.0 - loading / low)
    return ""


def allowed_loading(polymer: Polymer, study: Study) -> tuple[float, float]:
    """Drug loadings that a polymer and the study's printer take, mass fractions [-]."""
    low, high = polymer.loading_range
    if study.printer is not None:
        high = min(high, float(study.printer.max_loading.high or study.printer.max_loading))
    return low, high


def dose_fault(tablet: Tablet, spec: DesignSpec) -> str:
    """Why a tablet misses the dose; empty where it does not."""
    if spec.dose is None or abs(tablet.dose() / spec.dose - 1.0) <= spec.dose_tolerance:
        return ""
    words = f"holds {tablet.dose() * 1e6:.4g} mg, asked for {spec.dose * 1e6:.4g} mg"
    return Fault(words, "dose", abs(tablet.dose() / spec.dose - 1.0))
