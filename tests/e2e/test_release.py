"""The how-to page on releases, typed as it stands there: a batch released, then corrected."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from cytolake.cli import app
from cytolake.client_decisions import Decisions
from cytolake.synthetic import grow
from cytolake.synthetic.files import count_file, sample_list_file
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
SEED = 23


def typed(site: Site, *words: str, key: str | None = None) -> str:
    """Run the CLI on the session's home, by a person's key if one is given."""
    home = {"CYTOLAKE_HOME": str(site.stack.home.root), "COLUMNS": "200"}
    done = CliRunner().invoke(app, words, env=home | ({"CYTOLAKE_PERSON_KEY": key} if key else {}))
    assert done.exit_code == 0, done.output
    return done.stdout


def growth(site: Site, when: str) -> dict[str, Any]:
    query = f"select culture_day, vcd from mart_cell_growth where batch_id = '{when}' order by 1"
    found: dict[str, Any] = json.loads(typed(site, "as-of", when, query, "--json"))
    return found


def audited(site: Site, batch: str) -> list[str]:
    """Return what the audit trail says of the batch."""
    with psycopg.connect(site.stack.blueprint.dsn("api")) as connection:
        query = "SELECT type FROM audit.timeline WHERE about = %s ORDER BY entry_no"
        return [said for (said,) in connection.execute(query, [batch])]


def test_a_batch_is_released_and_later_corrections_are_told(site: Site) -> None:
    batch = grow(SEED, number=fresh_batch())
    key, point = f"syn-vicell/released/{batch.batch_id}.csv", batch.points[1]
    listed = site.put_http(sample_list_file(batch.points, name=batch.batch_id))
    site.until([listed, site.put_key(key, count_file(point).body)], "loaded")
    added = Decisions(site.gateway).add_person(f"rita-{uuid4().hex[:8]}", ["reviewer"])
    rita = added["api_key"]
    release = ("release", "batch", batch.batch_id, "--reason", "QA review QR-12")

    said = typed(site, *release, "--wait", key=rita)
    assert f"release 1 of {batch.batch_id}" in said
    assert "manifest sha256" in said
    assert "QA review QR-12" in typed(site, "release", "list", batch.batch_id, key=rita)
    assert "no rows differ" in typed(site, "release", "diff", batch.batch_id)
    released = growth(site, batch.batch_id)
    assert [row["vcd"] for row in released["rows"]] == [point.vcd]

    corrected = count_file(replace(point, vcd=point.vcd * 2))
    assert site.end(site.put_key(key, corrected.body)).state == "loaded"
    assert "files are as they were released" in typed(site, "release", "verify", batch.batch_id)
    assert growth(site, batch.batch_id) == released
    diff = json.loads(typed(site, "release", "diff", batch.batch_id, "--json"))
    (change,) = (one for one in diff["changes"] if one["table"] == "marts.mart_cell_growth")
    assert change["kind"] == "changed"
    assert change["key"]["batch_id"] == batch.batch_id
    assert change["columns"]["vcd"] == [point.vcd, pytest.approx(point.vcd * 2)]
    assert audited(site, batch.batch_id) == ["decision.release_batch", "release.exported"]
    assert "release 2" in typed(site, *release, "--wait", key=rita)


def test_staging_is_read_as_it_was_too(site: Site) -> None:
    query = "select count(*) as n from staging.stg_batch"
    found = json.loads(typed(site, "as-of", "2100-01-01", query, "--json"))
    assert found["rows"][0]["n"] >= 0
