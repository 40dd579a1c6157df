"""Every case of the selftest."""

from __future__ import annotations

from functools import cache

from releasesim.errors import InputError
from releasesim.workflows.selftest.cases.bath import bath_cases
from releasesim.workflows.selftest.cases.case import Case
from releasesim.workflows.selftest.cases.changes import change_cases
from releasesim.workflows.selftest.cases.channels import channel_cases
from releasesim.workflows.selftest.cases.erosion import erosion_cases
from releasesim.workflows.selftest.cases.fields import field_cases
from releasesim.workflows.selftest.cases.linear import linear_cases
from releasesim.workflows.selftest.cases.printed import printed_cases
from releasesim.workflows.selftest.cases.solid import solid_cases

__all__ = ["Case", "all_cases", "chosen"]


@cache
def all_cases() -> tuple[Case, ...]:
    """List every case, in the order of the report."""
    groups = (
        linear_cases,
        bath_cases,
        solid_cases,
        erosion_cases,
        field_cases,
        change_cases,
        channel_cases,
        printed_cases,
    )
    return tuple(case for group in groups for case in group())


def chosen(name: str = "", *, quick: bool = False) -> tuple[Case, ...]:
    """List the cases whose name contains `name`; of those the thin ones only, where `quick`.

    Raises
    ------
    InputError
        There are none.
    """
    found = [case for case in all_cases() if name.lower() in case.name.lower()]
    if not found:
        known = ", ".join(f'"{case.name}"' for case in all_cases())
        raise InputError(f'no case of the selftest contains "{name}"; there are {known}')
    return tuple(case for case in found if case.thin) if quick and not name else tuple(found)
