"""The how-to page on webhooks, typed as it stands there."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.e2e.site import Site
from tests.e2e.test_tutorial import ROOT, script

pytestmark = [pytest.mark.e2e]


def test_the_page_does_what_it_says(site: Site) -> None:
    environment = {
        **os.environ,
        "CYTOLAKE_HOME": str(site.stack.home.root),
        "COLUMNS": "240",
        "UV_NO_SYNC": "1",
    }
    done = subprocess.run(
        ["bash", "-c", script("how-to/receive-webhooks.md", undone="")],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("/v1/webhooks/acme-qc", "is stored", "was stored before", "2 valid keys"):
        assert words in done.stdout
    shown = site.gateway.ask("GET", "/v1/lims/try")
    assert shown["stored_webhooks"] == 1
