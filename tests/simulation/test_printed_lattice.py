"""Laws coupled in printed infill against finite volumes of the tests' own (`lattice`).

The lattice is solved there in the plane and here on voxels, by another scheme on other grids: its
strands are eight cells wide in the quick cases, and as many as `run.tolerance` takes in the slow.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from lattice import UNIT, Array, D, Rates, outputs, release, study

from releasesim.simulation import simulate
from releasesim.study import Study

LOADED, SOLUBLE, EXPONENT = 100.0, 50.0, 2.0 / 3.0
ACID0, ESTER0 = 50.0, 15000.0
CUT, BY_ACID, SLOW = 0.3 / UNIT, 3.0 / ESTER0 / UNIT, 0.02 * D
DISSOLVES = 3.0 / UNIT


def m2(value):
    return f"{value!r} m2/s"


def wetted(beta_water=0.0, swollen=1.0):
    """Water, and drug per printed volume, that moves at D exp(-2 (1 - w)) J^(1/3)."""

    def conductance(w):
        return D * np.exp(-2.0 * (1.0 - w)) * np.cbrt(1.0 + w * (swollen - 1.0))

    def water(w):
        return D * np.exp(-beta_water * (1.0 - w))

    def rates(plane, state):
        w, m = state
        between, edge = plane.halfway(w), 0.5 * (w + 1.0)
        wet = plane.spread(w - 1.0, water(between), water(edge))
        c = m / (1.0 + w * (swollen - 1.0))
        return np.stack([wet, plane.spread(c, conductance(between), conductance(edge))])

    return rates


def dissolving(plane, state):
    """Noyes & Whitney (1897), surface of spheres."""
    c, s = state
    rate = DISSOLVES * np.maximum(s / LOADED, 0.0) ** EXPONENT * (SOLUBLE - c)
    return np.stack([plane.spread(c, D, D) + rate, -rate])


def saturated(plane, state):
    """Enthalpy form: c = min(W, c_s)."""
    return plane.spread(np.minimum(state[0], SOLUBLE), D, D)[None]


def degrading(plane, state):
    """PHYSICS 8, and drug at D0 Mn0/Mn."""
    X, E, c = state
    cut = (CUT + BY_ACID * X) * E
    drug = SLOW * (ACID0 + ESTER0 - E) / ACID0
    acid = plane.spread(X, D, D) + cut
    return np.stack([acid, -cut, plane.spread(c, plane.halfway(drug), drug)])


FUJITA = {"law": "Fujita1961", "D_gel": m2(D), "beta": 2.0}
FICK = {"law": "FickianHydration", "D": m2(D)}


@dataclass(frozen=True)
class Coupled:
    """Laws of a study and the rates that they stand for."""

    laws: dict
    span: float
    rates: Rates
    start: tuple[float, ...]
    drug: tuple[int, ...] = field(default=(-1,))

    def truth(self, fine: int) -> Array:
        def held(state):
            return state[list(self.drug)].sum(axis=0)

        return release(outputs(self.span), np.array(self.start), self.rates, held, fine)


CASES = {
    "water by Fick": Coupled({"diffusion": FUJITA, "hydration": FICK}, 4.0, wetted(), (0.0, 1.0)),
    "water by Fujita": Coupled(
        {
            "diffusion": FUJITA,
            "hydration": {"law": "FujitaHydration", "D": m2(D), "beta": 2.5},
        },
        6.0,
        wetted(2.5),
        (0.0, 1.0),
    ),
    "swelling": Coupled(
        {
            "diffusion": FUJITA,
            "hydration": FICK,
            "swelling": {"law": "VolumeAdditive", "equilibrium_volume_ratio": 3.0},
        },
        6.0,
        wetted(0.0, 3.0),
        (0.0, 1.0),
    ),
    "Noyes-Whitney": Coupled(
        {
            "dissolution": {
                "law": "NoyesWhitney1897",
                "rate": f"{DISSOLVES!r} 1/s",
                "solubility": f"{SOLUBLE!r} kg/m3",
                "exponent": EXPONENT,
                "initially": "dry",
            }
        },
        4.0,
        dissolving,
        (0.0, LOADED),
        (0, 1),
    ),
    "local equilibrium": Coupled(
        {"dissolution": {"law": "LocalEquilibrium", "solubility": f"{SOLUBLE!r} kg/m3"}},
        3.0,
        saturated,
        (LOADED,),
    ),
    "diffusing acid": Coupled(
        {
            "diffusion": {"law": "PowerInMolarMass", "D0": m2(SLOW), "exponent": 1.0},
            "hydrolysis": {
                "law": "AutocatalyticScission",
                "k1": f"{CUT!r} 1/s",
                "k2": f"{BY_ACID!r} m3/mol/s",
                "acid0": f"{ACID0!r} mol/m3",
                "ester0": f"{ESTER0!r} mol/m3",
                "D_acid": m2(D),
            },
        },
        3.0,
        degrading,
        (ACID0, ESTER0, 1.0),
    ),
}


LONG = ("swelling", "water by Fujita", "diffusing acid")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in LONG else ()) for n in CASES]
)
def test_infill_on_one_grid_knows_its_error(name):
    """Eight cells to a strand: right to 2 % of the dose, and within twice the estimate."""
    case = CASES[name]
    data = study(case.laws, case.span)
    data["run"]["spacing"] = "37.5 um"
    found = simulate(Study.from_dict(data))
    gap = np.abs(found.curve.fraction[1:] - case.truth(16)).max()
    assert gap < 0.02
    assert gap < 2.0 * found.error_estimate
    assert found.ledger_error < 1e-10


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_infill_is_right_to_its_tolerance_or_says_that_it_is_not(name):
    """0.1 % asked for; the reference is right to about 0.02 %.

    Measured: water by Fick 3.3e-4, by Fujita 2.4e-4, swelling 2.6e-4, acid 5.2e-4; not reached, and
    said so, with Noyes-Whitney (2.9e-3) and local equilibrium (1.2e-2), which stop earlier.
    """
    case = CASES[name]
    found = simulate(Study.from_dict(study(case.laws, case.span)))
    gap = np.abs(found.curve.fraction[1:] - case.truth(32)).max()
    assert gap < 1e-3 or any("is above run.tolerance" in notice for notice in found.notices)
    assert gap < 2.0 * found.error_estimate + 2e-4
    assert found.ledger_error < 1e-10
