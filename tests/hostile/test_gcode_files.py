"""G-code that is broken, hostile or no G-code at all: one clear line each, and no more read of it.

Each file is refused with a line number where a line is to blame.
"""

import os
import tracemalloc

import pytest

from releasesim.errors import GeometryError
from releasesim.geometry.gcode import read_gcode
from releasesim.geometry.gcode.beads import bead_layers

START = "G21\nG90\nM83\nG0 X0 Y0 Z.2\n"
ROAD = "G1 X10 E.35\n"
SAID = "; filament_diameter = 1.75\n"
MACH = SAID + START + "G1 X10 A.35\n"
VOLUMETRIC = SAID + START + ";TYPE:Perimeter\n;WIDTH:0.45\n;HEIGHT:0.2\nG1 X10 E.8141\n"
CROSSING = "".join(f"G0 X{n / 40} Y0\nG1 X{10 - n / 40} Y10 E.35\n" for n in range(400))
DUST = "".join(
    f"G0 X{n % 317 / 9:.3f} Y{n // 317 / 9:.3f}\nG1 Y{n // 317 / 9 + 0.01:.3f} E.0004\n"
    for n in range(100_001)
)

# what is in the file, the line to blame (None: the whole file), words of the message
TEXTS = {
    "nan": (SAID + START + "G1 Xnan E1\n", 6, "must be followed by a number"),
    "infinity": (SAID + START + "G1 Xinf E1\n", 6, "must be followed by a number"),
    "hexadecimal": (SAID + START + "G1 X0x10 E1\n", 6, "X.* twice|twice in one command"),
    "exponent": (SAID + START + "G1 X1e3 E1\n", 6, "twice in one command"),
    "comma": (SAID + START + "G1 X10,5 E1\n", 6, "must be followed by a number"),
    "two_points": (SAID + START + "G1 X1.0.5 E1\n", 6, "must be followed by a number"),
    "only_sign": (SAID + START + "G1 X- E1\n", 6, "must be followed by a number"),
    "lone_e": (SAID + START + "G1 X10 E\n", 6, "without a number"),
    "lone_x": (SAID + START + "G1 X E1\n", 6, "without a number"),
    "lone_g92": (SAID + START + "G92 E\n", 6, "without a number"),
    "huge_position": (SAID + START + f"G1 X{10**30} E1\n", 6, "no printer is that large"),
    "endless_digits": (SAID + START + f"G1 X{'9' * 5000} E1\n", 6, "no printer is that large"),
    "huge_feed": (SAID + START + f"G1 X10 E{10**12}\n", 6, "no printer is that large"),
    "huge_offset": (SAID + START + f"G92 X{10**300}\n", 6, "without a number|number"),
    "far_tablet": (SAID + START + "G1 X900 E30\n", 6, "at most 200 mm"),
    "fat_roads": (SAID + START + "G1 X10 E100\n", 6, "mm wide on average"),
    "thin_roads": (SAID + START + "G1 X10 E.001\n", 6, "mm wide on average"),
    "xz_plane": (SAID + START + "G18\nG2 X10 I5 E1\n", 7, "outside of the XY plane"),
    "yz_plane": (SAID + START + "G19\nG3 Y10 J5 E1\n", 7, "outside of the XY plane"),
    "arc_with_k": (SAID + START + "G2 X10 I5 K1 E1\n", 6, "outside of the XY plane"),
    "arc_of_nothing": (SAID + START + "G2 X10 E1\n", 6, "without I, J or R"),
    "arc_of_radius_0": (SAID + START + "G2 X10 I0 J0 E1\n", 6, "radius 0"),
    "arc_elsewhere": (SAID + START + "G2 X10 I2 J0 E1\n", 6, "elsewhere than on its circle"),
    "arc_too_small": (SAID + START + "G2 X10 R2 E1\n", 6, "between points 10 mm apart"),
    "arc_of_turns": (SAID + START + "G2 X10 I5 P1000000 E1\n", 6, "turns"),
    "arc_bare": (SAID + START + "G2 X10 I E1\n", 6, "radius nan|without a number|nan"),
    "arcs_without_end": (SAID + START + "G2 X0 I1000 P99 E9\n" * 100, 12, "arcs of more than"),
    "spline": (SAID + START + "G5 X10 Y5 I1 J1 P1 Q1 E1\n", 6, "curves other than arcs"),
    "unknown_motion": (SAID + START + "G61 X10 E1\n", 6, "extrudes: only G0"),
    "axis_a": (MACH, 6, "axis other than X, Y, Z and E"),
    "axis_u": (SAID + START + "G1 X10 U5 E1\n", 6, "axis other than X, Y, Z and E"),
    "two_commands": (SAID + START + "G1 X10 G1 E.35\n", 6, "two commands in one line"),
    "tool_200": (SAID + START + "T200\n" + ROAD, 7, "not T0 to T15"),
    "flow_0": (SAID + START + "M221 S0\n", 6, "flow must be above 0"),
    "flow_huge": (SAID + START + "M221 S1000000\n", 6, "flow must be above 0"),
    "volumetric_by_width": (VOLUMETRIC, 9, "E a volume without M200"),
    "volumetric_by_setting": (
        SAID + START + "G1 X10 E.84\n; use_volumetric_e = 1\n",
        6,
        "E is a volume",
    ),
    "no_z": (SAID + "G21\nG90\nM83\n" + ROAD, 5, "is a Z missing"),
    "thick_layer": (SAID + START + "G0 Z9\n" + ROAD, 7, "layers are 0.01 to 2 mm"),
    "negative_z": (SAID + START + "G0 Z-1\n" + ROAD, 7, "layers are 0.01 to 2 mm"),
    "no_diameter": (START + ROAD, None, "diameter of its filament"),
    "silly_diameter": (
        "; filament_diameter = 900\n" + START + ROAD,
        None,
        "must be 0.1 to 20 mm",
    ),
    "travel_only": (SAID + START + "G0 X10\n" * 100, None, "extrudes nothing"),
    "retraction_only": (SAID + START + "G1 E-5\nG1 E5\n" * 10, None, "extrudes nothing"),
    "skirt_only": (SAID + START + ";TYPE:Skirt\n" + ROAD, None, "only skirt, support or purging"),
    "purge_only": (SAID + START + "G1 E5\n", None, "no road of a tablet"),
    "empty": ("", None, "extrudes nothing"),
    "blank": ("\n" * 10000, None, "extrudes nothing"),
    "comments_only": ("; nothing\n" * 1000, None, "extrudes nothing"),
    "prose": ("Take one tablet every morning.\n" * 500, None, "extrudes nothing"),
    "html": ("<!doctype html>\n<html><body>404</body></html>\n", None, "extrudes nothing"),
    "nul_in_line": (SAID + START + "G1 X1\0 E1\n", 6, "this is no G-code"),
    "nul_in_comment": (SAID + START + "; a\0b\n" + ROAD, 6, "this is no G-code"),
    "latin_letters": (SAID + START + "G1 X10 É1\n", 6, "this is no G-code"),
    "escape": (SAID + START + "G1 \x1b[31mX10 E1\n", 6, "this is no G-code"),
    "climbing": (SAID + START + ";HEIGHT:0.2\nG1 X10 Z.4 E.35\n", 7, "climbs while it is laid"),
    "one_on_another": (SAID + START + CROSSING, 7, "lays 400 pieces of road on one level, [0-9]+"),
    "dust": (SAID + START + DUST, 7, "lays 100001 pieces of road on one level"),
    "truncated_number": (SAID + START + ROAD * 3 + "G1 X", 9, "without a number"),
}
BYTES = {
    "bgcode": (b"GCDE\x01\x00\x00\x00" + bytes(100), 1, "binary G-code"),
    "zip": (b"PK\x03\x04" + bytes(100), 1, "zip archive"),
    "gzip": (b"\x1f\x8b\x08" + bytes(100), 1, "gzip archive"),
    "utf16": (START.encode("utf-16"), 1, "UTF-16"),
    "utf16_unmarked": (START.encode("utf-16-le"), 1, "this is no G-code"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(100), 1, "this is no G-code"),
    "elf": (b"\x7fELF\x02\x01\x01" + bytes(100), 1, "this is no G-code"),
    "one_endless_line": (b"G1 X1 " * 60_000, None, "a line of more than"),
    "one_endless_comment": (b";" + b"x" * 3_000_000, None, "a line of more than"),
    "zeros": (bytes(100_000), None, "this is no G-code"),
}


