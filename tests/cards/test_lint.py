"""The lint: nothing to say about our own cards, and every planted error found at its line."""

import shutil

import pytest

from releasesim.cards import Drug, lint_cards, models_folder
from releasesim.cards.bibliography import read_bibliography
from releasesim.cards.formula import molar_mass
from releasesim.errors import CardError


@pytest.fixture
def folder(tmp_path):
    """Copy the shipped cards so that a test may spoil them."""
    return shutil.copytree(models_folder(), tmp_path / "models")


def spoil(folder, card, old, new):
    """Replace the first `old` in one card; return the file and the line of the change."""
    path = folder / card
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path, text[: text.index(old)].count("\n") + 1


def test_our_cards_are_clean():
    assert lint_cards() == []


@pytest.mark.parametrize(
    ("card", "old", "new", "complaint"),
    [
        (
            "drugs/paracetamol.toml",
            'value = "63 L"\nrange = ["56 L", "70 L"]',
            'value = "0.95 L"\nrange = ["0.9 L", "1 L"]',
            "pharmacokinetics.volume_of_distribution: 0.95 L is outside 0.003 to 20 m3: "
            "did you mean L/kg?",
        ),
        (
            "drugs/paracetamol.toml",
            'value = "10.3e-6 cm2/s"\nrange = ["9.0e-6 cm2/s", "11.66e-6 cm2/s"]',
            'value = "1e-5 m2/s"\nrange = ["0.9e-5 m2/s", "1.2e-5 m2/s"]',
            "diffusivity_water: 1e-05 m2/s is outside 1e-10 to 2e-09 m2/s: did you mean cm2/s?",
        ),
        (
            "polymers/pva.toml",
            'value = "1.25 g/cm3"\nrange = ["1.19 g/cm3", "1.31 g/cm3"]',
            'value = "1.25 kg/m3"\nrange = ["1.19 kg/m3", "1.31 kg/m3"]',
            "density: 1.25 kg/m3 is outside 800 to 2500 kg/m3: did you mean g/cm3?",
        ),
        (
            "drugs/metformin.toml",
            'value = "129.17 g/mol"',
            'value = "165.62 g/mol"',
            "molar_mass: C4H11N5 weighs 129.17 g/mol",
        ),
        (
            "drugs/theophylline.toml",
            'source = "prohaska2022"',
            'source = "prohaska2020"',
            "molar_mass: no prohaska2020 in references.bib, did you mean 'prohaska2022'?",
        ),
        (
            "polymers/pva.toml",
            'note = "effective: ',
            'note = "',
            'effective_physics.erosion: its note must begin "effective:"',
        ),
    ],
)
def test_what_loads_but_cannot_be(folder, card, old, new, complaint):
    path, line = spoil(folder, card, old, new)
    problems = lint_cards(folder)
    assert any(complaint in problem for problem in problems), problems
    at = next(problem for problem in problems if complaint in problem)
    number = int(at.removeprefix(f"{path}:").split()[0])
    assert abs(number - line) <= 4  # the table's header or the line itself


