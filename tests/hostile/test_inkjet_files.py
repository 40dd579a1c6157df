"""Hostile stacks of an inkjet print: one clear line each, in little time and memory."""

from __future__ import annotations

import hashlib
import io
import json
import resource
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from releasesim.errors import ReleaseSimError
from releasesim.printing import export
from releasesim.study import Study

BASE: dict[str, Any] = {
    "process": "inkjet",
    "formulation": {"concentration": "300 mg/mL", "density": "1.3 g/cm3"},
    "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-13 m2/s"}},
    "run": {"until": "4 h"},
}
INK = {"calibration": "weighed", "ink": {"solids": "20 %", "density": "1.05 g/cm3"}}
DROPS = {"pitch": "100 um", "drop_volume": "80 pL", **INK}
LINES = {"mode": "continuous", "line_pitch": "0.5 mm", "volume_per_length": "5 nL/mm", **INK}
SHAPE = {"kind": "film", "thickness": "5 um", "area": "0.09 cm2"}
IMAGE = "layer_0002_ink1.tif"
#: Beyond what reading a good stack takes [kB].
_MOST_MEMORY = 300_000

Change = Callable[[dict[str, Any], Path], object]


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("ink")
    for name, inkjet in (("drops", DROPS), ("lines", LINES)):
        study = Study.from_dict(BASE | {"tablet": {"shape": SHAPE, "inkjet": inkjet}})
        export(study, place / name)
    return {name: place / name for name in ("drops", "lines")}


def read(folder: Path, **more: Any) -> Study:
    shape = {"kind": "drops", "file": "manifest.json", **more}
    return Study.from_dict(BASE | {"tablet": {"shape": shape}}, folder=folder)


def say(**facts: Any) -> Change:
    """Have the manifest say something else."""
    return lambda made, folder: made.update(facts)


def ink(**facts: Any) -> Change:
    return lambda made, folder: made["inks"][0].update(facts)


def image(data: bytes) -> Change:
    """Put another file in the place of an image, with its right hash."""

    def change(made: dict[str, Any], folder: Path) -> None:
        (folder / IMAGE).write_bytes(data)
        made["files"][IMAGE]["sha256"] = hashlib.sha256(data).hexdigest()

    return change


def name(text: Any) -> Change:
    def change(made: dict[str, Any], folder: Path) -> None:
        made["layer"][1]["images"]["1"]["file"] = text

    return change


def table(text: str) -> Change:
    def change(made: dict[str, Any], folder: Path) -> None:
        (folder / "lines.csv").write_text(text, encoding="utf-8")
        made["files"]["lines.csv"]["sha256"] = hashlib.sha256(text.encode()).hexdigest()

    return change


def link(made: dict[str, Any], folder: Path) -> None:
    (folder / IMAGE).rename(folder / "elsewhere.tif")
    (folder / IMAGE).symlink_to(folder / "elsewhere.tif")


def folder_for_image(made: dict[str, Any], folder: Path) -> None:
    (folder / IMAGE).unlink()
    (folder / IMAGE).mkdir()


def tiff(mode: str, size: tuple[int, int], **how: Any) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size).save(made, format="TIFF", **how)
    return made.getvalue()


def header(width: int, height: int, compression: int = 1) -> bytes:
    """A TIFF of a header alone, as little endian as most."""
    fields = [(256, width), (257, height), (258, 1), (259, compression), (262, 0), (273, 8)]
    fields += [(277, 1), (278, height), (279, 1 << 30)]
    rows = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in fields)
    return b"II*\x00" + struct.pack("<IH", 8, len(fields)) + rows + struct.pack("<I", 0)


PAGES = tiff("1", (30, 30), save_all=True, append_images=[Image.new("1", (30, 30))])
ROW = "layer,ink,x0_mm,y0_mm,x1_mm,y1_mm\n"

