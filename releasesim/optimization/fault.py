"""Why a tablet cannot be, and how far it is from one that can."""

from __future__ import annotations

from collections import Counter
from typing import Self

LAST = ("time", "mass")
"""Kinds that are asked after all others."""


class Fault(str):
    """Why a tablet cannot be, in words; of one kind the nearest to what is allowed tells most.

    Parameters
    ----------
    words : str
        With the figures of the tablet.
    kind : str
        What it is about: faults of one kind differ in their figures alone.
    beyond : float
        How far it is beyond what is allowed, relative to that [-].

    Examples
    --------
    >>> heavy = [Fault(f"weighs {mass} mg", "mass", mass / 100 - 1) for mass in (310, 180, 240)]
    >>> telling(Counter([*heavy, "too thin", "too thin"]))
    'weighs 180 mg'
    >>> telling(Counter(["too thin", "too thin", heavy[0]]))
    'weighs 310 mg'
    """

    __slots__ = ("beyond", "kind")
    kind: str
    beyond: float

    def __new__(cls, words: str, kind: str = "", beyond: float = 0.0) -> Self:
        """Words that know how far off they are."""
        made = super().__new__(cls, words)
        made.kind, made.beyond = kind, beyond
        return made


def telling(reasons: Counter[str]) -> str:
    """The reason to give for many: of the commonest kind the nearest to what is allowed.

    Tablets that only weigh too much or take too long can be made otherwise: they tell more.
    """
    kinds: Counter[str] = Counter()
    for reason, count in reasons.items():
        kinds[_kind(reason)] += count
    last = {kind: count for kind, count in kinds.items() if kind in LAST}
    kinds = Counter(last) or kinds
    (commonest, _) = kinds.most_common(1)[0]
    return min((one for one in reasons if _kind(one) == commonest), key=_beyond)


def _kind(reason: str) -> str:
    return reason.kind if isinstance(reason, Fault) else reason


def _beyond(reason: str) -> float:
    return reason.beyond if isinstance(reason, Fault) else 0.0
