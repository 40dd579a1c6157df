"""The tablet: a shape, how it is printed, and what each of its regions is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from releasesim.errors import GeometryError
from releasesim.geometry.drops.shape import Drops
from releasesim.geometry.gcode.shape import Gcode
from releasesim.geometry.infill import Infill
from releasesim.geometry.shapes import Shape
from releasesim.parameters import unknown_name
from releasesim.tablet.arrangement import arrange
from releasesim.tablet.checks import check_tablet
from releasesim.tablet.formulation import Formulation
from releasesim.tablet.parts import Layer, Part, Placed, Region
from releasesim.tablet.volumes import solid_volumes
from releasesim.tablet.voxels import voxelize_tablet

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from releasesim.cards import Drug
    from releasesim.geometry.drops.laid import Laid
    from releasesim.geometry.extrusion import Extrusion
    from releasesim.geometry.grid import VoxelGrid
    from releasesim.geometry.slicing import PrintedLayer
    from releasesim.tablet.inkjet import Inkjet
    from releasesim.tablet.jetted import Jetted


AnyPart = TypeVar("AnyPart", Region, Layer)


@dataclass(frozen=True)
class Tablet:
    """What is printed.

    Parameters
    ----------
    shape : Shape
        As drawn; its height is replaced by the sum of `layers` where there are any.
    formulation : Formulation
    infill : Infill, optional
        Absent: the exact solid body. Present, even at 100 %: roads, walls, roofs and floors.
    walls, roofs, floors : int
        Perimeters, solid layers on top and at the bottom.
    layer_height, road_width : float
        [m].
    oversize : float
        Measured linear excess of the print over the drawing [-].
    porosity : float
        Closed pores inside roads [-].
    gap_porosity : float
        Gaps between roads that should touch [-]: in walls, roofs, floors and solid fill, and all
        over an exact solid.
    flow : float
        What the printer deposits over what it is asked for [-]: width of roads, and mass.
    mass_spread : float
        Relative standard deviation of the mass from tablet to tablet [-].
    sealed : tuple of str
        Faces that exchange nothing.
    mass : float, optional
        Measured mass [kg]: rescales the deposited material.
    measured_height : float, optional
        [m]: rescales heights and with them the material; oversize then acts on the outline.
    inkjet : Inkjet, optional
        Layers of drops or lines of ink instead of roads.
    regions : tuple of Region
    layers : tuple of Layer

    Raises
    ------
    GeometryError
        Walls thicker than the tablet, layers higher than it, both regions and layers.
    """

    shape: Shape
    formulation: Formulation
    infill: Infill | None = None
    walls: int = 2
    roofs: int = 3
    floors: int = 3
    layer_height: float = 0.2e-3
    road_width: float = 0.45e-3
    oversize: float = 0.0
    porosity: float = 0.0
    gap_porosity: float = 0.0
    flow: float = 1.0
    mass_spread: float = 0.0
    sealed: tuple[str, ...] = ()
    mass: float | None = None
    measured_height: float | None = None
    inkjet: Inkjet | None = None
    regions: tuple[Region, ...] = ()
    layers: tuple[Layer, ...] = ()

    def __post_init__(self) -> None:
        check_tablet(self)

    @property
    def is_solid(self) -> bool:
        """Whether it is the exact body and nothing else: no roads and no gaps between them."""
        if self.inkjet is not None:
            return not self.inkjet.has_gaps
        if isinstance(self.shape, Drops):
            return self.shape.is_solid
        return self.infill is None and not self.shape.of_roads

    @property
    def own_is_unused(self) -> bool:
        """Whether all is layers, or printed by tools that name a region."""
        if isinstance(self.shape, Gcode):
            return bool(self.regions) and not self.shape.tools_of("")
        if isinstance(self.shape, Drops):
            return bool(self.regions) and not self.shape.inks_of("")
        return bool(self.layers)

    @cached_property
    def jetted(self) -> Jetted | None:
        """Its layers of ink; None where it is not of ink."""
        from releasesim.tablet.jetted import Jetted

        return None if self.inkjet is None else Jetted(self, self.inkjet)

    @property
    def drawn_height(self) -> float:
        """Height of the shape, or of its stack of layers [m]."""
        if not self.layers:
            return self.shape.size[2]
        return sum(layer.thickness for layer in self.layers)

    @property
    def wall_room(self) -> float:
        """Narrowest width of the outline that walls must share [m]."""
        inner = getattr(self.shape, "inner_diameter", None)
        if inner is not None:
            return (self.shape.size[0] - float(inner)) / 2
        return min(self.shape.size[0], self.shape.size[1])

    @cached_property
    def drawn(self) -> Shape:
        """The shape with the height of its layers."""
        if self.jetted is not None and self.jetted.inkjet.layers is not None:
            return self.shape.with_height(self.jetted.height)
        if not self.layers:
            return self.shape
        return self.shape.with_height(self.drawn_height)

    @cached_property
    def body(self) -> Shape:
        """The envelope as printed: whole layers, and oversize."""
        shape = self.drawn
        if (self.infill is not None or self.inkjet is not None) and shape.extruded:
            shape = shape.with_height(self.printed_height)
        shape = shape.scaled(1.0 + self.oversize)
        if isinstance(shape, Drops):
            shape = shape.solid_body()
        return shape if self.measured_height is None else shape.with_height(self.measured_height)

    @property
    def printed_height(self) -> float:
        """Height of whole layers, before oversize [m]; the drawn height of an exact solid."""
        if self.jetted is not None and self.drawn.extruded:
            return self.jetted.height
        if self.infill is None:
            return self.drawn.size[2]
        return max(1, round(self.drawn.size[2] / self.layer_height)) * self.layer_height

    @property
    def stretch(self) -> float:
        """Measured over expected height of the print [-]; 1 where no height was measured."""
        if self.measured_height is None:
            return 1.0
        return self.measured_height / (self.printed_height * (1.0 + self.oversize))

    @property
    def extrusion(self) -> Extrusion:
        """How roads come out of the printer."""
        from releasesim.geometry.extrusion import Extrusion

        return Extrusion(self.flow, self.gap_porosity, self.stretch)

    @property
    def road_spacing(self) -> float:
        """Width that a road covers where the printer deposits what it is asked for [m]."""
        return self.road_width - self.layer_height * (1.0 - math.pi / 4.0)

    def as_made(self, place: Placed) -> Placed:
        """Where a part of the drawing lies in the print: oversize and measured height counted."""
        made = place.scaled(1.0 + self.oversize).stretched(self.stretch)
        if self.jetted is not None and self.drawn.extruded and place.shape.extruded:
            return made.stretched(self.jetted.height / self.drawn.size[2])  # whole layers
        return made

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The tablet's own material first, then its regions or layers."""
        return arrange(self)

    @cached_property
    def printed(self) -> tuple[tuple[PrintedLayer, ...], ...]:
        """Layers of every part as they are printed, but for oversize; empty for an exact solid."""
        how = self.extrusion
        return tuple(how.layers(layers, self.road_spacing) for layers in self.sliced)

    @cached_property
    def sliced(self) -> tuple[tuple[PrintedLayer, ...], ...]:
        """Layers of every part as a slicer asks for them; empty for an exact solid."""
        from releasesim.geometry.slicing import slice_outline

        if isinstance(self.shape, Gcode):
            return self.shape.layers([part.name for part in self.parts])
        if self.infill is None:
            return ()
        return tuple(
            tuple(
                slice_outline(
                    self.outline_of(number),
                    self.printed_height,
                    infill=part.infill or self.infill,
                    walls=self.walls,
                    roofs=self.roofs,
                    floors=self.floors,
                    layer_height=self.layer_height,
                    road_width=self.road_width,
                    widest=self.widest_fill(part),
                )
            )
            for number, part in enumerate(self.parts)
        )

    def widest_fill(self, part: Part) -> BaseGeometry:
        """What walls leave of a part's widest outline, as drawn [m]: rings of infill divide it."""
        from releasesim.geometry.roads import inset

        if part.place is None or part.place.endless:
            outline = self.drawn.outline(0.5 * self.drawn.size[2])
        else:
            outline = part.place.outline(part.place.at[2] + 0.5 * part.place.shape.size[2])
        return inset(outline, self.walls * self.road_spacing)

    def outline_of(self, number: int):  # type: ignore[no-untyped-def]  # a shapely callable
        """Cross-section of one part at a height: inside the body, outside all later parts."""
        known: dict[bytes, BaseGeometry] = {}

        def outline(z: float) -> BaseGeometry:
            # the last layer may reach above what is drawn
            z = min(z, self.drawn.size[2] * (1.0 - 1e-6))
            shape = self.drawn.outline(z)
            places = [part.place for part in self.parts]
            own = places[number]
            if own is not None:
                shape = shape.intersection(own.outline(z))
            for later in places[number + 1 :]:
                if later is not None:
                    shape = shape.difference(later.outline(z))
            return known.setdefault(shape.wkb, shape)

        return outline

    def voxelize(
        self, spacing: float, *, offset: tuple[float, float, float] | None = None
    ) -> VoxelGrid:
        """The tablet as printed, on a grid.

        Parameters
        ----------
        spacing : float
            Wanted cell edge [m].
        offset : (float, float, float), optional
            Shift the grid by these shares of a cell (for tests of placement).

        Raises
        ------
        GeometryError
            If nothing is left to print, or the grid would be too large.
        """
        return voxelize_tablet(self, spacing, offset)

    @property
    def laid(self) -> Laid | None:
        """Its layers of ink with their gaps; None where it has none of them."""
        if self.jetted is not None:
            return self.jetted.laid
        if isinstance(self.shape, Drops):
            return self.shape.laid([part.name for part in self.parts])
        return None

    @property
    def has_plain_gaps(self) -> bool:
        """Whether it is a flat print of one ink with gaps through all layers."""
        return not self.is_solid and self.laid is not None and self.laid.plain

    @property
    def gap_outline(self) -> tuple[float, float]:
        """Area [m2] and length of the edge [m] of a layer with its gaps."""
        if self.laid is None:
            raise GeometryError("there are no layers of ink")
        return self.laid.outline_sizes()

    def voxelize_plane(self, spacing: float) -> VoxelGrid:
        """One layer of a flat print of ink, nothing through top and bottom; see `voxelize`."""
        if self.laid is None:
            raise GeometryError("there are no layers of ink")
        return self.laid.voxelize_plane(spacing)

    @cached_property
    def part_volumes(self) -> tuple[float, ...]:
        """Deposited volume of each part, pores included [m3]: what the extruder meters."""
        from releasesim.geometry.slicing import deposited_volume

        factor = (1.0 + self.oversize) ** 3
        if self.jetted is not None:
            return self.jetted.part_volumes
        if isinstance(self.shape, Drops):
            shape, stretched = self.shape, factor * self.stretch
            return tuple(stretched * shape.deposited(part.name) for part in self.parts)
        if not self.is_solid:
            return tuple(factor * deposited_volume(list(layers)) for layers in self.printed)
        fed = self.flow * (1.0 - self.gap_porosity)
        return tuple(fed * volume for volume in solid_volumes(self))

    @cached_property
    def packing(self) -> tuple[float, ...]:
        """Material of each part over the room that it takes, gaps between roads counted [-]."""
        from releasesim.geometry.extrusion import filling, packing

        how = self.extrusion
        if self.shape.of_roads:
            return tuple(filling(layers) for layers in self.printed)
        if self.is_solid or how.nominal or not self.sliced:
            return (how.filled(),) * len(self.parts)
        both = zip(self.sliced, self.printed, strict=True)
        return tuple(packing(asked, made, how) for asked, made in both)

    @property
    def deposited_volume(self) -> float:
        """All material, pores included [m3]."""
        return sum(self.part_volumes)

    @property
    def material_scale(self) -> float:
        """Measured over nominal mass [-]; 1 where no mass was measured."""
        if self.mass is None:
            return 1.0
        return self.mass / self._nominal_mass()

    def _nominal_mass(self) -> float:
        packed = 1.0 - self.porosity
        return packed * sum(
            volume * part.formulation.density
            for part, volume in zip(self.parts, self.part_volumes, strict=True)
            if volume > 0
        )

    def total_mass(self) -> float:
        """Of the printed tablet [kg]: the measured mass, or volume times density."""
        return self._nominal_mass() if self.mass is None else self.mass

    @cached_property
    def drugs(self) -> tuple[str, ...]:
        """Names of all drugs in the tablet: the own material's first, then those of its parts."""
        # where all is layers or regions, only those without a material have the tablet's own
        parts = self.parts[1:] if self.own_is_unused else self.parts
        names = dict.fromkeys(name for part in parts for name in part.formulation.drugs)
        return tuple(names) or (self.formulation.drug_name,)

    def for_drug(self, name: str) -> Tablet:
        """The same tablet as one of its drugs sees it: the others are mass and nothing else.

        Raises
        ------
        InputError
            No such drug is in the tablet.
        """
        if name not in self.drugs:
            raise unknown_name(name, self.drugs, "drug")
        card = self.drug_card(name)
        regions = tuple(_part_for(region, name, card) for region in self.regions)
        layers = tuple(_part_for(layer, name, card) for layer in self.layers)
        own = self.formulation.for_drug(name, card)
        made = self.with_materials(formulation=own, regions=regions, layers=layers)
        if self.jetted is not None:  # the drops are those of the whole
            made.__dict__.update(jetted=self.jetted, part_volumes=self.part_volumes)
        return made

    def drug_card(self, name: str) -> Drug | None:
        """Card of a drug in the tablet; None where it has none."""
        return next((card for p in self.parts if (card := _card(p.formulation, name))), None)

    @property
    def doses(self) -> dict[str, float]:
        """Mass of each drug in the tablet [kg]."""
        if len(self.drugs) == 1:
            return {self.drugs[0]: self.dose()}
        volumes = self.part_volumes  # once for all: each drug's tablet takes them over
        return {name: self.for_drug(name).dose() for name in self.drugs if volumes}

    def dose(self) -> float:
        """Free drug in the tablet, all drugs together [kg]."""
        return sum(
            volume * c
            for volume, c in zip(self.part_volumes, self.deposited_concentrations, strict=True)
        )

    @property
    def concentrations(self) -> tuple[float, ...]:
        """Drug per room that each part takes, all drugs, gaps between its roads counted [kg/m3]."""
        pairs = zip(self.packing, self.deposited_concentrations, strict=True)
        return tuple(packed * concentration for packed, concentration in pairs)

    @property
    def deposited_concentrations(self) -> tuple[float, ...]:
        """Drug per deposited volume of each part, pores and measured mass counted [kg/m3]."""
        packed = 1.0 - self.porosity
        scale = packed * self.material_scale if self.mass is not None else packed
        return tuple(scale * part.formulation.concentration for part in self.parts)

    def replace(self, **changes: object) -> Tablet:
        """A copy with other values."""
        return replace(self, **changes)  # type: ignore[arg-type]  # checked by __post_init__

    def heavier(self, factor: float) -> Tablet:
        """The same print with `factor` times the material: wider roads, or a larger exact solid."""
        mass = None if self.mass is None else factor * self.mass
        if self.jetted is not None:
            return self.replace(inkjet=self.jetted.richer(factor), mass=mass)
        if self.infill is not None or self.shape.of_roads:
            return self.replace(flow=factor * self.flow, mass=mass)
        longer = factor ** (1.0 / 3.0)
        height = None if self.measured_height is None else longer * self.measured_height
        larger = (1.0 + self.oversize) * longer - 1.0
        return self.replace(oversize=larger, mass=mass, measured_height=height)

    def with_formulation(self, formulation: Formulation) -> Tablet:
        """The same print of another material: what has been sliced already is kept."""
        return self.with_materials(formulation=formulation)

    def with_materials(self, **changes: Any) -> Tablet:
        """The same print of other formulations and laws: what has been sliced already is kept.

        Parameters
        ----------
        **changes
            `formulation`; `regions` and `layers` that differ from these in what they are made of.
        """
        other = replace(self, **changes)
        if self.inkjet is not None:  # what it is made of says how thick a layer dries
            return other
        for name in ("drawn", "body", "sliced", "printed", "part_volumes", "packing"):
            if name in self.__dict__:
                other.__dict__[name] = self.__dict__[name]
        return other

    def describe(self) -> str:
        """One line: shape, infill and material."""
        if self.shape.of_roads:
            print_words = "as printed"
        elif self.inkjet is not None:
            print_words = self.inkjet.describe()
        elif self.infill is None:
            print_words = "solid"
        else:
            names = ("wall", "roof", "floor")
            counts = zip(names, (self.walls, self.roofs, self.floors), strict=True)
            words = [f"{count} {name}{'s' * (count != 1)}" for name, count in counts]
            own = [] if self.layers else [f"{self.infill.describe()} infill"]
            print_words = ", ".join([*own, *words])
        return f"{self.drawn.describe()}, {print_words}; {self._materials()}"

    def _materials(self) -> str:
        """What the tablet is made of, part by part where there are several."""
        own = [] if self.layers else [self.formulation.describe()]
        named = [part for part in self.parts if part.name]
        return "; ".join([*own, *(f"{part.name}: {part.formulation.describe()}" for part in named)])


def _card(made: Formulation, name: str) -> Drug | None:
    """Card of a drug that a formulation names; None where it names none such."""
    cards = [made.drug, *(card for card, _ in (*made.further_drugs, *made.inert_drugs))]
    return next((card for card in cards if card is not None and card.name == name), None)


def _part_for(part: AnyPart, name: str, card: Drug | None) -> AnyPart:
    if part.formulation is None:
        return part
    return replace(part, formulation=part.formulation.for_drug(name, card))
