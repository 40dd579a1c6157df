"""The tablet: a shape, how it is printed, and what each of its regions is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from releasesim.errors import GeometryError, InputError
from releasesim.geometry.drops.shape import Drops
from releasesim.geometry.gcode.shape import Gcode
from releasesim.geometry.infill import Infill
from releasesim.geometry.shapes import Array, Film, Shape
from releasesim.parameters import unknown_name
from releasesim.tablet.formulation import Formulation
from releasesim.tablet.parts import Layer, Part, Placed, Region
from releasesim.units import format_quantity

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from releasesim.cards import Drug
    from releasesim.geometry.drops.laid import Laid
    from releasesim.geometry.extrusion import Extrusion
    from releasesim.geometry.grid import Integers, VoxelGrid
    from releasesim.geometry.slicing import PrintedLayer
    from releasesim.tablet.inkjet import Inkjet
    from releasesim.tablet.jetted import Jetted


AnyPart = TypeVar("AnyPart", Region, Layer)

#: Cells by which volumes of odd regions are measured.
_MEASURED_CELLS = 2e6


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
        self._check_numbers()
        self._check_parts()
        for face in self.sealed:
            if face not in self.shape.face_names():
                raise GeometryError(
                    f'sealed = "{face}": a {self.shape.kind} has '
                    f"{', '.join(self.shape.face_names()) or 'no separate faces'}"
                )
        if self.inkjet is not None or isinstance(self.shape, Drops):
            self._check_jettable()
        if self.infill is not None:
            self._check_printable()

    def _check_numbers(self) -> None:
        if not 0.0 <= self.porosity < 1.0:
            raise GeometryError(f"porosity = {self.porosity:.4g}: must be 0 to below 100 %")
        if not 0.0 <= self.gap_porosity < 1.0:
            raise GeometryError(f"gap_porosity = {self.gap_porosity:.4g}: must be 0 to below 100 %")
        if not 0.2 <= self.flow <= 3.0:
            raise GeometryError(f"flow = {self.flow:.4g}: must be 20 to 300 %")
        if not 0.0 <= self.mass_spread < 0.5:
            raise GeometryError(f"mass_spread = {self.mass_spread:.4g}: must be 0 to below 50 %")
        if not -0.5 < self.oversize < 0.5:
            raise GeometryError(f"oversize = {self.oversize:.4g}: must be within -50 and 50 %")
        for count in ("walls", "roofs", "floors"):
            value = getattr(self, count)
            if value < 0 or value != int(value):
                raise GeometryError(f"{count} = {value}: must be 0, 1, 2, ...")
        for length in ("layer_height", "road_width"):
            if not 0.0 < getattr(self, length) < math.inf:
                raise GeometryError(f"{length} = {getattr(self, length):g} m: must be above 0")
        if self.mass is not None and not 0.0 < self.mass < math.inf:
            raise InputError(f"mass = {self.mass:g} kg: must be above 0")
        if self.measured_height is not None:
            self._check_height(self.measured_height)

    def _check_height(self, height: float) -> None:
        if not 0.0 < height < math.inf:
            raise GeometryError(f"measured_height = {height:g} m: must be above 0")
        if not self.shape.extruded:
            raise GeometryError(
                f"measured_height: a {self.shape.kind} has no height of its own; give oversize"
            )

    def _check_parts(self) -> None:
        if self.regions and self.layers:
            raise GeometryError("a tablet has regions or layers, not both")
        names = [region.name for region in self.regions]
        names += [layer.name for layer in self.layers]
        if len(set(names)) < len(names):
            raise GeometryError("two regions or layers have the same name")
        infills = [region.infill for region in self.regions]
        infills += [layer.infill for layer in self.layers]
        if self.shape.of_roads and (self.infill is not None or self.layers):
            raise GeometryError(
                f"a {self.shape.kind} is printed roads: it takes no infill or layer"
            )
        if self.infill is None and any(infills):
            raise GeometryError("a region has an infill only where the tablet has one")
        fills = [infill for infill in (self.infill, *infills) if infill and infill.graded]
        if len(infills) and any(fill.graded.along == "height" for fill in fills if fill.graded):
            raise GeometryError(
                "infill graded along height needs a tablet without regions and layers: slicers "
                'would close every step with solid layers; give "rings", or layers of their own'
            )

    def _check_jettable(self) -> None:
        nominal = {"infill": None, "flow": 1.0, "gap_porosity": 0.0}
        if self.inkjet is not None:
            nominal |= {"oversize": 0.0, "measured_height": None}
        for name, value in nominal.items():
            if getattr(self, name) != value:
                raise GeometryError(f"{name} is for roads: an inkjet print has drops and lines")
        if isinstance(self.shape, Drops) and (self.regions or self.layers):
            raise GeometryError("a shape of drops is of one ink: no regions and no layers")
        if self.inkjet is not None and self.inkjet.layers is not None:
            if self.layers:
                raise GeometryError("inkjet: layers of ink, or a stack of layers: not both counts")
            if not self.shape.extruded:
                raise GeometryError(
                    f"inkjet: the height of a {self.shape.kind} says how many layers it has"
                )

    def _check_printable(self) -> None:
        from releasesim.geometry.roads import RoadModel

        spacing = RoadModel(self.road_width, self.layer_height).spacing
        if isinstance(self.shape, Film):
            raise GeometryError("a film has no infill: leave infill out, it is a solid sheet")
        narrowest = self.wall_room
        if 2 * self.walls * spacing > narrowest + 1e-9:
            raise GeometryError(
                f"{self.walls} walls of {format_quantity(spacing, 'mm')} on either side are "
                f"thicker than the {self.shape.kind}, {format_quantity(narrowest, 'mm')} across"
            )
        if self.layer_height > self.drawn.size[2] * (1 + 1e-9):
            raise GeometryError(
                f"layer_height {format_quantity(self.layer_height, 'mm')} is above the height of "
                f"the {self.shape.kind}, {format_quantity(self.drawn.size[2], 'mm')}"
            )
        if self.road_width < self.layer_height * (1.0 - 1e-9):
            raise GeometryError(
                f"road_width {format_quantity(self.road_width, 'mm')} is below layer_height "
                f"{format_quantity(self.layer_height, 'mm')}: a road is pressed at least as wide "
                "as it is tall"
            )

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
        return place.scaled(1.0 + self.oversize).stretched(self.stretch)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The tablet's own material first, then its regions or layers."""
        own = Part("", None, self.formulation, self.infill, self._extruder_of(""), None, {}, None)
        return (own, *(self._region_part(r) for r in self.regions), *self._layer_parts())

    def _region_part(self, region: Region) -> Part:
        laid = self.shape.of_roads  # its roads say where it is
        return Part(
            region.name,
            None if laid else Placed(region.shape, region.centred_in(self.drawn)),
            region.formulation or self.formulation,
            region.infill or self.infill,
            self._extruder_of(region.name) if laid else region.extruder,
            region.partition,
            region.physics,
            region.ink,
        )

    def _extruder_of(self, region: str) -> int:
        """Number of the extruder that prints a part: of the first where there are several."""
        tools = self.shape.tools_of(region) if isinstance(self.shape, Gcode) else ()
        return 1 + tools[0] if tools else 1

    def _layer_parts(self) -> list[Part]:
        from releasesim.geometry.shapes import Block

        parts, bottom = [], 0.0
        width = 2.0 * max(self.drawn.size)
        for layer in self.layers:
            slab = Block(min(width, 0.2), min(width, 0.2), layer.thickness)
            parts.append(
                Part(
                    layer.name,
                    Placed(slab, (0.0, 0.0, bottom), endless=True),
                    layer.formulation or self.formulation,
                    layer.infill or self.infill,
                    layer.extruder,
                    layer.partition,
                    layer.physics,
                    layer.ink,
                )
            )
            bottom += layer.thickness
        return parts

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
        if not (math.isfinite(spacing) and spacing > 0):
            raise GeometryError(f"spacing = {spacing:.4g} m: must be above 0")
        if self.is_solid:
            return self._voxelize_solid(spacing, offset)
        if self.laid is not None:
            return self.laid.voxelize(spacing, self._sealed_mask if self.sealed else None, offset)
        return self._voxelize_printed(spacing, offset)

    def _voxelize_solid(
        self, spacing: float, offset: tuple[float, float, float] | None
    ) -> VoxelGrid:
        from releasesim.geometry.mesh import Mesh, voxelize_mesh
        from releasesim.geometry.solid import voxelize_solid

        regions = [self.as_made(part.place).region() for part in self.parts if part.place]
        if isinstance(self.body, Mesh):
            return voxelize_mesh(self.body, spacing, regions=regions, offset=offset)
        return voxelize_solid(
            self.body, spacing, regions=regions, sealed=self.sealed, offset=offset
        )

    @property
    def laid(self) -> Laid | None:
        """Its layers of ink with their gaps; None where it has none of them."""
        if self.jetted is not None:
            return self.jetted.laid
        return self.shape.laid if isinstance(self.shape, Drops) else None

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

    def _voxelize_printed(
        self, spacing: float, offset: tuple[float, float, float] | None
    ) -> VoxelGrid:
        from releasesim.geometry.printed import voxelize_layers

        factor = 1.0 + self.oversize
        # roads wider than asked for reach out of the outline
        out = max(0.0, self.flow - 1.0) * self.road_spacing
        grid = voxelize_layers(
            self.printed,
            spacing / factor,
            self.flow * self.road_spacing,
            size=(self.drawn.size[0] + out, self.drawn.size[1] + out),
            sealed=self._sealed_mask if self.sealed else None,
            offset=offset,
        )
        return grid if factor == 1.0 else grid.scaled(factor)

    def _sealed_mask(self, at: Array, axis: Integers, direction: Array):  # type: ignore[no-untyped-def]
        from releasesim.geometry.solid import face_mask

        # roads lie just inside the outline: what is within half a road of it belongs to the face
        envelope = self.drawn
        if envelope.extruded:
            envelope = envelope.with_height(self.printed_height * self.stretch)
        width = self.road_width if self.laid is None else self.laid.edge
        sealed = np.zeros(axis.size, dtype=bool)
        for face in self.sealed:
            near = envelope.face_depth(face, *at) < 0.5 * width
            sealed |= near & face_mask(envelope, face, at, axis, direction)
        return sealed

    @cached_property
    def part_volumes(self) -> tuple[float, ...]:
        """Deposited volume of each part, pores included [m3]: what the extruder meters."""
        from releasesim.geometry.slicing import deposited_volume

        factor = (1.0 + self.oversize) ** 3
        if self.jetted is not None:
            return self.jetted.part_volumes
        if isinstance(self.shape, Drops):
            return (factor * self.stretch * self.shape.deposited,)
        if not self.is_solid:
            return tuple(factor * deposited_volume(list(layers)) for layers in self.printed)
        fed = self.flow * (1.0 - self.gap_porosity)
        return tuple(fed * volume for volume in self._solid_volumes())

    def _solid_volumes(self) -> tuple[float, ...]:
        """Volume of each part of an exact solid [m3]."""
        if len(self.parts) == 1:
            return (self.body.volume,)
        if self.layers:
            return (0.0, *(self._volume_between(part) for part in self.parts[1:]))
        inner = self.parts[1].place
        if len(self.parts) == 2 and inner is not None and inner.lies_in(self.drawn):
            volume = self.as_made(inner).shape.volume
            return (self.body.volume - volume, volume)
        return self._measured_volumes()

    def _volume_between(self, part: Part) -> float:
        """Volume of a layer of an exact solid [m3]: outline area over its height, by Simpson."""
        if part.place is None:
            return 0.0
        bottom, thickness = part.place.at[2], part.place.shape.size[2]
        if self.drawn.extruded:
            area = self.drawn.volume / self.drawn.size[2]
            return float(area * thickness * self.stretch * (1.0 + self.oversize) ** 3)
        heights = np.linspace(bottom, bottom + thickness, 101)
        areas = np.array([self.drawn.outline(float(z)).area for z in heights])
        weights = np.ones(101)
        weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
        mean = float(weights @ areas) / weights.sum()
        return float(mean * thickness * (1.0 + self.oversize) ** 3)

    def _measured_volumes(self) -> tuple[float, ...]:
        """Volumes of regions that cut each other or the surface [m3], from a grid."""
        finest = (self.body.size[0] * self.body.size[1] * self.body.size[2] / _MEASURED_CELLS) ** (
            1 / 3
        )
        grid = self._voxelize_solid(max(finest, min(1e-4, min(self.body.size) / 20)), None)
        shares = [float((grid.fraction * share).sum()) for share in grid.shares]
        return tuple(self.body.volume * share / sum(shares) for share in shares)

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
            print_words = (
                f"{self.infill.describe()} infill, "
                f"{self.walls} walls, {self.roofs} roofs, {self.floors} floors"
            )
        return f"{self.drawn.describe()}, {print_words}; {self.formulation.describe()}"


def _card(made: Formulation, name: str) -> Drug | None:
    """Card of a drug that a formulation names; None where it names none such."""
    cards = [made.drug, *(card for card, _ in (*made.further_drugs, *made.inert_drugs))]
    return next((card for card in cards if card is not None and card.name == name), None)


def _part_for(part: AnyPart, name: str, card: Drug | None) -> AnyPart:
    if part.formulation is None:
        return part
    return replace(part, formulation=part.formulation.for_drug(name, card))
