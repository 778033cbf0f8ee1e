"""Read a store's notification, in the form MinIO gives it (an S3 event, version 2.x).

`Records[].s3.object.key` is URL-encoded with `+` for a space: it is decoded exactly once,
so that a key with a literal `%2F` or `+` comes out as it was written.
Source: Amazon S3 user guide, "Event message structure"; MinIO bucket notifications.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from cytolake_contracts import UnreadableEventError

CREATED = "ObjectCreated:"


@dataclass(frozen=True, slots=True)
class Sign:
    """A hint that this version (or, without one, the newest) of a key has been stored."""

    bucket: str
    key: str
    version_id: str | None = None


def signs(body: bytes) -> tuple[Sign, ...]:
    """Return the objects that a notification says were created; removals say nothing to us.

    Raises UnreadableEventError for bytes that are no notification.
    """
    try:
        records = json.loads(body)["Records"]
        return tuple(_sign(record) for record in records if _is_creation(record))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableEventError(f"not a store notification: {body[:200]!r}") from error


def _is_creation(record: dict[str, Any]) -> bool:
    return CREATED in str(record["eventName"])


def _sign(record: dict[str, Any]) -> Sign:
    found = record["s3"]["object"]
    key = unquote_plus(found["key"], errors="strict")
    return Sign(str(record["s3"]["bucket"]["name"]), key, found.get("versionId") or None)
