"""Reading [target]: the wanted curve, of the tablet or of each drug in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from releasesim.curve import ConcentrationCurve, ReleaseCurve, time_text
from releasesim.curve.files import split_sheet
from releasesim.study import schema
from releasesim.study.fields import did_you_mean
from releasesim.study.laws import read_parameter
from releasesim.study.locate import Keys
from releasesim.study.run import Run
from releasesim.study.source import Source
from releasesim.study.wishes import CURVE_LAWS, CURVE_UNITS, Plasma, Stage, Target, draw


def build_target(
    source: Source, table: schema.Target | None, run: Run, drugs: Sequence[str]
) -> Target | None:
    """Make the target: read its curve, or draw it up to the end of the run.

    Parameters
    ----------
    source : Source
    table : schema.Target or None
    run : Run
    drugs : sequence of str
        Names of the drugs in the tablet: each may have a target of its own.
    """
    if table is None:
        return None
    named = table.model_extra or {}
    if not named:
        return _one(source, ("target",), table, run)
    for name in named:
        if name not in drugs:
            hint = did_you_mean(name, list(drugs))
            there = ", ".join(drugs) or "none"
            raise source.error(
                ("target", name), f"is no drug of the tablet; there are {there}{hint}"
            )
    for name in drugs:
        if name not in named:
            raise source.error(("target",), f"has a table for other drugs, and none for {name}")
    return Target(drugs={n: _one(source, ("target", n), one, run) for n, one in named.items()})


def _one(source: Source, keys: Keys, table: schema.DrugTarget, run: Run) -> Target:
    accept = table.accept or schema.Accept()
    wishes: dict[str, Any] = {
        "accept_f2": accept.f2,
        "accept_largest_difference": accept.largest_difference,
        "accept_time_in_window": accept.time_in_window,
        "accept_cmax": accept.cmax,
        "accept_stages": tuple(Stage(**dict(stage)) for stage in accept.stages),
    }
    if table.curve is not None:
        curve = _measured(source, keys, table.curve)
        return Target(curve=curve, curve_file=table.curve, **wishes)
    if table.shape is not None:
        law = _curve_law(source, (*keys, "shape"), table.shape)
        return Target(curve=draw(law, run.until, table.shape.kind), law=law, **wishes)
    if table.points is not None:
        points = _tabulated(source, (*keys, "points"), table.points)
        return Target(curve=points, points=table.points, **wishes)
    return Target(plasma=_plasma(source, (*keys, "plasma"), table.plasma), **wishes)


def _measured(source: Source, keys: Keys, name: str) -> ReleaseCurve | None:
    """Read a curve that lies beside the study; without a file, data alone has nowhere to look."""
    return ReleaseCurve.read(_beside(source, (*keys, "curve"), name))


def _beside(source: Source, keys: Keys, name: str) -> Path:
    path = source.folder / name
    if not split_sheet(path)[0].exists():
        raise source.error(keys, "there is no such file beside the study")
    return path


def _tabulated(source: Source, keys: Keys, points: tuple[tuple[float, float], ...]) -> ReleaseCurve:
    """Make the curve of a table in the study, straight between its points."""
    table = np.array(points).reshape(-1, 2)
    if (np.diff(table[:, 1]) < 0.0).any():
        raise source.error(keys, "release cannot go back: fractions must not fall")
    with source.at(*keys):
        return ReleaseCurve(table[:, 0], table[:, 1], name="table")


def _plasma(source: Source, keys: Keys, table: schema.Plasma | None) -> Plasma | None:
    if table is None:
        return None
    wishes = {key: value for key, value in dict(table).items() if key != "curve"}
    if table.curve is None:
        return Plasma(**wishes)
    curve = ConcentrationCurve.read(_beside(source, (*keys, "curve"), table.curve))
    if table.dose_every is not None and curve.time[-1] > table.dose_every:
        raise source.error(
            (*keys, "dose_every"),
            f"the course goes on until {time_text(float(curve.time[-1]))}, into the next interval: "
            "give one interval of it, or leave dose_every out where it is that after one dose",
        )
    return Plasma(
        **wishes,
        times=tuple(curve.time.tolist()),
        concentrations=tuple(curve.concentration.tolist()),
        curve_file=table.curve,
    )


def _curve_law(source: Source, keys: Keys, table: schema.ShapeOfCurve) -> Any:
    if table.kind not in CURVE_LAWS:
        hint = did_you_mean(table.kind, list(CURVE_LAWS))
        raise source.error((*keys, "kind"), f"must be one of {', '.join(CURVE_LAWS)}{hint}")
    cls = CURVE_LAWS[table.kind]
    names = [field.name for field in dataclasses.fields(cls)]
    units = {name: CURVE_UNITS[name] for name in names}
    given = {
        name: read_parameter(source, (*keys, name), table.kind, units, raw)
        for name, raw in (table.model_extra or {}).items()
    }
    for name in names:
        if name not in given and name != "lag":
            raise source.error((*keys, name), f"is missing: {table.kind} needs {', '.join(names)}")
    if table.kind == "delayed" and "lag" not in given:
        raise source.error((*keys, "lag"), "is missing: delayed needs a lag")
    with source.at(*keys):
        return cls(**given)
