"""Numbers as a formulator reads them."""

from __future__ import annotations

import math

from releasesim.cards import Value
from releasesim.curve import time_text
from releasesim.units import format_quantity

UNKNOWN = "–"


def percent(fraction: float, digits: int = 1) -> str:
    """Write a fraction [-] in percent.

    Examples
    --------
    >>> percent(0.5349)
    '53.5 %'
    """
    return f"{100 * fraction:.{digits}f} %" if math.isfinite(fraction) else UNKNOWN


def quantity(value: float, unit: str, digits: int = 4) -> str:
    """Write an SI value in a unit; what is not known is a dash.

    Examples
    --------
    >>> quantity(1e-4, "mg")
    '100 mg'
    """
    return format_quantity(value, unit, digits) if math.isfinite(value) else UNKNOWN


def count(number: int, noun: str) -> str:
    """Write how many there are.

    Examples
    --------
    >>> count(1, "wall"), count(3, "roof")
    ('1 wall', '3 roofs')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def of_dose(share: float) -> str:
    """Write a numerical error [-], which may be anything between round-off and percent.

    Examples
    --------
    >>> of_dose(0.0123), of_dose(1.2e-13)
    ('1.23 % of the dose', '1.2e-13 of the dose')
    """
    if not math.isfinite(share):
        return "not known"
    if share == 0.0:
        return "0 of the dose"
    words = percent(share, 2) if abs(share) >= 5e-5 else f"{share:.1e}"
    return f"{words} of the dose"


def card_value(value: Value) -> str:
    """Write a card's number in the unit of the card."""
    return quantity(value.value, value.unit)


def span(low: float, high: float, unit: str) -> str:
    """Write a range of SI values.

    Examples
    --------
    >>> span(0.001, 0.002, "mm")
    '1 to 2 mm'
    """
    if low == high:
        return "no range"
    first, last = quantity(low, unit), quantity(high, unit)
    return f"{first.removesuffix(f' {unit}')} to {last}"


def voids(flooded: tuple[float, ...]) -> str:
    """Say when closed voids flood [s].

    Examples
    --------
    >>> voids((1200.0, 1200.0)), voids((1200.0, 7200.0))
    ('2 voids, after 20 min', '2 voids, after 20 min to 2 h')
    """
    ends = dict.fromkeys(time_text(t) for t in (min(flooded), max(flooded)))
    return f"{count(len(flooded), 'void')}, after {' to '.join(ends)}"


def number(value: float) -> str:
    """Write a dimensionless number to three digits.

    Examples
    --------
    >>> number(4462.1), number(0.01234)
    ('4,460', '0.0123')
    """
    if not math.isfinite(value) or not 1000 <= abs(value) < 1e7:
        return f"{value:.3g}"
    return f"{float(f'{value:.3g}'):,.0f}"


def sentence(words: str) -> str:
    """Begin with a capital letter."""
    return words[:1].upper() + words[1:]
