"""What a formulator expects to be told before looking at a curve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from releasesim.cards import Drug, Value
from releasesim.geometry.shapes import Shape
from releasesim.study.bath import Bath
from releasesim.study.card_laws import setting_of
from releasesim.study.inkjet_notices import inkjet_notices
from releasesim.study.laws import MECHANISM, card_notice, lacking, parts_of
from releasesim.study.words import joined
from releasesim.tablet import Formulation, Region, Tablet
from releasesim.tablet.deviations import measured
from releasesim.tablet.laid import laid_notices
from releasesim.units import format_quantity

if TYPE_CHECKING:
    from releasesim.study.study import Study

SINK_SHARE = 1 / 3
"""Share of its solubility that a drug may reach in the bath and still meet sink conditions [-]."""


def study_notices(study: Study) -> Iterator[str]:
    """Say everything a user has to know before trusting a result of this study."""
    yield from _calibration_notices(study) if study.calibration else _card_notices(study)
    if study.process != "inkjet":  # ink is not melted
        yield from _melt_notices(study)
    yield from tablet_notices(study.tablet)
    yield from inkjet_notices(study)
    if study.bath.volume is not None and study.bath.medium:
        yield from _sink_notices(study)
    yield from _shared_law_notices(study)


def _melt_notices(study: Study) -> Iterator[str]:
    """Say what the nozzle does to each material."""
    yield from material_notices(study.tablet.formulation)
    for part in parts_of(study.tablet):
        if part.formulation is not None:
            yield from material_notices(part.formulation, f"'{part.name}': ")


def _sink_notices(study: Study) -> Iterator[str]:
    """Say for which drug the bath is no sink."""
    for name, dose in study.tablet.doses.items():
        drug = study.tablet.drug_card(name)
        sink = drug and sink_notice(dose, study.bath, drug)
        yield from [sink] if sink else []


def _shared_law_notices(study: Study) -> Iterator[str]:
    """Say which drugs of several diffuse by one law, which is rarely what happens."""
    if len(study.drugs) == 1 or study.physics.is_off("diffusion"):
        return
    own = [laws for part in study.region_drug_physics.values() for laws in part.items()]
    settled = {n for n, laws in (*study.drug_physics.items(), *own) if "diffusion" in laws}
    mixtures = {part.formulation.drugs: None for part in study.tablet.parts}
    for drugs in mixtures:
        shared = [name for name in drugs if name not in settled]
        if len(shared) > 1:
            yield (
                f"{joined(shared)} diffuse by the same law: give one of them its own as "
                f"physics.{shared[-1]}.diffusion where they differ"
            )


def _card_notices(study: Study) -> Iterator[str]:
    """Say which materials follow the laws of a card, and which laws these are."""
    parts = {part.name: part for part in parts_of(study.tablet)}
    owners = {"": study.tablet.formulation}
    owners |= {name: part.formulation for name, part in parts.items() if part.formulation}
    said = set()
    for name, formulation in owners.items():
        start = f"region.{name}." if name else ""
        values = {
            key.removeprefix(start): value
            for key, value in study.inputs.items()
            if any(key.startswith(f"{start}{slot}.") for slot in MECHANISM)
        }
        polymer = formulation.polymer
        if values and polymer is not None and polymer.name not in said:
            said.add(polymer.name)
            physics = study.region_physics.get(name, study.physics)
            lacks = lacking(polymer, setting_of(study, name))
            yield card_notice(polymer, physics, values, lacks)


def _calibration_notices(study: Study) -> Iterator[str]:
    """Say which estimates of a calibration the study stands on, and which it has put aside."""
    card = study.calibration
    if card is None:
        return
    kept = [name for name in card.names if name in study.inputs]
    said = joined([f"{name} = {_with_range(study.inputs[name])}" for name in kept]) or "nothing"
    yield f"calibration '{card.name}' ({card.title}) gives {said}"
    others = [name for name in card.names if name not in study.inputs]
    if others:
        yield f"calibration '{card.name}': the study has its own {joined(others)}"


def _with_range(value: Value) -> str:
    number = format_quantity(value.value, value.unit)
    low, high = (format_quantity(end, value.unit) for end in value.range)
    return number if value.low is None else f"{number} ({low} to {high})"


def sink_notice(dose: float, bath: Bath, drug: Drug | None) -> str | None:
    """Say so where the bath is too small to be a sink.

    Parameters
    ----------
    dose : float
        Of free drug [kg].
    bath : Bath
        Medium and volume.
    drug : Drug or None
        Its card gives the solubility at the medium's pH.

    Returns
    -------
    str or None
        The notice; None under sink conditions, or where solubility or volume are unknown.
    """
    if drug is None or bath.medium is None or bath.volume is None:
        return None
    solubility = float(drug.solubility(float(bath.medium.pH)))
    reached = dose / bath.volume
    if reached <= SINK_SHARE * solubility:
        return None
    return (
        f"not a sink: {format_quantity(dose, 'mg')} of {drug.name} in "
        f"{format_quantity(bath.volume, 'mL')} reach {format_quantity(reached, 'mg/mL')}, "
        f"{100 * reached / solubility:.3g} % of the solubility "
        f"{format_quantity(solubility, 'mg/mL')} at pH {float(bath.medium.pH):g}; "
        "sink conditions end at a third"
    )


def material_notices(formulation: Formulation, where: str = "") -> Iterator[str]:
    """Say what printing would do to the drug, and whether the loading is known to print.

    Parameters
    ----------
    formulation : Formulation
        Of the tablet or of one region.
    where : str
        Put before each notice, such as "region 'core': ".
    """
    polymer = formulation.polymer
    if polymer is None:
        return
    nozzle = polymer.nozzle_temperature
    for drug, _ in (*formulation.drug_loadings, *formulation.inert_drugs):
        limit = drug.degradation_temperature
        if limit is not None and limit <= nozzle.value:
            yield (
                f"{where}{drug.name} degrades from {format_quantity(limit, 'degC')}; "
                f"'{polymer.name}' prints at {format_quantity(nozzle.value, 'degC')}"
            )
    low, high = polymer.loading_range
    if formulation.concentration_given is None and not low <= formulation.loading <= high:
        yield (
            f"{where}drug_loading {format_quantity(formulation.loading, '%')} is outside what "
            f"'{polymer.name}' is known to print with, {100 * low:g} to {100 * high:g} %"
        )


def overlap(body: Shape, region: Region) -> bool | None:
    """Whether a region lies within the body's box; None where it lies wholly outside."""
    size, room, at = region.shape.size, body.size, region.centred_in(body)
    low = (at[0] - size[0] / 2, at[1] - size[1] / 2, at[2])
    start = (-room[0] / 2, -room[1] / 2, 0.0)
    gaps = [(low[i] - start[i], start[i] + room[i] - low[i] - size[i]) for i in range(3)]
    if any(min(gap) <= -size[i] for i, gap in enumerate(gaps)):
        return None
    return all(min(gap) >= -1e-9 for gap in gaps)


def tablet_notices(tablet: Tablet) -> Iterator[str]:
    """Say what becomes of the tablet when it is cut into layers, and of regions that reach out."""
    for region in tablet.regions:
        if not overlap(tablet.drawn, region):
            yield f"region '{region.name}' reaches out of the tablet and is cut off there"
    yield from measured(tablet)
    yield from laid_notices(tablet)
    if tablet.infill is None:
        return
    height, printed = tablet.drawn.size[2], tablet.printed_height
    if abs(printed - height) > 1e-9:
        yield (
            f"printed height is {format_quantity(printed, 'mm')}, not "
            f"{format_quantity(height, 'mm')}: "
            f"whole layers of {format_quantity(tablet.layer_height, 'mm')}"
        )
