"""The parsed dbt project, kept beside it: parsing takes longer than all that is then done with it.

dbt's own partial parsing does not serve here. It starts over when a connection changes, and each
home of a stack has ports and passwords of its own; a manifest says nothing of either.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from dbt.contracts.graph.manifest import Manifest, ManifestStateCheck
from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder

PACKAGES = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "dbt-postgres")
READ = ("*.yml", "macros/**/*.*", "models/**/*.*", "data-tests/**/*.*")
NAMED = ("CYTOLAKE_DBT_MARTS_DBNAME",)
"""What of the environment gets into a manifest: each relation names its database (profiles.yml)."""


def kept_manifest(project: Path, target: str, parse: Callable[[], Manifest]) -> Manifest:
    """Return the manifest of the project as it is now; parse it if none is kept of it.

    It is kept in dbt's own folder for such things, `target` within the project. Where that may not
    be written to, the project is parsed each time.
    """
    folder = project / "target"
    kept = folder / f"manifest-{target}-{fingerprint(project)[:16]}.msgpack"
    if kept.exists():
        return Manifest.from_msgpack(kept.read_bytes(), decoder=extended_mashumuro_decoder)
    manifest = parse()
    manifest.state_check = ManifestStateCheck()  # holds a hash of the connection
    _keep(kept, manifest.to_msgpack(extended_mashumaro_encoder))
    return manifest


def fingerprint(project: Path) -> str:
    """Return the SHA-256 over all that decides how the project is parsed."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        digest.update(f"{package} {version(package)}\n".encode())
    for name in NAMED:
        digest.update(f"{name} {os.environ.get(name, '')}\n".encode())
    for file in sorted(file for pattern in READ for file in project.glob(pattern)):
        digest.update(f"{file.relative_to(project)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _keep(kept: Path, body: bytes) -> None:
    """Write in one step, for others may be reading; what an earlier project left goes."""
    try:
        kept.parent.mkdir(exist_ok=True)
        begun = kept.with_suffix(f".{uuid4().hex}")
        begun.write_bytes(body)
        begun.replace(kept)
    except OSError:  # a read-only installation
        return
    target = kept.name.rpartition("-")[0]
    for other in kept.parent.glob(f"{target}-*.msgpack"):
        if other != kept:
            other.unlink(missing_ok=True)
