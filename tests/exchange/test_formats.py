"""Each format read back by a program that is not ours: calamine, xarray, json, an integration."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import zipfile

import numpy as np
import pytest

from releasesim.curve import ReleaseCurve
from releasesim.empirical import Delayed, Weibull, ZeroOrder
from releasesim.errors import InputError, MissingExtraError
from releasesim.exchange import FORMATS, Course, convert, write_crate
from releasesim.exchange.course import rising, thinned

HOUR = 3600.0
MG = 1e-6


def simulated(law=None, name="tablet", until=12 * HOUR, points=97):
    time = np.linspace(0.0, until, points)
    law = law or Weibull(scale=2 * HOUR, shape=0.8)
    return ReleaseCurve(time, law.fraction(time), name=name, simulated=True)


def course(curve=None, **more):
    origin = {"source": "releasesim 0.1.0", "study hash": "a" * 64}
    return Course(curve or simulated(), dose=100 * MG, origin=origin, **more)


def measured():
    vessels = np.array([[0.1, 0.14, 0.12], [0.5, 0.56, 0.53], [0.9, 0.98, 0.97]])
    mean, sd = vessels.mean(axis=1), vessels.std(axis=1, ddof=1)
    return ReleaseCurve([900.0, 3600.0, 7200.0], mean, sd=sd, n=3, vessels=vessels, name="batch 7")


def file_of(made, name):
    files, _ = convert(made, [name])
    return next(iter(files.values()))


def table_of(text):
    return list(csv.DictReader(io.StringIO(text.decode())))


# --- PK-Sim --------------------------------------------------------------------------------------


@pytest.mark.parametrize("curve", [simulated(), measured()], ids=["simulated", "measured"])
def test_pksim_table_starts_at_the_origin_and_is_the_curve(curve):
    """PK-Sim draws straight lines between the rows; it needs 0, 0 among them."""
    rows = table_of(file_of(course(curve), "pksim"))
    time = np.array([float(row["Time [h]"]) for row in rows]) * HOUR
    fraction = np.array([float(row["Fraction (dose) []"]) for row in rows])
    assert (time[0], fraction[0]) == (0.0, 0.0)
    assert np.all(np.diff(time) > 0.0)
    assert np.all(np.diff(fraction) >= 0.0)
    assert np.abs(np.interp(curve.time, time, fraction) - curve.fraction).max() <= 1e-3 + 1e-8


def test_what_pksim_cannot_take_is_changed_and_said():
    curve = ReleaseCurve([0.0, 60.0, 120.0, 180.0], [0.1, 0.6, 0.55, 1.04])
    files, notes = convert(Course(curve), ["pksim"])
    fraction = [float(r["Fraction (dose) []"]) for r in table_of(files["pksim_table.csv"])]
    assert fraction[0] == 0.0
    assert fraction[-1] == 1.0
    said = " ".join(notes)
    for words in ("falls of up to 5 %", "cut off at 100 %", "10 % at time 0"):
        assert words in said


def test_weibull_of_pksim_is_half_out_at_its_time():
    """F = 1 - exp(-ln 2 ((t - lag)/T50)^b), the manual's 50 % after the lag."""
    law = Weibull(scale=2 * HOUR, shape=1.4, lag=1800.0)
    found = json.loads(file_of(course(simulated(law)), "weibull"))
    assert found["Dissolution shape"] == pytest.approx(1.4, rel=1e-4)
    assert found["Lag time [min]"] == pytest.approx(30.0, rel=1e-3)
    half = found["Dissolution time (50% dissolved) [min]"]
    assert half == pytest.approx(120.0 * math.log(2.0) ** (1 / 1.4), rel=1e-4)
    assert float(law.fraction(1800.0 + 60 * half)) == pytest.approx(0.5, abs=1e-4)
    assert found["fit error, largest [%]"] < 0.01
    assert found["origin"]["study hash"] == "a" * 64


def test_fitted_formulations_tell_their_error():
    """A straight line through a curve that bends: the error is the one told."""
    found = json.loads(file_of(course(), "lint80"))
    line = 0.8 / found["Dissolution time (80% dissolved) [min]"]
    early = simulated()
    kept = (early.time > 0.0) & (early.fraction <= 0.8)
    off = 100 * np.abs(
        line * np.maximum(early.time[kept] / 60 - found["Lag time [min]"], 0.0)
        - early.fraction[kept]
    )
    assert found["fit error, largest [%]"] == pytest.approx(off.max(), rel=1e-6)
    assert off.max() > 5.0
    files, notes = convert(course(), ["lint80"])
    assert files["pksim_table.csv"].startswith(b"Time [h],Fraction (dose) []\n0,0\n")
    assert any("lint80 is off by up to" in note for note in notes)


