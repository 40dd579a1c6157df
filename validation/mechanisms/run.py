"""Is the mechanism found that made the data? `python validation/mechanisms/run.py`.

Every mechanism makes curves of films, 20 points each with noise of 2 % of the dose, and all
mechanisms are fitted to them. Choices are kept in choices.jsonl as they come; a run that was cut
off goes on. README.md has the table that `--table` prints.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from releasesim.calibration.choice import Choice, choose_mechanism
from releasesim.curve import ReleaseCurve
from releasesim.simulation import simulate
from releasesim.study import Study

HERE = Path(__file__).parent
KEPT = HERE / "choices.jsonl"
POINTS, NOISE, LAST = 20, 0.02, 0.95
EQUATIONS = ["weibull", "korsmeyer_peppas", "higuchi", "first_order"]
#: Thicknesses of the films, and repetitions with other noise.
DATA = {"one film": ((1.0,), 5), "two films": ((0.6, 1.4), 3)}

SWELLABLE = {"drug": "caffeine", "polymer": "hpmc_k4m", "drug_loading": "15 %"}
POLYESTER = {"drug": "caffeine", "polymer": "plga_5050", "drug_loading": "10 %"}


def _diffusion(D: str) -> dict[str, Any]:
    return {"law": "ConstantDiffusivity", "D": D}


#: Material, days to look ahead, and the laws that make the data.
TRUTHS: Mapping[str, tuple[dict[str, str], float, dict[str, Any]]] = {
    "diffusion": (SWELLABLE, 2, {"diffusion": _diffusion("2e-11 m2/s")}),
    "erosion": (SWELLABLE, 2, {"erosion": {"law": "ConstantFront", "speed": "0.1 mm/h"}}),
    "diffusion_film": (
        SWELLABLE,
        2,
        {
            "diffusion": _diffusion("6e-11 m2/s"),
            "film": {"law": "FilmTransfer", "k": "1.8e-7 m/s"},
        },
    ),
    "diffusion_solubility": (
        SWELLABLE,
        2,
        {"diffusion": _diffusion("2e-10 m2/s"), "dissolution": {"law": "LocalEquilibrium"}},
    ),
    "diffusion_erosion": (
        SWELLABLE,
        2,
        {
            "diffusion": _diffusion("1e-11 m2/s"),
            "erosion": {"law": "ConstantFront", "speed": "0.1 mm/h"},
        },
    ),
    "hydration": (
        SWELLABLE,
        2,
        {
            "hydration": {"law": "FujitaHydration", "D": "2e-11 m2/s", "beta": 2.5},
            "diffusion": {"law": "Fujita1961", "D_gel": "4e-11 m2/s", "beta": 9.5},
        },
    ),
    "hydrolysis": (
        POLYESTER,
        150,
        {
            "hydrolysis": {
                "law": "FirstOrderScission",
                "rate": "0.05 1/d",
                "feedback": 0.0,
                "Mn_critical": 0.15,
            },
            "diffusion": {"law": "PowerInMolarMass", "D0": "5e-15 m2/s", "exponent": 1.0},
        },
    ),
    "autocatalysis": (
        POLYESTER,
        150,
        {
            "hydrolysis": {
                "law": "FirstOrderScission",
                "rate": "0.01 1/d",
                "feedback": 20.0,
                "Mn_critical": 0.15,
            },
            "diffusion": {"law": "PowerInMolarMass", "D0": "2e-15 m2/s", "exponent": 1.0},
        },
    ),
}


def study(material: Mapping[str, str], thickness: float, days: float, **more: Any) -> Study:
    """A film of a material; what makes the data, or what is fitted to them."""
    shape = {"kind": "film", "thickness": f"{thickness} mm", "area": "1 cm2"}
    return Study.from_dict(
        {
            "tablet": {"shape": shape},
            "formulation": dict(material),
            "medium": {"name": "water"},
            "run": {"until": f"{days} d", "samples": 300},
            **more,
        }
    )


def measured(name: str, thickness: float, random: np.random.Generator) -> ReleaseCurve:
    """A noisy curve of a mechanism, evenly in the square root of time until 95 % is out."""
    material, days, laws = TRUTHS[name]
    curve = simulate(study(material, thickness, days, physics=laws)).curve
    last = curve.time_to(LAST)
    end = last if np.isfinite(last) else curve.time[-1]
    times = end * (np.arange(1, POINTS + 1) / POINTS) ** 2
    noisy = curve.at(times) + random.normal(0.0, NOISE, POINTS)
    return ReleaseCurve(times, np.maximum(noisy, 0.0), name=f"{thickness} mm")


def chosen(name: str, data: str, seed: int) -> Choice:
    """Choose among all mechanisms on data that `name` made."""
    thicknesses, _ = DATA[data]
    random = np.random.default_rng([seed, list(TRUTHS).index(name)])
    curves = [measured(name, one, random) for one in thicknesses]
    material, days, _ = TRUTHS[name]
    studies = [study(material, one, days) for one in thicknesses]
    return choose_mechanism(studies, curves, equations=EQUATIONS)


def row_of(name: str, data: str, seed: int) -> dict[str, Any]:
    """What a choice said, as it is kept."""
    found = chosen(name, data, seed)
    lowest = found.best.criteria.aicc
    errors = {key: one.total for key, one in found.left_out.items() if not one.reason}
    return {
        "mechanism": name,
        "data": data,
        "seed": seed,
        "above": {one.candidate.name: one.criteria.aicc - lowest for one in found.trials},
        "left_out": errors,
        "verdict": found.verdict,
    }


def wanted() -> Iterator[tuple[str, str, int]]:
    """Every choice, the quick ones first: polymer that falls apart takes minutes a choice."""
    for material in (SWELLABLE, POLYESTER):
        names = [name for name, (made_of, *_) in TRUTHS.items() if made_of is material]
        for seed in range(max(seeds for _, seeds in DATA.values())):
            for data, (_, seeds) in DATA.items():
                yield from ((name, data, seed) for name in names if seed < seeds)


def kept() -> dict[tuple[str, str, int], dict[str, Any]]:
    """Choices that were made before."""
    lines = KEPT.read_text(encoding="utf-8").splitlines() if KEPT.exists() else []
    rows = [json.loads(line) for line in lines]
    return {(row["mechanism"], row["data"], row["seed"]): row for row in rows}


def table() -> Iterator[str]:
    """Rows of README.md."""
    yield "| made by | data | choices | first | not told apart | wrong | best prediction | rivals |"
    yield "|---|---|---|---|---|---|---|---|"
    rows = list(kept().values())
    for data in DATA:
        for name in TRUTHS:
            these = [row for row in rows if (row["mechanism"], row["data"]) == (name, data)]
            if these:
                yield _counted(name, data, these)


def _counted(name: str, data: str, rows: list[dict[str, Any]]) -> str:
    above = [row["above"].get(name, np.inf) for row in rows]
    first, wrong = sum(a == 0.0 for a in above), sum(a > 2.0 for a in above)
    predicted = [row["left_out"] for row in rows if row["left_out"]]
    best = sum(min(errors, key=errors.get) == name for errors in predicted)  # type: ignore[arg-type]
    share = f"{best} of {len(predicted)}" if predicted else "-"
    rivals = {k for row in rows for k, a in row["above"].items() if a <= 2.0} - {name}
    cells = (name, data, len(rows), first, len(rows) - first - wrong, wrong, share)
    return f"| {' | '.join(map(str, cells))} | {', '.join(sorted(rivals)) or 'none'} |"


def main() -> None:
    """Make the choices that are lacking, then print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", action="store_true", help="of what is kept, without a choice")
    if not parser.parse_args().table:
        done = kept()
        for one in wanted():
            if one not in done:
                with KEPT.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row_of(*one)) + "\n")
    print("\n".join(table()))


if __name__ == "__main__":
    main()
