"""Halftones, wetted places, slabs of thin layers and images of layers."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.errors import GeometryError
from releasesim.geometry.drops.halftone import TILE, tile
from releasesim.geometry.drops.raster import Raster, wetted
from releasesim.geometry.drops.slabs import slabs
from releasesim.geometry.drops.tiff import read_tiff
from releasesim.printing.tiff import tiff_bytes


@pytest.mark.parametrize("method", ["ordered", "blue_noise"])
@pytest.mark.parametrize("coverage", [0.1, 0.5, 0.73, 1.0])
def test_halftone_has_its_share_of_drops(method: str, coverage: float) -> None:
    assert tile(method, coverage).sum() == round(coverage * TILE**2)


@pytest.mark.parametrize("method", ["ordered", "blue_noise"])
def test_darker_halftone_keeps_the_drops_of_a_lighter_one(method: str) -> None:
    assert not (tile(method, 0.3) & ~tile(method, 0.6)).any()


def test_halftone_without_a_drop_is_refused() -> None:
    with pytest.raises(GeometryError, match="coverage"):
        tile("ordered", 1e-5)


def test_spots_close_gaps_that_they_bridge_and_no_others() -> None:
    drops = np.ones((40, 40), dtype=bool)
    drops[10, 10] = False
    drops[20:32, 20:32] = False
    wet = wetted(drops, (1e-4, 1e-4), 3e-4)
    assert wet[10, 10]
    assert not wet[26, 26]


def test_more_runs_of_drops_than_can_be_joined_are_refused() -> None:
    noise = np.random.default_rng(1).random((500, 500)) < 0.5
    with pytest.raises(GeometryError, match="separate runs of drops in a layer"):
        Raster((500, 500), (1e-4, 1e-4)).outline(noise)


def test_image_gives_the_drops_back() -> None:
    drops = np.random.default_rng(1).random((53, 31)) < 0.4
    data = tiff_bytes(drops, (84.7e-6, 84.7e-6))
    assert np.array_equal(read_tiff(data, (53, 31), black=True), drops)
    assert np.array_equal(read_tiff(data, (53, 31), black=False), ~drops)


def test_cut_image_is_refused() -> None:
    data = tiff_bytes(np.ones((64, 64), dtype=bool), (1e-4, 1e-4))
    with pytest.raises(GeometryError, match="is no TIFF that can be read"):
        read_tiff(data[: len(data) // 2], (64, 64), black=True)


def test_outline_of_a_disc_of_drops_has_its_area() -> None:
    raster = Raster((60, 60), (1e-4, 1e-4))
    x = 1e-4 * (np.arange(60) - 29.5)
    places = x[:, None] ** 2 + x**2 < (2.5e-3) ** 2
    outline = raster.outline(places)
    assert outline.area == pytest.approx(places.sum() * raster.place_area, rel=1e-9)
    # steps of the raster would make it 4/pi times as long
    assert outline.length == pytest.approx(np.pi * 5e-3, rel=0.02)


def test_layers_thinner_than_cells_are_looked_at_once_a_cell() -> None:
    found = slabs("abababab", 1.0, 4.0)
    assert [(low, high) for _, low, high in found] == [(0.0, 4.0), (4.0, 8.0)]
