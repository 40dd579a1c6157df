"""How a dose is met: by the drug loading, or by the size of the tablet."""

from __future__ import annotations

import dataclasses

from releasesim.errors import GeometryError, InputError
from releasesim.study import DesignSpec, Study
from releasesim.tablet import Formulation, Tablet

_LENGTHS = ("diameter", "height", "length", "width", "outer_diameter", "inner_diameter")
_SCALES = (0.2, 4.0)


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
            tablet.parts, tablet.part_volumes, tablet.concentrations, strict=True
        )
        if part.formulation is not tablet.formulation
    )
    own = sum(
        volume
        for part, volume in zip(tablet.parts, tablet.part_volumes, strict=True)
        if part.formulation is tablet.formulation
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

    low, high = _SCALES
    try:
        if excess(low) > 0 or excess(high) < 0:
            raise InputError("no size from a fifth to four times the drawn one holds the dose")
        factor = brentq(excess, low, high, xtol=1e-4, rtol=1e-4)
    except GeometryError as error:
        raise InputError(f"no size holds the dose: {error.message}") from None
    return _scaled(tablet, factor)


def _scaled(tablet: Tablet, factor: float) -> Tablet:
    return tablet.replace(shape=tablet.shape.scaled(factor), walls=0).replace(walls=tablet.walls)


def loading_fault(formulation: Formulation, study: Study) -> str:
    """Why a drug loading cannot be used; empty where it can."""
    if formulation.polymer is None:
        return ""
    low, high = formulation.polymer.loading_range
    loading = formulation.drug_loading
    if study.printer is not None:
        high = min(high, float(study.printer.max_loading.high or study.printer.max_loading))
    if loading > high + 1e-9:
        return f"needs {loading:.1%} drug: {formulation.polymer.name} takes at most {high:.0%}"
    if loading < low - 1e-9:
        return f"needs only {loading:.2%} drug: {formulation.polymer.name} starts at {low:.1%}"
    return ""
