"""Every law: worked numbers computed apart from the code, bounds, the table, and Physics."""

from __future__ import annotations

import dataclasses
import math
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest

from releasesim import physics
from releasesim.errors import InputError
from releasesim.physics import LAWS, FilmConditions, Physics, law, parameter_units

WATER = FilmConditions(
    velocity=0.05, length=0.01, kinematic_viscosity=7e-7, diffusivity=1e-9, rotation=10.0
)

# one valid set of SI parameters for every law that needs some
PARAMETERS: dict[str, dict[str, float | str]] = {
    "ConstantDiffusivity": {"D": 1e-10},
    "Fujita1961": {"D_gel": 1e-10, "beta": 2.5, "w_gel": 0.8},
    "ExponentialInConcentration": {"D0": 1e-11, "beta": -1.5},
    "ExponentialInTime": {"D0": 1e-12, "rate": 2e-6},
    "MackieMeares1955": {"D0": 9e-10},
    "LeachedPorosity": {"D_pore": 6e-10, "porosity0": 0.05, "tortuosity": 3.0},
    "PowerInMolarMass": {"D0": 1e-14, "exponent": 1.5},
    "ExponentialInMolarMass": {"D0": 1e-14, "a": 4.0},
    "FilmTransfer": {"k": 5e-6},
    "LocalEquilibrium": {"solubility": 12.0},
    "NoyesWhitney1897": {"rate": 1e-3, "solubility": 10.0, "exponent": 0.0},
    "FickianHydration": {"D": 2e-10},
    "FujitaHydration": {"D": 5.6e-10, "beta": 2.5},
    "CaseII": {"speed": 1e-7},
    "VolumeAdditive": {"equilibrium_volume_ratio": 8.0},
    "ConstantFront": {"speed": 1e-7},
    "MassErosion": {"k0": 1.3e-4, "density": 1300.0},
    "HydratedFront": {"speed": 1e-7, "onset": 0.8},
    "EntericFront": {"speed": 1e-7, "pH_threshold": 5.5, "sharpness": 2.0, "dissolves": "above"},
    "FirstOrderScission": {"rate": 2.4e-7, "feedback": 2.0, "Mn_critical": 0.1},
    "AutocatalyticScission": {"k1": 1e-9, "k2": 1e-11, "acid0": 50.0, "ester0": 15000.0},
    "StagnantChannels": {"D": 9e-10},
    "WettedChannels": {"delay": 120.0},
}
EVERY = [(slot, name) for slot, laws in LAWS.items() for name in laws]


def make(slot: str, name: str) -> physics.Law:
    return law(slot, name, **PARAMETERS.get(name, {}))


# --- the table ------------------------------------------------------------------------------------


def test_table_holds_every_law_of_the_design():
    assert {slot: set(laws) for slot, laws in LAWS.items()} == {
        "diffusion": {
            "NoDiffusion",
            "ConstantDiffusivity",
            "Fujita1961",
            "ExponentialInConcentration",
            "ExponentialInTime",
            "MackieMeares1955",
            "LeachedPorosity",
            "PowerInMolarMass",
            "ExponentialInMolarMass",
        },
        "film": {
            "PerfectSink",
            "FilmTransfer",
            "RanzMarshall1952",
            "Clift1978",
            "FlatPlate",
            "Levich1962",
        },
        "dissolution": {"FullyDissolved", "LocalEquilibrium", "NoyesWhitney1897"},
        "hydration": {"InstantlyWet", "FickianHydration", "FujitaHydration", "CaseII"},
        "swelling": {"NoSwelling", "VolumeAdditive"},
        "erosion": {"NoErosion", "ConstantFront", "MassErosion", "HydratedFront", "EntericFront"},
        "hydrolysis": {"NoHydrolysis", "FirstOrderScission", "AutocatalyticScission"},
        "channels": {"MixedChannels", "StagnantChannels", "WettedChannels"},
    }


@pytest.mark.parametrize(("slot", "name"), EVERY)
def test_every_law_is_frozen_hashable_picklable_and_says_itself(slot, name):
    made = make(slot, name)
    assert made.slot == slot
    assert made == make(slot, name)
    assert hash(made) == hash(make(slot, name))
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301  # our own bytes
    assert made.describe().startswith(f"{name}(")
    for unit in parameter_units(type(made)).values():
        assert unit == "text" or re.fullmatch(r"[A-Za-z0-9/]+", unit)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.anything = 1.0


