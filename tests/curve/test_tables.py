"""Tables as laboratories have them: formats, layouts, units, samples, flags."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import workbooks

from releasesim.curve import Conditions, ReleaseCurve, declared, read_table
from releasesim.errors import InputError, MissingExtraError

HERE = Path(__file__).parent / "tables"
HEAD = ["Time [min]", "Vessel 1 [%]", "Vessel 2 [%]"]


@pytest.fixture
def file(tmp_path):
    def write(content, name="lab.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


# --- formats -------------------------------------------------------------------------------------

TEXTS = {
    "commas": "Time [min],Vessel 1 [%],Vessel 2 [%]\n30,35.5,34\n60,60,62.5\n",
    "semicolons and points": "Time [min];Vessel 1 [%];Vessel 2 [%]\n30;35.5;34\n60;60;62.5\n",
    "semicolons and commas": "Time [min];Vessel 1 [%];Vessel 2 [%]\n30;35,5;34\n60;60;62,5\n",
    "tabs and commas": "Time [min]\tVessel 1 [%]\tVessel 2 [%]\n30\t35,5\t34\n60\t60\t62,5\n",
    "carriage returns": "Time [min],Vessel 1 [%],Vessel 2 [%]\r30,35.5,34\r60,60,62.5\r",
    "quoted": '"Time\n[min]","Vessel 1 [%]","Vessel 2 [%]"\n"30","35.5","34"\n60,60,62.5\n',
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_read_the_same(file, text, encoding):
    curve = ReleaseCurve.read(file(text.encode(encoding)))
    assert curve.time.tolist() == [1800.0, 3600.0]
    assert curve.vessels.tolist() == [[0.355, 0.34], [0.6, 0.625]]


def test_xlsx_xls_and_ods_read_the_same_as_text(file):
    rows = [HEAD, [30, 35.5, 34], [60, 60, 62.5]]
    files = [
        file(workbooks.xlsx(*rows), "lab.xlsx"),
        file(workbooks.ods("".join(workbooks.ods_row(*row) for row in rows)), "lab.ods"),
    ]
    for path in files:
        curve = ReleaseCurve.read(path)
        assert curve.vessels.tolist() == [[0.355, 0.34], [0.6, 0.625]], path.suffix
        assert curve.time.tolist() == [1800.0, 3600.0]


def test_xls_with_what_stands_above_the_table():
    """A workbook of Excel 97, written by xlwt 1.3."""
    table = read_table(HERE / "three_vessels.xls")
    assert table.vessels[0].tolist() == [0.225, 0.24, 0.21]
    assert table.conditions.apparatus == "USP 2"
    assert table.conditions.speed == pytest.approx(50 * 2 * np.pi / 60)
    assert table.conditions.volume == pytest.approx(900e-6)
    assert table.conditions.sample_volume == pytest.approx(5e-6)
    assert table.conditions.replaced is True
    assert [str(flag) for flag in table.flags] == ["Run 1!C10: 101.5 % is above 100 %, kept"]
    assert table.notes == ("taken as corrected for samples: say Corrected: no where it is not",)
    assert table.layout == "3 vessels in percent, time in min"


def test_sheet_is_named_where_several_hold_something(file):
    rows = [HEAD, [30, 35, 34]]
    path = file(workbooks.xlsx(*rows, more={"Other": rows, "Empty": []}), "lab.xlsx")
    with pytest.raises(InputError, match=r'has several sheets, "Sheet1", "Other": name one, as'):
        ReleaseCurve.read(path)
    assert ReleaseCurve.read(path, sheet="Other").n == 2
    with pytest.raises(InputError, match=r'no sheet "Third" with anything in it'):
        ReleaseCurve.read(path, sheet="Third")


def test_decimal_commas_in_cells_of_text(file):
    rows = [["Time [min]", "Released [%]"], [30, "12,5"], [60, "60"], [90, "87,25"]]
    table = read_table(file(workbooks.xlsx(*rows), "lab.xlsx"))
    assert table.fraction.tolist() == [0.125, 0.6, 0.8725]
    assert str(table.flags[0]) == "Sheet1!B2: a number stored as text"
    either = file(workbooks.xlsx(rows[0], ["600", 12], ["1,200", 25]), "either.xlsx")
    with pytest.raises(InputError, match=r'"1,200" may be 1\.200 or 1200'):
        read_table(either)


def test_a_sheet_may_stand_behind_the_name_of_the_file(file):
    rows = [["Time [min]", "Released [%]"], [30, 40]]
    path = file(workbooks.xlsx(*rows, more={"Lot B": [rows[0], [30, 80]]}), "lab.xlsx")
    curve = ReleaseCurve.read(f"{path}#Lot B")
    assert (curve.name, curve.fraction.tolist()) == ("lab Lot B", [0.8])
    with pytest.raises(InputError, match='has no sheet "Lot C"'):
        ReleaseCurve.read(f"{path}#Lot C")
    own = file("Time [min],Released [%]\n30,40\n", "run#2.csv")
    assert ReleaseCurve.read(own).name == "run#2"


# --- units in cells, hours and minutes, headers over two rows ---------------------------------


@pytest.mark.parametrize("head", ["Time [min];Released [%]", "Time;Released", "Zeit;% dissolved"])
def test_units_behind_numbers(file, head):
    path = file(f"Charge;B-7\n{head}\n30 min;12,5 %\n60min;60%\n")
    table = read_table(path)
    assert (table.time.tolist(), table.fraction.tolist()) == ([1800.0, 3600.0], [0.125, 0.6])


def test_units_behind_numbers_of_a_workbook(file):
    rows = [["Time", "1", "2"], ["30 min", "12,5 %", "14 %"], ["60 min", "80 %", "81,5 %"]]
    table = read_table(file(workbooks.xlsx(*rows), "lab.xlsx"))
    assert table.vessels.tolist() == [[0.125, 0.14], [0.8, 0.815]]
    assert len(table.flags) == 4  # numbers stored as text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Time [min],Released [-]\n30,35 %\n", 'B2: .*"35 %" is in %, the column in -: write all'),
        ("Time [min],Released [%]\n1 h,35\n", 'A2: .*"1 h" is in h, the column in min'),
        ("Time [min],Released [%]\n30,<0.5\n", "B2: .*is a limit: write what to take for it"),
        ("Time,Released [%]\n30 min,3\n40,4\n", 'A1: column "Time" has no unit in its header'),
        ("Time [min],Released [%]\n0:30,3\n", r'A2: .*"0:30" is no number: head it "Time \[h:mm'),
        ("Time [h:mm:ss],Released [%]\n0:30,3\n", 'A2: .*"0:30": write such as 1:30:00'),
        ("Time [h:mm],Released [%]\n0:75,3\n", 'A2: .*"0:75": write such as 1:30'),
        ("Time [h:mm],Released [%]\n9:00,0\n9:30,8\n", "A2: .*9:00 seems to be the time of day"),
        ("Time [h:mm],Released [%]\n0:30,3\n0:30,8\n", "A3: .*0:30 after 0:30, times must"),
    ],
)
def test_what_is_not_clear_is_refused_with_what_to_do(file, text, message):
    with pytest.raises(InputError, match=message):
        read_table(file(text))


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("Time [hh:mm]", ("0:15", "1:30")),
        ("Time (h:mm:ss)", ("0:15:00", "1:30:00")),
        ("Time [mm:ss]", ("15:00", "90:00")),
        ("Time [h:mm]", ("0:15:00.0", "01:30")),
    ],
)
def test_hours_and_minutes(file, head, cells):
    table = read_table(file(f"{head},Released [%]\n{cells[0]},20\n{cells[1]},70\n"))
    assert table.time.tolist() == [900.0, 5400.0]


@pytest.mark.parametrize("form", ["hh:mm", "[h]:mm:ss", "h:mm AM/PM"])
def test_hours_and_minutes_of_a_workbook(file, form):
    """A workbook holds days, whatever its format shows: 0.0625 d are 1 h 30 min."""

    def change(made, sheet):
        style = made.add_format({"num_format": form})
        for row, days in enumerate([0.0, 0.0625], start=1):
            sheet.write(row, 0, days, style)

    def book(head):
        return workbooks.xlsx([head, "Released [%]"], [None, 0], [None, 70], change=change)

    assert read_table(file(book("Time [h:mm]"), "lab.xlsx")).time.tolist() == [0.0, 5400.0]
    for head, words in (("Time [min]", "head it"), ("Time [mm:ss]", "in a cell of text")):
        with pytest.raises(InputError, match=rf"Sheet1!A2: .*{words}"):
            read_table(file(book(head), "lab.xlsx"))


def test_hours_beyond_a_day_ask_for_their_format(file):
    def change(made, sheet):
        sheet.write(1, 0, 26 / 24, made.add_format({"num_format": "hh:mm"}))

    path = file(workbooks.xlsx(["Time [h:mm]", "Mean [%]"], [None, 8], change=change), "lab.xlsx")
    with pytest.raises(InputError, match=r"A2: .*1900-01-01.*give cells the format \[h\]:mm"):
        read_table(path)


TWO_ROWS = {
    "units below": "Time,Vessel 1,Vessel 2\nmin,%,%\n",
    "units in brackets below": "Time,1,2\n[min],[%],[%]\n",
    "vessels under a title": "Time [min],Released [%],\n,1,2\n",
    "a title above the header": ",% dissolved,\nTime [min],V1,V2\n",
    "unit of time below": "Time,Dissolved [%],\nmin,Vessel 1,Vessel 2\n",
}


@pytest.mark.parametrize("head", TWO_ROWS.values(), ids=TWO_ROWS)
def test_headers_over_two_rows(file, head):
    table = read_table(file(f"Dose [mg],100\n{head}30,35.5,34\n60,60,62.5\n"))
    assert table.time.tolist() == [1800.0, 3600.0]
    assert table.vessels.tolist() == [[0.355, 0.34], [0.6, 0.625]]
    assert table.conditions.dose == pytest.approx(1e-4)


def test_merged_headers_over_two_rows(file):
    """A title over the vessels, the time over both rows; mean and SD under a title of their own."""

    def change(made, sheet):
        style = made.add_format({"bold": True})
        sheet.merge_range("A1:A2", "Time [min]", style)
        sheet.merge_range("B1:D1", "Drug released [%]", style)

    rows = [[], [None, "Mean", "SD", "n"], [30, 35.5, 2, 6], [60, 60, 3, 6]]
    table = read_table(file(workbooks.xlsx(*rows, change=change), "lab.xlsx"))
    assert (table.fraction.tolist(), table.sd.tolist(), table.n) == ([0.355, 0.6], [0.02, 0.03], 6)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (",% remaining,\nTime [min],1,2\n", r'there are "remaining 1 \[%\]", "remaining 2'),
        ("Time [min],Lot A [%],,Lot B [%],\n,1,2,1,2\n", r'there are "Lot A 1 \[%\]"'),
        ("Time [min],V1 [%],V2 [%]\n,0,0\n", "A2: .*empty cell"),
        ("Time [min],V1 [%],V2 [%]\nmin,%,%\n", 'A2: .*"min" is not a finite number'),
    ],
)
def test_titles_that_say_something_else(file, head, message):
    lots = ",7,8" if "Lot" in head else ""
    with pytest.raises(InputError, match=message):
        read_table(file(f"{head}30,5,6{lots}\n"))


def test_a_column_under_a_title_may_be_chosen(file):
    path = file("Time [h],Lot A [%],,Lot B [%],\n,Mean,SD,Mean,SD\n1,5,1,6,2\n")
    assert ReleaseCurve.read(path, column="Lot B Mean [%]").fraction.tolist() == [0.06]


def test_missing_extra_is_named(file, monkeypatch):
    path = file(workbooks.xlsx(HEAD, [30, 35, 34]), "lab.xlsx")
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(MissingExtraError, match=r'pip install "releasesim\[excel\]"'):
        ReleaseCurve.read(path)


# --- layouts -------------------------------------------------------------------------------------


def test_long_form_in_any_order_of_rows(file):
    text = "Time [min],Vessel,Released [%]\n60,A,60\n30,B,34\n30,A,35\n60,B,62\n"
    table = read_table(file(text))
    assert table.time.tolist() == [1800.0, 3600.0]
    assert table.vessels.tolist() == [[0.35, 0.34], [0.6, 0.62]]
    assert table.n == 2
    assert table.layout == "2 vessels in long form, in %, time in min"


@pytest.mark.parametrize(
    "names", [("1", "2"), ("V1", "V2"), ("Tablet 1", "Tablet 2"), ("#1", "#2")]
)
def test_names_of_vessels(file, names):
    head = ",".join(f"{name} [%]" for name in names)
    assert read_table(file(f"Time [h],{head}\n1,10,12\n")).vessels.tolist() == [[0.1, 0.12]]


def test_mean_sd_and_n_with_columns_that_are_not_used(file):
    text = "Time [h],Mean [%],SD [%],n,RSD [%]\n1,10,1,6,10\n2,30,2,6,7\n"
    table = read_table(file(text))
    assert (table.n, table.sd.tolist()) == (6, [0.01, 0.02])
    assert table.notes == ("not used: RSD [%]",)


def test_words_for_units(file):
    table = read_table(file("Time [hours],Released [% of dose]\n1,10\n"))
    assert (table.time[0], table.fraction[0]) == (3600.0, 0.1)


def test_units_are_declared_where_headers_have_none(file):
    path = file("Time,1,2\n5,10,12\n")
    with pytest.raises(InputError, match=r'A1: column "Time" has no unit'):
        read_table(path)
    table = read_table(path, said=declared(unit="%", time_unit="min"))
    assert (table.time[0], table.vessels.tolist()) == (300.0, [[0.1, 0.12]])


def test_units_above_the_table(file):
    table = read_table(file("Release unit,%\nTime unit,h\nTime,Released\n1,10\n"))
    assert (table.time[0], table.fraction[0]) == (3600.0, 0.1)


def test_remarks_are_kept(file):
    text = "Batch,B-7\nAnalyst,N.N.\nMedium,0.1 N HCl\nTime [h],Mean [%]\n1,10\n"
    table = read_table(file(text))
    assert table.remarks == ("Batch B-7", "Analyst N.N.")
    assert table.conditions == Conditions(medium="0.1 N HCl")


# --- mass, concentration, samples ----------------------------------------------------------------


def test_mass_needs_its_dose(file):
    rows = "Time [h],Released [mg]\n1,10\n2,25\n"
    with pytest.raises(InputError, match=r"B1: .* is a mass and needs the dose"):
        read_table(file(rows))
    above = read_table(file(f"Dose [mg],50\n{rows}"))
    given = read_table(file(rows), said=declared(dose="50 mg"))
    assert above.fraction == pytest.approx([0.2, 0.5], rel=1e-15)
    assert given.fraction.tolist() == above.fraction.tolist()
    assert above.notes == ("dose 50 mg taken as 100 %",)


# V = 900 mL, samples of 5 mL, dose 100 mg. By hand, mg: 0.02 x 900 = 18;
# 0.05 x 900 + 0.02 x 5 = 45.1; 0.08 x 900 + (0.02 + 0.05) x 5 = 72.35. Not replaced the bath
# shrinks: 18; 0.05 x 895 + 0.1 = 44.85; 0.08 x 890 + 0.35 = 71.55.
SAMPLED = "Dose [mg],100\nVolume [mL],900\nSampling volume [mL],5\nReplaced,{}\n"
CONCENTRATIONS = "Time [min],Concentration [mg/mL]\n0,0\n15,0.02\n30,0.05\n45,0.08\n"


@pytest.mark.parametrize(
    ("replaced", "mg"), [("yes", [0, 18, 45.1, 72.35]), ("no", [0, 18, 44.85, 71.55])]
)
@pytest.mark.parametrize("unit", ["mg/mL", "g/L", "µg/mL"])
def test_samples_are_added_back_by_an_exact_balance(file, replaced, mg, unit):
    factor = 1000 if unit == "µg/mL" else 1
    head, *rows = CONCENTRATIONS.splitlines()
    body = [f"{t},{float(c) * factor!r}" for t, c in (row.split(",") for row in rows)]
    text = "\n".join([SAMPLED.format(replaced).strip(), head.replace("mg/mL", unit), *body])
    table = read_table(file(text))
    assert 100 * table.fraction == pytest.approx(mg, abs=1e-12)
    assert f"{'not ' if replaced == 'no' else ''}replaced" in table.notes[1]


def test_samples_are_added_back_in_each_vessel(file):
    text = SAMPLED.format("yes") + "Time [min],V1 [mg/mL],V2 [mg/mL]\n15,0.02,0.04\n30,0.05,0.06\n"
    table = read_table(file(text))
    assert 100 * table.vessels == pytest.approx(np.array([[18, 36], [45.1, 54.2]]), abs=1e-12)


def test_uncorrected_percent_is_corrected_when_the_file_says_so(file):
    """100 mg in 900 mL: 45 % uncorrected are 0.05 mg/mL."""
    text = (
        "Corrected,no\n" + SAMPLED.format("no") + "Time [min],Released [%]\n15,18\n30,45\n45,72\n"
    )
    assert 100 * read_table(file(text)).fraction == pytest.approx([18, 44.85, 71.55], abs=1e-12)


def test_balance_recovers_the_release_that_made_the_concentrations():
    """Simulated bath: drug comes in, samples leave; the correction gives back what came in."""
    from releasesim.curve.withdrawal import released_amounts

    time, m = np.arange(1.0, 9.0), np.cumsum([5.0, 9, 4, 7, 3, 2, 1, 0.5])
    for replaced in (True, False):
        V, v, bath, c = 900.0, 10.0, 0.0, []
        volume = V
        for step in np.diff(m, prepend=0.0):
            bath += step
            c.append(bath / volume)
            bath -= c[-1] * v
            volume -= 0.0 if replaced else v
        found = released_amounts(time, np.array(c), volume=V, sample_volume=v, replaced=replaced)
        assert found == pytest.approx(m, rel=1e-13)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SAMPLED.replace("Replaced,{}\n", "") + CONCENTRATIONS, "whether they were replaced"),
        ("Dose [mg],100\n" + CONCENTRATIONS, "is a concentration and needs the volume"),
        ("Dose [mg],100\nVolume [mL],10\nSampling volume [mL],5\nReplaced,no\n" + CONCENTRATIONS,
         "samples of 5 mL empty 10 mL"),
        (SAMPLED.format("perhaps") + CONCENTRATIONS, r'B4: Replaced: "perhaps" must be yes or no'),
        ("Dose [mg],-5\n" + CONCENTRATIONS, r"B1: Dose \[mg\]: -5 must be greater than 0"),
        ("Dose,100 mL\n" + CONCENTRATIONS, r"B1: Dose: .*mass"),
        ("Dose [mg],5\nDose [mg],6\n" + CONCENTRATIONS, r'A2: "Dose \[mg\]" is said twice'),
        ("Corrected,no\nTime [h],Released [%]\n1,2\n", "needs the volume"),
    ],
)  # fmt: skip
def test_conditions_that_are_not_enough(file, text, message):
    with pytest.raises(InputError, match=message):
        read_table(file(text))


def test_no_sampling_volume_is_said(file):
    text = "Dose [mg],100\nVolume,900 mL\n" + CONCENTRATIONS
    table = read_table(file(text))
    assert 100 * table.fraction == pytest.approx([0, 18, 45, 72])
    assert "samples count as nothing" in table.notes[1]


# --- flags ---------------------------------------------------------------------------------------


def test_flags_name_the_cell(file):
    rows = [HEAD, [0, 2, 0], [30, 50, 40], [60, 46, "80.5"], [90, 103, 102]]
    table = read_table(file(workbooks.xlsx(*rows), "lab.xlsx"))
    assert [str(flag) for flag in table.flags] == [
        "Sheet1!B5: 103 % is above 100 %, kept",
        "Sheet1!C5: 102 % is above 100 %, kept",
        "Sheet1!B4: decreases by 4 %",
        "Sheet1!B2: 2 % at time 0",
        "Sheet1!C4: a number stored as text",
    ]
    assert table.fraction[-1] == pytest.approx(1.025)


def test_flags_of_long_form_name_the_row(file):
    text = "Time [min],Vessel,Released [%]\n30,A,35\n30,B,34\n60,A,60\n60,B,20\n"
    assert [str(flag) for flag in read_table(file(text)).flags] == ["C5: decreases by 14 %"]


@pytest.mark.parametrize(
    ("unit", "rows", "words"),
    [
        ("%", "1,0.2\n2,0.9\n", "B1: no value is above 0.9 %: are these fractions"),
        ("-", "1,20\n2,90\n", "B1: values up to 9000 % of the dose: are these percent?"),
    ],
)
def test_a_factor_of_100_is_suspected_and_not_guessed(file, unit, rows, words):
    """Excel holds 0.9 where it shows 90 %: the file says 0.9 %, and we say what we suspect."""
    table = read_table(file(f"Time [h],Released [{unit}]\n{rows}"))
    assert words in str(table.flags[0])
    assert table.fraction[-1] == pytest.approx(0.009 if unit == "%" else 90.0)


def test_a_cell_in_percent_among_numbers_is_suspected(file):
    """Excel holds 0.36 where it shows 36 %; beside it stand 35 and 38."""
    rows = [[*HEAD, "Vessel 3 [%]"], [30, 35, 0.36, 38], [60, 60, 61, 62]]
    table = read_table(file(workbooks.xlsx(*rows), "lab.xlsx"))
    assert [str(flag) for flag in table.flags] == [
        "Sheet1!C2: a hundredth of the other units: a cell in percent?"
    ]


def test_formulas_that_were_never_worked_out_are_suspected(file):
    table = read_table(file("Time [min],Released [%]\n30,0\n60,0\n"))
    assert [str(flag) for flag in table.flags] == [
        "B1: every value is 0: formulas that were saved before they were worked out?"
    ]


@pytest.mark.parametrize(
    "head", ["Time (min),% dissolved,SD %", "Zeit [min],Released %,% SD", "Temps [min],% Mean,SD %"]
)
def test_a_percent_sign_in_a_header_is_its_unit(file, head):
    curve = ReleaseCurve.read(file(f"{head}\n30,40,2\n60,80,3\n"))
    assert curve.fraction.tolist() == [0.4, 0.8]
    assert curve.sd.tolist() == [0.02, 0.03]


def test_what_remains_is_not_what_was_released(file):
    with pytest.raises(InputError, match='no column of released drug; there are "% remaining"'):
        ReleaseCurve.read(file("Time [min],% remaining\n30,60\n60,20\n"))


def test_a_comma_between_thousands_is_not_called_decimal(file):
    with pytest.raises(InputError, match=r'A3: .* "1,200" may be 1.200 or 1200'):
        ReleaseCurve.read(file('Time [s],Released [%]\n600,12\n"1,200",25\n'))


def test_curve_keeps_what_was_noticed(file):
    rows = "".join(f"{t},{101 + t}\n" for t in range(1, 9))
    curve = ReleaseCurve.read(file("Time [h],Released [%]\n" + rows))
    assert curve.notes[0] == "B2: 102 % is above 100 %, kept"
    assert curve.notes[-1] == "6 more cells look odd: data check lists them"


def test_target_of_a_study_may_be_a_workbook(tmp_path):
    from releasesim.study import Study

    good = (Path(__file__).parents[1] / "study" / "ten_lines.toml").read_text()
    (tmp_path / "study.toml").write_text(f'{good}\n[target]\ncurve = "lab.xlsx"\n')
    (tmp_path / "lab.xlsx").write_bytes(workbooks.xlsx(HEAD, [30, 35, 34], [60, 60, 62]))
    assert Study.load(tmp_path / "study.toml").target.curve.vessels.shape == (2, 2)
