"""Pictures decode, show what they are given, and stand what users write."""

from __future__ import annotations

import dataclasses
import io

import matplotlib as mpl
import numpy as np
import pytest
import results
from matplotlib.colors import to_rgb
from PIL import Image

from releasesim.curve import ReleaseCurve
from releasesim.plotting import (
    best_figure,
    candidates_figure,
    comparison_figure,
    design_figure,
    release_figure,
    section_figure,
    tradeoffs_figure,
)
from releasesim.plotting.best import differing
from releasesim.plotting.curves import time_unit
from releasesim.plotting.picture import BLACK, BLUE, GREEN, ORANGE, VERMILLION
from releasesim.plotting.section import _CLOSED
from releasesim.similarity import compare
from releasesim.simulation import simulate


def pixels(png):
    """Decode a picture, (rows, columns, 3) [0 to 255]; fails for one that is blank."""
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        found = np.asarray(image.convert("RGB"))
    assert found.shape[0] > 200
    assert found.shape[1] > 800
    assert found.std() > 5
    return found


def amount(found, colour):
    """Share of the pixels that have a colour [-]."""
    wanted = np.round(255 * np.array(to_rgb(colour)))
    return float((np.abs(found - wanted).max(axis=-1) <= 1).mean())


@pytest.fixture(scope="module")
def release():
    return simulate(results.sphere())


@pytest.fixture(scope="module")
def design():
    return results.design()


def test_release_shows_line_and_points(release):
    alone = pixels(release_figure(release))
    both = pixels(release_figure(release, results.measured(release.curve)))
    assert amount(alone, BLUE) > 0.001
    assert amount(both, BLACK) > amount(alone, BLACK)


def test_error_band_is_drawn_where_it_can_be_seen(release):
    def of(error):
        return release_figure(dataclasses.replace(release, error_estimate=error))

    assert of(1e-4) == of(0.0) == of(float("nan"))
    assert of(0.02) != of(0.0)


@pytest.mark.parametrize(
    ("hours", "name"), [(0.01, "min"), (2.9, "min"), (3, "h"), (24, "h"), (96, "d"), (9000, "d")]
)
def test_time_axis_has_the_unit_that_people_use(hours, name):
    assert time_unit(3600 * hours)[1] == name


def test_release_over_weeks_with_a_drawn_target():
    drawn = ReleaseCurve([0, 20 * 86400], [0, 1], name="zero_order", simulated=True)
    pixels(release_figure(simulate(results.film()), drawn))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("title", [results.HOSTILE, "long " * 60, "_hidden", "茶碱", "x$^$"])
def test_users_may_write_anything(title):
    design = results.design(title=title)
    pixels(design_figure(design))
    pixels(release_figure(design.release, results.measured(design.release.curve, title)))


def test_pictures_are_the_same_twice_and_leave_matplotlib_alone(release):
    with mpl.rc_context({"lines.linewidth": 9.0, "axes.facecolor": "red"}):
        before = dict(mpl.rcParams)
        first = release_figure(release)
        assert dict(mpl.rcParams) == before
    assert first == release_figure(release)


def test_design_shows_the_sensitivity_band(design):
    with_band = pixels(design_figure(design))
    without = pixels(design_figure(dataclasses.replace(design, sensitivities=())))
    grey = (0.85, 0.85, 0.85)
    assert amount(with_band, grey) > 0.02 > amount(without, grey)


@pytest.mark.parametrize("ends", [("at_low",), ("at_low", "at_high")])
def test_design_without_some_ends_of_a_range(design, ends):
    found = dataclasses.replace(design.sensitivities[0], **dict.fromkeys(ends))
    pixels(design_figure(dataclasses.replace(design, sensitivities=(found,))))


def test_candidates_are_coloured_by_acceptance():
    accepted = pixels(candidates_figure(results.design()))
    lost = pixels(candidates_figure(results.design(accepted=False)))
    assert amount(accepted, BLUE) > 0.05 > amount(accepted, ORANGE)
    assert amount(lost, ORANGE) > 0.05 > amount(lost, BLUE)


def test_tradeoffs_have_a_panel_for_the_chance_where_it_is_counted():
    alone, counted = (pixels(tradeoffs_figure(results.searched(p))) for p in (float("nan"), 0.6))
    assert counted.shape[0] > 1.5 * alone.shape[0]
    assert amount(alone, VERMILLION) > 1e-4  # the chosen one
    assert tradeoffs_figure(results.design()) == b""


