"""Fifty random valid studies; `validation/properties/run.py` runs as many as asked for.

A failure names a number: `python validation/properties/run.py --only NUMBER --quick` runs it alone.
"""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from properties.claims import (
    Finding,
    account,
    monotone,
    one_pair,
    run,
    scaled,
    written_and_read,
)
from properties.random_studies import LAWS, PRINTED, laws_of, study_of

from releasesim.physics.law import LAWS as KNOWN

COUNT = 50


@settings(
    max_examples=COUNT,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # smaller numbers are not smaller studies
    suppress_health_check=[HealthCheck.too_slow],
)
@given(number=st.sampled_from(range(COUNT)))
def test_random_studies_keep_all_claims(number):
    data = study_of(number, quick=True)
    release = run(data)
    findings = [*account(release), monotone(data, release), written_and_read(data)]
    failed = [f for f in [*findings, one_pair(number, data, release)] if f and not f.holds]
    assert not failed, "; ".join(map(str, failed))


def test_quick_studies_have_every_law():
    """Each law in the default run, alone or coupled, and those of a print in prints."""
    studies = [study_of(number, quick=True) for number in range(COUNT)]
    wanted = {law for laws in LAWS.values() for law in laws}
    assert set().union(*map(laws_of, studies)) == wanted
    prints = [data for data in studies if "infill" in data["tablet"]]
    assert set().union(*map(laws_of, prints)) >= set(PRINTED)


def test_law_table_is_that_of_the_program():
    """Every law of a slot that is on; correlations are laws of the film."""
    off = {"PerfectSink", "FullyDissolved", "InstantlyWet", "NoSwelling", "NoErosion"}
    off |= {"NoHydrolysis", "MixedChannels"}
    known = {name for laws in KNOWN.values() for name in laws}
    assert known - off == {law for laws in LAWS.values() for law in laws}


def test_studies_of_the_committed_record_are_as_they_were():
    """validation/properties/README.md speaks of these; a digest of the first hundred."""
    text = json.dumps([study_of(number) for number in range(100)], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest[:16] == "e00f6fa1059766b7"


def test_scaling_touches_every_unit_once():
    data = {"D": "2 m2/s", "k": ["3 m/s", "4 1/s"], "name": "pva", "c": "5 kg/m3", "n": 6}
    found = scaled(data, length=10.0, time=2.0)
    assert found == {
        "D": "100 m2/s",
        "k": ["15 m/s", "2 1/s"],
        "name": "pva",
        "c": "5 kg/m3",
        "n": 6,
    }


@pytest.mark.parametrize(("found", "holds"), [(1.0, True), (2.1, False), (float("nan"), False)])
def test_a_claim_that_is_no_number_does_not_hold(found, holds):
    assert Finding("", found, 2.0).holds is holds
