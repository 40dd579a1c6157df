"""Robust designs against nominal ones, judged by draws that neither of them has seen.

    python validation/design/robust.py --count 50

Targets are curves of random tablets (`planted.py`) whose material is a little faster or slower than
its card says. Half of the cases let one number of one polymer vary by 15 to 40 %; the other half
choose among three polymers whose cards say how unsure their numbers are. f2 >= 50 is asked. The
tablet that fits best and the one that is to withstand are judged on a grid of 0.1 mm by 512 draws
of a fresh seed. Writes a line of JSON for every case to robust.jsonl: a run that was stopped goes
on with what is missing.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from cases import Row, options, run
from planted import planted, target

from releasesim.optimization import CurveStore, Design, design
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.curves import Geometry
from releasesim.optimization.uncertainty import Uncertainty
from releasesim.simulation.mechanism import mechanism_of
from releasesim.study import RobustSpec, Study

HERE = Path(__file__).parent
DRAWS, FRESH = 512, 1_000_003
LAWS = {"erosion": "erosion.speed", "diffusion": "diffusion.D"}


class Shared(CurveStore):
    """Curves of the search are the same with and without [design.robust]."""

    def of(self, study: Study) -> CurveStore:
        """The same for everybody."""
        return self


def wish(seed: int, folder: Path) -> tuple[Study, Study]:
    """The study that asks for the best fit, and the one that asks for the best chance."""
    rng = np.random.default_rng(seed + 50_000)
    study, spec = planted(seed)
    mechanism = mechanism_of(study)
    name = LAWS[mechanism.kind]
    moved = study.replace(name, study.get(name) * float(np.exp(rng.normal(0.0, 0.3))))
    curve, dose = target(moved, folder)
    robust: dict[str, object] = {"samples": 256}
    if seed % 2:
        own = float(study.get(name))
        unit = "m/s" if mechanism.kind == "erosion" else "m2/s"
        spec["polymers"] = [spec["polymers"][0]]  # type: ignore[index]
        robust["uncertain"] = {
            name: {"mean": f"{own!r} {unit}", "cv": f"{rng.uniform(15, 40):.1f} %"}
        }
    vary = dict(spec["vary"])  # type: ignore[call-overload]
    vary["infill.pattern"] = vary["infill.pattern"][:2]
    data = study.to_data()
    data["physics"] = {}
    data["target"] = {"curve": curve, "accept": {"f2": 50}}
    data["design"] = {**spec, "vary": vary, "dose": f"{dose * 1e6!r} mg"}
    nominal = Study.from_dict({k: v for k, v in data.items() if v != {}}, folder)
    data["design"] = {**data["design"], "robust": robust}
    return nominal, Study.from_dict({k: v for k, v in data.items() if v != {}}, folder)


def chance(found: Design, wanted: Wanted, spec: RobustSpec, seed: int) -> float:
    """Share of fresh draws in which a designed tablet meets the target [-]."""
    draws = Uncertainty.of(found.study, spec).draws(DRAWS, FRESH + seed)
    mechanisms = []
    for draw in draws:
        study = found.study
        for name, value in draw.changes.items():
            study = study.replace(name, value)
        mechanisms.append(mechanism_of(study))
    curves = Geometry(found.study.tablet, 1e-4, wanted.times, []).many(mechanisms)
    return float(np.mean([wanted.meets(curve) for curve in curves]))


def compare(seed: int) -> Row:
    """Both designs of a case, and their chances."""
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as name:
        nominal, robust = wish(seed, Path(name))
        store = Shared(Path(name) / "store")
        fits, holds = design(nominal, store=store), design(robust, store=store)
        wanted, spec = Wanted.of(nominal.target), replace(robust.design).robust
    assert spec is not None  # noqa: S101 - wish asks for it
    return {
        "seed": seed,
        "inputs": list(holds.chance.inputs) if holds.chance else [],
        "nominal": fits.study.tablet.describe(),
        "robust": holds.study.tablet.describe(),
        "p_nominal": chance(fits, wanted, spec, seed),
        "p_robust": chance(holds, wanted, spec, seed),
        "claimed": holds.chance.probability if holds.chance else None,
        "cpu_s": time.process_time() - begun,
    }


def main() -> None:
    """Run what is missing, and say how often the robust design is at least as good."""
    asked = options(__doc__, 50, HERE / "robust.jsonl")
    shown = ("seed", "inputs", "p_nominal", "p_robust", "claimed", "cpu_s")
    rows = [row for row in run(asked.out, asked.seeds, compare, shown) if "error" not in row]
    fits = np.array([row["p_nominal"] for row in rows], float)
    holds = np.array([row["p_robust"] for row in rows], float)
    low = fits < 0.9
    print(f"{np.sum(holds >= fits)} of {len(rows)} robust designs at least as good on fresh draws")
    print(f"{np.sum(holds[low] > fits[low])} of {low.sum()} strictly better where P < 0.9")
    print(f"mean chance {fits.mean():.3f} nominal, {holds.mean():.3f} robust")


if __name__ == "__main__":
    main()
