"""Water in a body: a sharp front of it, or dryness that diffuses out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.coupled.cells import NEVER, Cells, Mask, over
from releasesim.simulation.coupled.front import (
    NO_PIECES,
    Front,
    arrival_times,
    rows_at,
    wet_rows,
)
from releasesim.simulation.coupled.matter import Matter
from releasesim.simulation.coupled.receding import profiles

if TYPE_CHECKING:
    from releasesim.simulation.coupled.model import Model

Array = NDArray[np.float64]

#: Water at which drug begins to dissolve [-]: half of it at the onset of PHYSICS 1, so that no
#: cell switches from one step to the next.
_ONSET, _RAMP = 0.1, 0.1
#: Speed at which water crosses medium [m/s].
_AT_ONCE = 1e6
#: How much better water moves where it already is everywhere.
WET = 1e6


@dataclass(frozen=True, eq=False)
class WaterFront:
    """When a sharp water front comes to every cell and how long it takes to cross it, (n,) [s].

    Parameters
    ----------
    arrival, span : ndarray
        It is in a cell from half a span before its arrival to half of one after it.
    line : tuple of ndarray, optional
        Arrival and span by which cells become wet since the front changed its speed: they are
        those of a front that always had it.
    """

    arrival: Array
    span: Array
    line: tuple[Array, Array] | None = None

    @property
    def present(self) -> tuple[Array, Array]:
        """Arrival and span by which cells become wet now, (n,) each [s]."""
        return (self.arrival, self.span) if self.line is None else self.line

    def share(self, t: float) -> Array:
        """Share of every cell that is wet at t, (n,) [-]."""
        arrival, span = self.present
        return np.clip(0.5 + (t - arrival) / span, 0.0, 1.0)

    def through(self, solid: NDArray[np.bool_]) -> float:
        """When it has crossed every solid cell (n,) that it comes to [s]."""
        times = (self.arrival + 0.5 * self.span)[solid & (self.arrival < NEVER)]
        return float(times.max(initial=0.0))


def first_water(cells: Cells, matter: Matter) -> WaterFront | None:
    """The sharp front that comes from the medium at time 0; None where water does not come so."""
    if not matter.water_front:
        return None
    speed, medium = _speeds(cells, matter)
    rows = cells.rows
    arrival, _ = arrival_times(cells, speed, rows, _first_wet(cells, medium), 0.0)
    span = _span(cells, speed, medium)
    return WaterFront(np.where(medium, -span, arrival), span)


def resumed_water(cells: Cells, matter: Matter, front: WaterFront, t: float) -> WaterFront:
    """The front at the speeds of `matter`, from where it is at t.

    Where all speeds change alike only its clock does; else it is swept again from where it stands.
    """
    speed, medium = _speeds(cells, matter)
    span, (centre, width) = _span(cells, speed, medium), front.present
    ahead = cells.solid & ~medium & (front.arrival + 0.5 * front.span > t)
    pace = (span / width)[ahead]
    if not pace.size or np.array_equal(pace, np.ones(pace.size)):
        return front
    dry = ahead & (centre - 0.5 * width >= t)
    line = np.where(centre < NEVER, t + (np.minimum(centre, 1e200) - t) * (span / width), NEVER)
    if np.ptp(pace) > 1e-12 * pace[0]:
        swept = _swept_on(cells, front, speed, medium, t)
        line = np.where(dry, np.maximum(swept, t + 0.5 * span), line)
    line, span = np.where(ahead, line, centre), np.where(ahead, span, width)
    # what is half wet began to be so at another speed
    inside = ahead & ~dry
    begin = np.where(inside, front.arrival - 0.5 * front.span, line - 0.5 * span)
    end = line + 0.5 * span
    return WaterFront(
        np.where(inside, 0.5 * (begin + end), np.where(ahead, line, front.arrival)),
        np.where(inside, end - begin, np.where(ahead, span, front.span)),
        (line, span),
    )


def _swept_on(cells: Cells, front: WaterFront, speed: Array, medium: Mask, t: float) -> Array:
    """When water comes to cells at other speeds from where it is at t, (n,) [s]."""
    centre, width = front.present
    dry = cells.solid & ~medium & (centre > t)
    slowness = np.where(medium, NEVER, width / _across(cells))
    voids = np.full(int(cells.voids.max(initial=0)), NEVER)
    before = Front(centre, slowness, voids, NO_PIECES, 0.0)
    set_out = _first_wet(cells, medium) & (centre[cells.rows.cell] < NEVER)
    rows, wet = rows_at(cells, before, dry, set_out, None, t)
    left = replace(cells, volume=np.where(dry, cells.volume, 0.0))
    return arrival_times(left, speed, rows, wet, t)[0]


def _speeds(cells: Cells, matter: Matter) -> tuple[Array, Mask]:
    """Speed of the front in every cell [m/s], and which are medium from the start, (n,)."""
    speed = np.array(matter.water_speeds)[cells.region]
    # channels hold medium from the start, and wet their walls
    medium = cells.solid & ~np.isfinite(speed)
    return np.where(medium, 0.0, speed), medium


def _first_wet(cells: Cells, medium: Mask) -> Mask:
    """Rows of the first surface that water comes from, (m,)."""
    rows = cells.rows
    wet = wet_rows(cells, np.zeros(0), 0.0, None) if not cells.voids.any() else (rows.exposure == 0)
    return np.asarray(wet | ((rows.outside >= 0) & medium[np.maximum(rows.outside, 0)]))


def _across(cells: Cells) -> float:
    """Width of a cell, whatever the direction of the front [m]."""
    h = np.array([s for s, n in zip(cells.spacing, cells.shape, strict=True) if n > 1])
    return float(np.cbrt(np.prod(h)) if h.size == 3 else h.mean())


def _span(cells: Cells, speed: Array, medium: Mask) -> Array:
    """Time that the front takes to cross every cell, (n,) [s]."""
    return np.asarray(_across(cells) / np.where(medium, _AT_ONCE, speed))


def water_of(model: Model, t: float, y: Array) -> Array:
    """Water relative to equilibrium, (n,) [-]; beyond 0 and 1 where a step overshot."""
    if model.water_front is not None:
        return model.water_front.share(t)
    if "dry" not in model.fields:
        return model.wet
    amount = model.field(y, "dry")
    dryness = over(amount, model.sink_room)
    if model.front is not None and model.front.cell.size:
        at = model.front.cell
        D = _diffusivity_at(model, at, dryness[at])
        _, near, _ = profiles(model, "dry", D, np.inf, amount[at] / model.front_volume, 1.0)
        dryness[at] = near
    return np.asarray(1.0 - dryness)


def _diffusivity_at(model: Model, at: NDArray[np.int64], dryness: Array) -> Array:
    """Diffusivity of water halfway between cells and their wet surface, (m,) [m2/s]."""
    table, region = model.matter.water_tables[0], model.region[at]
    place = np.clip(1.0 - 0.5 * dryness, 0.0, 1.0) * (table.shape[1] - 1)
    low = np.minimum(place.astype(int), table.shape[1] - 2)
    first, second = table[region, low], table[region, low + 1]
    return np.asarray(first + (place - low) * (second - first))


def add_drying(model: Model, y: Array, rate: Array, water: Array) -> None:
    """Water that diffuses in, as dryness that diffuses out: added to the rates of a state."""
    from releasesim.numerics.flow import (
        flow_at_joints,
        flow_by_state,
        flow_out,
        look_up,
        surface_mean,
    )

    change = model.field(rate, "dry")
    look_up(*model.matter.water_tables, model.region, water, model.Dw, model.Iw)
    dryness, ones = 1.0 - water, np.ones(model.n)
    for stride, _, face in model.faces:
        flow_by_state(stride, face, ones, model.Dw, model.Iw, water, dryness, model.buffer, change)
    instant = model.instant
    if model.joints[0].size:
        P = np.where(instant, WET * model.matter.water_tables[0].max(), model.Dw)
        flow_at_joints(*model.joints, P, dryness, change)
    rows = model.rows
    P = np.empty(rows.cell.size)
    surface_mean(
        *model.matter.water_tables,
        model.region,
        rows.cell,
        model.Dw,
        model.Iw,
        water,
        np.ones(rows.cell.size),
        P,
    )
    flow_out(rows.cell, rows.area, rows.reach, model.sink, P, dryness, 0.0, change)
    if model.front is not None and model.front.cell.size:
        at = model.front.cell
        D = _diffusivity_at(model, at, dryness[at])
        mean = model.field(y, "dry")[at] / model.front_volume
        far, _, _ = profiles(model, "dry", D, np.inf, mean, 1.0)
        change[at] -= model.front.area * model.front.speed * far
    change[instant] = 0.0


def wet_enough(water: Array) -> Array:
    """How far drug can dissolve at a relative water, in its shape [-]."""
    return np.clip((water - _ONSET) / _RAMP + 0.5, 0.0, 1.0)
