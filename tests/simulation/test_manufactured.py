"""Manufactured solutions for D(x, c): a field is chosen, and the source that makes it one.

No law of a study has a source, so the coupled engine's own course runs with one added to its rates,
and with D0 that changes in space.
"""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.simulation.coupled import course as courses
from releasesim.simulation.coupled import vessel
from releasesim.simulation.coupled.model import Model
from releasesim.simulation.coupled.solve import course_of
from releasesim.study import Study
from releasesim.workflows.selftest.exact.manufactured import Manufactured

LENGTH, D0, LOADED = 1e-3, 1e-10, 100.0
"""Depth of the body [m], its diffusivity at the core [m2/s], what c = 1 stands for [kg/m3]."""
UNIT = LENGTH**2 / D0
"""Time of diffusion [s]."""
BODIES = {
    1: {"shape": {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}, "sealed": ["bottom"]},
    3: {"shape": {"kind": "sphere", "diameter": "2 mm"}},
}
SURFACE = {1: 1e-4, 3: 4e-6 * np.pi}


def model_of(made: Manufactured) -> type[Model]:
    """A model with the source and the D0(x) of a manufactured field."""

    class Sourced(Model):
        """Its first cell is at the core, its last at the open face."""

        @property
        def x(self):
            return (np.arange(self.n) + 0.5) / self.n

        def start(self):
            y = super().start()
            self.field(y, "drug")[:] = made.concentration(self.x, 0.0) * LOADED * self.whole
            return y

        def weight(self, J):
            return super().weight(J) * (1.0 + made.a * self.x**2)

        def rates(self, t, y):
            rate = super().rates(t, y)
            source = made.source(self.x, t / UNIT)
            self.field(rate, "drug")[:] += source * self.whole * LOADED / UNIT
            return rate

    return Sourced


def errors(made, cells):
    """Of the amount released after `UNIT`, and of the field then in the mean square [-]."""
    study = Study.from_dict(
        {
            "tablet": BODIES[made.n],
            "formulation": {"concentration": f"{LOADED} kg/m3"},
            "physics": {
                "diffusion": {
                    "law": "ExponentialInConcentration",
                    "D0": f"{D0} m2/s",
                    "beta": made.beta,
                }
            },
            "run": {"until": f"{UNIT} s"},
        }
    )
    usual = (256 if made.n == 1 else 128) * 1e-4
    run = course_of(study, usual / cells).course
    run.run(np.array([0.0, UNIT]), 1e-7)
    unit = SURFACE[made.n] * LENGTH * LOADED
    true = unit * made.outflow(0.0) * (1.0 - np.exp(-1.0))
    model = run.model
    assert model.n == cells
    gap = model.field(run.y, "drug") / model.whole / LOADED - made.concentration(model.x, 1.0)
    return abs(float(run.y[-1]) - true) / unit, float(np.sqrt(np.mean(gap**2)))


@pytest.mark.parametrize("implicit", [False, True], ids=["RKL2", "TR-BDF2"])
@pytest.mark.parametrize("beta", [1.0, -2.0])
@pytest.mark.parametrize("n", BODIES)
def test_manufactured_field_is_met_at_second_order(monkeypatch, n, beta, implicit):
    """Roache (2002): c = exp(-t) cos(pi x/2) under D = (1 + x^2/2) exp(beta c)."""
    made = Manufactured(n, 0.5, beta)
    monkeypatch.setattr(vessel, "Model", model_of(made))
    monkeypatch.setattr(courses, "implicit_pays", lambda *_, **__: implicit)
    coarse, fine = (errors(made, cells) for cells in (16, 32))
    assert max(fine) < 1e-3
    for before, after in zip(coarse, fine, strict=True):
        assert np.log2(before / after) == pytest.approx(2.0, abs=0.1)
