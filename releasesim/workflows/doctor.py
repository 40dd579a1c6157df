"""Whether an installation can do its work: every part tried, none assumed."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from releasesim.errors import ReleaseSimError

DEPENDENCIES = {
    "numpy": "numpy",
    "numba": "numba",
    "scipy": "scipy",
    "matplotlib": "matplotlib",
    "pydantic": "pydantic",
    "typer": "typer",
    "rich": "rich",
    "pint": "pint",
    "shapely": "shapely",
    "manifold3d": "manifold3d",
    "jinja2": "jinja2",
    "pillow": "PIL",
    "tomli-w": "tomli_w",
}
"""Distribution -> module, of everything that the package requires."""

SLICERS = {
    "PrusaSlicer": ("prusa-slicer", "prusa-slicer-console", "PrusaSlicer"),
    "CuraEngine": ("CuraEngine", "curaengine"),
}
"""Slicer -> names of its program on PATH."""

_OLDEST = (3, 11)


class Finding(NamedTuple):
    """One line of the examination.

    Parameters
    ----------
    name : str
        What was tried.
    state : str
        "ok", "absent" (not needed) or "broken" (needed).
    words : str
        What was found.
    """

    name: str
    state: str
    words: str


def examine() -> list[Finding]:
    """Try everything that the program needs, and look for what it can use.

    Returns
    -------
    list of Finding
    """
    checks: list[tuple[str, Callable[[], str]]] = [
        ("releasesim", _package),
        ("Python", _python),
        *((name, _import_check(name, module)) for name, module in DEPENDENCIES.items()),
        ("compiler", _compiler),
        ("kernel cache", _kernel_cache),
        ("cards", _cards),
        ("threads", _threads),
    ]
    needed = [_tried(name, check) for name, check in checks]
    return [*needed, _gpu(), *_slicers()]


def _gpu() -> Finding:
    """Look for a GPU, which nothing needs."""
    try:
        from releasesim.numerics.gpu import available

        there, words = available()
    except Exception as error:  # a driver that is half there says so in its own ways
        there, words = False, f"{type(error).__name__}: {error}".split("\n")[0]
    return Finding("GPU", "ok" if there else "absent", words if there else f"{words}; {_NO_GPU}")


_NO_GPU = 'needed only for run.device = "gpu"'


def _tried(name: str, check: Callable[[], str]) -> Finding:
    """Run one check: whatever it raises is what is broken."""
    try:
        return Finding(name, "ok", check())
    except Exception as error:  # a doctor survives every disease
        kind = "" if isinstance(error, ReleaseSimError) else f"{type(error).__name__}: "
        return Finding(name, "broken", f"{kind}{error}".strip().split("\n")[0])


def _package() -> str:
    from releasesim.version import __version__

    return f"{__version__}, in {Path(__file__).resolve().parents[1]}"


def _python() -> str:
    version = f"{platform.python_version()}, {sys.executable}"
    if sys.version_info < _OLDEST:
        raise ReleaseSimError(f"{version}: 3.11 or later is needed")
    return version


def _import_check(name: str, module: str) -> Callable[[], str]:
    def check() -> str:
        importlib.import_module(module)
        return metadata.version(name)

    return check


def _compiler() -> str:
    """Compile a function and see that it computes."""
    import numba

    begun = time.perf_counter()
    if numba.njit(lambda x: x + 1.0)(1.0) != 2.0:
        raise ReleaseSimError("a compiled function gives a wrong result")
    return f"compiles in {time.perf_counter() - begun:.1f} s"


def _kernel_cache() -> str:
    """Find where compiled kernels are kept, and write there."""
    try:
        folder = _cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError) as error:  # Numba found no place at all, or this is none
        message = f"{error}: set NUMBA_CACHE_DIR to a folder that can be written"
        raise ReleaseSimError(message) from None
    kept = len(list(folder.glob("*.nbi")))
    return f"{folder}, {f'{kept} kernels' if kept else 'empty: the first run compiles'}"


def _cache_folder() -> Path:
    """Ask a kernel where it is kept."""
    from numba.core.dispatcher import Dispatcher

    from releasesim.numerics import kernels

    found = (one for one in vars(kernels).values() if isinstance(one, Dispatcher))
    return Path(str(next(found).stats.cache_path))


def _cards() -> str:
    from releasesim.cards import FOLDERS, list_cards, models_folder

    folder = models_folder()
    count = sum(len(list_cards(kind)) for kind in FOLDERS)
    if count == 0:
        raise ReleaseSimError(f"{folder} holds no cards: install releasesim again")
    return f"{count} in {folder}"


def _threads() -> str:
    import numba

    # on Linux a container may be given fewer than the machine has
    given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{given} of {os.cpu_count()} processors, Numba uses up to {numba.get_num_threads()}"


def _slicers() -> Iterator[Finding]:
    for slicer, programs in SLICERS.items():
        found = next((path for path in map(shutil.which, programs) if path), None)
        if found:
            yield Finding(slicer, "ok", found)
        else:
            yield Finding(slicer, "absent", f"no {programs[0]} on PATH; needed only to slice")
