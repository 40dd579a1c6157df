"""Wagner-Nelson, Loo-Riegelman and deconvolution against releases that are known."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.curve import ConcentrationCurve, ReleaseCurve
from releasesim.errors import InputError
from releasesim.patient import Disposition, convolve, deconvolve, loo_riegelman, wagner_nelson

HOUR = 3600.0
DOSE = 3e-4
ONE = Disposition(2.9e-3 / HOUR, 0.032, 1.5 / HOUR, 0.96)
AT_ONCE = Disposition(2.9e-3 / HOUR, 0.032, bioavailability=0.96)
TWO = Disposition(
    2.9e-3 / HOUR, 0.02, bioavailability=0.96, peripheral_volume=0.012, exchange=4e-3 / HOUR
)
SAMPLES = HOUR * np.array(
    [0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 24]
)


def weibull(times, scale=5.0, shape=1.4):
    return 1.0 - np.exp(-((np.asarray(times) / (scale * HOUR)) ** shape))


def plasma(body, times, release=weibull, fine=2001):
    """Plasma made on a grid of its own, far finer than what reads it back."""
    grid = np.linspace(0.0, 24 * HOUR, fine)
    curve = ReleaseCurve(grid, release(grid), simulated=True)
    return ConcentrationCurve(times, convolve(curve, body, DOSE, times))


@pytest.mark.parametrize(("method", "body"), [(wagner_nelson, AT_ONCE), (loo_riegelman, TWO)])
def test_mass_balance_reads_back_what_was_absorbed(method, body):
    """Released drug is in the blood at once: what is absorbed is F times what is released."""
    times = np.linspace(0.0, 24 * HOUR, 801)
    absorbed = method(plasma(body, times), body, DOSE)
    np.testing.assert_allclose(absorbed, 0.96 * weibull(times), atol=2e-4)


def test_each_is_for_its_own_number_of_compartments():
    curve = plasma(ONE, SAMPLES)
    with pytest.raises(InputError, match="take Loo-Riegelman"):
        wagner_nelson(curve, TWO, DOSE)
    with pytest.raises(InputError, match="take Wagner-Nelson"):
        loo_riegelman(curve, ONE, DOSE)


@pytest.fixture(scope="module")
def clean():
    return plasma(ONE, SAMPLES)


def error(clean, noise, seed, known=None, release=None):
    """Root mean square error over 24 h of one deconvolution."""
    random = np.random.default_rng(seed)
    level = clean.concentration * (1.0 + noise * random.standard_normal(SAMPLES.size))
    found = deconvolve(ConcentrationCurve(SAMPLES, level), ONE, DOSE, noise=known, resampled=10)
    even = np.linspace(0.0, 24 * HOUR, 200)
    assert (np.diff(found.curve.fraction) >= 0.0).all()
    assert found.curve.fraction[0] == 0.0
    assert found.curve.fraction[-1] <= 1.0
    assert (found.low <= found.curve.fraction + 1e-12).all()
    assert (found.high >= found.curve.fraction - 1e-12).all()
    return float(np.sqrt(np.mean((found.curve.at(even) - (release or weibull)(even)) ** 2)))


@pytest.mark.parametrize(
    ("noise", "bar", "seeds"), [(0.0, 0.006, 1), (0.05, 0.015, 10), (0.10, 0.025, 10)]
)
def test_deconvolution_reads_back_the_release(clean, noise, bar, seeds):
    """A tenth of the named run in validation/pharmacokinetics."""
    assert np.median([error(clean, noise, seed) for seed in range(seeds)]) <= bar


def biphasic(t):
    return 0.3 * (1 - np.exp(-2 * t / HOUR)) + 0.7 * (1 - np.exp(-0.15 * t / HOUR))


def lagged(t):
    return 1 - np.exp(-np.maximum(t - HOUR, 0.0) / (4 * HOUR))


@pytest.mark.parametrize("release", [biphasic, lagged])
@pytest.mark.parametrize(("noise", "bar"), [(0.05, 0.015), (0.10, 0.025)])
def test_two_rates_and_a_lag_are_read_back_too(release, noise, bar):
    clean = plasma(ONE, SAMPLES, release)
    assert np.median([error(clean, noise, s, release=release) for s in range(10)]) <= bar


def test_no_noise_is_found_where_there_is_none(clean):
    """The restricted likelihood takes the least penalty that explains exact data."""
    assert deconvolve(clean, ONE, DOSE).penalty <= 1e-6
    assert deconvolve(clean, ONE, DOSE).residual < 1e-4


def test_a_known_noise_chooses_the_penalty_by_discrepancy(clean):
    assert np.median([error(clean, 0.05, seed, known=0.05) for seed in range(4)]) <= 0.02
    found = deconvolve(clean, ONE, DOSE, noise=0.05)
    assert "discrepancy" in found.rule
    assert found.residual <= 0.05


def test_too_few_samples_are_refused():
    with pytest.raises(InputError, match="at least 5 samples"):
        deconvolve(ConcentrationCurve([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]), ONE, DOSE)


@pytest.mark.parametrize(
    ("dose", "noise", "level", "words"),
    [
        (0.0, None, 1.0, "dose = 0 mg: must be above 0"),
        (-1e-6, None, 1.0, "dose = -1 mg"),
        (DOSE, -0.05, 1.0, "noise = -5 %: must be 0 to 100 %"),
        (DOSE, 5.0, 1.0, "noise = 500 %"),
        (DOSE, None, 0.0, "no drug in any of the samples"),
    ],
)
def test_what_cannot_be_is_refused(dose, noise, level, words):
    curve = ConcentrationCurve(SAMPLES, np.full(SAMPLES.size, level))
    with pytest.raises(InputError, match=words):
        deconvolve(curve, ONE, dose, noise=noise)