def follow(path):
    read = read_gcode(path).tablet
    return bead_layers(read, [read.tools])


def check_refused(path, line, words):
    with pytest.raises(GeometryError, match=words) as caught:
        follow(path)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 400
    assert message.startswith(f"{path}:{line} " if line else f"{path}: ")


@pytest.mark.parametrize("name", TEXTS)
def test_text(tmp_path, name):
    text, line, words = TEXTS[name]
    path = tmp_path / "tablet.gcode"
    path.write_text(text, encoding="utf-8")
    check_refused(path, line, words)


@pytest.mark.parametrize("name", BYTES)
def test_bytes(tmp_path, name):
    content, line, words = BYTES[name]
    path = tmp_path / "tablet.gcode"
    path.write_bytes(content)
    check_refused(path, line, words)


def test_folder(tmp_path):
    check_refused(tmp_path, None, "is a folder")


def test_no_file(tmp_path):
    check_refused(tmp_path / "none.gcode", None, "No such file")


def test_link_to_itself(tmp_path):
    link = tmp_path / "loop.gcode"
    link.symlink_to(link)
    check_refused(link, None, "cannot be read")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/random", "/dev/stdin"])
def test_link_to_a_device(tmp_path, device):
    link = tmp_path / "tablet.gcode"
    link.symlink_to(device)
    with pytest.raises(GeometryError, match=r"device or a pipe|is empty|extrudes nothing|number"):
        follow(link)


