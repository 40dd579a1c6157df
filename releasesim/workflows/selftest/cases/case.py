"""A case: a study, its exact curve, and where that comes from; and the words of studies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from releasesim.workflows.selftest.exact import Array

Curve = Callable[[Array], Array]

D = 1e-10
"""Of the drug, where nothing else is said [m2/s]."""

THICK = 1.37
"""Of films [mm]."""
AREA = 0.83e-4
"""Of films [m2]."""
HALF = 0.5e-3 * THICK
"""Depth of a film with both faces open [m]."""
WIDE = 5.31
"""Diameter of spheres [mm]."""
RADIUS = 0.5e-3 * WIDE
"""Of spheres [m]."""

SAMPLES = 41


@dataclass(frozen=True)
class Case:
    """One comparison of the engine with an exact curve.

    Parameters
    ----------
    name : str
        Unique; what `--case` looks in.
    source : str
        Where the exact curve comes from.
    study : mapping
        For `Study.from_dict`.
    exact : callable
        Released fraction of dose at times (n,) [s].
    """

    name: str
    source: str
    study: Mapping[str, Any]
    exact: Curve

    @property
    def thin(self) -> bool:
        """Whether the body is solved in one dimension, hence in no time."""
        return bool(self.study["tablet"]["shape"]["kind"] == "film")


def curve_of(exact: Callable[..., Array], *arguments: Any, **named: Any) -> Curve:
    """Exact curve of time alone: the other arguments of `exact` are these."""
    return lambda time: exact(time, *arguments, **named)


def mm(value: float) -> str:
    """Length for a study, given in mm."""
    return f"{value!r} mm"


def shape(kind: str, *sealed: str, **sizes: float) -> dict[str, Any]:
    """Table of a tablet, sizes in mm."""
    table = {"kind": kind, **{name: mm(size) for name, size in sizes.items()}}
    return {"shape": table, **({"sealed": list(sealed)} if sealed else {})}


def film(*sealed: str, thickness: float | None = THICK) -> dict[str, Any]:
    """Table of a film; no thickness where layers give it."""
    table: dict[str, Any] = {"kind": "film", "area": f"{AREA!r} m2"}
    if thickness is not None:
        table["thickness"] = mm(thickness)
    return {"shape": table, **({"sealed": list(sealed)} if sealed else {})}


def sphere(diameter: float = WIDE) -> dict[str, Any]:
    """Table of a sphere."""
    return shape("sphere", diameter=diameter)


def law(name: str, **parameters: float | str) -> dict[str, float | str]:
    """Table of a law, parameters as the study file has them."""
    return {"law": name, **parameters}


def constant(value: float = D) -> dict[str, Any]:
    """Constant diffusivity [m2/s]."""
    return law("ConstantDiffusivity", D=f"{value!r} m2/s")


def boundary(k: float) -> dict[str, Any]:
    """Film of k [m/s]."""
    return law("FilmTransfer", k=f"{k!r} m/s")


def study(
    tablet: Mapping[str, Any],
    until: float,
    medium: Mapping[str, Any] | None = None,
    concentration: float = 100.0,
    **physics: Mapping[str, Any],
) -> dict[str, Any]:
    """A study of drug in `concentration` [mg/mL] until a time [s]."""
    data: dict[str, Any] = {
        "tablet": dict(tablet),
        "formulation": {"concentration": f"{concentration!r} mg/mL"},
        "physics": physics,
        "run": {"until": f"{until!r} s", "samples": SAMPLES},
    }
    return data | ({"medium": dict(medium)} if medium else {})
