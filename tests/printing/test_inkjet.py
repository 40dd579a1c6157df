"""Inkjet prints: their images, their dose, their release, and the way back from the images."""

from __future__ import annotations

import hashlib
import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from releasesim import simulate
from releasesim.errors import ReleaseSimError
from releasesim.printing import export
from releasesim.study import Study
from releasesim.units import mg
from releasesim.workflows.slicing import Exported

D = 1e-13
INK = {"solids": "20 %", "density": "1.05 g/cm3"}
BASE: dict[str, Any] = {
    "process": "inkjet",
    "formulation": {"concentration": "300 mg/mL", "density": "1.3 g/cm3"},
    "run": {"until": "4 h"},
    "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-13 m2/s"}},
}
DROPS = {
    "resolution": "300 dpi",
    "drop_volume": "80 pL",
    "calibration": "weighed: 1e6 drops",
    "ink": INK,
}
LINES = {
    "mode": "continuous",
    "line_pitch": "0.25 mm",
    "volume_per_length": "3 nL/mm",
    "calibration": "weighed: 10 m",
    "ink": INK,
}
FILM = {"kind": "film", "thickness": "60 um", "area": "1 cm2"}
CYLINDER = {"kind": "cylinder", "diameter": "6 mm", "height": "0.1 mm"}


def of_ink(shape: dict[str, Any], inkjet: dict[str, Any]) -> Study:
    return Study.from_dict(BASE | {"tablet": {"shape": shape, "inkjet": inkjet}})


def crank(thickness: float, time: np.ndarray) -> np.ndarray:
    """Share released of a sheet through both faces (Crank, Mathematics of Diffusion, eq. 4.18)."""
    odd = 2.0 * np.arange(4000)[:, None] + 1.0
    decay = np.exp(-((odd * math.pi / thickness) ** 2) * D * time)
    return np.asarray(1.0 - (8.0 / (odd * math.pi) ** 2 * decay).sum(axis=0))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ink") / "film"
    export(of_ink(FILM, DROPS), folder)
    return folder


def back_from(folder: Path) -> Study:
    shape = {"kind": "drops", "file": "manifest.json"}
    return Study.from_dict(BASE | {"tablet": {"shape": shape}}, folder=folder)


@pytest.mark.parametrize("shape", [FILM, CYLINDER], ids=["film", "cylinder"])
def test_images_hold_the_dose_of_the_design(shape: dict[str, Any], tmp_path: Path) -> None:
    study = of_ink(shape, DROPS)
    export(study, tmp_path / "out")
    drops = 0
    for path in sorted((tmp_path / "out").glob("*.tif")):
        with Image.open(path) as image:
            assert image.mode == "1"
            drops += int((~np.asarray(image, dtype=bool)).sum())
    # 20 % solids of 1.05 g/mL dry to 1.3 g/mL with 300 mg/mL of drug
    per_drop = 80e-15 * 0.2 * 1050.0 / 1300.0 * 300.0
    assert drops * per_drop == pytest.approx(study.tablet.dose(), abs=per_drop)


@pytest.mark.parametrize("inkjet", [DROPS, LINES], ids=["drops", "lines"])
def test_uniform_film_releases_as_a_sheet(inkjet: dict[str, Any]) -> None:
    study = of_ink(FILM, inkjet)
    curve = simulate(study).curve
    assert 0.3 < curve.fraction[-1] < 0.999
    exact = crank(study.tablet.printed_height, np.asarray(curve.time))
    assert np.abs(curve.fraction - exact).max() <= 1e-3


def test_lines_are_laid_with_the_dose_of_the_design(tmp_path: Path) -> None:
    study = of_ink(FILM, LINES)
    made = export(study, tmp_path / "out").manifest
    rows = np.loadtxt(tmp_path / "out" / "lines.csv", delimiter=",", skiprows=1)
    length = np.hypot(rows[:, 4] - rows[:, 2], rows[:, 5] - rows[:, 3]).sum()
    # 3 nL/mm of an ink that dries as above
    drug = length * 3e-12 * 0.2 * 1050.0 / 1300.0 * 300.0
    assert drug == pytest.approx(study.tablet.dose(), rel=1e-6)
    assert made["drug_mass_mg"] == pytest.approx(drug / mg, rel=1e-6)


