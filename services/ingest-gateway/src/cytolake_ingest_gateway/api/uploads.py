"""`PUT /v1/files/{source}/{name}`: a file by HTTP, stored as one version of a dated key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, BinaryIO, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, Field
from starlette.convertors import PathConvertor, register_url_convertor

from cytolake_contracts.identity import object_id
from cytolake_ingest_gateway.api.auth import Caller, caller
from cytolake_ingest_gateway.api.names import NameRefusedError, dated_key, name_in
from cytolake_ingest_gateway.api.openapi import documented
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.api.receiving import Limits, Received, received
from cytolake_ingest_gateway.api.recent import Pending
from cytolake_ingest_gateway.api.sources import Sources, unknown_source
from cytolake_ingest_gateway.people import dropped_by
from cytolake_runtime import ObjectExistsError
from cytolake_runtime.store import ObjectHead

OCTETS = "application/octet-stream"


class Inbound(Protocol):
    """The inbound bucket, to put into; raises Retryable while the store is away."""

    async def put(
        self,
        bucket: str,
        key: str,
        body: bytes | BinaryIO,
        *,
        content_type: str = OCTETS,
        if_none_match: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> ObjectHead:
        """Store a version; raise ObjectExistsError if it must be the key's first and is not."""
        ...


class Links(BaseModel):
    """Where to go on."""

    history: str = Field(examples=["/v1/files/0b0c7c6e-3a55-5a0e-9c0a-0c7701a6e000"])


class Stored(BaseModel):
    """The receipt: the bytes are in the store, on disk; what becomes of them is the history."""

    object_id: UUID
    key: str = Field(examples=["vicell-1/2026/11/23/run 12.csv"])
    version_id: str
    sha256: str
    size_bytes: int
    links: Links


class _Verbatim(PathConvertor):
    """As `path`, but for line breaks too: they are refused in words, not by a missing route."""

    regex = "(?s:.*)"


register_url_convertor("verbatim", _Verbatim())
router = APIRouter(prefix="/v1/files", tags=["files"])
BODY = {"requestBody": {"required": True, "content": {OCTETS: {"schema": {"format": "binary"}}}}}


@router.put(
    "/{source:source}/{name:verbatim}",
    status_code=201,
    responses=documented(400, 401, 403, 404, 412, 413, 503),
    openapi_extra=BODY,
)
async def put_file(
    source: str,
    request: Request,
    response: Response,
    sources: Sources,
    known: Annotated[Caller, Depends(caller)],
    if_none_match: Annotated[str | None, Header(description="`*`: only a new key.")] = None,
    content_type: Annotated[str, Header()] = OCTETS,
    content_digest: Annotated[  # noqa: ARG001 - read where the body is; named for OpenAPI
        str | None, Header(description="RFC 9530, `sha-256=:<base64>:`; checked.")
    ] = None,
) -> Stored:
    """Store a file under `<source>/yyyy/mm/dd/<name>` (UTC); the same name again is a new version.

    The name is percent-decoded once and kept as it is: spaces, `+`, `é`, `%252F` for a literal
    `%2F`. Nothing is stored unless the whole body arrived and matches what was stated of it.
    """
    key = await _allowed_key(source, request, sources, known)
    _only_any(if_none_match)
    settings = request.app.state.settings
    limits = Limits(max_bytes=settings.upload_max_bytes, memory_bytes=settings.upload_memory_bytes)
    async with received(request, limits) as upload:
        head = await _put(
            request,
            key,
            upload,
            content_type=content_type,
            is_new=if_none_match is not None,
            metadata=dropped_by(known.person),
        )
    receipt = _receipt(head, upload)
    pending = Pending(receipt.object_id, key, source, datetime.now(UTC))
    request.app.state.recent.remember(pending)
    response.headers["Location"] = receipt.links.history
    return receipt


async def _allowed_key(source: str, request: Request, sources: Sources, known: Caller) -> str:
    if not known.may_see(source):
        words = f"This API key is for source {known.source!r}, not for {source!r}."
        raise ProblemError(403, "OTHER_SOURCE", words, is_body_unread=True)
    if not known.may_put():
        words = f"{known.person} may look, and not put files: that needs another role."
        raise ProblemError(403, "ROLE_NEEDED", words, is_body_unread=True)
    try:
        name = name_in(request.scope["raw_path"])
    except NameRefusedError as refused:
        raise ProblemError(400, refused.code, str(refused), is_body_unread=True) from refused
    if await sources.source(source) is None:
        raise unknown_source(source, is_body_unread=True)
    return dated_key(source, name, datetime.now(UTC))


def _only_any(if_none_match: str | None) -> None:
    if if_none_match not in {None, "*"}:
        words = "If-None-Match can only be `*` here: store the file if its key is new."
        raise ProblemError(400, "UNSUPPORTED_CONDITION", words, is_body_unread=True)


async def _put(
    request: Request,
    key: str,
    upload: Received,
    *,
    content_type: str,
    is_new: bool,
    metadata: Mapping[str, str],
) -> ObjectHead:
    inbound: Inbound = request.app.state.inbound
    bucket = request.app.state.settings.inbound_bucket
    try:
        return await inbound.put(
            bucket,
            key,
            upload.body,
            content_type=content_type,
            if_none_match=is_new,
            metadata=metadata,
        )
    except ObjectExistsError as error:
        raise ProblemError(412, "KEY_EXISTS", f"{key!r} is there already.") from error


def _receipt(head: ObjectHead, upload: Received) -> Stored:
    of_object = object_id(head.bucket, head.key, head.version_id)
    return Stored(
        object_id=of_object,
        key=head.key,
        version_id=head.version_id,
        sha256=upload.sha256,
        size_bytes=upload.size_bytes,
        links=Links(history=f"/v1/files/{of_object}"),
    )
