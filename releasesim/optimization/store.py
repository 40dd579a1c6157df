"""Curves on disk: what a design that was stopped has solved, for the one that goes on with it."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from releasesim.files import write_atomic
from releasesim.study import Study
from releasesim.version import __version__

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CurveStore:
    """A folder of solved curves, each whole or not there, named by what it is the curve of.

    Parameters
    ----------
    folder : Path
        Made when the first curve is kept.
    owner : str
        What all its curves have in common: study, cards and version, see `of`.
    """

    folder: Path
    owner: str = ""

    def of(self, study: Study) -> CurveStore:
        """The same folder for the curves of a study alone: others in it are not taken for them."""
        content = repr((study.hash, sorted(study.cards.items()), __version__))
        return CurveStore(self.folder, content)

    def kept(self, what: object, solve: Callable[[], Array]) -> Array:
        """The array kept for `what`, to the last bit; solved and kept where it is not there.

        Parameters
        ----------
        what : object
            Its `repr` tells it from all others of the owner.
        solve : callable
        """
        name = hashlib.sha256(repr((self.owner, what)).encode()).hexdigest()[:32]
        file = self.folder / f"{name}.npy"
        try:
            return np.asarray(np.load(file, allow_pickle=False))
        except (OSError, ValueError, EOFError):  # not there, or not written by us
            found = solve()
        buffer = io.BytesIO()
        np.save(buffer, found, allow_pickle=False)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomic(file, buffer.getvalue())
        return found

    def clear(self) -> None:
        """Take the folder away: the design is finished."""
        shutil.rmtree(self.folder, ignore_errors=True)
