"""Outer dimensions of swollen devices, by hand."""

import numpy as np
import pytest

from releasesim.simulation import simulate
from releasesim.study import Study

#: J = 8: every length twice as long.
SWELLING = {"law": "VolumeAdditive", "equilibrium_volume_ratio": 8.0}
D = {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"}
CYLINDER = {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"}
SPHERE = {"kind": "sphere", "diameter": "6 mm"}
BLOCK = {"kind": "block", "length": "6 mm", "width": "5 mm", "height": "4 mm"}


def release(shape, run=None, **laws):
    made = Study.from_dict(
        {
            "tablet": {"shape": shape},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {"diffusion": D, "swelling": SWELLING} | laws,
            "run": run or {"until": "6 h", "samples": 7, "spacing": "0.5 mm"},
        }
    )
    return simulate(made)


@pytest.mark.parametrize(
    ("shape", "size"),
    [(CYLINDER, (20, 20, 8)), (SPHERE, (12, 12, 12)), (BLOCK, (12, 10, 8))],
    ids=["cylinder", "sphere", "block"],
)
def test_wet_device_is_its_printed_size_times_the_volume_ratio_root(shape, size):
    found = release(shape)
    assert found.swollen == pytest.approx(np.array(size) * 1e-3)
    assert found.to_dict()["swollen_m"] == pytest.approx(np.array(size) * 1e-3)
    words = " x ".join(str(side) for side in size)
    assert any(f"swells to {words} mm by the end, 8 times" in n for n in found.notices)
    assert any("channels do not close" in n for n in found.notices)


def test_front_takes_from_the_swollen_size():
    """The front recedes by v J^(-1/3) per printed length: 0.6 mm of 0.2 mm/h in 6 h."""
    front = {"law": "ConstantFront", "speed": "0.2 mm/h"}
    found = release(SPHERE, erosion=front)
    assert found.swollen == pytest.approx((9.6e-3,) * 3, rel=1e-2)
    found = release(CYLINDER, {"until": "6 h", "samples": 7, "spacing": "0.2 mm"}, erosion=front)
    assert found.swollen == pytest.approx((17.6e-3, 17.6e-3, 5.6e-3), rel=2e-2)
    gone = release(SPHERE, erosion={"law": "ConstantFront", "speed": "2 mm/h"})
    assert gone.swollen == (0.0, 0.0, 0.0)
    assert any("nothing stands at the end" in n for n in gone.notices)


def test_half_wet_device_has_swollen_by_its_water():
    """Mean water of a sphere after t: 1 - 6/pi^2 sum exp(-n^2 pi^2 D t/R^2)/n^2 (Crank 6.20)."""
    water = {"law": "FickianHydration", "D": "1e-11 m2/s"}
    found = release(SPHERE, {"until": "6 h", "samples": 7, "spacing": "0.2 mm"}, hydration=water)
    n = np.arange(1, 200)
    T = 1e-11 * 6 * 3600.0 / 3e-3**2
    mean = 1.0 - 6.0 / np.pi**2 * np.sum(np.exp(-(n**2) * np.pi**2 * T) / n**2)
    assert found.swollen == pytest.approx((6e-3 * np.cbrt(1.0 + 7.0 * mean),) * 3, rel=2e-3)


def test_what_does_not_swell_says_nothing():
    made = release(SPHERE, swelling={"law": "NoSwelling"})
    assert made.swollen is None
    assert "swollen_m" not in made.to_dict()
