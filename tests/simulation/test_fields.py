"""Fields over time: what the device holds is what the curve says it has not released."""

import numpy as np
import pytest

from releasesim.errors import InputError
from releasesim.geometry.grid import VoxelGrid
from releasesim.simulation import fields, simulate
from releasesim.study import Study

CYLINDER = {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"}
SPHERE = {"kind": "sphere", "diameter": "6 mm"}
FILM = {"kind": "film", "thickness": "0.5 mm", "area": "1 cm2"}
BLOCK = {"kind": "block", "length": "8 mm", "width": "6 mm", "height": "3 mm"}
CAPSULE = {"kind": "capsule", "length": "12 mm", "diameter": "6 mm"}
RING = {"kind": "ring", "outer_diameter": "10 mm", "inner_diameter": "4 mm", "height": "3 mm"}
GRID = {"infill": {"pattern": "grid", "density": "30 %"}}
CORE = {
    "region": [
        {
            "name": "core",
            "shape": {"kind": "cylinder", "diameter": "6 mm", "height": "2 mm"},
            "formulation": {"concentration": "300 mg/mL"},
        }
    ]
}
DIFFUSION = {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}}
EROSION = {"erosion": {"law": "ConstantFront", "speed": "0.3 mm/h"}}
BOTH = {**DIFFUSION, "erosion": {"law": "ConstantFront", "speed": "0.2 mm/h"}}
UPTAKE = {
    "diffusion": {"law": "Fujita1961", "D_gel": "1e-10 m2/s", "beta": 2.5},
    "hydration": {"law": "FickianHydration", "D": "2e-10 m2/s"},
}
DISSOLUTION = {
    **DIFFUSION,
    "dissolution": {"law": "NoyesWhitney1897", "rate": "1e-3 1/s", "solubility": "20 mg/mL"},
}


def study(shape, physics, spacing="0.4 mm", **more):
    tablet = {"shape": shape, **more.pop("tablet", {})}
    run = {"until": "8 h", "samples": 13, **({"spacing": spacing} if spacing else {})}
    made = {"tablet": tablet, "physics": physics, "run": run, **more}
    return Study.from_dict({"formulation": {"concentration": "100 mg/mL"}, **made})


