"""Inkjet: drops or lines of ink, and the layers that they dry to."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from releasesim.errors import GeometryError, InputError
from releasesim.geometry.drops.halftone import tile
from releasesim.geometry.drops.raster import wetted
from releasesim.units import format_quantity

if TYPE_CHECKING:
    from releasesim.tablet.formulation import Formulation

#: A measured concentration may differ by this from what solids and loading make [-].
_AGREE = 0.01


@dataclass(frozen=True)
class Ink:
    """What a drop carries.

    Parameters
    ----------
    concentration : float, optional
        Drug, all drugs together [kg/m3].
    solids : float, optional
        Mass fraction that stays when the solvent has left [-].
    density : float, optional
        Of the ink [kg/m3].
    viscosity : float, optional
        Of the ink in the head, measured [Pa.s]: what a printer can eject.

    Raises
    ------
    InputError
        Neither solids with density nor a concentration.
    """

    concentration: float | None = None
    solids: float | None = None
    density: float | None = None
    viscosity: float | None = None

    def __post_init__(self) -> None:
        if (self.solids is None) != (self.density is None):
            raise InputError("ink: solids and density go together")
        if self.solids is None and self.concentration is None:
            raise InputError("ink: needs solids and density, or a concentration")

    def dried(self, formulation: Formulation) -> float:
        """Volume that dries without pores, over the volume of the ink [-].

        Parameters
        ----------
        formulation : Formulation
            Of what stays.

        Raises
        ------
        InputError
            Solids without a density of the dried material, or ink that dries to more than itself.
        """
        if self.solids is not None and self.density is not None:
            share = self.solids * self.density / formulation.density
        elif formulation.concentration > 0.0:
            share = (self.concentration or 0.0) / formulation.concentration
        else:
            raise InputError("ink: without drug, give solids and density")
        if not 0.0 < share <= 1.0:
            raise InputError(
                f"ink: dries to {100 * share:.4g} % of its own volume: check solids, density and "
                "concentration"
            )
        return share

    def check(self, formulation: Formulation) -> None:
        """Refuse a concentration that solids, density and loading do not make."""
        if self.solids is None or self.concentration is None:
            return
        made = self.dried(formulation) * formulation.concentration
        if abs(self.concentration - made) > _AGREE * made:
            raise InputError(
                f"ink: concentration = {format_quantity(self.concentration, 'mg/mL')}: solids, "
                f"density and the formulation make {format_quantity(made, 'mg/mL')}; measured "
                f"content goes into formulation.assay "
                f"({100 * formulation.assay * self.concentration / made:.4g} %)"
            )


@dataclass(frozen=True)
class Inkjet:
    """How layers of ink are laid.

    Parameters
    ----------
    ink : Ink
    calibration : str
        How the volume was measured.
    mode : str
        "drop_on_demand" or "continuous".
    layers : int, optional
        As many as the height takes where absent.
    drying : float, optional
        Between two layers [s].
    pitch, pitch_y : float, optional
        Distance of places for drops along x, and along y where it differs [m].
    drop_volume : float, optional
        [m3].
    coverage : float
        Share of places that get a drop [-].
    halftone : str
        Which ones: "blue_noise" or "ordered".
    spot : float, optional
        Across a drop that has spread [m]; needed where not every place gets one.
    line_pitch : float, optional
        Distance of lines along y [m].
    volume_per_length : float, optional
        Of ink along a line [m2].
    line_width : float, optional
        Of a dried line [m]; absent, lines touch.

    Raises
    ------
    GeometryError
        Drops that do not meet where they should, or gaps whose fate nobody can tell.
    """

    ink: Ink
    calibration: str
    mode: str = "drop_on_demand"
    layers: int | None = None
    drying: float | None = None
    pitch: float | None = None
    pitch_y: float | None = None
    drop_volume: float | None = None
    coverage: float = 1.0
    halftone: str = "blue_noise"
    spot: float | None = None
    line_pitch: float | None = None
    volume_per_length: float | None = None
    line_width: float | None = None

    def __post_init__(self) -> None:
        needed = ("pitch", "drop_volume") if self.drops else ("line_pitch", "volume_per_length")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in needed and value is None:
                raise InputError(f"inkjet: {self.mode} needs {field.name}: it has no default")
            if isinstance(value, float) and not 0.0 < value < math.inf:
                raise InputError(f"inkjet: {field.name} = {value:g}: must be above 0")
        if self.drops:
            self._check_spot()

    def _check_spot(self) -> None:
        if self.spot is None:
            if self.coverage < 1.0:
                raise GeometryError(
                    "inkjet: coverage below 100 % needs spot, the measured width of a drop that "
                    "has spread: it tells whether gaps close"
                )
            return
        widest = max(self.places)
        if self.coverage >= 1.0 and self.spot < widest:
            raise GeometryError(
                f"inkjet: spots {format_quantity(self.spot, 'um')} wide leave gaps at a pitch of "
                f"{format_quantity(widest, 'um')}: no film"
            )

    @property
    def drops(self) -> bool:
        """Whether drops come on demand, not as lines."""
        return self.mode == "drop_on_demand"

    @property
    def places(self) -> tuple[float, float]:
        """Pitch of places along x and y [m]."""
        pitch = self.pitch or 0.0
        return pitch, self.pitch_y or pitch

    @property
    def filled(self) -> float:
        """Share of places that get a drop, whole places of a tile counted [-]."""
        return float(tile(self.halftone, self.coverage).mean())

    @property
    def wet(self) -> float:
        """Share of the printed area that is wetted: by spots, or by lines [-]."""
        if not self.drops:
            return min(1.0, (self.line_width or math.inf) / (self.line_pitch or 0.0))
        drops = tile(self.halftone, self.coverage)
        return float(wetted(drops, self.places, self.spot, endless=True).mean())

    @property
    def has_gaps(self) -> bool:
        """Whether gaps stay open through all layers."""
        return self.wet < 1.0

    @property
    def wet_thickness(self) -> float:
        """Ink of one layer over the area that it wets [m]."""
        if self.drops:
            per_area = self.filled * (self.drop_volume or 0.0) / math.prod(self.places)
        else:
            per_area = (self.volume_per_length or 0.0) / (self.line_pitch or 1.0)
        return per_area / self.wet

    def describe(self) -> str:
        """One phrase: how ink is laid."""
        if not self.drops:
            return f"lines of ink every {format_quantity(self.line_pitch or 0.0, 'um')}"
        x, y = (format_quantity(pitch, "um") for pitch in self.places)
        drop = format_quantity(self.drop_volume or 0.0, "pL")
        return f"drops of {drop} every {x if x == y else f'{x} x {y}'}"
