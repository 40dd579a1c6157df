"""Tablets of two drugs, for what reads, simulates, draws and reports them."""

from __future__ import annotations

from typing import Any

from releasesim.simulation import Release, simulate
from releasesim.simulation.polypill import simulate_drugs
from releasesim.study import Study

DRUGS = ("theophylline", "caffeine")


def diffusion(D: str) -> dict[str, Any]:
    """Make the slot of a constant diffusivity."""
    return {"diffusion": {"law": "ConstantDiffusivity", "D": D}}


def mixture(**physics: Any) -> dict[str, Any]:
    """Make a disc with both drugs in one material."""
    return {
        "title": "Two drugs",
        "tablet": {"shape": {"kind": "cylinder", "diameter": "8 mm", "height": "3 mm"}},
        "formulation": {
            "components": [
                {"drug": "theophylline", "fraction": "10 %"},
                {"drug": "caffeine", "fraction": "5 %"},
                {"polymer": "ethylcellulose", "fraction": "85 %"},
            ]
        },
        "physics": diffusion("1e-10 m2/s") | physics,
        "run": {"until": "3 h", "samples": 13},
    }


def bilayer(**physics: Any) -> dict[str, Any]:
    """Make a disc of two layers with a drug each."""

    def layer(name: str, thickness: str, drug: str, loading: str) -> dict[str, Any]:
        made = {"drug": drug, "polymer": "ethylcellulose", "drug_loading": loading}
        return {"name": name, "thickness": thickness, "formulation": made}

    first, second = DRUGS
    layers = [layer("lower", "1.6 mm", first, "20 %"), layer("upper", "2 mm", second, "10 %")]
    return mixture(**physics) | {
        "tablet": {"shape": {"kind": "cylinder", "diameter": "8 mm"}, "layer": layers},
        "formulation": dict(layers[0]["formulation"]),
        "run": {"until": "6 h", "samples": 13, "spacing": "0.2 mm"},
    }


def released(data: dict[str, Any]) -> Release:
    """Simulate every drug of a study."""
    return simulate_drugs(Study.from_dict(data), simulate)
