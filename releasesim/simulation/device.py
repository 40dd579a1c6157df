"""Where Lanczos runs: on the processor, or on a GPU where a study asks for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from releasesim.errors import InputError, MissingExtraError, UnsupportedLawError

#: `device = "auto"` takes a GPU for so many unknowns or more: below, a solve takes a tenth of a
#: second on one core. Not measured on a device.
_LARGE = 200_000


@dataclass(frozen=True)
class Device:
    """What linear diffusion is solved on.

    Parameters
    ----------
    name : str
        Of the GPU; empty for the processor.
    gpu_from : float
        Unknowns from which on the GPU is used; infinite for never.
    """

    name: str = ""
    gpu_from: float = np.inf


def device_of(asked: str, kind: str) -> Device:
    """The device that a study gets.

    Parameters
    ----------
    asked : str
        `run.device`.
    kind : str
        Of its mechanism: "diffusion", "erosion" or "coupled".

    Raises
    ------
    UnsupportedLawError
        It asks for a GPU, and its laws are not linear diffusion.
    MissingExtraError
        It asks for a GPU, and the extra is not installed.
    InputError
        It asks for a GPU, and there is none.
    """
    if asked == "cpu" or (asked == "auto" and kind != "diffusion"):
        return Device()
    if kind != "diffusion":
        raise UnsupportedLawError(
            f'run.device = "gpu": a GPU solves diffusion that is linear and constant in time; this '
            f'study is {_KINDS[kind]}: take device = "cpu", or "auto"'
        )
    from releasesim.numerics.gpu import available, installed

    there, words = available()
    if there:
        return Device(words, 0.0 if asked == "gpu" else _LARGE)
    if asked == "auto":
        return Device()
    if not installed():
        raise MissingExtraError(f'run.device = "gpu": {words}')
    raise InputError(f'run.device = "gpu": {words}; take device = "cpu", or "auto"')


_KINDS = {"erosion": "one of a moving front", "coupled": "one of coupled laws"}