DROP_FILES: list[tuple[str, Change, str]] = [
    ("truncated", image(tiff("1", (30, 30), compression="group4")[:60]), "no TIFF"),
    ("empty", image(b""), "is empty"),
    ("no image", image(b"GIF89a" * 30), "no TIFF"),
    ("a PNG by name of TIFF", image(b"\x89PNG\r\n\x1a\n" + b"\0" * 90), "no TIFF"),
    ("noise", image(np.random.default_rng(1).bytes(5000)), "no TIFF"),
    ("wrong size", image(tiff("1", (31, 30))), "31 x 30 pixels, the manifest says 30 x 30"),
    ("another resolution", image(tiff("1", (30, 30), dpi=(600, 600))), "says 600 x 600 dpi"),
    ("grey", image(tiff("L", (30, 30))), "not 1 bit a pixel"),
    ("colours", image(tiff("RGB", (30, 30))), "not 1 bit a pixel"),
    ("two pages", image(PAGES), "2 pages, not one"),
    ("bomb of pixels", image(header(100_000, 100_000)), "pixels"),
    ("bomb of most pixels", image(header(0xFFFFFFFF, 0xFFFFFFFF)), "pixels"),
    ("header of Group 4 alone", image(header(30, 30, 4)), "no TIFF"),
    ("a page that leads to itself", image(header(30, 30)[:-4] + struct.pack("<I", 8)), IMAGE),
    ("a link", link, "is a link"),
    ("a folder", folder_for_image, "is a folder"),
    ("missing", lambda made, folder: (folder / IMAGE).unlink(), "cannot be read"),
    ("upwards", name("../layer.tif"), "no plain name"),
    ("absolute", name("/etc/passwd"), "no plain name"),
    ("drive", name("C:layer.tif"), "no plain name"),
    ("hidden", name(".layer.tif"), "no plain name"),
    ("zero byte", name("layer\0.tif"), "no plain name"),
    ("a number for a name", name(7), "no plain name"),
    ("a very long name", name("x" * 5000), "no plain name"),
    ("a name of no hash", name("study.tif"), "files"),
    ("fewer layers", lambda made, folder: made["layer"].pop(), "layers"),
    ("a layer twice", lambda made, folder: made["layer"][1].update(number=1), "layer 2"),
    ("no images", lambda made, folder: made["layer"][1].pop("images"), "must be a table"),
    ("layers in words", say(layers="three"), "layers must be a whole number"),
    ("layers without end", say(layer=[{}] * 6000), "must be a list of 1 to 5000"),
    ("negative drops", lambda m, f: m["layer"][1]["images"]["1"].update(drops=-1), "drops"),
    ("no pixels", say(pixels=[0, 30]), "pixels must be a whole number"),
    ("half a pixel", say(pixels=[30.5, 30]), "pixels must be a whole number"),
    ("pixels of true", say(pixels=[True, 30]), "pixels must be a whole number"),
    ("three pixels", say(pixels=[30, 30, 30]), "pixels must be a whole number"),
    ("very many pixels", say(pixels=[1_000_000, 1_000_000]), "are too many"),
    ("pitch of NaN", say(pitch_um=[float("nan"), 100]), "is no JSON: NaN is no number"),
    ("pitch without end", say(pitch_um=[float("inf"), 100]), "is no JSON: Infinity"),
    ("negative pitch", say(pitch_um=[-100, 100]), "pitch_um must be a number"),
    ("pitch in words", say(pitch_um=["100 um", 100]), "pitch_um must be a number"),
    ("pitch of a metre", say(pitch_um=[1e6, 1e6]), "pitch_um must be a number"),
    ("very long number", say(drop_volume_pL=10**400), "drop_volume_pL must be a number"),
    ("no volume", say(drop_volume_pL=0), "drop_volume_pL must be above 0"),
    ("no thickness", say(layer_thickness_um=None), "layer_thickness_um must be a number"),
    ("porosity above 1", say(porosity=1.5), "porosity must be a number"),
    ("other polarity", say(polarity="black"), "polarity must be one of"),
    ("other mode", say(mode="laser"), "mode must be one of"),
    ("other format", say(format="releasesim-inkjet/9"), "no manifest of an inkjet print"),
    ("mode of a list", say(mode=["continuous"]), "mode must be one of"),
    ("polarity of a table", say(polarity={}), "polarity must be one of"),
    ("no ink", say(inks=[]), "inks must be a list"),
    ("ink that dries to more", ink(dried_share=1.5), "dried_share must be a number"),
    ("ink that leaves nothing", ink(dried_share=0), "dried_share must be above 0"),
    ("ink denser than all", ink(drug_mg_per_mL=1e9), "drug_mg_per_mL must be a number"),
    ("ink of another dose", ink(drug_mg_per_mL=1.0), "by the manifest's ink"),
    ("channel in words", ink(channel="one"), "channel must be a whole number"),
    ("one channel twice", lambda m, f: m["inks"].append(m["inks"][0]), "two are on one channel"),
    ("files in a list", say(files=[]), "files must be a table"),
]
LINE_FILES: list[tuple[str, Change, str]] = [
    ("words", table(ROW + "1,1,a,b,c,d\n"), "no table of lines"),
    ("cut off", table(ROW + "1,1,-1,0\n"), "no table of lines"),
    ("ragged", table(ROW + "1,1,-1,0,1,0\n1,1,-1\n"), "no table of lines"),
    ("nothing", table(ROW), "no table of lines"),
    ("NaN", table(ROW + "1,1,nan,0,1,0\n"), "line 2 reaches out of what is printed"),
    ("infinite", table(ROW + "1,1,-inf,0,1,0\n"), "line 2 reaches out of what is printed"),
    ("far away", table(ROW + "1,1,-1e9,0,1,0\n"), "line 2 reaches out of what is printed"),
    ("a layer of none", table(ROW + "99,1,-1,0,1,0\n"), "line 2 is in no layer"),
    ("half a layer", table(ROW + "1.5,1,-1,0,1,0\n"), "line 2 is in no layer"),
    ("an ink of none", table(ROW + "1,7,-1,0,1,0\n"), "line 2 is of no ink"),
    ("shorter", table(ROW + "1,1,-1,0,1,0\n"), "mm of lines, the manifest says"),
    ("bytes", lambda made, folder: (folder / "lines.csv").write_bytes(b"\xff\0"), "vouches"),
    ("no pitch", say(line_pitch_um=-5), "line_pitch_um must be a number"),
    ("width in words", say(line_width_um="wide"), "line_width_um must be a number"),
    ("no size", say(size_mm=[0, 3]), "size_mm must be above 0"),
    ("volume of a list", say(volume_nL_per_mm=[1]), "volume_nL_per_mm must be a number"),
]
CASES = [("drops", *case) for case in DROP_FILES] + [("lines", *case) for case in LINE_FILES]


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [case[:1] + case[2:] for case in CASES],
    ids=[f"{kind}: {what}" for kind, what, *_ in CASES],
)
def test_hostile_stack_gets_one_line(
    stacks: dict[str, Path], tmp_path: Path, kind: str, change: Change, words: str
) -> None:
    folder = tmp_path / "stack"
    shutil.copytree(stacks[kind], folder)
    made = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(made, folder)
    (folder / "manifest.json").write_text(json.dumps(made), encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ReleaseSimError) as caught:
        read(folder)
    said = str(caught.value)
    assert words in said
    assert "\n" not in said
    assert len(said) < 500
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < _MOST_MEMORY


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("{", "is no JSON"),
        ("[]", "must be a table"),
        ("[" * 100_000, "is no JSON"),
        ('{"format": ' + "1" * 6000 + "}", "is no JSON"),
        ("\x00\x01", "is no JSON"),
    ],
    ids=["empty", "cut off", "a list", "deep", "a long number", "bytes"],
)
def test_what_is_no_manifest_gets_one_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ReleaseSimError, match=words) as caught:
        read(tmp_path)
    assert "\n" not in str(caught.value)