@pytest.mark.parametrize(("slot", "name"), EVERY)
def test_every_law_teaches(slot, name):
    """A worked example, and a paper unless the law is off or needs none."""
    text = LAWS[slot][name].__doc__ or ""
    assert "Examples" in text
    assert LAWS[slot][name].off or "References" in text or name == "StagnantChannels"


@pytest.mark.parametrize(("slot", "name"), EVERY)
def test_every_number_refuses_nonsense(slot, name):
    made = make(slot, name)
    for key, unit in parameter_units(type(made)).items():
        bad_values = (
            ["purple"] if unit == "text" else [math.nan, math.inf, -math.inf, True, "1e-10"]
        )
        for bad in bad_values:
            with pytest.raises(InputError, match=f"{name}.{key} = ") as caught:
                dataclasses.replace(made, **{key: bad})
            assert "\n" not in str(caught.value)


def test_parameter_units():
    units = {name: parameter_units(LAWS[slot][name]) for slot, name in EVERY}
    assert units["NoyesWhitney1897"] == {
        "rate": "1/s",
        "solubility": "kg/m3",
        "exponent": "1",
        "initially": "text",
    }
    assert units["MassErosion"] == {"k0": "kg/m2/s", "density": "kg/m3"}
    assert units["Levich1962"]["rotation"] == "rad/s"
    assert units["AutocatalyticScission"]["k2"] == "m3/mol/s"
    assert units["NoErosion"] == {}


@pytest.mark.parametrize(
    ("slot", "name", "parameters", "message"),
    [
        ("erosoin", "NoErosion", {}, 'no physics slot "erosoin"; .*did you mean "erosion"'),
        ("diffusion", "fujita", {}, 'no diffusion law "fujita"; .*did you mean "Fujita1961"'),
        ("diffusion", "zzz", {}, r'no diffusion law "zzz"; there are [^;]*PowerInMolarMass$'),
        ("film", "NoErosion", {}, 'NoErosion is no film law: it belongs in the slot "erosion"'),
        ("diffusion", "Fujita1961", {"d_gel": 1.0}, 'did you mean "D_gel"'),
        ("diffusion", "NoDiffusion", {"D": 1.0}, "there are none"),
        ("diffusion", "Fujita1961", {"w_gel": 0.5}, r"needs D_gel \[m2/s\], beta \[1\]"),
        ("diffusion", "ConstantDiffusivity", {"D": 0.0}, r"D = 0 m2/s: must be positive$"),
    ],
)
def test_wrong_names_are_met_with_the_right_ones(slot, name, parameters, message):
    with pytest.raises(InputError, match=message):
        law(slot, name, **parameters)


@pytest.mark.parametrize(
    ("slot", "name", "change", "message"),
    [
        ("diffusion", "ConstantDiffusivity", {"D": -1e-10}, "D = -1e-10 m2/s: must be positive"),
        ("diffusion", "Fujita1961", {"beta": -1.0}, "beta = -1: must be 0 or more"),
        ("diffusion", "Fujita1961", {"w_gel": 0.0}, "w_gel = 0: must be above 0 and at most 1"),
        ("diffusion", "LeachedPorosity", {"porosity0": 1.2}, "porosity0 = 1.2: must be 0 to 1"),
        (
            "diffusion",
            "LeachedPorosity",
            {"tortuosity": 0.5},
            "tortuosity = 0.5: must be 1 or more",
        ),
        ("dissolution", "NoyesWhitney1897", {"exponent": 1.0}, "exponent = 1: must be 0 or 0.6667"),
        (
            "dissolution",
            "NoyesWhitney1897",
            {"initially": "wet"},
            'initially = "wet": must be "dry" or "saturated"',
        ),
        ("erosion", "EntericFront", {"dissolves": "up"}, 'must be "above" or "below"'),
        ("hydrolysis", "FirstOrderScission", {"Mn_critical": 1.1}, "must be 0 to 1"),
        ("swelling", "VolumeAdditive", {"equilibrium_volume_ratio": 0.9}, "must be 1 or more"),
    ],
)
def test_bounds_are_said_in_one_line(slot, name, change, message):
    with pytest.raises(InputError) as caught:
        dataclasses.replace(make(slot, name), **change)
    assert str(caught.value).startswith(name + ".")
    assert message in str(caught.value)