def test_lint80_of_a_line_is_exact():
    law = Delayed(lag=1800.0, duration=4 * HOUR)
    found = json.loads(file_of(course(simulated(law, until=6 * HOUR, points=73)), "lint80"))
    assert found["Dissolution time (80% dissolved) [min]"] == pytest.approx(0.8 * 240, rel=1e-6)
    assert found["Lag time [min]"] == pytest.approx(30.0, rel=1e-5)


# --- NONMEM --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "curve",
    [
        simulated(),
        measured(),
        simulated(Delayed(lag=2 * HOUR, duration=3 * HOUR)),
        ReleaseCurve([0.0, 600.0, 7200.0], [0.2, 0.5, 0.9]),
    ],
    ids=["weibull", "measured", "delayed", "burst"],
)
def test_integrated_infusions_are_the_curve(curve):
    """Each record infuses AMT at RATE from TIME on, as NONMEM does; their sum is the release."""
    rows = table_of(file_of(course(curve), "nonmem"))
    assert {row.pop("DV") for row in rows} == {"."}  # doses are no observations
    values = {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}
    start, amount, rate = values["TIME"], values["AMT"], values["RATE"]
    lasts = np.where(rate > 0.0, amount / np.where(rate > 0.0, rate, 1.0), 0.0)

    def infused(hours):
        since = np.clip(hours - start, 0.0, None)
        return np.where(
            lasts > 0.0, np.minimum(since * rate, amount), amount * (hours >= start)
        ).sum()

    found = np.array([infused(t / HOUR) for t in curve.time])
    assert found == pytest.approx(100.0 * curve.fraction, abs=0.1 + 1e-6)  # 0.1 % of the dose
    assert set(values["EVID"]) == {1.0}
    assert np.all(np.diff(start) >= 0.0)
    assert np.all(amount > 0.0)


def test_nonmem_needs_the_dose():
    with pytest.raises(InputError, match="NONMEM needs the dose"):
        convert(Course(simulated()), ["nonmem"])


# --- workbooks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("curve", [simulated(), measured()], ids=["simulated", "measured"])
def test_workbook_is_read_by_calamine_and_has_a_chart_of_excel(curve):
    calamine = pytest.importorskip("python_calamine")
    content = file_of(course(curve), "xlsx")
    book = calamine.load_workbook(io.BytesIO(content))
    head, *rows = book.get_sheet_by_name("Release").to_python()
    assert head[:2] == ["Time [h]", "Released [%]"]
    numbers = np.array([row[:2] for row in rows], dtype=float)
    assert numbers[:, 0] * HOUR == pytest.approx(curve.time, rel=1e-12)
    assert numbers[:, 1] / 100 == pytest.approx(curve.fraction, rel=1e-12)
    summary = dict(book.get_sheet_by_name("Summary").to_python())
    assert summary["Dose [mg]"] == pytest.approx(100.0)
    assert summary["study hash"] == "a" * 64
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        chart = archive.read("xl/charts/chart1.xml").decode()
    for words in ("time [h]", "released [% of the dose]", f"Release!$B$2:$B${curve.time.size + 1}"):
        assert words in chart
    assert ("errBars" in chart) is (curve.sd is not None)


def test_workbook_reads_back_as_a_curve(tmp_path):
    path = tmp_path / "release.xlsx"
    path.write_bytes(file_of(course(measured()), "xlsx"))
    again = ReleaseCurve.read(path, sheet="Release")
    assert again.fraction == pytest.approx(measured().fraction, rel=1e-12)
    assert again.sd == pytest.approx(measured().sd, rel=1e-12)
    assert again.n == 3


def test_equal_curves_are_equal_files():
    assert file_of(course(), "xlsx") == file_of(course(), "xlsx")


# --- NetCDF --------------------------------------------------------------------------------------


