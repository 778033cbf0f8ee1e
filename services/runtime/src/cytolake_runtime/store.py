"""The object store, S3 as MinIO and SeaweedFS speak it, off the event loop.

Every call raises `Retryable` while the store is away and `ObjectMissingError` for what
is not there; anything else the store refuses (a denied right) is a bug of ours.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from cytolake_runtime.s3 import CHUNK_BYTES, address, client, told
from cytolake_runtime.settings import ServiceSettings

_THREADS = 16


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """What the store says of one stored version."""

    bucket: str
    key: str
    version_id: str
    etag: str
    size_bytes: int
    last_modified: datetime
    content_type: str | None = None
    is_latest: bool = True
    metadata: Mapping[str, str] = field(default_factory=dict, compare=False)
    """What whoever stored it said of it (`x-amz-meta-…`); a listing does not tell."""


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """One page of a bucket's versions; `marker` is None on the last page."""

    versions: tuple[ObjectHead, ...]
    marker: tuple[str, str] | None


class ObjectStore:
    """One client, one thread pool; safe to share within a process."""

    def __init__(self, settings: ServiceSettings) -> None:
        """Prepare the client; nothing is sent yet."""
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="store")
        self._s3 = client(settings, connections=_THREADS)

    async def head(self, bucket: str, key: str, version_id: str | None = None) -> ObjectHead:
        """Return the head of a version (the newest without `version_id`)."""
        found = await self._call(self._s3.head_object, **address(bucket, key, version_id))
        return _found(bucket, key, found)

    async def get(self, bucket: str, key: str, version_id: str | None = None) -> bytes:
        """Return the whole content: for what is known to be small."""

        def read(**address: str) -> bytes:
            return bytes(self._s3.get_object(**address)["Body"].read())

        return bytes(await self._call(read, **address(bucket, key, version_id)))

    async def hashed(
        self, bucket: str, key: str, version_id: str | None = None
    ) -> tuple[ObjectHead, str]:
        """Return one version's head and its content's SHA-256 in hex: one request, one stream."""

        def digest(**address: str) -> tuple[ObjectHead, str]:
            found, hasher = self._s3.get_object(**address), hashlib.sha256()
            for chunk in found["Body"].iter_chunks(CHUNK_BYTES):
                hasher.update(chunk)
            return _found(bucket, key, found), hasher.hexdigest()

        read: tuple[ObjectHead, str] = await self._call(digest, **address(bucket, key, version_id))
        return read

    async def put(
        self,
        bucket: str,
        key: str,
        body: bytes | BinaryIO,
        *,
        content_type: str = "application/octet-stream",
        if_none_match: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectHead:
        """Store an object; return its key, version and ETag (size and time are not asked for).

        Raises ObjectExistsError where `if_none_match` is asked for and the key is taken.
        """
        extra: dict[str, Any] = {"IfNoneMatch": "*"} if if_none_match else {}
        extra |= {"Metadata": dict(metadata)} if metadata else {}
        put: Callable[..., Any] = self._s3.put_object
        stored = await self._call(
            put, Bucket=bucket, Key=key, Body=body, ContentType=content_type, **extra
        )
        return ObjectHead(
            bucket=bucket,
            key=key,
            version_id=stored.get("VersionId", "null"),
            etag=stored["ETag"].strip('"'),
            size_bytes=len(body) if isinstance(body, bytes) else -1,
            last_modified=datetime.min,  # noqa: DTZ901 - a PUT's answer carries no time
            content_type=content_type,
        )

    async def versions(self, bucket: str, key: str) -> tuple[ObjectHead, ...]:
        """Return all versions of exactly this key, newest first."""
        found: list[ObjectHead] = []
        marker: tuple[str, str] | None = None
        while True:
            page = await self.versions_page(bucket, prefix=key, marker=marker, page_size=10)
            same = [version for version in page.versions if version.key == key]
            found += same
            if page.marker is None or len(same) < len(page.versions):
                return tuple(found)  # the key itself sorts before all that it is a prefix of
            marker = page.marker

    async def versions_page(
        self,
        bucket: str,
        *,
        prefix: str = "",
        marker: tuple[str, str] | None = None,
        page_size: int = 1000,
    ) -> VersionsPage:
        """Return one page of versions under a prefix, by key, then newest first."""
        extra = {"KeyMarker": marker[0], "VersionIdMarker": marker[1]} if marker else {}
        answer = await self._call(
            self._s3.list_object_versions,
            Bucket=bucket,
            Prefix=prefix,
            MaxKeys=page_size,
            **extra,
        )
        following = None
        if answer.get("IsTruncated"):
            following = (answer["NextKeyMarker"], answer.get("NextVersionIdMarker", ""))
        heads = tuple(_listed(bucket, entry) for entry in answer.get("Versions", ()))
        return VersionsPage(heads, following)

    async def names(
        self, bucket: str, prefix: str, *, deep: bool = False
    ) -> tuple[list[str], list[str]]:
        """Return the keys right below a prefix that ends in `/`, and the folders there.

        Both without the prefix, folders with `/` at their end; deep, every key and no folder.
        Deleted keys are not among them.
        """
        keys: list[str] = []
        folders: list[str] = []
        marker: dict[str, str] = {} if deep else {"Delimiter": "/"}
        while True:
            answer = await self._call(
                self._s3.list_objects_v2, Bucket=bucket, Prefix=prefix, **marker
            )
            keys += [entry["Key"][len(prefix) :] for entry in answer.get("Contents", ())]
            folders += [
                entry["Prefix"][len(prefix) :] for entry in answer.get("CommonPrefixes", ())
            ]
            if not answer.get("IsTruncated"):
                return [key for key in keys if key], folders
            marker["ContinuationToken"] = answer["NextContinuationToken"]

    async def _call(self, function: Callable[..., Any], **arguments: Any) -> Any:  # noqa: ANN401
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: told(function, arguments))

    def close(self) -> None:
        """Give the threads back."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _found(bucket: str, key: str, answer: dict[str, Any]) -> ObjectHead:
    return ObjectHead(
        bucket=bucket,
        key=key,
        version_id=answer.get("VersionId", "null"),
        etag=answer["ETag"].strip('"'),
        size_bytes=answer["ContentLength"],
        last_modified=answer["LastModified"],
        content_type=answer.get("ContentType"),
        # Names of headers have no case: stores spell them as they like.
        metadata={name.lower(): value for name, value in answer.get("Metadata", {}).items()},
    )


def _listed(bucket: str, entry: dict[str, Any]) -> ObjectHead:
    return ObjectHead(
        bucket=bucket,
        key=entry["Key"],
        version_id=entry.get("VersionId", "null"),
        etag=entry["ETag"].strip('"'),
        size_bytes=entry["Size"],
        last_modified=entry["LastModified"],
        is_latest=entry["IsLatest"],
    )