def test_numbers_become_plain_floats():
    made = physics.ConstantDiffusivity(D=np.float64(1e-10))
    assert type(made.D) is float
    assert repr(made) == "ConstantDiffusivity(D=1e-10)"
    assert physics.NoyesWhitney1897(rate=1, solubility=5, exponent=0.667).exponent == 2.0 / 3.0


def test_import_is_as_light_as_numpy():
    code = "import sys, releasesim.physics; print(*{'scipy', 'numba', 'pint'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603  # our own words
    assert ran.stdout.strip() == ""


# --- diffusion ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "varies_with", "state", "expected"),
    [
        ("NoDiffusion", None, 0.3, 0.0),
        ("ConstantDiffusivity", None, 0.3, 1e-10),
        ("Fujita1961", "water", 0.2, 1.5335496684492847e-11),
        ("ExponentialInConcentration", "concentration", 0.5, 4.723665527410147e-12),
        ("ExponentialInTime", "time", 5e5, 2.718281828459045e-12),
        ("MackieMeares1955", "water_volume_fraction", 0.8, 4e-10),
        ("LeachedPorosity", "leached", 0.25, 6e-11),
        ("PowerInMolarMass", "molar_mass", 0.25, 8e-14),
        ("ExponentialInMolarMass", "molar_mass", 0.25, 2.0085536923187668e-13),
    ],
)
def test_diffusivity(name, varies_with, state, expected):
    made = make("diffusion", name)
    assert made.varies_with == varies_with
    assert made.diffusivity(state) == pytest.approx(expected, rel=1e-13)
    grid = made.diffusivity(np.full((2, 3), state))
    assert grid.shape == (2, 3)
    assert grid.dtype == np.float64


@pytest.mark.parametrize("name", LAWS["diffusion"])
def test_face_mean_is_the_integral_mean(name):
    """Against Simpson's rule on 2000 panels, in both directions, and at no difference."""
    made = make("diffusion", name)
    scale = 1e6 if name == "ExponentialInTime" else 1.0
    a, b = 0.15 * scale, 0.95 * scale
    D = made.diffusivity(np.linspace(a, b, 4001))
    expected = (D[0] + D[-1] + 4.0 * D[1::2].sum() + 2.0 * D[2:-1:2].sum()) / 12000.0
    # leached pores have a kink where nothing is left of the matrix
    close = 2e-3 if name == "LeachedPorosity" else 1e-6
    assert made.mean_diffusivity([a, b], [b, a]) == pytest.approx(expected, rel=close)
    assert made.mean_diffusivity(a, a) == pytest.approx(made.diffusivity(a), rel=1e-14)


def test_pores_never_exceed_the_device():
    full = make("diffusion", "LeachedPorosity").diffusivity(2.0)
    assert full == pytest.approx(6e-10 / 3.0)


def test_clock_is_the_integral_of_diffusivity():
    growing = physics.ExponentialInTime(D0=1e-12, rate=2e-6)
    assert growing.clock(5e5) == pytest.approx(1e-12 * (math.e - 1.0) / 2e-6, rel=1e-14)
    still = physics.ExponentialInTime(D0=1e-12, rate=0.0)
    assert still.clock(3e5) == pytest.approx(3e-7)


# --- film -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "k"),
    [
        ("PerfectSink", math.inf),
        ("FilmTransfer", 5e-6),
        ("RanzMarshall1952", 1.443813957228433e-05),
        ("Clift1978", 1.516480144221289e-05),
        ("FlatPlate", 1.575687445999247e-05),
        ("Levich1962", 1.960612149304396e-05 * 0.7 ** (-1.0 / 6.0)),
    ],
)
def test_coefficient(name, k):
    """Re = 714.29, Sc = 700; numbers from 40-digit arithmetic."""
    made = make("film", name)
    assert made.coefficient(WATER) == pytest.approx(k, rel=1e-12)
    low, high = made.coefficient_range(WATER)
    assert low <= made.coefficient(WATER) <= high