@pytest.mark.parametrize(
    ("card", "old", "new", "complaint"),
    [
        ("drugs/caffeine.toml", 'source = "prohaska2022"\n', "", "molar_mass.source: missing"),
        (
            "drugs/caffeine.toml",
            'source = "prohaska2022"',
            'source = "estimate:"',
            'say how: "estimate: how it was arrived at"',
        ),
        (
            "drugs/caffeine.toml",
            'grade = "literature"',
            'grade = "estimate"',
            '"prohaska2022" does not fit grade "estimate"',
        ),
        (
            "drugs/caffeine.toml",
            'grade = "literature"',
            'grade = "literatur"',
            "did you mean 'literature'?",
        ),
        (
            "drugs/caffeine.toml",
            'value = "30 mg/mL"',
            'value = "300 mg/mL"',
            "intrinsic_solubility.value: 300 mg/mL is outside its range 20 mg/mL to 40 mg/mL",
        ),
        (
            "drugs/caffeine.toml",
            'range = ["20 mg/mL", "40 mg/mL"]',
            'range = ["40 mg/mL", "20 mg/mL"]',
            "low 40 mg/mL must be below high 20 mg/mL",
        ),
        (
            "drugs/caffeine.toml",
            "[melting_point]",
            "[meltingpoint]",
            "meltingpoint: unknown key, did you mean 'melting_point'?",
        ),
        ("drugs/caffeine.toml", "note = ", "remark = ", "molar_mass.remark: unknown key"),
        ("drugs/caffeine.toml", "value = 0.6", 'value = "0.6 L"', "is a volume"),
        ("drugs/caffeine.toml", '"1.42 g/cm3"', '"1,42 g/cm3"', "decimal comma"),
        ("drugs/caffeine.toml", '"45 L"', '"0.6 L/kg"', "volume_of_distribution.value"),
        ("drugs/caffeine.toml", 'type = "base"', 'type = "bas"', "did you mean 'base'?"),
        (
            "drugs/caffeine.toml",
            'kind = "drug"',
            'kind = "polymer"',
            '"polymer" is not one of drug',
        ),
        ("drugs/caffeine.toml", 'name = "caffeine"', 'name = "coffee"', "is not one of caffeine"),
        ("drugs/caffeine.toml", 'title = "Caffeine"', 'title = ""', "title: must not be empty"),
        ("drugs/caffeine.toml", 'title = "Caffeine"', "title = ", "is no valid TOML"),
        (
            "polymers/pva.toml",
            'law = "MackieMeares1955"',
            'law = "MackieMeares1995"',
            "did you mean 'MackieMeares1955'?",
        ),
        (
            "polymers/pva.toml",
            "[default_physics.diffusion.D0]",
            "[default_physics.diffusion.D]",
            "default_physics.diffusion.D: unknown key",
        ),
        (
            "polymers/eudragit_epo.toml",
            'dissolves = "below"',
            'dissolves = "under"',
            '"under" is not one of above, below',
        ),
        (
            "drugs/prednisolone.toml",
            'formula = "C21H28O5"',
            'formula = "C21H28O5"\nsalts = [1]',
            "salts: write each one as a table",
        ),
        ("drugs/caffeine.toml", 'value = "30 mg/mL"', "value = true", "cannot be True"),
        ("drugs/caffeine.toml", 'range = ["20 mg/mL", ', "range = [", "must be [low, high]"),
    ],
)
def test_what_does_not_even_load(folder, card, old, new, complaint):
    path, _ = spoil(folder, card, old, new)
    problems = [problem for problem in lint_cards(folder) if complaint in problem]
    assert len(problems) == 1, lint_cards(folder)
    assert problems[0].startswith(str(path))


def test_an_error_points_at_the_line(folder):
    path, line = spoil(folder, "drugs/caffeine.toml", 'value = "30 mg/mL"', 'value = "30 mg/mll"')
    with pytest.raises(CardError) as caught:
        Drug.load("caffeine", folder)
    assert str(caught.value).startswith(f"{path}:{line} intrinsic_solubility.value: ")
    assert 'did you mean "mg/mL"?' in str(caught.value)


def test_a_source_that_nobody_uses_is_named(folder):
    path = folder / "references.bib"
    entry = "\n@misc{nobody2001,\n  title = {Unread},\n}\n"
    path.write_text(path.read_text(encoding="utf-8") + entry, encoding="utf-8")
    assert any("nobody2001: no card uses it" in problem for problem in lint_cards(folder))


def test_an_estimate_without_range_is_named(folder):
    spoil(folder, "drugs/caffeine.toml", 'range = ["20 mg/mL", "40 mg/mL"]\n', "")
    assert any("an estimate needs a range" in problem for problem in lint_cards(folder))


def test_runaway_solubility_asks_for_a_salt(folder):
    path = folder / "drugs/haloperidol.toml"
    head, _, rest = path.read_text(encoding="utf-8").partition("[[salts]]")
    path.write_text(head + rest[rest.index("[pharmacokinetics") :], encoding="utf-8")
    spoil(folder, "drugs/haloperidol.toml", '"0.0003 mg/mL"', '"0.001 mg/mL"')
    assert any("add a salt" in problem for problem in lint_cards(folder))


def test_two_effective_mechanisms_are_refused(folder):
    path = folder / "polymers/pla.toml"
    text = path.read_text(encoding="utf-8")
    more = '\n[effective_physics.erosion]\nlaw = "ConstantFront"\nnote = "effective: both"\n'
    path.write_text(text + more, encoding="utf-8")
    assert any("must be one ConstantDiffusivity" in problem for problem in lint_cards(folder))


def test_broken_bibliography_is_named(folder):
    path = folder / "references.bib"
    path.write_text("@misc{a,\n  title = {A},\n}\n@misc{a,\n  title = {B},\n}\n", encoding="utf-8")
    with pytest.raises(CardError, match="a is there twice"):
        read_bibliography(path)
    assert any("a is there twice" in problem for problem in lint_cards(folder))


@pytest.mark.parametrize(
    ("formula", "grams"),
    [("H2O", 18.015), ("NaCl", 58.44), ("C8H9NO2", 151.165)],
)
def test_molar_mass(formula, grams):
    """IUPAC 2021 abridged atomic weights."""
    assert molar_mass(formula) * 1000 == pytest.approx(grams, abs=2e-3)


@pytest.mark.parametrize("formula", ["", "c8h9", "C8 H9", "Xx2"])
def test_bad_formula_is_refused(formula):
    with pytest.raises(CardError):
        molar_mass(formula)
