"""D and front speed from two cylinders, 2 % noise: `python validation/coverage/recovery.py`."""

from __future__ import annotations

import time

import numpy as np

from releasesim.calibration import Fit, fit
from releasesim.curve import ReleaseCurve
from releasesim.simulation import simulate
from releasesim.study import Study

D, SPEED = 2e-11, 0.25e-3 / 3600
_SIZES = (("4 mm", "2 mm"), ("12 mm", "6 mm"))
_POINTS = 40


def study(diameter: str, height: str) -> Study:
    """A cylinder that erodes while drug diffuses out; its values are where the search starts."""
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "cylinder", "diameter": diameter, "height": height}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {
                "diffusion": {"law": "ConstantDiffusivity", "D": "5e-11 m2/s"},
                "erosion": {"law": "ConstantFront", "speed": "0.1 mm/h"},
            },
            "run": {"until": "12 h", "tolerance": "0.5 %"},
        }
    )


def recover(seed: int) -> tuple[Fit, float]:
    """Fit noisy curves of both; seconds of wall time that the fit took."""
    random = np.random.default_rng(seed)
    studies = [study(*size) for size in _SIZES]
    data = []
    for one, end in zip(studies, (3.0, 9.0), strict=True):
        truth = one.replace("diffusion.D", D).replace("erosion.speed", SPEED)
        times = tuple(end * 3600.0 * (np.arange(1, _POINTS + 1) / _POINTS) ** 2)
        curve = simulate(truth.replace("run.until", times[-1]).replace("run.samples", 200)).curve
        noise = random.normal(0.0, 0.02, _POINTS)
        data.append(ReleaseCurve(times, np.maximum(curve.at(times) + noise, 0.0), name=one.title))
    begun = time.perf_counter()
    found = fit(studies, data, vary=["diffusion.D", "erosion.speed"])
    return found, time.perf_counter() - begun


def main() -> None:
    """Print errors and seconds of three data sets; shapes are solved in the first only."""
    for seed in (1, 2, 3):
        found, seconds = recover(seed)
        errors = [found["diffusion.D"].value / D - 1.0, found["erosion.speed"].value / SPEED - 1.0]
        words = ", ".join(f"{100 * error:+.1f} %" for error in errors)
        print(f"seed {seed}: D and speed off by {words}; {seconds:.1f} s")


if __name__ == "__main__":
    main()
