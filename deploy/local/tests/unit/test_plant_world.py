"""The plant: the same for ever by its seed, failing about as often as real plants do."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from itertools import pairwise

import pytest

from cytolake.synthetic.plant import KPIS, World, build, sources_of, timeline, truth
from cytolake.synthetic.plant.drops import LIMS
from cytolake.synthetic.plant.truth_batches import right_first_time
from cytolake.synthetic.plant.truth_figures import Row
from cytolake.synthetic.plant.truth_results import oos_rate


@pytest.fixture(scope="module")
def small() -> World:
    return build(7, 20)


@pytest.fixture(scope="module")
def large() -> World:
    return build(7, 500)


@pytest.fixture(scope="module")
def medium() -> World:
    return build(7, 150)


def digest(world: World) -> str:
    told = hashlib.sha256()
    for drop in timeline(world):
        told.update(f"{drop.at}{drop.key}{drop.ends}{drop.after}".encode() + drop.body)
    return told.hexdigest()


def test_the_same_seed_gives_the_same_bytes(small: World) -> None:
    assert digest(build(7, 20)) == digest(small)
    assert json.dumps(truth(build(7, 20))) == json.dumps(truth(small))
    assert digest(build(8, 20)) != digest(small)


def test_every_file_and_record_says_that_it_is_synthetic(small: World) -> None:
    for drop in timeline(small):
        assert "SYNTHETIC" in drop.name
        assert b"SYNTHETIC" in drop.body or b"SYN-" in drop.body
        if drop.source == LIMS:
            events = json.loads(drop.body)
            for event in events if isinstance(events, list) else [events]:
                assert event["id"].startswith("SYNTHETIC-")


def test_drops_come_by_time_each_under_its_own_key_from_a_known_source(small: World) -> None:
    drops = timeline(small)
    assert all(a.at <= b.at for a, b in pairwise(drops))
    assert len({drop.key for drop in drops}) == len(drops)
    assert {drop.source for drop in drops} <= {*sources_of(small)}
    keys = {drop.key: drop.at for drop in drops}
    needed = [drop for drop in drops if drop.after]
    assert needed
    assert all(keys[drop.after or ""] < drop.at for drop in needed)


def test_one_object_of_the_lims_speaks_of_one_entity(small: World) -> None:
    for drop in timeline(small):
        if drop.source == LIMS:
            events = json.loads(drop.body)
            types = [
                e["type"].split(".")[1] for e in ([events] if isinstance(events, dict) else events)
            ]
            assert len(set(types)) == 1, drop.key


def test_corrections_overtake_what_they_correct(medium: World) -> None:
    versions: dict[str, list[int]] = {}
    for drop in timeline(medium):
        if "/SYNTHETIC-result-" in drop.key:
            data = json.loads(drop.body)["data"]
            versions.setdefault(data["result_id"], []).append(data["record_version"])
    assert any(seen != sorted(seen) for seen in versions.values())
    assert any(seen == sorted(seen) for seen in versions.values() if len(seen) > 1)


def test_nothing_happens_after_the_horizon(small: World) -> None:
    for batch in small.batches:
        times = [
            *(at for _, at in batch.milestones),
            *(version.modified_at for line in batch.results for version in line.versions),
            *(step.started_at for step in batch.steps),
            *(event.opened_at for event in batch.quality),
        ]
        assert max(times) <= small.horizon
    assert {"in_process", "completed", "released"} <= {batch.status for batch in small.batches}


def test_it_fails_about_as_often_as_published_trials(large: World) -> None:
    """Manufacturing failure 1 to 8 % (DOMAIN.md 4.3); each way of failing is there."""
    decided = [batch for batch in large.batches if batch.dispositioned_at]
    ends = Counter(batch.status for batch in decided)
    assert 0.01 <= (ends["rejected"] + ends["terminated"]) / len(decided) <= 0.08
    assert min(ends["rejected"], ends["terminated"]) >= 3
    assert 0.005 <= sum(batch.released_oos for batch in decided) / len(decided) <= 0.04


def total(rows: list[Row], column: str) -> int:
    return sum(int(str(row[column])) for row in rows)


def test_other_rates(large: World) -> None:
    results = oos_rate(large)
    assert 0.001 <= total(results, "n_oos") / total(results, "n") <= 0.015
    assert 0.001 <= total(results, "n_invalidated") / total(results, "n") <= 0.015
    months = right_first_time(large)
    assert 0.6 <= total(months, "n_right") / total(months, "n") <= 0.85
    events = Counter(event.kind for batch in large.batches for event in batch.quality)
    assert 0.4 <= events["deviation"] / len(large.batches) <= 0.6
    assert min(events.values()) > 0
    assert set(events) == {"deviation", "oos", "oot", "capa"}


def test_a_failed_patient_may_be_made_again(large: World) -> None:
    attempts = Counter(batch.coi_id for batch in large.batches if batch.coi_id)
    assert max(attempts.values()) == 2


def test_faults_are_sown_in_every_kind(medium: World) -> None:
    drops = timeline(medium)
    faults = Counter(drop.fault for drop in drops if drop.fault)
    assert set(faults) == {
        "cut short",
        "lost its viability column",
        "viability times ten",
        "names another batch than the LIMS has for its sample",
        "holds two samples in each other's wells",
    }
    share = sum(faults.values()) / len(drops)
    assert 0.003 <= share <= 0.03


def test_every_kpi_has_a_truth_and_is_plain_data(medium: World) -> None:
    told = truth(medium)
    assert len(KPIS) == 11
    assert all(told.values())
    json.dumps(told, allow_nan=False)
