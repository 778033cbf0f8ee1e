"""The tutorial, run word for word: its shell blocks, one after the other, on a stack of its own."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)
NOT_HERE = "pip() { :; }\n"  # uv is what runs this test
AT_THE_END = "trap 'uv run cytolake down >/dev/null 2>&1 || true' EXIT\n"


def script(page: str, *, undone: str = AT_THE_END) -> str:
    """Join a page's shell blocks; each is echoed before it runs, so that a failure says where."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return "\n".join(["set -euo pipefail", NOT_HERE, undone, "set -v", *BLOCK.findall(text)])


def performed(
    commands: str, home: Path, *, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a page's commands on a home, by the very uv that runs these tests; fail as they do."""
    uv = [str(Path(os.environ["UV"]).parent)] if "UV" in os.environ else []
    given = {
        "PATH": os.pathsep.join([*uv, os.environ["PATH"]]),
        "CYTOLAKE_HOME": str(home),
        "COLUMNS": "240",
        "UV_PROJECT": str(ROOT),
        "UV_NO_SYNC": "1",
    }
    done = subprocess.run(
        ["bash", "-c", commands],
        cwd=cwd,
        env=os.environ | given | environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_tutorial_does_what_it_says(tmp_path: Path) -> None:
    done = performed(script("tutorial.md"), tmp_path / "home", CYTOLAKE_STORE="seaweedfs")
    said = done.stdout
    assert "('SYN-B0030', 3.0" in said, said
    for words in ("loaded", "quarantined", "look otherwise", "duplicate"):
        assert words in said + done.stderr
