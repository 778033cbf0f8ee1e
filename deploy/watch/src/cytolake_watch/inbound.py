"""The inbound bucket over S3: one request for a small file, resumable parts for a large one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

NO_UPLOAD = {"NoSuchUpload", "404"}


class AwayError(Exception):
    """The store does not answer: later it may."""


class RefusedError(Exception):
    """The store refuses: a key or a right is wrong, trying again does not help."""


class NoUploadError(Exception):
    """The store knows no such upload: it was completed, or given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where files go and as whom; `secret_key` is never shown."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str = "inbound"
    region: str = "us-east-1"


class InboundBucket:
    """S3, as much of it as a sender needs: it can put below its prefix, and nothing else."""

    def __init__(self, place: Place) -> None:
        """Prepare the client; nothing is sent yet."""
        self._bucket = place.bucket
        self._s3 = boto3.client(
            "s3",
            endpoint_url=place.endpoint,
            aws_access_key_id=place.access_key,
            aws_secret_access_key=place.secret_key,
            region_name=place.region,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                retries={"total_max_attempts": 3, "mode": "standard"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def put(
        self, key: str, body: bytes, *, sha256: str, about: Mapping[str, str] | None = None
    ) -> str | None:
        """Store a small file; return its version. The store checks the bytes by their MD5.

        What is said `about` it becomes metadata of the object, beside its SHA-256.
        """
        stored = self._told(
            self._s3.put_object,
            Key=key,
            Body=body,
            ContentMD5=_md5(body),
            Metadata=_about(sha256) | dict(about or {}),
        )
        return _version(stored)

    def begin(self, key: str, *, sha256: str) -> str:
        """Begin a large file; return the upload's id."""
        begun = self._told(self._s3.create_multipart_upload, Key=key, Metadata=_about(sha256))
        return str(begun["UploadId"])

    def put_part(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        """Store one part, numbered from 1; return its ETag; raise NoUploadError."""
        stored = self._told(
            self._s3.upload_part,
            Key=key,
            UploadId=upload_id,
            PartNumber=number,
            Body=body,
            ContentMD5=_md5(body),
        )
        return str(stored["ETag"])

    def complete(self, key: str, upload_id: str, etags: Mapping[int, str]) -> str | None:
        """Make the parts one object; return its version; raise NoUploadError."""
        parts = [{"PartNumber": number, "ETag": etags[number]} for number in sorted(etags)]
        stored = self._told(
            self._s3.complete_multipart_upload,
            Key=key,
            UploadId=upload_id,
            MultipartUpload={"Parts": parts},
        )
        return _version(stored)

    def abandon(self, key: str, upload_id: str) -> None:
        """Give a begun upload up; one that is gone is gone."""
        try:
            self._told(self._s3.abort_multipart_upload, Key=key, UploadId=upload_id)
        except (NoUploadError, RefusedError):
            return

    def _told(self, call: Callable[..., Any], **arguments: Any) -> Any:  # noqa: ANN401
        try:
            return call(Bucket=self._bucket, **arguments)
        except ClientError as error:
            raise _meaning(error) from error
        except (BotoCoreError, OSError) as error:
            raise AwayError(f"the store does not answer: {error}") from error


def _meaning(error: ClientError) -> Exception:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in NO_UPLOAD:
        return NoUploadError(code)
    if status >= 500 or code in {"SlowDown", "RequestTimeout", "BadDigest"}:  # noqa: PLR2004
        return AwayError(f"the store is busy: {code or status}")
    return RefusedError(f"the store refuses ({code or status}): check the source's S3 key")


def _md5(body: bytes) -> str:
    """S3's Content-MD5: against damage on the way, not against people."""
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def _about(sha256: str) -> dict[str, str]:
    return {"sha256": sha256}


def _version(stored: Mapping[str, Any]) -> str | None:
    return stored.get("VersionId")
