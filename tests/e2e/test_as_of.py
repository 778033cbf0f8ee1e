"""The lake as it was before a correction, by the command that a quality person would use."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from cytolake.cli import app
from cytolake.synthetic import grow
from cytolake.synthetic.files import count_file
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]


def as_of(site: Site, when: str, key: str) -> dict[str, Any]:
    query = f"select value_std from mart_measurement where file_key = '{key}' and quantity = 'vcd'"
    home = str(site.stack.home.root)
    told = CliRunner().invoke(app, ["as-of", when, query, "--home", home, "--json"])
    assert told.exit_code == 0, told.stderr
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_a_number_is_read_as_it_was_before_it_was_corrected(site: Site) -> None:
    wrong, right = grow(9, number=fresh_batch()).points[1:3]
    key = f"syn-vicell/corrected/{wrong.sample_id}.csv"
    assert site.end(site.put_key(key, count_file(wrong).body)).state == "loaded"
    before = as_of(site, "2100-01-01", key)
    assert [row["value_std"] for row in before["rows"]] == [wrong.vcd]

    assert site.end(site.put_key(key, count_file(right).body)).state == "loaded"
    after = as_of(site, "2100-01-01", key)
    assert [row["value_std"] for row in after["rows"]] == [right.vcd]
    assert after["snapshot"] > before["snapshot"]
    assert as_of(site, str(before["snapshot"]), key)["rows"] == before["rows"]
    assert as_of(site, before["at"], key)["rows"] == before["rows"]