def test_given_values_override_the_conditions():
    own = physics.RanzMarshall1952(velocity=0.0)
    assert own.coefficient(WATER) == pytest.approx(2.0 * 1e-9 / 0.01)
    alone = physics.Levich1962(rotation=10.0, kinematic_viscosity=1e-6, diffusivity=1e-9)
    assert alone.coefficient() == pytest.approx(1.960612149304396e-05)
    assert alone.describe() == (
        "Levich1962(rotation = 10 rad/s, kinematic_viscosity = 1e-06 m2/s, "
        "diffusivity = 1e-09 m2/s)"
    )


def test_film_conditions_that_cannot_be():
    with pytest.raises(InputError, match=r"FlatPlate needs length: give it"):
        physics.FlatPlate(velocity=0.1).coefficient()
    with pytest.raises(InputError, match=r"velocity = -0\.1 m/s: must be 0 or more"):
        physics.FlatPlate().coefficient(dataclasses.replace(WATER, velocity=-0.1))
    with pytest.raises(InputError, match="Levich1962 gives k = 0 m/s: the liquid must move"):
        physics.Levich1962(rotation=0.0).coefficient(WATER)
    with pytest.raises(InputError, match=r"FlatPlate at Re = .*: known up to"):
        physics.FlatPlate(velocity=100.0).coefficient(WATER)


@pytest.mark.parametrize("Re", [100.0, 2000.0])
def test_clift_branches_meet(Re):
    """The published coefficients are rounded: they meet to a tenth of a percent."""
    sides = [
        physics.Clift1978(velocity=Re * side * 7e-7 / 0.01).coefficient(WATER)
        for side in (1.0 - 1e-9, 1.0 + 1e-9)
    ]
    assert sides[0] == pytest.approx(sides[1], rel=1e-3)


def test_sphere_correlations_reach_pure_diffusion():
    """Sh = 2 in a liquid at rest."""
    for cls in (physics.RanzMarshall1952, physics.Clift1978):
        assert cls(velocity=0.0).coefficient(WATER) == pytest.approx(2e-7)


# --- dissolution ----------------------------------------------------------------------------------


def test_local_equilibrium():
    made = physics.LocalEquilibrium(solubility=12.0)
    assert made.dissolved([0.0, 12.0, 50.0]).tolist() == [0.0, 12.0, 12.0]
    assert made.dissolved_at_start([50.0]).tolist() == [12.0]


def test_solubility_left_to_the_cards_must_be_filled_in():
    with pytest.raises(InputError, match=r"LocalEquilibrium.solubility is not known: give it"):
        physics.LocalEquilibrium().dissolved([1.0])
    with pytest.raises(InputError, match=r"MassErosion.density is not known"):
        physics.MassErosion(k0=1e-4).front_speed()
    with pytest.raises(InputError, match=r"StagnantChannels.D is not known"):
        physics.StagnantChannels().diffusivity()


@pytest.mark.parametrize(("exponent", "half"), [(0.0, 1.0), (2.0 / 3.0, 0.25)])
def test_noyes_whitney_dissolves_only_and_ends(exponent, half):
    made = physics.NoyesWhitney1897(rate=2e-3, solubility=10.0, exponent=exponent)
    s = [1.0, 0.125, 0.0, -1e-12, 1.0]
    c = [4.0, 4.0, 4.0, 4.0, 11.0]
    expected = [0.012, 0.012 * half, 0.0, 0.0, 0.0]
    assert made.dissolution_rate(s, c) == pytest.approx(expected, rel=1e-14)


def test_noyes_whitney_starts_dry_or_saturated():
    dry = physics.NoyesWhitney1897(rate=1e-3, solubility=10.0)
    wet = dataclasses.replace(dry, initially="saturated")
    assert dry.dissolved_at_start([50.0, 4.0]).tolist() == [0.0, 0.0]
    assert wet.dissolved_at_start([50.0, 4.0]).tolist() == [10.0, 4.0]
    assert physics.FullyDissolved().dissolved_at_start([50.0]).tolist() == [50.0]


def test_solubility_of_acids_and_bases():
    assert physics.acid_solubility(0.05, 4.5, 4.5) == pytest.approx(0.1)
    assert physics.base_solubility(0.01, 8.0, 6.0) == pytest.approx(1.01)
    assert physics.base_solubility(0.01, 8.0, 1.0, salt_limit=3.0) == pytest.approx(3.0)


# --- hydration, swelling, channels ----------------------------------------------------------------


