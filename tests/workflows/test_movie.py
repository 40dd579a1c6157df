"""MP4 by ffmpeg: what it is given, and what is said where there is none or it fails."""

import os
import stat

import numpy as np
import pytest

from releasesim.workflows.movie import NO_FFMPEG, mp4_bytes

PICTURES = [np.full((44, 104, 3), shade, np.uint8) for shade in (0, 100, 200)]


@pytest.fixture
def ffmpeg(tmp_path, monkeypatch):
    """Put a program of that name first on PATH."""

    def make(script):
        path = tmp_path / "ffmpeg"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return make


def test_pictures_go_to_ffmpeg(ffmpeg, tmp_path):
    # keeps its words and counts what it is given
    ffmpeg(f'echo "$@" > {tmp_path}/words; for last; do :; done; wc -c > "$last"')
    made, problem = mp4_bytes(PICTURES)
    assert problem == ""
    assert int(made) == 44 * 104 * 3 * (3 + 12)  # the last one stands longer
    words = (tmp_path / "words").read_text(encoding="utf-8")
    assert "-s 104x44" in words
    assert "libx264" in words


def test_without_ffmpeg_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert mp4_bytes(PICTURES) == (b"", NO_FFMPEG)


def test_failing_ffmpeg_is_said_and_no_more(ffmpeg):
    ffmpeg('cat > /dev/null; echo "Unknown encoder" >&2; exit 1')
    assert mp4_bytes(PICTURES) == (b"", "no release.mp4: ffmpeg failed: Unknown encoder")


def test_program_that_cannot_run_is_said(ffmpeg, tmp_path):
    ffmpeg("")
    (tmp_path / "ffmpeg").write_bytes(b"\x7fELF not a program")
    made, problem = mp4_bytes(PICTURES)
    assert made == b""
    assert problem.startswith("no release.mp4: ffmpeg cannot be run")
