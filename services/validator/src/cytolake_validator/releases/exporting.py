"""Export what was released: the batch's rows into the evidence bucket, and their manifest last.

A release is a row of the ledger. Until its export is recorded there it is tried again; files that
a killed export left are found and kept, for the same rows give the same bytes.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from cytolake_runtime import Retryable
from cytolake_validator.releases.slices import MANIFEST, File, Release, manifest

log = logging.getLogger(__name__)


class Ledger(Protocol):
    """The releases in PostgreSQL. Every method raises Retryable while it is away."""

    async def pending(self) -> list[Release]:
        """Return the releases that are not exported yet, oldest first."""
        ...

    async def exported(
        self, release: Release, *, manifest_sha256: str, files: Sequence[File]
    ) -> None:
        """Record the export: once, and never another one of the same release."""
        ...


class Slices(Protocol):
    """The lake, to read."""

    writer: str

    async def write(self, release: Release, folder: Path) -> tuple[File, ...]:
        """Write the batch's rows at the release's snapshot; raise Retryable."""
        ...


class Evidence(Protocol):
    """The evidence bucket, where nothing is overwritten."""

    async def keep(self, key: str, path: Path, *, sha256: str) -> None:
        """Keep a file; raise Retryable, and EvidenceDiffersError where the key has other bytes."""
        ...


class EvidenceDiffersError(Exception):
    """Where a file of the release should lie, another one lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """What an export needs: `app.py` passes the real ones, tests pass fakes."""

    ledger: Ledger
    slices: Slices
    evidence: Evidence

    async def round(self) -> None:
        """Export all that waits; one that cannot be exported does not hold up the others."""
        try:
            for release in await self.ledger.pending():
                await self._tried(release)
        except Retryable as fault:
            log.info("releases wait to be exported: %s", fault)

    async def _tried(self, release: Release) -> None:
        try:
            await self._export(release)
        except Retryable:
            raise
        except Exception:
            log.exception("release %s of %s fails", release.release_no, release.batch_id)

    async def _export(self, release: Release) -> None:
        with TemporaryDirectory(prefix="cytolake-release-") as name:
            folder = Path(name)
            files = await self.slices.write(release, folder)
            for file in files:
                await self.evidence.keep(
                    release.key(file.name), folder / file.name, sha256=file.sha256
                )
            document = manifest(release, files, writer=self.slices.writer)
            digest = hashlib.sha256(document).hexdigest()
            (folder / MANIFEST).write_bytes(document)
            await self.evidence.keep(release.key(MANIFEST), folder / MANIFEST, sha256=digest)
        await self.ledger.exported(release, manifest_sha256=digest, files=files)
        log.info("release %s of %s is exported", release.release_no, release.batch_id)
