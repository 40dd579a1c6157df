"""Dotted names reach nested dataclasses and named items of tuples."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from releasesim.errors import InputError
from releasesim.parameters import get_parameter, parameter_names, replace_parameter


@dataclass(frozen=True)
class Infill:
    pattern: str = "grid"
    density: float = 0.3


@dataclass(frozen=True)
class Region:
    name: str
    infill: Infill | None = None


@dataclass(frozen=True)
class Tablet:
    infill: Infill | None = Infill()
    walls: int = 2
    regions: tuple[Region, ...] = ()


TABLET = Tablet(regions=(Region("core", Infill("grid", 1.0)), Region("shell")))


def test_reads_fields_and_named_items():
    assert get_parameter(TABLET, "infill.density") == 0.3
    assert get_parameter(TABLET, "region.core.infill.density") == 1.0
    assert get_parameter(TABLET, "regions") is TABLET.regions


def test_replaces_one_leaf_and_nothing_else():
    changed = replace_parameter(TABLET, "region.core.infill.density", 0.5)
    assert get_parameter(changed, "region.core.infill.density") == 0.5
    assert changed.infill == TABLET.infill
    assert changed.regions[1] == TABLET.regions[1]
    assert TABLET.regions[0].infill == Infill("grid", 1.0)
    assert replace_parameter(TABLET, "walls", 3).walls == 3


def test_reaches_card_and_fraction_of_a_pair():
    @dataclass(frozen=True)
    class Mixture:
        excipients: tuple[tuple[Region, float], ...]

    mixture = Mixture(((Region("sorbitol", Infill()), 0.1), (Region("talc"), 0.2)))
    assert parameter_names(mixture)[-1] == "excipient.talc.fraction"
    assert get_parameter(mixture, "excipient.sorbitol.infill.density") == 0.3
    changed = replace_parameter(mixture, "excipient.sorbitol.fraction", 0.3)
    assert [share for _, share in changed.excipients] == [0.3, 0.2]


def test_lists_names():
    assert parameter_names(TABLET) == [
        "infill.pattern",
        "infill.density",
        "walls",
        "region.core.infill.pattern",
        "region.core.infill.density",
    ]


@pytest.mark.parametrize(
    "name", ["infil.density", "infill.density.x", "region.cor.infill", "", "."]
)
def test_unknown_name_lists_the_valid_ones(name):
    with pytest.raises(InputError, match=r"there are infill\.pattern, infill\.density") as caught:
        replace_parameter(TABLET, name, 1)
    assert "\n" not in str(caught.value)


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(InputError, match=r'did you mean "infill\.density"'):
        get_parameter(TABLET, "infil.density")