def test_hydration():
    assert physics.InstantlyWet().front_speed() == math.inf
    assert physics.CaseII(speed=1e-7).front_speed() == 1e-7
    assert make("hydration", "FickianHydration").diffusivity([0.1]).tolist() == [2e-10]
    gel = make("hydration", "FujitaHydration")
    assert gel.diffusivity(0.5) == pytest.approx(5.6e-10 * 0.2865047968601901, rel=1e-14)
    # mean of exp(-beta (1-w)) over 0..1 is (1 - exp(-beta))/beta
    assert gel.mean_diffusivity(0.0, 1.0) == pytest.approx(5.6e-10 * 0.36716600055044, rel=1e-13)
    assert [LAWS["hydration"][n].diffuses for n in LAWS["hydration"]] == [False, True, True, False]


def test_swelling():
    made = physics.VolumeAdditive(equilibrium_volume_ratio=8.0)
    assert made.volume_ratio([0.0, 1.0]).tolist() == [1.0, 8.0]
    assert made.stretch(1.0) == pytest.approx(2.0)
    assert made.water_volume_fraction([0.0, 1.0]) == pytest.approx([0.0, 0.875])
    assert physics.NoSwelling().stretch([0.5]).tolist() == [1.0]


def test_channels():
    assert physics.MixedChannels().diffusivity() == math.inf
    assert physics.MixedChannels().wetting_delay() == 0.0
    assert physics.StagnantChannels(D=9e-10).diffusivity() == 9e-10
    assert physics.WettedChannels(delay=120.0).wetting_delay() == 120.0
    delay = physics.washburn_delay(5e-3, 0.2e-3, 0.7e-3, 0.07, math.pi / 3.0)
    assert delay == pytest.approx(0.005)
    with pytest.raises(InputError, match="must be below 90 deg"):
        physics.washburn_delay(5e-3, 0.2e-3, 0.7e-3, 0.07, 2.0)


# --- erosion --------------------------------------------------------------------------------------


def test_front_speeds():
    assert physics.NoErosion().front_speed() == 0.0
    assert physics.ConstantFront(speed=1e-7).front_speed(pH=1.2) == 1e-7
    assert physics.MassErosion(k0=1.3e-4, density=1300.0).front_speed() == pytest.approx(1e-7)
    assert physics.HydratedFront(speed=1e-7, onset=0.8).onset_water() == 0.8
    assert physics.ConstantFront(speed=1e-7).onset_water() == 0.5


def test_enteric_front_opens_on_its_side_of_the_threshold():
    above = physics.EntericFront(speed=1e-7, pH_threshold=5.5, sharpness=2.0)
    below = dataclasses.replace(above, pH_threshold=5.0, dissolves="below")
    assert above.front_speed(5.5) == pytest.approx(0.5e-7)
    assert above.front_speed(6.5) == pytest.approx(1e-7 / 1.01)
    assert above.front_speed(1.2) == pytest.approx(1e-7 / (1.0 + 10.0**8.6))
    assert below.front_speed(4.0) == pytest.approx(1e-7 / 1.01)
    assert below.front_speed(6.8) == pytest.approx(1e-7 / (1.0 + 10.0**3.6))
    sharp = dataclasses.replace(above, sharpness=1e4)
    assert sharp.front_speed(1.0) == pytest.approx(0.0, abs=1e-300)
    with pytest.raises(InputError, match="needs the medium's pH"):
        above.front_speed()


# --- hydrolysis -----------------------------------------------------------------------------------


def integrate(rate, start, until, steps=4000):
    """Classical Runge-Kutta."""
    y, h = np.asarray(start, dtype=float), until / steps
    for _ in range(steps):
        a = rate(y)
        b = rate(y + 0.5 * h * a)
        c = rate(y + 0.5 * h * b)
        y = y + h / 6.0 * (a + 2.0 * b + 2.0 * c + rate(y + h * c))
    return y


@pytest.mark.parametrize("feedback", [0.0, 2.0, 50.0])
def test_first_order_scission_solves_its_equation(feedback):
    made = physics.FirstOrderScission(rate=2.4e-7, feedback=feedback)
    m = integrate(made.molar_mass_rate, 1.0, 2.592e6)
    assert made.molar_mass(2.592e6) == pytest.approx(float(m), rel=1e-9)
    assert made.molar_mass(1e12) == pytest.approx(0.0, abs=1e-300)


