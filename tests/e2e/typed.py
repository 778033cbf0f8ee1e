"""The CLI as a person types it, on the session's home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.site import Site

COMMAND = Path(sys.executable).with_name("cytolake")


def typed(site: Site, *words: str, key: str | None = None) -> str:
    """Run the CLI on the session's home, by a person's key if one is given."""
    home = {"CYTOLAKE_HOME": str(site.stack.home.root), "COLUMNS": "200"}
    environment = {**os.environ, **home} | ({"CYTOLAKE_PERSON_KEY": key} if key else {})
    done = subprocess.run(
        [str(COMMAND), *words], env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