def test_images_are_bounded_together(
    stacks: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("releasesim.geometry.drops.stack._MOST_READ", 899)
    with pytest.raises(ReleaseSimError, match="layer 1: 1 different images of 30 x 30 pixels"):
        read(stacks["drops"])


def test_a_resolution_in_whole_dots_is_no_other(stacks: dict[str, Path], tmp_path: Path) -> None:
    """254 dpi of a pitch of 100 um, as other programs write it, or none at all."""
    for number, how in enumerate(({"dpi": (254, 254)}, {"dpi": (253, 255)}, {"dpi": (0, 0)}, {})):
        folder = tmp_path / str(number)
        shutil.copytree(stacks["drops"], folder)
        made = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        drops = Image.open(folder / IMAGE)
        data = io.BytesIO()
        drops.save(data, format="TIFF", **how)
        image(data.getvalue())(made, folder)
        (folder / "manifest.json").write_text(json.dumps(made), encoding="utf-8")
        assert read(folder).tablet.dose() == pytest.approx(read(stacks["drops"]).tablet.dose())


def test_inks_have_to_be_there(stacks: dict[str, Path]) -> None:
    with pytest.raises(ReleaseSimError, match=r"no \[\[tablet.region\]\] of this name"):
        read(stacks["drops"], inks={"2": "core"})
