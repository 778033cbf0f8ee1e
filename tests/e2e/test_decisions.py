"""What people decide about files: released, refused, read again, and nothing doubled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from cytolake.client import GatewayError
from cytolake.commands_replay import REPLAYS, REVALIDATIONS
from cytolake.synthetic import grow, implausible_count_file
from cytolake.synthetic.files import count_file
from tests.e2e.batches import fresh_batch
from tests.e2e.deciders import Person, person
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
SEED = 17
VICELL = "BECKMAN_VI_CELL_BLU"
RULE = "measurement.viability_is_a_percentage"
LAYOUT = """layout: {name}
title: SYNTHETIC section table
dataset: sample
header: {{skip_below: {skip}}}
columns:
  - {{name: sample_id, must: true}}
  - {{name: batch_id, must: true}}
  - {{name: collected_at, kind: time, must: true}}
"""


@pytest.fixture(scope="module")
def jane(site: Site) -> Iterator[Person]:
    with person(site, "reviewer") as found:
        yield found


def source(site: Site, **settings: Any) -> str:
    """Register a source of the test's own."""
    name = f"e2e-{uuid4().hex[:8]}"
    site.gateway.add_source(name, **settings)
    return name


def implausible(site: Site, by: Person | None = None) -> str:
    """Hand in a count with a viability above 100 %; return it once it is quarantined."""
    file = implausible_count_file(grow(SEED, number=fresh_batch()).points[2])
    gateway = by.gateway if by else site.gateway
    name = f"{uuid4().hex[:8]}-{file.name}"
    of = gateway.upload("syn-vicell", name, file.body, size_bytes=len(file.body)).object_id
    site.until([of], "quarantined")
    return of


def mart_of(site: Site, *object_ids: str) -> list[dict[str, Any]]:
    """Return what the marts hold of these files, without what tells one run from another."""
    rows = site.select(
        "select * from marts.mart_measurement where object_id = any(%s)"
        " order by object_id, source_path, quantity_raw, measurement_key",
        list(object_ids),
    )
    own = {"run_id", "run_no", "measurement_key"}
    return [{name: row[name] for name in row.keys() - own} for row in rows]


def test_a_released_file_is_in_the_marts_with_its_rule_as_a_warning(
    site: Site, jane: Person
) -> None:
    of = implausible(site)
    case = jane.decisions.case(of)
    assert case["failures"][0]["examples"]
    assert jane.decide("release", of, "recounted by hand: 91 %").states == {"loaded": 1}
    assert site.rows(of) > 0
    history = site.gateway.history(of)
    run = history["runs"][-1]
    assert (run["run_no"], run["decision"], run["actor"]) == (2, "release", jane.name)
    (validated,) = [e for e in run["events"] if e["type"] == "file.validated"]
    told = {f"{w['dataset']}.{w['rule']}": w for w in validated["data"]["warnings"]}
    assert told[RULE]["released_by"] == jane.name
    assert "recounted by hand" in told[RULE]["message"]
    assert all(row["has_warnings"] for row in mart_of(site, of))
    with psycopg.connect(site.stack.blueprint.dsn("lineage")) as audit:
        query = "select summary from audit.entry where object_id = %s and type = 'decision.release'"
        assert audit.execute(query, [of]).fetchall() == [
            (f"{jane.name} release: recounted by hand: 91 %",)
        ]
    before = mart_of(site, of)
    assert jane.reread(REPLAYS, objects=[of]).states == {"loaded": 1}
    assert mart_of(site, of) == before, "a release stands when the file is read again"


def test_who_dropped_a_file_cannot_release_it_and_another_can(site: Site, jane: Person) -> None:
    of = implausible(site, by=jane)
    with pytest.raises(GatewayError, match=f"{jane.name} dropped this file"):
        jane.decisions.decide("release", of, "trust me")
    with pytest.raises(GatewayError, match="names its person"):
        site.gateway.ask("POST", f"/v1/quarantine/{of}/release", json={"reason": "no name"})
    denied = [one["denied_code"] for one in site.gateway.history(of)["decisions"]]
    assert denied == ["DROPPED_BY_YOU", "NAMED_PERSON_NEEDED"]
    with person(site, "reviewer") as other:
        assert other.decide("release", of, "looked at it").states == {"loaded": 1}