@pytest.mark.parametrize(
    "made",
    [
        physics.FirstOrderScission(rate=2.4e-7),
        physics.FirstOrderScission(rate=2.4e-7, feedback=2.0),
        physics.AutocatalyticScission(k1=1e-9, k2=1e-11, acid0=50.0, ester0=15000.0),
        physics.AutocatalyticScission(k1=1e-7, k2=0.0, acid0=50.0, ester0=15000.0),
        physics.AutocatalyticScission(k1=0.0, k2=0.0, acid0=50.0, ester0=15000.0),
        physics.NoHydrolysis(),
    ],
)
def test_chains_go_on_from_where_they_are(made):
    """The equations do not know the time: a way in two pieces is the whole of it."""
    first, times = 1.7e6, np.linspace(0.0, 2e7, 30)
    begun = float(made.molar_mass(first))
    np.testing.assert_allclose(
        made.molar_mass(times, begun), made.molar_mass(first + times), rtol=1e-12
    )
    assert made.molar_mass(0.0, 0.37) == pytest.approx(0.37, rel=1e-14)


def test_autocatalytic_scission_solves_its_equations():
    made = make("hydrolysis", "AutocatalyticScission")

    def rate(y):
        cut = made.scission_rate(y[0], y[1])
        return np.array([cut, -cut])

    acid, ester = integrate(rate, [50.0, 15000.0], 2.592e6)
    assert made.ester(2.592e6) == pytest.approx(ester, rel=1e-12)
    assert made.molar_mass(2.592e6) == pytest.approx(50.0 / acid, rel=1e-9)
    assert made.molar_mass([0.0]).tolist() == [1.0]
    assert made.ester(1e12) == pytest.approx(0.0, abs=1e-300)


def test_critical_molar_mass():
    assert physics.NoHydrolysis().critical_molar_mass() == 0.0
    assert make("hydrolysis", "FirstOrderScission").critical_molar_mass() == 0.1


# --- Physics --------------------------------------------------------------------------------------


def test_physics_is_off_by_default():
    empty = Physics()
    assert list(empty.laws()) == list(LAWS) or set(empty.laws()) == set(LAWS)
    assert all(empty.is_off(slot) for slot in LAWS)
    assert repr(empty) == "Physics()"
    assert empty.describe() == "nothing is on"
    assert hash(empty) == hash(Physics())


def test_one_law_in_each_slot_is_off():
    for laws in LAWS.values():
        assert sum(cls.off for cls in laws.values()) == 1


def test_physics_says_what_is_on():
    made = Physics(
        diffusion=make("diffusion", "ConstantDiffusivity"), film=make("film", "FlatPlate")
    )
    assert not made.is_off("diffusion")
    assert made.is_off("erosion")
    assert made.describe() == ("diffusion: ConstantDiffusivity(D = 1e-10 m2/s)\nfilm: FlatPlate()")
    assert repr(made).startswith("Physics(diffusion=ConstantDiffusivity(D=1e-10), film=FlatPlate(")


def test_physics_refuses_what_does_not_fit():
    with pytest.raises(InputError, match=r'FilmTransfer is no erosion law: .* slot "film"'):
        Physics(erosion=physics.FilmTransfer(k=1e-6))
    with pytest.raises(
        InputError, match=r"Physics\.erosion = None: must be a law such as NoErosion"
    ):
        Physics(erosion=None)
    with pytest.raises(InputError, match='no physics slot "erode"'):
        Physics().is_off("erode")


def test_a_diffusivity_that_explodes_stays_a_number():
    """No overflow: a warning is an error here."""
    growing = law("diffusion", "ExponentialInTime", D0=1e-11, rate=1.0)
    assert np.isfinite(growing.clock([0.0, 7200.0])).all()
    assert np.isfinite(growing.diffusivity([0.0, 7200.0])).all()


@pytest.mark.parametrize(
    "swift",
    [
        law("diffusion", "PowerInMolarMass", D0=1e-13, exponent=400.0),
        law("diffusion", "ExponentialInMolarMass", D0=1e-13, a=1e4),
    ],
)
def test_diffusivity_in_chains_that_are_gone_is_a_number(swift):
    assert np.isfinite(swift.diffusivity([1.0, 1e-3, 0.0])).all()
