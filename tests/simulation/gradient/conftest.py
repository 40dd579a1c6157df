"""What gradients are compared with."""

from __future__ import annotations

import pytest

from releasesim.numerics import lanczos


@pytest.fixture
def exact_in_time(monkeypatch):
    """Differences divide the error of a curve by the step: let `simulate` have none in time."""
    usual = lanczos.decay

    def decay(problem, times, **how):
        return usual(problem, times, **{**how, "tolerance": 1e-10})

    monkeypatch.setattr(lanczos, "decay", decay)
