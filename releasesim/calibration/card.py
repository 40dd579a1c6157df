"""A fit as a card that studies name: its laws, its estimates, and how they vary together."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from releasesim.calibration.rates import plain
from releasesim.calibration.result import Estimate, Fit
from releasesim.errors import InputError
from releasesim.files import write_atomic
from releasesim.physics import Law, parameter_units
from releasesim.study import Study
from releasesim.study.written.text import parameter_text

_HELD = "estimate: held at this while others were fitted"


def write_card(fit: Fit, path: str | Path) -> None:
    """Write a fit as a card, whole or not at all; its name is the file's.

    Parameters
    ----------
    path : str or Path
        Ends in .toml. A study beside it says `calibration = "FILE"`.

    Raises
    ------
    InputError
        A parameter of a region or drug, which a card of one material cannot hold.
    """
    import tomli_w

    target = Path(path)
    write_atomic(target, tomli_w.dumps(card_data(fit, target.stem)))


def card_data(fit: Fit, name: str) -> dict[str, Any]:
    """Plain data of the card."""
    estimates = {plain(key): one for key, one in fit.estimates.items()}
    for key in estimates:
        if key.startswith(("region.", "layer.")):
            raise InputError(f"{key} belongs to one region: a card holds the laws of one material")
    slots = fit.study.physics.laws()
    laws = {slot: _law(fit.study, slot, estimates) for slot, law in slots.items() if not law.off}
    others = {key: one for key, one in estimates.items() if key.partition(".")[0] not in slots}
    whose = " and ".join(one.name for one in fit.experiments)
    data: dict[str, Any] = {
        "kind": "calibration",
        "name": name,
        "title": f"fit of {', '.join(estimates)} to {whose}",
        "note": _note(fit),
        "physics": laws,
    }
    if others:
        data["set"] = {key: _estimate(one, fit) for key, one in others.items()}
    return data | _covariance(fit, list(estimates))


def _note(fit: Fit) -> str:
    study = fit.study
    words = [f"RMSE {100 * fit.rmse:.2g} %, {fit.points} points", fit.verdict]
    return "; ".join([*words, f"study {study.hash[:16]}", f"data {_data_hash(fit)[:16]}"])


def _data_hash(fit: Fit) -> str:
    """SHA-256 of the observations, hex."""
    numbers = [
        np.concatenate([np.asarray(one.data.time), np.asarray(one.data.fraction)]).tobytes()
        for one in fit.experiments
    ]
    return hashlib.sha256(b"".join(numbers)).hexdigest()


def _law(study: Study, slot: str, estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    law: Law = study.physics.laws()[slot]
    table: dict[str, Any] = {"law": type(law).__name__}
    for name, unit in parameter_units(type(law)).items():
        value = getattr(law, name)
        if isinstance(value, str):
            table[name] = value
        elif value is not None:
            table[name] = _number(study, f"{slot}.{name}", float(value), unit, estimates)
    return table


def _number(
    study: Study, key: str, value: float, unit: str, estimates: Mapping[str, Estimate]
) -> dict[str, Any]:
    if key in estimates:
        return _with_range(key.rpartition(".")[2], value, unit, estimates[key])
    known = study.inputs.get(key)
    name = key.rpartition(".")[2]
    table: dict[str, Any] = {"value": parameter_text(name, value, unit)}
    if known is not None and known.low is not None:
        table["range"] = [parameter_text(name, end, unit) for end in known.range]
    # a source that is no estimate would have to stand in the bibliography of the cards
    return table | {"grade": "estimate", "source": _HELD}


def _estimate(one: Estimate, fit: Fit) -> dict[str, Any]:
    value = fit.study.get(one.name)
    return _with_range(one.name.rpartition(".")[2], float(value), one.unit, one)


def _with_range(name: str, value: float, unit: str, one: Estimate) -> dict[str, Any]:
    table: dict[str, Any] = {"value": parameter_text(name, value, unit)}
    if one.determined and one.low < value < one.high:
        table["range"] = [parameter_text(name, end, unit) for end in (one.low, one.high)]
    table |= {"grade": "measured", "source": f"fit: 95 % interval, {one.interval}"}
    return table if one.determined else table | {"note": "not determined by the data"}


def _covariance(fit: Fit, names: list[str]) -> dict[str, Any]:
    """The covariance of what is determined; nothing where no degree of freedom was left."""
    kept = [i for i, one in enumerate(fit.estimates.values()) if one.determined]
    matrix = fit.covariance[np.ix_(kept, kept)]
    if not kept or not np.isfinite(matrix).all() or math.isnan(fit.scale):
        return {}
    whole = 0.5 * (matrix + matrix.T)
    return {"covariance": {"of": [names[i] for i in kept], "logarithms": whole.tolist()}}


__all__ = ["card_data", "write_card"]