def test_tradeoffs_without_a_printer_are_drawn_against_mass():
    design = results.searched()
    untimed = [dataclasses.replace(one, print_time=float("nan")) for one in design.front]
    pixels(tradeoffs_figure(dataclasses.replace(design, front=tuple(untimed))))


def test_best_designs_differ_and_are_cut_open(monkeypatch):
    monkeypatch.setattr("releasesim.plotting.best._ROWS", 60)
    design = results.searched()
    assert differing(design.candidates) == [0, 1, 2]
    twice = (*design.candidates, design.candidates[0])
    assert differing(twice) == [0, 1, 2]
    found = pixels(best_figure(design))
    assert amount(found, (1.0, 1.0, 1.0)) < 0.95
    assert best_figure(dataclasses.replace(design, candidates=design.candidates[:1])) == b""
    assert best_figure(results.design()) == b""  # nothing was searched: there is no [design]


def test_design_shows_the_band_of_the_draws():
    grey = (0.85, 0.85, 0.85)
    counted = pixels(design_figure(results.searched(0.5)))
    plain = dataclasses.replace(results.searched(), sensitivities=())
    assert amount(counted, grey) > 0.005 > amount(pixels(design_figure(plain)), grey)


def test_at_most_twelve_candidates():
    many, more = (pixels(candidates_figure(results.design(n))) for n in (14, 40))
    assert many.shape == more.shape


def test_no_candidate_was_simulated(design):
    nothing = tuple(results.candidate(i, float("nan"), False) for i in range(2))
    pixels(candidates_figure(dataclasses.replace(design, candidates=nothing)))


def test_comparison_of_measured_curves():
    """Example T and R of METRICS: four points count."""
    minutes = 60.0 * np.array([5, 10, 15, 20, 30, 45, 60])
    reference = ReleaseCurve(minutes, [0.10, 0.20, 0.55, 0.86, 0.90, 0.95, 0.97], name="R")
    test = ReleaseCurve(minutes, [0.07, 0.15, 0.50, 0.69, 0.82, 0.84, 0.86], name="T")
    pixels(comparison_figure(reference, test, compare(reference, test)))


def test_section_of_a_closed_print_shows_walls_and_closed_voids():
    found = pixels(section_figure(results.printed().tablet, 2e-4))
    assert amount(found, BLUE) > 0.1
    assert amount(found, _CLOSED) > 0.05


def test_section_of_an_open_print_has_no_closed_voids():
    found = pixels(section_figure(results.printed(roofs=0, floors=0).tablet, 2e-4))
    assert amount(found, _CLOSED) < 0.001


def test_section_colours_each_region():
    found = pixels(section_figure(results.printed(region=[results.CORE]).tablet, 2e-4))
    assert min(amount(found, BLUE), amount(found, ORANGE)) > 0.02


def test_section_of_layers_shows_infill_and_not_the_roof_between_them():
    layers = [{"name": "low", "thickness": "1.6 mm"}, {"name": "_high", "thickness": "2.4 mm"}]
    found = pixels(section_figure(results.printed(layer=layers).tablet, 2e-4))
    assert min(amount(found, ORANGE), amount(found, GREEN)) > 0.02
    assert amount(found, _CLOSED) > 0.06  # 0.03 where the cut goes through a roof


def test_section_keeps_round_things_round():
    found = pixels(section_figure(results.sphere().tablet, 1e-4))
    left = found[:, : found.shape[1] // 2]
    blue = np.abs(left - np.round(255 * np.array(to_rgb(BLUE)))).max(axis=-1) <= 1
    disc = np.flatnonzero(blue.sum(axis=1) > 60)  # the legend's patch is narrower
    columns = np.flatnonzero(blue[disc[0] : disc[-1]].any(axis=0))
    assert np.ptp(disc) == pytest.approx(np.ptp(columns), rel=0.05)


@pytest.mark.parametrize(
    "shape",
    [
        {"kind": "caplet", "length": "18 mm", "width": "7 mm", "height": "6 mm"},
        {"kind": "block", "length": "2 mm", "width": "12 mm", "height": "9 mm"},
        {"kind": "ring", "outer_diameter": "12 mm", "inner_diameter": "5 mm", "height": "4 mm"},
    ],
)
def test_section_of_long_flat_and_narrow_shapes(shape):
    pixels(section_figure(results.sphere(tablet={"shape": shape}).tablet, 2e-4))


def test_section_of_a_film_is_one_sheet():
    assert amount(pixels(section_figure(results.film().tablet)), BLUE) > 0.3
