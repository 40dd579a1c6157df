"""NONMEM: a release curve as zero-order infusions into the depot, one after another."""

from __future__ import annotations

import numpy as np

from releasesim.exchange.course import Course, rising, thinned

#: Amounts between records stay this close to the curve, as a share of the dose [-].
TOLERANCE = 1e-3
_HOUR, _MG = 3600.0, 1e-6
_HEADER = "ID,TIME,AMT,RATE,DV,EVID,CMT,MDV"


def records(course: Course) -> tuple[str, list[str]]:
    """Write infusion records, TIME in h, AMT in mg, RATE in mg/h.

    Between two times the released amount comes at a constant rate; where nothing comes there is
    no record, and what is out at time 0 is a bolus (RATE 0). Their sum over time is the curve.
    DV, which NM-TRAN asks for in every data set, is missing in doses ("."). The header line is left
    out in NONMEM by IGNORE=@.

    Returns
    -------
    str, list of str
        CSV, and what was changed.

    Raises
    ------
    InputError
        The dose is not known.
    """
    dose = course.needed_dose("NONMEM") / _MG
    time, fraction = course.from_start
    held, notes = rising(fraction)
    kept = thinned(time, held, TOLERANCE)
    hours, amounts = time[kept] / _HOUR, dose * held[kept]
    rows = [_record(0.0, amounts[0], 0.0)] if amounts[0] > 0.0 else []
    for start, end, came in zip(hours[:-1], hours[1:], np.diff(amounts), strict=True):
        if came > 0.0:
            rows.append(_record(float(start), float(came), float(came / (end - start))))
    notes.append(
        f"AMT adds up to {amounts[-1]:.6g} of {dose:.6g} mg: what is released in the curve"
    )
    return "\n".join([_HEADER, *rows]) + "\n", notes


def _record(start: float, amount: float, rate: float) -> str:
    return f"1,{start:.12g},{amount:.12g},{rate:.12g},.,1,1,1"
