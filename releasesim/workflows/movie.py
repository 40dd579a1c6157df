"""MP4 by ffmpeg, a separate program found on PATH."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

NO_FFMPEG = "no release.mp4: ffmpeg is not on PATH"
_RATE, _LAST, _LIMIT = 8, 12, 120
"""Pictures a second, how often the last one is repeated, and the longest wait [s]."""


def mp4_bytes(pictures: Sequence[Picture]) -> tuple[bytes, str]:
    """Pictures of one size as MP4 (H.264).

    Parameters
    ----------
    pictures : sequence of (rows, columns, 3) ndarray
        Rows and columns in even numbers.

    Returns
    -------
    (bytes, str)
        The film; empty with a reason where ffmpeg is absent or fails.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        return b"", NO_FFMPEG
    rows, columns, _ = pictures[0].shape
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "release.mp4"
        size = f"{columns}x{rows}"
        command = [program, "-loglevel", "error", "-nostdin", "-f", "rawvideo"]
        command += ["-pix_fmt", "rgb24", "-s", size, "-r", str(_RATE), "-i", "pipe:0", "-an"]
        command += ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
        command += ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-y", str(made)]
        data = b"".join(picture.tobytes() for picture in [*pictures, *[pictures[-1]] * _LAST])
        return _run(command, data, made)


def _run(command: Sequence[str], data: bytes, made: Path) -> tuple[bytes, str]:
    try:
        done = subprocess.run(  # noqa: S603  found on PATH, our own arguments
            command, input=data, capture_output=True, timeout=_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return b"", f"no release.mp4: ffmpeg took more than {_LIMIT} s"
    except OSError as error:
        return b"", f"no release.mp4: ffmpeg cannot be run: {error.strerror}"
    if done.returncode or not made.is_file():
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return b"", f"no release.mp4: ffmpeg failed: {said[-1] if said else done.returncode}"
    return made.read_bytes(), ""
