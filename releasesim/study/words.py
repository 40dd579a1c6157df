"""Names as a sentence has them."""

from __future__ import annotations

from collections.abc import Sequence


def joined(names: Sequence[str]) -> str:
    """Names in a sentence.

    Examples
    --------
    >>> joined(["caffeine", "theophylline", "warfarin"])
    'caffeine, theophylline and warfarin'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
