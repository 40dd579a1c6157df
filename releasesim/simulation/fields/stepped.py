"""Fields of coupled laws: the states that the time steps come by."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.coupled.course import Course
from releasesim.simulation.coupled.moment import Snapshot
from releasesim.simulation.coupled.solve import Prepared, course_of
from releasesim.simulation.fields.fields import Fields, Frame
from releasesim.simulation.fields.lattice import Lattice, of_grid, of_revolution, unfolded
from releasesim.study import Study

Array = NDArray[np.float64]

#: Cells that hold less solid than this share of theirs show what they hold per so much [-].
_LEAST = 0.05


def stepped(study: Study, spacing: float, times: Array, drug: str) -> Fields:
    """Fields of coupled laws, on voxels or in the dimensions that the body has."""
    # the course starts at 0 and ends at the last time
    run = dataclasses.replace(study.run, times=tuple(times.tolist()), until=float(times[-1]))
    made = course_of(dataclasses.replace(study, run=run), spacing, times[:-1].tolist())
    released, _ = made.course.run(times, study.run.tolerance)
    seen = [_kept(snap) for snap in (*made.course.seen, made.course.snapshot(float(times[-1])))]
    whole = made.course.model.whole.reshape(made.course.cells.shape)

    def frame(number: int) -> Frame:
        snap = seen[number]
        room = np.maximum(snap.room.reshape(whole.shape), _LEAST * whole)
        drug_in = snap.drug.reshape(whole.shape).astype(float)
        solid = (snap.standing > 0.0).reshape(whole.shape)
        level = np.where(solid, drug_in / np.where(room > 0.0, room, 1.0), 0.0)
        standing = snap.standing.reshape(whole.shape).astype(float)
        return Frame(
            float(times[number]), *(unfolded(a, made.shape) for a in (drug_in, level, standing))
        )

    return Fields(
        times=times,
        released=released,
        dose=made.course.dose * made.course.cells.images,
        highest=float(made.matter.concentration.max()),
        lattice=_lattice(study, made),
        grid=made.grid,
        drug=drug,
        method=_words(made.course),
        make=frame,
    )


def _kept(snap: Snapshot) -> Snapshot:
    """In single precision: many frames are held at once."""
    small = {n: getattr(snap, n).astype(np.float32) for n in ("drug", "room", "standing")}
    return dataclasses.replace(snap, **small)


def _lattice(study: Study, made: Prepared) -> Lattice:
    if made.grid is not None:
        return of_grid(made.grid)
    return of_revolution(study.tablet.body, made.shape, made.spacing)


def _words(course: Course) -> str:
    return f"coupled laws, {course.products} evaluations of the rates"
