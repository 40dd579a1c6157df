"""Sensitivity indices of a sobol or morris sweep, by SALib."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.extras import load_extra
from releasesim.sweep.plan import Plan, problem

Array = NDArray[np.float64]


def indices(plan: Plan, measures: Mapping[str, Array]) -> dict[str, dict[str, Any]]:
    """Sensitivity of every measure to every parameter.

    Parameters
    ----------
    plan : Plan
        Of kind sobol or morris.
    measures : mapping of str to (n,) ndarray
        NaN where a run gave nothing.

    Returns
    -------
    dict
        By measure. sobol: first-order `S1` and total `ST` with their 95 % half-widths `S1_conf`,
        `ST_conf` [-] (Saltelli et al., Comput. Phys. Commun. 181 (2010) 259). morris: mean `mu`,
        mean of absolute values `mu_star`, `sigma` of the elementary effects, in the measure's unit
        for the whole range (Campolongo et al., Environ. Model. Softw. 22 (2007) 1509). A measure
        that some run does not have, or that never changes, has the reason under "none".
    """
    return {name: _of_one(plan, values) for name, values in measures.items()}


def _of_one(plan: Plan, values: Array) -> dict[str, Any]:
    missing = int(np.count_nonzero(~np.isfinite(values)))
    if missing:
        return {"none": f"{missing} of {values.size} runs have no such value"}
    if np.ptp(values) == 0.0:
        return {"none": "it is the same in every run"}
    if plan.spec.plan == "morris":
        analyze = load_extra("SALib.analyze.morris", "sensitivity").analyze
        found = analyze(problem(plan.spec), plan.unit, values, num_levels=4, seed=plan.seed)
        keys = ("mu", "mu_star", "sigma", "mu_star_conf")
    else:
        analyze = load_extra("SALib.analyze.sobol", "sensitivity").analyze
        found = analyze(problem(plan.spec), values, calc_second_order=False, seed=plan.seed)
        keys = ("S1", "S1_conf", "ST", "ST_conf")
    return {
        key: {
            name: float(value) for name, value in zip(plan.names, np.ravel(found[key]), strict=True)
        }
        for key in keys
    }
