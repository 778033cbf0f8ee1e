"""A fake LIMS connected to a real store, and what its pulls left in the inbound bucket."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cytolake.pulls.connecting import connector_of
from cytolake.pulls.connection import Connection
from cytolake.pulls.inbound import inbound_of
from cytolake.pulls.lims import Pull, Pulled
from cytolake.pulls.outbox import Store
from tests.support.fake_lims import PASSWORD, USER, Book, FakeLims
from tests.support.stack import Servers

BUCKET = "inbound"


@dataclass(frozen=True, slots=True)
class LimsSite:
    """One connected LIMS."""

    servers: Servers
    lims: FakeLims
    connection: Connection

    @property
    def book(self) -> Book:
        return self.lims.book

    def pull(
        self, *streams: str, store: Store | None = None, is_full: bool = False
    ) -> list[Pulled]:
        """Pull these streams, or all."""
        self.book.asked.clear()
        return list(
            Pull(
                connection=self.connection,
                connector=connector_of(self.connection),
                store=store or inbound_of(self.servers.stack),
                progress=lambda *_: None,
                is_full=is_full,
                streams=streams,
            ).run()
        )

    def versions(self, stream: str) -> list[tuple[str, str]]:
        """Return (key, ETag) of every object version of a stream, oldest key first."""
        prefix = f"{self.connection.source}/{stream}/"
        found = self.servers.s3().list_object_versions(Bucket=BUCKET, Prefix=prefix)
        return sorted((one["Key"], one["ETag"]) for one in found.get("Versions", []))

    def head(self, key: str) -> dict[str, str]:
        """Return what is said about an object."""
        found: dict[str, str] = self.servers.s3().head_object(Bucket=BUCKET, Key=key)["Metadata"]
        return found

    def table(self, key: str) -> pa.Table:
        """Return an object's records."""
        body = self.servers.s3().get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return pq.read_table(io.BytesIO(body))

    def rows(self, stream: str) -> list[dict[str, Any]]:
        """Return all records of a stream that ever landed."""
        keys = dict.fromkeys(key for key, _ in self.versions(stream))
        return [row for key in keys for row in self.table(key).to_pylist()]

    def change_manifest(self, change: Callable[[str], str]) -> None:
        """Change the manifest that this LIMS runs by: shorter waits, so that a test is short."""
        text = change(self.connection.manifest.read_text())
        self.connection.home.write_private(self.connection.manifest, text)


def config(lims: FakeLims) -> dict[str, str]:
    """Return how the fake is reached as SENAITE."""
    return {"base_url": lims.url, "username": USER, "password": PASSWORD}


def hurried(manifest: str) -> str:
    """Return the same manifest with waits of moments instead of seconds and minutes."""
    changed = manifest.replace("read_timeout_in_seconds: 60", "read_timeout_in_seconds: 1")
    changed = changed.replace("factor: 1", "factor: 0.01")
    assert changed.count("read_timeout_in_seconds: 1") == changed.count("factor: 0.01") == 1
    return changed