def test_pipe_that_nobody_writes(tmp_path):
    path = tmp_path / "pipe.gcode"
    os.mkfifo(path)
    check_refused(path, None, "device or a pipe")


def test_file_that_is_too_large(tmp_path):
    path = tmp_path / "tablet.gcode"
    path.touch()
    os.truncate(path, 3_000_000_000)  # of zeros that take no room
    check_refused(path, None, "too large")


def test_link_to_a_good_file_is_followed(tmp_path):
    path, link = tmp_path / "a.gcode", tmp_path / "b.gcode"
    path.write_text(SAID + START + ROAD)
    link.symlink_to(path)
    assert follow(link)[0][0].bands.area > 0


def test_a_million_lines_of_garbage_take_little_memory(tmp_path):
    """Different on every line; the one road among them is found."""
    path = tmp_path / "tablet.gcode"
    lines = "".join(f"@{n} what is this?\n; {n * 7919}\n" for n in range(500_000))
    path.write_text(SAID + START + lines + ROAD)
    tracemalloc.start()
    read = read_gcode(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(read) == 1
    assert read.line.tolist() == [1_000_006]
    assert peak < 120e6


def test_garbage_in_the_middle_is_refused_at_its_line(tmp_path):
    path = tmp_path / "tablet.gcode"
    path.write_text(SAID + START + ROAD * 200_000 + "G1 X10 E..3\n" + ROAD)
    check_refused(path, 200_006, "must be followed by a number")


def test_harmless_oddities_are_read(tmp_path):
    """CR LF, tabs, blanks, upper and lower case, a byte order mark, no line end at the end."""
    path = tmp_path / "tablet.gcode"
    text = "\ufeff" + SAID + START + "\r\n  g1\tx 10 \t e .35;;; ( odd\r\n\r\n(only this)\nM84"
    path.write_text(text.replace("x 10", "x10").replace("e .35", "e.35"), encoding="utf-8")
    assert read_gcode(path).volume.sum() == pytest.approx(0.35 * 2.405282e-9, rel=1e-6)