def test_netcdf_is_read_by_xarray(tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    path = tmp_path / "release.nc"
    path.write_bytes(file_of(course(measured()), "netcdf"))
    with xarray.open_dataset(path, engine="h5netcdf", decode_times=False) as found:
        assert found.attrs["Conventions"].startswith("CF-")
        assert found.attrs["study_hash"] == "a" * 64
        assert found["time"].attrs["units"] == "s"
        assert found["released_fraction"].attrs["units"] == "1"
        assert found["released_fraction"].attrs["ancillary_variables"] == "released_fraction_sd"
        assert found["released_fraction"].values.tolist() == measured().fraction.tolist()
        assert found["released_fraction_of_vessel"].dims == ("time", "vessel")
        assert found["released_fraction_of_vessel"].values.tolist() == measured().vessels.tolist()
        assert float(found["dose"]) == pytest.approx(1e-4)


def test_netcdf_holds_every_drug(tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    drugs = {"a": simulated(), "b": simulated(ZeroOrder(duration=12 * HOUR))}
    made = course(drugs=drugs, doses={"a": 60 * MG, "b": 40 * MG})
    path = tmp_path / "release.nc"
    path.write_bytes(file_of(made, "netcdf"))
    with xarray.open_dataset(path, engine="h5netcdf", decode_times=False) as found:
        one = found["released_fraction_of_drug"].sel(drug="b").values
        assert one.tolist() == drugs["b"].fraction.tolist()
        assert found["dose_of_drug"].values.tolist() == [60 * MG, 40 * MG]


# --- RO-Crate ------------------------------------------------------------------------------------


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "my study"
    (folder / "results").mkdir(parents=True)
    (folder / "study.toml").write_text("title = 'x'\n")
    (folder / ".hidden").write_text("no")
    account = {"version": "0.1.0", "study_hash": "b" * 64}
    (folder / "results" / "release.json").write_text(json.dumps(account))
    (folder / "results" / "release über.csv").write_text("time_s,released_fraction\n0,0\n")
    return folder


def test_crate_lists_every_file_with_its_hash(study):
    """RO-Crate 1.1: descriptor, root with its date, a File for each file."""
    write_crate(study, title="Tablets", licence="https://spdx.org/licenses/CC-BY-4.0")
    crate = json.loads((study / "ro-crate-metadata.json").read_text())
    assert crate["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(entities) == len(crate["@graph"])  # ids are unique
    descriptor, root = entities["ro-crate-metadata.json"], entities["./"]
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert descriptor["about"] == {"@id": "./"}
    assert (root["@type"], root["name"]) == ("Dataset", "Tablets")
    assert root["license"]["@id"].endswith("CC-BY-4.0")
    assert len(root["datePublished"]) == 10
    assert root["mainEntity"] == {"@id": "study.toml"}
    parts = {part["@id"] for part in root["hasPart"]}
    assert parts == {"study.toml", "results/release.json", "results/release%20%C3%BCber.csv"}
    for part in parts:
        entity = entities[part]
        content = (study / entity["name"]).read_bytes()
        assert entity["@type"] == "File"
        assert entity["sha256"] == hashlib.sha256(content).hexdigest()
        assert entity["contentSize"] == str(len(content))
        assert "encodingFormat" in entity
    action = entities["#simulation"]
    assert action["instrument"] == {"@id": "#releasesim"}
    assert entities["#releasesim"]["softwareVersion"] == "0.1.0"
    assert "b" * 64 in action["identifier"]
    for reference in (*action["object"], *action["result"]):
        assert reference["@id"] in parts


def test_crate_of_an_unchanged_folder_is_unchanged(study):
    write_crate(study)
    first = (study / "ro-crate-metadata.json").read_bytes()
    write_crate(study)
    assert (study / "ro-crate-metadata.json").read_bytes() == first


def test_crate_needs_a_folder_with_files(tmp_path):
    with pytest.raises(InputError, match="holds no files"):
        write_crate(tmp_path)
    (tmp_path / "x.csv").write_text("1")
    with pytest.raises(InputError, match="is no folder"):
        write_crate(tmp_path / "x.csv")


# --- the verb ------------------------------------------------------------------------------------


def test_unknown_format_lists_the_known_ones():
    with pytest.raises(
        InputError, match=r"'nonmen'; there are pksim, .*rocrate, did you mean 'nonmem'"
    ):
        convert(course(), ["nonmen"])


@pytest.mark.parametrize(("name", "library"), [("xlsx", "xlsxwriter"), ("netcdf", "xarray")])
def test_missing_library_is_named(monkeypatch, name, library):
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(MissingExtraError, match=r'pip install "releasesim\['):
        convert(course(), [name])


def test_every_format_says_what_it_is():
    assert set(FORMATS) == {"pksim", "weibull", "lint80", "nonmem", "xlsx", "netcdf"}
    assert all(one.words for one in FORMATS.values())


def test_thinned_lines_stay_within_their_tolerance():
    random = np.random.default_rng(4)
    time = np.linspace(0.0, 1.0, 400)
    fraction = np.cumsum(random.random(400)) / 400
    for tolerance in (1e-4, 1e-3, 1e-2):
        kept = thinned(time, fraction, tolerance)
        off = np.abs(np.interp(time, time[kept], fraction[kept]) - fraction)
        assert off.max() <= tolerance
        assert kept[0] == 0
        assert kept[-1] == 399
    assert rising(np.array([0.1, 0.3, 0.2]))[0].tolist() == [0.1, 0.3, 0.3]
