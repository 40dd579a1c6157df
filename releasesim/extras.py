"""Optional parts: what is not installed is named, with the words that install it."""

from __future__ import annotations

import importlib
from types import ModuleType

from releasesim.errors import MissingExtraError


def load_extra(module: str, extra: str) -> ModuleType:
    """Import a module of an optional extra.

    Parameters
    ----------
    module : str
        Such as "SALib.sample.sobol".
    extra : str
        Name of the extra that brings it, as in pyproject.toml.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module.partition(".")[0]:
            raise  # installed, and broken by something else: that is not for us to explain
        package = module.partition(".")[0]
        raise MissingExtraError(
            f'{package} is not installed: pip install "releasesim[{extra}]"'
        ) from None
