"""The commands as a newcomer types them, each a process of its own, on the running stack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cytolake.synthetic import grow, unreadable_count_file
from cytolake.synthetic.files import count_file
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
SEED = 14
COMMAND = Path(sys.executable).with_name("cytolake")


def cytolake(site: Site, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the CLI on the session's home, with `given` as its input."""
    return subprocess.run(
        [str(COMMAND), *words],
        env={**os.environ, "CYTOLAKE_HOME": str(site.stack.home.root), "COLUMNS": "200"},
        check=False,
        capture_output=True,
        text=True,
        input=given,
    )


def told(site: Site, *words: str) -> Any:
    """Run the CLI with --json; return what it printed."""
    done = cytolake(site, *words, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Return a file that becomes rows."""
    file = count_file(grow(SEED, number=fresh_batch()).points[0])
    path = tmp_path / file.name
    path.write_bytes(file.body)
    return path


def test_put_wait_ends_loaded_and_its_rows_can_be_selected(site: Site, good: Path) -> None:
    (history,) = told(site, "put", str(good), "--source", "syn-vicell", "--wait")
    assert history["state"] == "loaded"
    assert site.rows(history["object_id"]) > 0
    shown = cytolake(site, "file", history["object_id"])
    assert "In the marts" in shown.stdout
    listed = told(site, "files", "--state", "loaded", "--source", "syn-vicell")
    assert listed[0]["object_id"] == history["object_id"]


def test_put_wait_of_a_bad_file_fails_with_its_reason(site: Site, tmp_path: Path) -> None:
    file = unreadable_count_file(grow(SEED, number=fresh_batch()).points[0])
    path = tmp_path / file.name
    path.write_bytes(file.body)
    done = cytolake(site, "put", str(path), "--source", "syn-vicell", "--wait")
    assert done.returncode == 1
    assert "Viability" in done.stderr


def test_put_for_an_unknown_source_is_refused_in_words(site: Site, good: Path) -> None:
    done = cytolake(site, "put", str(good), "--source", "nobody")
    assert done.returncode == 2
    assert "nobody" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_demo_shows_what_it_means_to_show(site: Site) -> None:
    shown = told(site, "demo", "--seed", "7")
    assert shown["as_meant"] is True
    assert [row["culture_day"] for row in shown["growth"]] == list(range(11))
    wrong = [file for file in shown["files"] if file["fault"]]
    good = [file for file in shown["files"] if not file["fault"]]
    assert {file["state"] for file in good} == {"loaded"}
    # The broken one is refused, or, where its source's shape is known by then, asked about.
    codes = {file["reason_code"] for file in wrong}
    assert codes - {"UNREADABLE_BY_VENDOR", "LAYOUT_CHANGED"} == {"CONTRACT_VIOLATION"}
    assert len(codes) == len(wrong) == 2
    assert all(file["message"] and file["reason_code"] for file in wrong)
