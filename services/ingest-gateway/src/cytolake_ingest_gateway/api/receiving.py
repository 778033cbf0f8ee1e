"""Take an upload in: counted, hashed, and on disk where it is large, before anything is stored."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from fastapi import Request
from starlette.requests import ClientDisconnect

from cytolake_ingest_gateway.api.digests import DigestMalformedError, sha256_in
from cytolake_ingest_gateway.api.problems import ProblemError


@dataclass(frozen=True, slots=True)
class Received:
    """A whole upload."""

    body: BinaryIO
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is taken, and how much of it in memory."""

    max_bytes: int
    memory_bytes: int
    what: str = "A file"


@asynccontextmanager
async def received(request: Request, limits: Limits) -> AsyncIterator[Received]:
    """Give the upload once it is whole and what it claims to be; raise ProblemError otherwise."""
    stated = _stated_size(request, limits)
    digest = _stated_digest(request)
    with tempfile.SpooledTemporaryFile(max_size=limits.memory_bytes) as file:
        size, sha256 = await _spool(request, cast("BinaryIO", file), limits)
        if stated is not None and size != stated:
            raise _truncated(f"{stated} bytes were announced, {size} arrived.")
        if digest is not None and digest.hex() != sha256:
            words = f"What arrived has SHA-256 {sha256}, Content-Digest says {digest.hex()}."
            raise ProblemError(400, "DIGEST_MISMATCH", f"{words} Nothing was stored.")
        file.seek(0)
        yield Received(cast("BinaryIO", file), size, sha256)


async def _spool(request: Request, file: BinaryIO, limits: Limits) -> tuple[int, str]:
    hasher, size = hashlib.sha256(), 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limits.max_bytes:
                raise _too_large(limits)
            hasher.update(chunk)
            if size > limits.memory_bytes:
                await asyncio.to_thread(file.write, chunk)  # it is on disk by now
            else:
                file.write(chunk)
    except ClientDisconnect as error:
        raise _truncated(f"The connection ended after {size} bytes.") from error
    return size, hasher.hexdigest()


def _stated_size(request: Request, limits: Limits) -> int | None:
    stated = request.headers.get("content-length")
    if stated is None:
        return None
    if int(stated) > limits.max_bytes:
        raise _too_large(limits)
    return int(stated)


def _stated_digest(request: Request) -> bytes | None:
    try:
        return sha256_in(request.headers.get("content-digest"))
    except DigestMalformedError as error:
        raise ProblemError(400, "DIGEST_MALFORMED", str(error), is_body_unread=True) from error


def _too_large(limits: Limits) -> ProblemError:
    words = (
        f"{limits.what} may have at most {limits.max_bytes} bytes over HTTP. Nothing was stored."
    )
    return ProblemError(413, "FILE_TOO_LARGE", words, is_body_unread=True)


def _truncated(words: str) -> ProblemError:
    return ProblemError(400, "TRUNCATED_UPLOAD", f"{words} Nothing was stored.")
