"""From the tables of a study file to the nouns of the field."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from releasesim.cards import Apparatus, Card, Drug, Excipient, Medium, Polymer, Printer
from releasesim.errors import GeometryError, InputError
from releasesim.geometry import shapes
from releasesim.geometry.drops.shape import Drops
from releasesim.geometry.gcode.shape import Gcode
from releasesim.geometry.grading import Grading
from releasesim.geometry.infill import Infill
from releasesim.geometry.mesh import Mesh
from releasesim.physics import Law, parameter_units
from releasesim.study import schema
from releasesim.study.bath import Bath, Event, Sampling
from releasesim.study.fields import did_you_mean
from releasesim.study.laws import read_laws, read_parameter
from releasesim.study.locate import Keys
from releasesim.study.notices import overlap
from releasesim.study.run import Run
from releasesim.study.source import Source
from releasesim.study.wishes import PatientSpec
from releasesim.tablet import Formulation, Ink, Inkjet, Layer, Region, Tablet
from releasesim.units import mg

AnyCard = TypeVar("AnyCard", bound=Card)

SHAPES: dict[str, type[shapes.Shape]] = {
    cls.kind: cls
    for cls in (
        shapes.Cylinder,
        shapes.Sphere,
        shapes.Block,
        shapes.Caplet,
        shapes.Capsule,
        shapes.Ring,
        shapes.Film,
    )
}
"""Kind of a shape, as a study file says it, and its noun."""

FILE_SHAPES: dict[str, Callable[..., shapes.Shape]] = {
    "mesh": Mesh.read,
    "gcode": Gcode.read,
    "drops": Drops.read,
}
"""Kind of a shape that stands in a file, and what reads it."""


def load_card(source: Source, keys: Keys, cls: type[AnyCard], name: str) -> AnyCard:
    """Load the card that a key names."""
    with source.at(*keys):
        return cls.load(name)


def build_tablet(source: Source, file: schema.StudyFile) -> Tablet:
    """Make the tablet, its regions and layers."""
    table = file.tablet
    formulation = build_formulation(source, ("formulation",), file.formulation)
    layers = tuple(_layer(source, place, layer) for place, layer in enumerate(table.layer))
    height = sum(layer.thickness for layer in layers) if layers else None
    inkjet = _inkjet(source, table.inkjet)
    if inkjet is not None and inkjet.layers is not None:
        height = _layered_height(source, table, inkjet, formulation)
    shape = _shape(source, ("tablet", "shape"), table.shape, height, **_filament(source, file))
    roads = _laid_roads(shape) or {
        "layer_height": table.layer_height,
        "road_width": table.road_width,
    }
    regions = tuple(_region(source, place, shape, part) for place, part in enumerate(table.region))
    _check_faces(source, shape, table.sealed)
    with _blame(source, table):
        tablet = Tablet(
            shape=shape,
            formulation=formulation,
            infill=_infill(source, ("tablet", "infill"), table.infill),
            walls=table.walls,
            roofs=table.roofs,
            floors=table.floors,
            **roads,
            oversize=table.oversize,
            porosity=_porosity(source, table, shape),
            gap_porosity=table.gap_porosity,
            flow=table.flow,
            mass_spread=table.mass_spread,
            sealed=table.sealed,
            mass=table.mass,
            measured_height=table.measured_height,
            inkjet=inkjet,
            regions=regions,
            layers=layers,
        )
    if tablet.inkjet is not None:
        with source.at("tablet", "inkjet"):
            _check_ink(tablet)
    if isinstance(shape, Drops):
        _check_dose(source, tablet, shape)
    return tablet


def _porosity(source: Source, table: schema.Tablet, shape: shapes.Shape) -> float:
    """Pores of the material; those of a stack of drops stand in its manifest."""
    if not isinstance(shape, Drops) or shape.stack.manifest.porosity == table.porosity:
        return table.porosity
    if "porosity" in table.model_fields_set:
        message = f"the manifest says {100 * shape.stack.manifest.porosity:.4g} %: leave it out"
        raise source.error(("tablet", "porosity"), message, GeometryError)
    return shape.stack.manifest.porosity


_SAME_DOSE = 0.01
"""By which a formulation may miss what the ink of a stack of drops holds [-]."""


def _check_dose(source: Source, tablet: Tablet, drops: Drops) -> None:
    """Refuse a formulation that does not dry from the ink of the manifest."""
    stack = drops.stack
    volumes, concentrations = tablet.part_volumes, tablet.deposited_concentrations
    for number, part in enumerate(tablet.parts):
        own = drops.inks_of(part.name)
        ink = sum(stack.ink_volumes[n] * stack.manifest.channels[n].concentration for n in own)
        held = volumes[number] * concentrations[number]
        held /= (1.0 + tablet.oversize) ** 3 * tablet.stretch
        if tablet.mass is None and abs(held - ink) > _SAME_DOSE * ink:
            message = (
                f"makes {held / mg:.4g} mg of {'the drops' if not part.name else part.name}; by "
                f"the manifest's ink (volume x concentration) it is {ink / mg:.4g} mg"
            )
            where: Keys = ("tablet", "region", number - 1) if part.name else ("formulation",)
            raise source.error(where, message)


def _inkjet(source: Source, table: schema.Inkjet | None) -> Inkjet | None:
    """Make the way in which ink is laid; dots per inch become a pitch."""
    if table is None:
        return None
    said = {
        name: value for name, value in table if name not in ("ink", "resolution", "resolution_y")
    }
    if table.resolution is not None:
        along_y = table.resolution_y and 1.0 / table.resolution_y
        said |= {"pitch": 1.0 / table.resolution, "pitch_y": along_y}
    with source.at("tablet", "inkjet"):
        return Inkjet(ink=Ink(**dict(table.ink)), **said)


def _layered_height(
    source: Source, table: schema.Tablet, inkjet: Inkjet, formulation: Formulation
) -> float:
    """Height of as many layers as the file asks for [m]."""
    for key in ("height", "thickness"):
        if getattr(table.shape, key, None) is not None:
            message = "leave one out: tablet.inkjet.layers says how high the layers are together"
            raise source.error(("tablet", "shape", key), message, GeometryError)
    with source.at("tablet", "inkjet"):
        dried = inkjet.ink.dried(formulation) / (1.0 - table.porosity)
        return (inkjet.layers or 1) * dried * inkjet.wet_thickness


def _check_ink(tablet: Tablet) -> None:
    """Have inks, levels and rasters looked at while the file is still at hand."""
    if tablet.jetted is not None and not tablet.deposited_volume > 0.0:
        raise GeometryError("no drop and no line falls inside the tablet: the pitch is too wide")


@contextmanager
def _blame(source: Source, table: schema.Tablet) -> Iterator[None]:
    """Point errors of the whole tablet at the key that they speak of."""
    try:
        yield
    except InputError as error:
        named = [key for key in sorted(table.model_fields_set) if key in error.message]
        raise source.error(("tablet", *named[:1]), error.message, type(error)) from None


def _shape(
    source: Source, keys: Keys, table: Any, height: float | None = None, **more: float | None
) -> shapes.Shape:
    if table.kind in FILE_SHAPES:
        if height is not None:
            raise source.error(keys, f"a {table.kind} cannot be a stack of layers", GeometryError)
        return _file_shape(source, keys, table, more)
    if table.kind not in SHAPES:
        message = f"a {table.kind} shape cannot be simulated in this version"
        raise source.error((*keys, "kind"), message, GeometryError)
    sizes = {name: value for name, value in table if name not in ("kind", "at")}
    if height is not None:
        upright = next((name for name in ("height", "thickness") if name in sizes), None)
        if upright is None:
            message = f"a {table.kind} cannot be a stack of layers"
            raise source.error((*keys, "kind"), message, GeometryError)
        sizes[upright] = height
    with source.at(*keys):
        return SHAPES[table.kind](**sizes)


def _file_shape(
    source: Source, keys: Keys, table: Any, more: Mapping[str, float | None]
) -> shapes.Shape:
    """Read a shape that stands in a file beside the study."""
    said = {name: value for name, value in table if name not in ("kind", "at")}
    try:
        return FILE_SHAPES[table.kind](**said, **more, folder=source.folder)
    except GeometryError as error:
        line = "" if error.line is None else f" line {error.line}"
        where = "" if error.path is None else f"{said['file']}{line}: "
        raise source.error((*keys, "file"), f"{where}{error.message}", GeometryError) from None


def _filament(source: Source, file: schema.StudyFile) -> dict[str, float | None]:
    """Filament of the printer, for a G-code that does not say its own."""
    if file.tablet.shape.kind != "gcode" or not file.printer:
        return {}
    printer = load_card(source, ("printer",), Printer, file.printer)
    diameter = printer.filament_diameter
    return {"usual_diameter": None if diameter is None else float(diameter)}


def _laid_roads(shape: shapes.Shape) -> dict[str, float]:
    """Height and width of the roads of a G-code, as `Tablet` takes them."""
    if not isinstance(shape, Gcode):
        return {}
    h = shape.layer_height
    return {"layer_height": h, "road_width": shape.road_spacing + h * (1.0 - math.pi / 4.0)}


def _infill(source: Source, keys: Keys, table: schema.Infill | None) -> Infill | None:
    if table is None:
        return None
    angle = {} if table.angle is None else {"angle": table.angle}
    graded = table.graded and Grading(table.graded.along, table.graded.to, table.graded.steps)
    with source.at(*keys):
        return Infill(table.pattern, table.density, graded=graded or None, **angle)


def _check_faces(source: Source, shape: shapes.Shape, sealed: tuple[str, ...]) -> None:
    names = shape.face_names()
    for place, face in enumerate(sealed):
        if face not in names:
            known = f"it has {', '.join(names)}" if names else "it has none"
            message = f"a {shape.kind} has no such face; {known}"
            raise source.error(("tablet", "sealed", place), message, GeometryError)


def _region(source: Source, place: int, body: shapes.Shape, table: schema.Region) -> Region:
    keys: Keys = ("tablet", "region", place)
    part = _part(source, keys, table)
    if table.shape is None:
        return Region(name=table.name, shape=body, **part)
    shape = _shape(source, (*keys, "shape"), table.shape)
    region = Region(name=table.name, shape=shape, at=table.shape.at, **part)
    if overlap(body, region) is None:
        message = "lies wholly outside the tablet"
        raise source.error((*keys, "shape"), message, GeometryError)
    return region


def _layer(source: Source, place: int, table: schema.Layer) -> Layer:
    keys: Keys = ("tablet", "layer", place)
    with source.at(*keys):
        return Layer(name=table.name, thickness=table.thickness, **_part(source, keys, table))


def _part(source: Source, keys: Keys, table: schema.Part) -> dict[str, Any]:
    formulation = table.formulation
    return {
        "infill": _infill(source, (*keys, "infill"), table.infill),
        "extruder": table.extruder,
        "partition": table.partition,
        "formulation": formulation
        and build_formulation(source, (*keys, "formulation"), formulation),
        "ink": table.ink and Ink(**dict(table.ink)),
        "physics": read_laws(source, (*keys, "physics"), table.physics),
    }


def build_formulation(source: Source, keys: Keys, table: schema.Formulation) -> Formulation:
    """Make a formulation from loading, components or concentration."""
    if table.components is not None:
        return _from_components(source, keys, table)
    drug = table.drug and load_card(source, (*keys, "drug"), Drug, table.drug)
    polymer = table.polymer and load_card(source, (*keys, "polymer"), Polymer, table.polymer)
    excipients = tuple(
        (load_card(source, (*keys, "excipients", place, "name"), Excipient, e.name), e.fraction)
        for place, e in enumerate(table.excipients)
    )
    with source.at(*keys):
        return Formulation(
            drug=drug or None,
            polymer=polymer or None,
            drug_loading=table.drug_loading or 0.0,
            excipients=excipients,
            concentration_given=table.concentration,
            density_given=table.density,
            assay=1.0 if table.assay is None else table.assay,
        )


def _from_components(source: Source, keys: Keys, table: schema.Formulation) -> Formulation:
    """Make a formulation from a list of drugs, one polymer and excipients."""
    where, parts = (*keys, "components"), table.components or ()
    drugs = _components(source, where, parts, "drug", Drug)
    inert = _components(source, where, parts, "drug", Drug, inert=True)
    polymers = _components(source, where, parts, "polymer", Polymer)
    if not drugs and not inert:
        raise source.error(where, "a drug is needed")
    if len(polymers) != 1:
        message = f"exactly one polymer is needed; there are {len(polymers)}"
        raise source.error(where, message)
    with source.at(*keys):
        return Formulation(
            drug=drugs[0][0] if drugs else None,
            polymer=polymers[0][0],
            drug_loading=drugs[0][1] if drugs else 0.0,
            further_drugs=drugs[1:],
            inert_drugs=inert,
            excipients=_components(source, where, parts, "excipient", Excipient),
            assay=1.0 if table.assay is None else table.assay,
            density_given=table.density,
        )


def _components(
    source: Source,
    keys: Keys,
    parts: tuple[schema.Component, ...],
    what: str,
    cls: type[AnyCard],
    *,
    inert: bool = False,
) -> tuple[tuple[AnyCard, float], ...]:
    """Load the components of one kind, with their mass fractions."""
    return tuple(
        (load_card(source, (*keys, place, what), cls, getattr(part, what)), part.fraction)
        for place, part in enumerate(parts)
        if getattr(part, what) is not None and part.inert == inert
    )


def build_bath(source: Source, table: schema.Medium | None, laws: Mapping[str, Law]) -> Bath:
    """Make the bath; `laws`, by dotted name, give the units of what its events set."""
    if table is None:
        return Bath()
    keys = ("medium",)
    return Bath(
        medium=_optional(source, (*keys, "name"), Medium, table.name),
        volume=table.volume,
        partition=table.partition,
        apparatus=_optional(source, (*keys, "apparatus"), Apparatus, table.apparatus),
        speed=table.speed,
        temperature=table.temperature,
        sampling=None if table.sampling is None else Sampling(**dict(table.sampling)),
        events=tuple(
            _event(source, (*keys, "event", place), event, laws)
            for place, event in enumerate(table.event)
        ),
    )


def _optional(source: Source, keys: Keys, cls: type[AnyCard], name: str | None) -> AnyCard | None:
    return None if name is None else load_card(source, keys, cls, name)


def _event(source: Source, keys: Keys, table: schema.Event, laws: Mapping[str, Law]) -> Event:
    changes = tuple(
        (name, _event_value(source, (*keys, "set", name), name, raw, laws))
        for name, raw in table.set.items()
    )
    medium = _optional(source, (*keys, "medium"), Medium, table.medium)
    return Event(at=table.at, replace=table.replace, medium=medium, set=changes)


def _event_value(
    source: Source, keys: Keys, name: str, raw: str | float, laws: Mapping[str, Law]
) -> float | str:
    slot, _, parameter = name.rpartition(".")
    if slot not in laws:
        known = [f"{slot}.{p}" for slot, law in laws.items() for p in parameter_units(type(law))]
        hint = did_you_mean(name, known)
        raise source.error(keys, f"no physics parameter; there are {', '.join(known)}{hint}")
    chosen = laws[slot]
    units = {f"{slot}.{key}": unit for key, unit in parameter_units(type(chosen)).items()}
    value = read_parameter(source, keys, type(chosen).__name__, units, raw)
    with source.at(*keys):
        type(chosen)(**{**vars(chosen), parameter: value})  # the law checks its own bounds
    return value


def build_run(table: schema.Run | None) -> Run:
    """Make the run; 24 h where nothing is said."""
    if table is None:
        return Run()
    until = table.until or (table.times[-1] if table.times else Run.until)
    return Run(**{**dict(table), "until": until})


def build_patient(table: schema.Patient | None) -> PatientSpec | None:
    """Make the patient."""
    return None if table is None else PatientSpec(**dict(table))