def test_images_give_the_film_back(printed: Path) -> None:
    study, again = of_ink(FILM, DROPS), back_from(printed)
    assert again.tablet.dose() == pytest.approx(study.tablet.dose(), rel=1e-12)
    assert again.tablet.printed_height == pytest.approx(study.tablet.printed_height, rel=1e-8)
    one, two = simulate(study).curve, simulate(again).curve
    assert np.abs(one.fraction - two.fraction).max() <= 1e-6


def test_study_survives_writing_and_export(printed: Path) -> None:
    study = of_ink(FILM, DROPS)
    assert Study.from_dict(study.to_data()).hash == study.hash
    assert Study.load(printed / "study.toml").tablet.dose() == study.tablet.dose()


def altered(printed: Path, folder: Path, change: Any) -> Path:
    shutil.copytree(printed, folder)
    path = folder / "manifest.json"
    made = json.loads(path.read_text(encoding="utf-8"))
    change(made, folder)
    path.write_text(json.dumps(made), encoding="utf-8")
    return folder


def _wrong_hash(made: Any, folder: Path) -> None:
    made["files"]["layer_0002_ink1.tif"]["sha256"] = "0" * 64


def _no_layer(made: Any, folder: Path) -> None:
    del made["layer"][1]


def _no_image(made: Any, folder: Path) -> None:
    (folder / "layer_0002_ink1.tif").unlink()


def _image(made: Any, folder: Path, mode: str, size: tuple[int, int]) -> None:
    path = folder / "layer_0002_ink1.tif"
    Image.new(mode, size).save(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    made["files"]["layer_0002_ink1.tif"]["sha256"] = digest


def _wrong_size(made: Any, folder: Path) -> None:
    _image(made, folder, "1", (7, 7))


def _wrong_mode(made: Any, folder: Path) -> None:
    _image(made, folder, "L", tuple(made["pixels"]))


def _wrong_count(made: Any, folder: Path) -> None:
    made["layer"][1]["images"]["1"]["drops"] -= 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_wrong_hash, "layer_0002_ink1.tif is not the file that the manifest vouches for"),
        (_no_layer, "lists 32 of 33 layers"),
        (_no_image, "layer_0002_ink1.tif cannot be read"),
        (_wrong_size, "has 7 x 7 pixels, the manifest says 118 x 118"),
        (_wrong_mode, 'is of mode "L", not 1 bit a pixel'),
        (_wrong_count, "drops, the manifest says"),
    ],
)
def test_altered_stack_is_refused_in_one_line(
    printed: Path, tmp_path: Path, change: Any, words: str
) -> None:
    folder = altered(printed, tmp_path / "altered", change)
    with pytest.raises(ReleaseSimError, match=re.escape(words)) as caught:
        back_from(folder)
    assert "\n" not in str(caught.value)


def test_layers_of_an_earlier_export_do_not_stay_behind(tmp_path: Path) -> None:
    export(of_ink(FILM, DROPS), tmp_path)
    (tmp_path / "mine.tif").write_bytes(b"not of the export")
    export(of_ink(FILM | {"thickness": "20 um"}, DROPS), tmp_path)
    made = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {*made["files"], "manifest.json", "mine.tif"}


def test_export_does_not_overwrite_a_study_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("# mine\n", encoding="utf-8")
    with pytest.raises(ReleaseSimError, match="would be overwritten"):
        export(of_ink(FILM, DROPS), tmp_path)
    assert (tmp_path / "study.toml").read_text(encoding="utf-8") == "# mine\n"


GAPS = LINES | {"line_pitch": "1 mm", "line_width": "0.6 mm", "volume_per_length": "9 nL/mm"}
OTHER = {"concentration": "100 mg/mL", "density": "1.3 g/cm3"}
STACK = [
    {"name": "drug", "thickness": "25 um"},
    {"name": "top", "thickness": "15 um", "extruder": 2, "formulation": OTHER},
]
CORE = {
    "name": "core",
    "shape": {"kind": "cylinder", "diameter": "3 mm", "height": "50 um"},
    "extruder": 2,
    "formulation": OTHER,
}


def named(folder: Path, inks: dict[str, str], **formulations: Any) -> Study:
    """The stack in a folder, its inks printing regions of these names."""
    shape = {"kind": "drops", "file": "manifest.json", "inks": inks}
    regions = [{"name": name, "formulation": made} for name, made in formulations.items()]
    return Study.from_dict(BASE | {"tablet": {"shape": shape, "region": regions}}, folder=folder)