CASES = {
    "cylinder": (CYLINDER, DIFFUSION, {}),
    "sphere": (SPHERE, DIFFUSION, {}),
    "film": (FILM, DIFFUSION, {}),
    "block": (BLOCK, DIFFUSION, {}),
    "capsule": (CAPSULE, DIFFUSION, {}),
    "grid infill": (CYLINDER, DIFFUSION, {"tablet": GRID, "spacing": "0.2 mm"}),
    "core": (CYLINDER, DIFFUSION, {"tablet": CORE}),
    "eroding grid infill": (CYLINDER, EROSION, {"tablet": GRID, "spacing": "0.2 mm"}),
    "eroding core": (CYLINDER, EROSION, {"tablet": CORE}),
    "film of two laws": (FILM, BOTH, {}),
    "sphere of two laws": (SPHERE, BOTH, {}),
    "cylinder of two laws": (CYLINDER, BOTH, {}),
    "ring that takes up water": (RING, UPTAKE, {}),
    "capsule of two laws": (CAPSULE, BOTH, {}),
    "cylinder that dissolves": (CYLINDER, DISSOLUTION, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_left_is_what_the_curve_has_not_released(name):
    shape, physics, more = CASES[name]
    made = study(shape, physics, **more)
    release = simulate(made)
    seen = fields(made, release.curve.time)
    held = np.array([frame.drug.sum() for frame in seen]) / seen.dose
    # at time 0 what lies at a sink's very surface is out already, which no curve shows
    assert np.abs(1.0 - held - seen.released)[1:].max() < 1e-6
    # the same grid: what differs is the stepping in time
    assert np.abs(seen.released - release.curve.fraction).max() < 1e-4
    assert release.error_estimate > 1e-4


@pytest.mark.parametrize("shape", [CYLINDER, CAPSULE])
def test_bodies_with_an_exact_law_are_seen_on_a_grid(shape):
    """Hopfenberg's closed form against the voxels of the picture."""
    made = study(shape, EROSION, spacing="0.2 mm")
    release = simulate(made)
    seen = fields(made, release.curve.time)
    assert np.abs(seen.released - release.curve.fraction).max() < 2e-3


@pytest.mark.parametrize("tablet", [{}, GRID])
def test_bath_holds_its_share(tablet):
    made = study(CYLINDER, DIFFUSION, tablet=tablet, medium={"volume": "1 mL"}, spacing="0.2 mm")
    release = simulate(made)
    seen = fields(made, release.curve.time)
    assert np.abs(seen.released - release.curve.fraction).max() < 1e-4


def test_concentrations_stay_within_what_there_was():
    for physics in (DIFFUSION, DISSOLUTION, UPTAKE):
        for frame in fields(study(CYLINDER, physics), [0.0, 600.0, 7200.0, 28800.0]):
            assert frame.concentration.min() > -0.5
            assert frame.concentration.max() < 101.0
            assert ((frame.standing >= 0.0) & (frame.standing <= 1.0)).all()


def test_film_profile_is_the_series():
    """Crank (1975) eq. 4.17, the slab with both faces at 0."""
    made = study(FILM, DIFFUSION)
    seen = fields(made, [0.0, 60.0, 300.0])
    low, h = seen.lattice.start[2], seen.lattice.spacing[2]
    z = low + h * (np.arange(seen.lattice.shape[2]) + 0.5)
    inside = (z > 0.0) & (z < 0.5e-3)
    n = 2 * np.arange(200) + 1
    for frame in (seen[1], seen[2]):
        decay = np.exp(-((n * np.pi / 0.5e-3) ** 2) * 1e-10 * frame.time) / n
        exact = 400.0 / np.pi * np.sin(np.outer(z, n) * np.pi / 0.5e-3) @ decay
        assert np.abs(frame.concentration[0, 0] - exact)[inside].max() < 0.2  # kg/m3 of 100


def test_front_stands_where_it_should():
    """0.3 mm/h for an hour: the edge of the solid is 0.3 mm inside on every side."""
    made = study(CYLINDER, EROSION, spacing="0.1 mm")
    seen = fields(made, [0.0, 3600.0])
    frame, middle = seen[1], tuple(n // 2 for n in seen.lattice.shape)
    across = frame.standing[:, middle[1], middle[2]].sum() * seen.lattice.spacing[0]
    along = frame.standing[middle[0], middle[1], :].sum() * seen.lattice.spacing[2]
    assert across == pytest.approx(9.4e-3, abs=2e-5)
    assert along == pytest.approx(3.4e-3, abs=1e-6)


@pytest.mark.parametrize("shape", [CYLINDER, SPHERE, RING])
def test_bodies_of_an_axis_are_seen_on_voxels(shape):
    made = study(shape, UPTAKE)
    seen = fields(made, [0.0, 3600.0])
    assert seen.grid is None
    grid = made.tablet.voxelize(2e-4)
    assert isinstance(grid, VoxelGrid)
    shown = seen.on(grid, seen[1].concentration)
    held = float((shown * grid.fraction).sum() * grid.cell_volume)
    assert held == pytest.approx(seen[1].drug.sum() * (seen.dose / seen[0].drug.sum()), rel=0.03)


def test_of_several_drugs_one_is_named():
    parts = [
        {"drug": "theophylline", "fraction": "10 %"},
        {"drug": "caffeine", "fraction": "5 %"},
        {"polymer": "pva", "fraction": "85 %"},
    ]
    made = study(CYLINDER, DIFFUSION, formulation={"components": parts})
    with pytest.raises(InputError, match="theophylline, caffeine"):
        fields(made, [0.0, 60.0])
    seen = fields(made, [0.0, 60.0], drug="caffeine")
    assert seen.drug == "caffeine"
    assert seen.dose == pytest.approx(made.tablet.doses["caffeine"])
    with pytest.raises(InputError, match="did you mean"):
        fields(made, [0.0, 60.0], drug="cafeine")


@pytest.mark.parametrize("times", [[0.0], [60.0, 0.0], [-1.0, 5.0]])
def test_times_increase(times):
    with pytest.raises(InputError, match="times of fields"):
        fields(study(CYLINDER, DIFFUSION), times)


LINES = {
    "mode": "continuous",
    "line_pitch": "1 mm",
    "line_width": "0.6 mm",
    "volume_per_length": "6 nL/mm",
    "calibration": "weighed",
    "ink": {"solids": "20 %", "density": "1.05 g/cm3"},
}


@pytest.mark.parametrize(
    "tablet",
    [
        {"shape": {"kind": "cylinder", "diameter": "6 mm", "height": "0.1 mm"}},
        {"shape": {"kind": "film", "thickness": "60 um", "area": "1 cm2"}, "inkjet": LINES},
    ],
    ids=["disc", "lines of ink with gaps"],
)
def test_flat_bodies_hold_the_rest_of_the_dose_in_few_cells(tablet):
    made = {
        "tablet": tablet,
        "process": "inkjet" if "inkjet" in tablet else "fdm",
        "formulation": {"concentration": "300 mg/mL", "density": "1.3 g/cm3"},
        "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-13 m2/s"}},
        "run": {"until": "4 h", "spacing": "0.1 mm"},
    }
    seen = fields(Study.from_dict(made), [0.0, 600.0, 7200.0])
    assert np.prod(seen.lattice.shape) < 4e6
    held = np.array([frame.drug.sum() / seen.dose for frame in seen])
    assert np.abs(held - (1.0 - seen.released))[1:].max() < 1e-9
    assert 0.2 < seen.released[-1] < 0.9
    assert all(frame.concentration.max() <= seen.highest * (1.0 + 1e-3) for frame in list(seen)[1:])
