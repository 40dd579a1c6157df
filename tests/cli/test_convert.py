"""`releasesim convert`: from a folder of results or a table to files of other programs."""

from __future__ import annotations

import hashlib
import json

import pytest

from releasesim.cli.convert import To
from releasesim.exchange import FORMATS


def test_formats_are_those_there_are():
    assert [to.value for to in To] == [*FORMATS, "rocrate"]


def test_folder_of_results(run, study, tmp_path):
    """200 mg/mL in a disc of 8 x 3 mm: 30.159 mg."""
    out = tmp_path / "out"
    run("simulate", study, "--out", out)
    outcome = run("convert", out, "--to", "nonmem", "--to", "pksim", "--to", "rocrate", "--json")
    assert outcome.code == 0
    data = json.loads(outcome.out)
    names = ["nonmem_infusions.csv", "pksim_table.csv", "conversion.json", "ro-crate-metadata.json"]
    assert data["files"] == names
    total = sum(float(line.split(",")[2]) for line in (out / names[0]).read_text().splitlines()[1:])
    assert total == pytest.approx(30.159, abs=0.001)
    account = json.loads((out / "conversion.json").read_text())
    for name in names[:2]:
        digest = hashlib.sha256((out / name).read_bytes()).hexdigest()
        assert account["sha256"][name] == digest
    assert len(account["origin"]["study hash"]) == 64
    crate = json.loads((out / "ro-crate-metadata.json").read_text())
    assert {"@id": "conversion.json"} in crate["@graph"][1]["hasPart"]


def test_measured_table_with_its_dose(run, failed, tmp_path):
    table = tmp_path / "lab.csv"
    table.write_text("Time [h],Released [%]\n1,30\n2,60\n4,90\n")
    failed(["convert", table, "--to", "nonmem"], 3, "needs the dose", "--dose")
    outcome = run("convert", table, "--to", "nonmem", "--dose", "50 mg", "--out", tmp_path / "o")
    assert outcome.code == 0
    text = (tmp_path / "o" / "nonmem_infusions.csv").read_text()
    assert "1,0,30,15,.,1,1,1" in text  # 60 % of 50 mg in the first 2 h, at 15 mg/h


def test_folder_without_a_curve(failed, tmp_path):
    failed(["convert", tmp_path, "--to", "pksim"], 3, "has no release.csv")


def test_crate_of_a_table_is_refused(failed, tmp_path):
    table = tmp_path / "lab.csv"
    table.write_text("Time [h],Released [%]\n1,30\n")
    failed(["convert", table, "--to", "rocrate"], 3, "is no folder")
