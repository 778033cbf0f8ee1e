"""One event of the filer's log as the notification MinIO would have sent (pure).

Shapes: SeaweedFS `filer.proto` SubscribeMetadataResponse as JSON; MinIO bucket notification
(an S3 event, version 2.0, inside `EventName`, `Key`, `Records`).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

BUCKETS = "/buckets/"
VERSIONS = ".versions"
VERSION_NAME = "v_"
NANOSECONDS = 1_000_000_000
ETAG, DELETE_MARKER = "Seaweed-X-Amz-ETag", "Seaweed-X-Amz-Delete-Marker"
USER_METADATA = "X-Amz-Meta-"


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version that was just stored, as the log tells it."""

    bucket: str
    key: str
    version_id: str
    etag: str
    size_bytes: int
    content_type: str
    user_metadata: dict[str, str]
    stored_at_ns: int

    @property
    def message_id(self) -> str:
        """One version, one id: what is told again inside the duplicate window is dropped."""
        return f"{self.bucket}/{self.version_id}"

    def to_bytes(self) -> bytes:
        """Return the notification's body (JSON, UTF-8)."""
        name = "s3:ObjectCreated:Put"
        record = {
            "eventVersion": "2.0",
            "eventSource": "seaweedfs:s3",
            "awsRegion": "",
            "eventTime": _iso(self.stored_at_ns),
            "eventName": name,
            "s3": {
                "s3SchemaVersion": "1.0",
                "bucket": {"name": self.bucket, "arn": f"arn:aws:s3:::{self.bucket}"},
                "object": self._object(),
            },
        }
        body = {"EventName": name, "Key": f"{self.bucket}/{self.key}", "Records": [record]}
        return json.dumps(body, ensure_ascii=False).encode()

    def _object(self) -> dict[str, object]:
        return {
            "key": quote_plus(self.key, safe=""),
            "size": self.size_bytes,
            "eTag": self.etag,
            "contentType": self.content_type,
            "userMetadata": self.user_metadata,
            "versionId": self.version_id,
            "sequencer": f"{self.stored_at_ns:016X}",
        }


def stored_version(event: dict[str, Any]) -> StoredVersion | None:
    """Return what an event says was stored; None for folders, updates, deletes and parts."""
    change = event["eventNotification"]
    entry = change["newEntry"]
    directory: str = event["directory"]
    if change["oldEntry"] or not entry or entry["isDirectory"]:
        return None
    is_version = directory.endswith(VERSIONS) and entry["name"].startswith(VERSION_NAME)
    extended = {name: base64.b64decode(value) for name, value in entry["extended"].items()}
    if not is_version or DELETE_MARKER in extended or not directory.startswith(BUCKETS):
        return None
    path = directory.removeprefix(BUCKETS).removesuffix(VERSIONS)
    bucket, _, key = path.partition("/")
    return StoredVersion(
        bucket=bucket,
        key=key,
        version_id=entry["name"].removeprefix(VERSION_NAME),
        etag=extended.get(ETAG, b"").decode(),
        size_bytes=int(entry["attributes"]["fileSize"]),
        content_type=entry["attributes"]["mime"],
        user_metadata={
            name: value.decode(errors="replace")
            for name, value in extended.items()
            if name.startswith(USER_METADATA)
        },
        stored_at_ns=int(event["tsNs"]),
    )


def _iso(nanoseconds: int) -> str:
    moment = datetime.fromtimestamp(nanoseconds // NANOSECONDS, UTC)
    milliseconds = nanoseconds % NANOSECONDS // 1_000_000
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds:03}Z"