def test_a_refused_file_ends_and_is_left_alone(site: Site, jane: Person) -> None:
    of = implausible(site)
    assert jane.decide("refuse", of, "the sample was lost").states == {"rejected": 1}
    told = site.end(of)
    assert (told.state, told.reason_code) == ("rejected", "REFUSED")
    assert told.message == f"Refused by {jane.name}: the sample was lost"
    assert jane.reread(REVALIDATIONS, reason_code="REFUSED").opened == 0
    assert site.rows(of) == 0


def test_files_are_read_again_once_their_source_is_corrected(site: Site, jane: Person) -> None:
    wrong = source(site, vendor="AGILENT_GEN5")
    file = count_file(grow(SEED, number=fresh_batch()).points[1])
    early = f"late-{uuid4().hex[:8]}"
    known = site.put_key(f"{wrong}/{file.name}", file.body)
    unknown = site.put_key(f"{early}/{file.name}", file.body)
    site.until([known, unknown], "quarantined", "rejected")
    site.gateway.ask("PUT", f"/v1/sources/{wrong}", json={"vendor": VICELL})
    site.gateway.add_source(early, vendor=VICELL)
    assert jane.reread(REVALIDATIONS, source=wrong).states == {"loaded": 1}
    assert jane.reread(REVALIDATIONS, source=early, reason_code="UNKNOWN_SOURCE").opened == 1
    site.until([known, unknown], "loaded")
    assert site.rows(known) == site.rows(unknown) > 0


def test_a_replay_of_everything_leaves_the_marts_as_they_were(site: Site, jane: Person) -> None:
    own = source(site, vendor=VICELL)
    points = grow(SEED, number=fresh_batch()).points[:5]
    ids = [site.put_key(f"{own}/{file.name}", file.body) for file in map(count_file, points)]
    site.until(ids, "loaded")
    before = mart_of(site, *ids)
    assert before
    for run_no in (2, 3):
        assert jane.reread(REPLAYS, source=own).states == {"loaded": 5}
        assert mart_of(site, *ids) == before
        runs = site.select(
            "select distinct run_no from marts.mart_measurement where object_id = any(%s)", ids
        )
        assert runs == [{"run_no": run_no}]
    history = site.gateway.history(ids[0])
    assert [run["state"] for run in history["runs"]] == ["superseded", "superseded", "loaded"]


def test_a_file_that_yields_no_rows_any_more_leaves_none(site: Site, jane: Person) -> None:
    name = f"e2e_sections_{uuid4().hex[:8]}"
    layout = site.stack.home.layouts / f"{name}.layout.yaml"
    layout.write_text(LAYOUT.format(name=name, skip=0))
    own, batch = source(site, layout=name), uuid4().hex[:8]
    sample, at = f"SYNTHETIC-{batch}", "2026-11-23T12:00:00+00:00"
    body = f"sample_id,batch_id,collected_at\n{sample},{batch},{at}\n".encode()
    of = site.put_key(f"{own}/list.csv", body)
    assert site.end(of).state == "loaded"
    count = count_file_of(sample)
    counted = site.put_key(f"syn-vicell/{batch}.csv", count)
    site.until([counted], "loaded")
    site.until_seen(lambda: batches_of(site, counted), [batch].__eq__)
    layout.write_text(LAYOUT.format(name=name, skip=5))
    assert jane.reread(REPLAYS, source=own).states == {"loaded": 1}
    history = site.gateway.history(of)
    assert (history["state"], history["rows"]) == ("loaded", 0)
    site.until_seen(lambda: batches_of(site, counted), [None].__eq__)


def count_file_of(sample: str) -> bytes:
    """Return a count of a sample of this name."""
    point = grow(SEED, number=fresh_batch()).points[4]
    return count_file(point).body.replace(point.sample_id.encode(), sample.encode())


def batches_of(site: Site, object_id: str) -> list[str | None]:
    """Return which batches the marts give to a count's sample."""
    found = site.select(
        "select distinct batch_id from marts.mart_measurement where object_id = %s", object_id
    )
    return [row["batch_id"] for row in found]
