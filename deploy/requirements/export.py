"""Write what each deployable installs, every version pinned with its hashes.

Run `uv run python deploy/requirements/export.py` after a dependency has changed, and `uv sync`
to have it yourself. There is no committed lock (ADR 0002): images and audits go by these files,
and a test compares them with what the workspace resolves to. They name no host and no path.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
OPTIONS = ("--quiet", "--no-emit-workspace", "--no-header")
SERVICES = ("ingest-gateway", "validator", "transformer", "mart-loader", "lineage")
FILES = {
    "local.txt": ("--package", "cytolake", "--no-dev"),
    **{f"{name}.txt": ("--package", f"cytolake-{name}", "--no-dev") for name in SERVICES},
    "watch.txt": ("--package", "cytolake-watch", "--no-dev"),
    "dev.txt": (),
}
"""File -> what of the workspace is in it; `dev.txt` is all of it, with the tools."""


def exported(name: str) -> str:
    """Return a file as the workspace resolves now; raises CalledProcessError when it cannot."""
    return _uv("export", *OPTIONS, *FILES[name])


def _uv(*words: str) -> str:
    uv = os.environ.get("UV", "uv")  # `uv run` says which one it is
    done = subprocess.run([uv, *words], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


if __name__ == "__main__":
    # As in a fresh clone: what this one happened to resolve to before has no say.
    _uv("lock", "--quiet", "--upgrade")
    for name in FILES:
        (FOLDER / name).write_text(exported(name), encoding="utf-8")
