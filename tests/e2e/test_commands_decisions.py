"""The how-to pages on quarantine and on reading again, typed as they stand there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from cytolake.synthetic import grow, implausible_count_file
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
COMMAND = Path(sys.executable).with_name("cytolake")
SEED = 19


def typed(site: Site, *words: str, key: str | None = None) -> str:
    """Run the CLI on the session's home, by a person's key if one is given."""
    home = {"CYTOLAKE_HOME": str(site.stack.home.root), "COLUMNS": "200"}
    environment = {**os.environ, **home} | ({"CYTOLAKE_PERSON_KEY": key} if key else {})
    done = subprocess.run(
        [str(COMMAND), *words], env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_reviewer_works_through_the_quarantine(site: Site) -> None:
    name = f"jane-{uuid4().hex[:8]}"
    added = json.loads(typed(site, "person", "add", name, "--role", "reviewer", "--json"))
    key = added["api_key"]
    assert name in typed(site, "person", "list")
    files = [implausible_count_file(grow(SEED, number=fresh_batch()).points[2]) for _ in range(2)]
    first, second = (site.put_http(file) for file in files)
    site.until([first, second], "quarantined")
    assert first in typed(site, "quarantine", "list", key=key)
    assert "row " in typed(site, "quarantine", "show", first, key=key)
    why = ("--reason", "recounted by hand, LB-77 p. 12", "--wait")
    assert f"{first}: loaded" in typed(site, "quarantine", "release", first, *why, key=key)
    assert "rejected" in typed(site, "quarantine", "refuse", second, *why, key=key)
    assert f"release by {name}: recounted by hand" in typed(site, "file", first)
    again = typed(site, "replay", first, "--reason", "one file", "--wait", key=key)
    assert "1 files read again: 1 loaded" in again
    counted = typed(site, "revalidate", "--all", "--reason", "a look", "--dry-run", key=key)
    assert "files would be read again" in counted
    typed(site, "person", "revoke", name)
