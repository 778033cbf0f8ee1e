"""A release held against the lake as it is, and against what is kept of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from botocore.exceptions import BotoCoreError, ClientError

from cytolake.as_of import MEMORY, USER, newest_state, reading_settings
from cytolake.blueprint import Blueprint
from cytolake.errors import StackError
from cytolake.provision.buckets import s3_client
from cytolake.provision.policies import EVIDENCE
from cytolake.releases.differences import Change, changes
from cytolake.releases.recorded import Recorded
from cytolake_contracts.datasets import load_contracts
from cytolake_validator.releases.files import WRITER, write_files
from cytolake_validator.releases.slices import (
    MANIFEST,
    File,
    Table,
    files_in,
    tables,
    tables_in,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """One file of a release: as the manifest says, and as the lake still says?"""

    name: str
    is_kept: bool
    is_in_lake: bool


def differences(blueprint: Blueprint, release: Recorded) -> Iterator[tuple[str, Change]]:
    """Yield what changed of the batch since, by table; raise StackError when it cannot be read."""
    wanted = tables(load_contracts().values())
    with _told(), TemporaryDirectory(prefix="cytolake-diff-") as name:
        then, now = Path(name) / "then", Path(name) / "now"
        old = _written(blueprint, then, wanted, release.batch_id, release.snapshot_id)
        new = _written(blueprint, now, wanted, release.batch_id, newest_state(blueprint).number)
        for table in wanted:
            before, after = old.get(table.file), new.get(table.file)
            if (before and before.sha256) == (after and after.sha256):
                continue
            found = changes(
                then / table.file if before else None,
                now / table.file if after else None,
                table.keys,
            )
            yield from ((f"{table.schema}.{table.name}", one) for one in found)


def verified(blueprint: Blueprint, release: Recorded) -> list[Checked]:
    """Return each file's standing, the manifest first; raise StackError when none can be read."""
    if release.manifest_sha256 is None:
        raise StackError(f"release {release.release_no} of {release.batch_id} is not exported yet")
    with _told(), TemporaryDirectory(prefix="cytolake-verify-") as name:
        kept, made = Path(name) / "kept", Path(name) / "made"
        kept.mkdir()
        s3 = s3_client(blueprint.s3_endpoint, blueprint.credentials.s3[USER])
        manifest = _fetched(s3, release.key(MANIFEST), kept / MANIFEST).read_bytes()
        is_kept = hashlib.sha256(manifest).hexdigest() == release.manifest_sha256
        wanted = tables_in(manifest)
        again = _written(blueprint, made, wanted, release.batch_id, release.snapshot_id)
        same_writer = json.loads(manifest)["writer"] == WRITER
        found = [Checked(MANIFEST, is_kept, is_in_lake=True)]
        for file in files_in(manifest):
            path = _fetched(s3, release.key(file.name), kept / file.name)
            is_same = file.name in again and again[file.name].sha256 == file.sha256
            if not is_same and not same_writer and file.name in again:
                # Another version wrote it: what counts is the rows.
                is_same = next(changes(path, made / file.name, file.keys), None) is None
            found.append(Checked(file.name, _sha256(path) == file.sha256, is_same))
        return found


def _written(
    blueprint: Blueprint, folder: Path, wanted: tuple[Table, ...], batch: str, snapshot: int
) -> dict[str, File]:
    folder.mkdir()
    files = write_files(
        reading_settings(blueprint),
        folder,
        tables=wanted,
        batch=batch,
        snapshot=snapshot,
        memory=MEMORY,
    )
    return {file.name: file for file in files}


def _fetched(s3: Any, key: str, path: Path) -> Path:  # noqa: ANN401 - boto3 has no types
    s3.download_file(EVIDENCE, key, str(path))
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (duckdb.Error, BotoCoreError, ClientError) as error:
        raise StackError(f"the release could not be looked at: {error}") from error