@pytest.mark.parametrize("inkjet", [LINES, GAPS], ids=["touching", "with gaps"])
def test_lines_give_the_film_back(inkjet: dict[str, Any], tmp_path: Path) -> None:
    study = of_ink(FILM, inkjet)
    export(study, tmp_path)
    again = back_from(tmp_path)
    assert again.tablet.dose() == pytest.approx(study.tablet.dose(), rel=1e-8)
    assert again.tablet.printed_height == pytest.approx(study.tablet.printed_height, rel=1e-8)
    assert again.tablet.is_solid == (inkjet is LINES)
    if inkjet is LINES:
        one, two = simulate(study).curve, simulate(again).curve
        assert np.abs(one.fraction - two.fraction).max() <= 1e-6
    else:
        one, two = (made.tablet.voxelize_plane(1e-4) for made in (study, again))
        assert np.array_equal(one.solid, two.solid)


def test_layers_of_two_inks_come_back_as_slabs(tmp_path: Path) -> None:
    """A film of two materials: whole layers of each, in one dimension."""
    sheet = {"kind": "film", "area": "1 cm2"}
    made = {"tablet": {"shape": sheet, "inkjet": LINES, "layer": STACK}}
    study = Study.from_dict(BASE | made)
    export(study, tmp_path)
    again = named(tmp_path, {"2": "top"}, top=OTHER)
    assert again.tablet.is_solid
    assert sum(again.tablet.doses.values()) == pytest.approx(study.tablet.dose(), rel=1e-8)
    one, two = simulate(study).curve, simulate(again).curve
    assert 0.2 < one.fraction.mean() < 0.95
    assert np.abs(one.fraction - two.fraction).max() <= 1e-6


def test_core_of_another_ink_comes_back_from_its_images(tmp_path: Path) -> None:
    made = {"tablet": {"shape": CYLINDER, "inkjet": DROPS, "region": [CORE]}}
    study = Study.from_dict(BASE | made)
    export(study, tmp_path)
    again = named(tmp_path, {"2": "core"}, core=OTHER)
    assert not again.tablet.is_solid
    for one, two in zip(study.tablet.part_volumes, again.tablet.part_volumes, strict=True):
        assert two == pytest.approx(one, rel=1e-9)
    # the core is as large on voxels as its drops are: 3 of 6 mm across, 50 of 100 um high
    grid = again.tablet.voxelize(2.5e-5)
    shares = [float((grid.fraction * share).sum()) for share in grid.shares]
    assert shares[1] / sum(shares) == pytest.approx(
        again.tablet.part_volumes[1] / again.tablet.deposited_volume, rel=0.01
    )
    assert Study.from_dict(again.to_data(), folder=tmp_path).hash == again.hash


def test_several_inks_have_to_be_told_apart(tmp_path: Path) -> None:
    made = {"tablet": {"shape": CYLINDER, "inkjet": DROPS, "region": [CORE]}}
    export(Study.from_dict(BASE | made), tmp_path)
    with pytest.raises(ReleaseSimError, match="say what they print, inks ="):
        back_from(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"drying": "10 s"}, "needs about"),
        ({"drop_volume": "400 pL"}, "wet layers of 55.8 um run"),
        ({}, "of solvent have to leave for"),
        ({"ink": INK | {"solids": "90 %"}}, None),
    ],
)
def test_solvent_is_spoken_of(change: dict[str, Any], words: str | None) -> None:
    made = {"printer": "generic_inkjet", "tablet": {"shape": FILM, "inkjet": DROPS | change}}
    said = "; ".join(Study.from_dict(BASE | made).notices)
    if words is None:
        assert "solvent" not in said
    else:
        assert words in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"drop_volume": "900 pL"}, "drop_volume 900 pL is outside the printer's"),
        ({"resolution": "5000 dpi", "drop_volume": "1 pL"}, "pitch 5.08 um is outside"),
        ({"ink": INK | {"viscosity": "60 cP"}}, "ink of 60 cP is outside the 1 cP to 25 cP"),
        ({"resolution_y": "20 dpi"}, "pitch_y 1270 um is outside"),
    ],
)
def test_printer_refuses_drops_that_it_cannot_lay(
    change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    made = {"printer": "generic_inkjet", "tablet": {"shape": FILM, "inkjet": DROPS | change}}
    with pytest.raises(ReleaseSimError, match=re.escape(words)):
        export(Study.from_dict(BASE | made), tmp_path)


def test_inkjet_print_is_not_for_a_slicer(printed: Path) -> None:
    with pytest.raises(ReleaseSimError, match="no slicer reads"):
        Exported.read(printed)
