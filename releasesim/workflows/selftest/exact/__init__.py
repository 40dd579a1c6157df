"""Exact and high-precision release curves, against which the engine is tested.

Nothing here reads the engine. Every curve is the released fraction of the DOSE against time, in SI;
every function names its source. Closed forms and transforms are right to 1e-10, the method of lines
to 1e-5.
"""

from __future__ import annotations

from releasesim.workflows.selftest.exact import manufactured
from releasesim.workflows.selftest.exact.baths import Change, State, eventful, sampled
from releasesim.workflows.selftest.exact.channels import Shell, composite_tube, late_bore
from releasesim.workflows.selftest.exact.concentration import (
    aging,
    half_space_release,
    plasticised,
)
from releasesim.workflows.selftest.exact.dispersed import (
    Dispersed,
    baker_lonsdale,
    front_constant,
    higuchi,
    higuchi_slab,
    paul_mcspadden,
)
from releasesim.workflows.selftest.exact.dissolution import Dissolving, dissolving_slab_flux
from releasesim.workflows.selftest.exact.fronts import (
    erode_block,
    erode_cylinder,
    erode_finite_cylinder,
    erode_ring,
    erode_slab,
    erode_sphere,
    hole_area,
)
from releasesim.workflows.selftest.exact.layers import Layer, core_shell_sphere, laminate
from releasesim.workflows.selftest.exact.mean_times import (
    mdt_annulus,
    mdt_annulus_sealed_inside,
    mdt_block,
    mdt_cylinder,
    mdt_film,
    mdt_finite_cylinder,
    mdt_ring,
    mdt_slab,
    mdt_sphere,
)
from releasesim.workflows.selftest.exact.products import block, finite_cylinder, ring
from releasesim.workflows.selftest.exact.receding import erode_and_diffuse, erode_and_diffuse_body
from releasesim.workflows.selftest.exact.scission import (
    Degrading,
    Ester,
    autocatalytic_sphere,
    clock,
    exponential_clock,
    exponential_law,
    logistic_molar_mass,
    pitt_time,
    power_law,
    wait,
)
from releasesim.workflows.selftest.exact.series import (
    CYLINDER,
    EARLY,
    SLAB,
    SPHERE,
    TERMS,
    Array,
    bessel_zeros,
    either,
    invert_laplace,
)
from releasesim.workflows.selftest.exact.tube import annulus, annulus_modes, two_walls
from releasesim.workflows.selftest.exact.uniform import (
    cylinder,
    modes,
    one_direction,
    slab,
    sphere,
    transform,
)
from releasesim.workflows.selftest.exact.water import (
    Wetted,
    case_two,
    exponential,
    half_space_uptake,
    mackie_meares,
    swollen_at_once,
)
from releasesim.workflows.selftest.exact.wetted_tube import WettedTube

__all__ = [
    "CYLINDER",
    "EARLY",
    "SLAB",
    "SPHERE",
    "TERMS",
    "Array",
    "Change",
    "Degrading",
    "Dispersed",
    "Dissolving",
    "Ester",
    "Layer",
    "Shell",
    "State",
    "Wetted",
    "WettedTube",
    "aging",
    "annulus",
    "annulus_modes",
    "autocatalytic_sphere",
    "baker_lonsdale",
    "bessel_zeros",
    "block",
    "case_two",
    "clock",
    "composite_tube",
    "core_shell_sphere",
    "cylinder",
    "dissolving_slab_flux",
    "either",
    "erode_and_diffuse",
    "erode_and_diffuse_body",
    "erode_block",
    "erode_cylinder",
    "erode_finite_cylinder",
    "erode_ring",
    "erode_slab",
    "erode_sphere",
    "eventful",
    "exponential",
    "exponential_clock",
    "exponential_law",
    "finite_cylinder",
    "front_constant",
    "half_space_release",
    "half_space_uptake",
    "higuchi",
    "higuchi_slab",
    "hole_area",
    "invert_laplace",
    "laminate",
    "late_bore",
    "logistic_molar_mass",
    "mackie_meares",
    "manufactured",
    "mdt_annulus",
    "mdt_annulus_sealed_inside",
    "mdt_block",
    "mdt_cylinder",
    "mdt_film",
    "mdt_finite_cylinder",
    "mdt_ring",
    "mdt_slab",
    "mdt_sphere",
    "modes",
    "one_direction",
    "paul_mcspadden",
    "pitt_time",
    "plasticised",
    "power_law",
    "ring",
    "sampled",
    "slab",
    "sphere",
    "swollen_at_once",
    "transform",
    "two_walls",
    "wait",
]
