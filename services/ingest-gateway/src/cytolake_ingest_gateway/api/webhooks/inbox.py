"""`POST /v1/webhooks/{lims}`: verified over its raw bytes, then stored as a file like any other.

Verify, claim the id, store the object, note it, answer. A process that dies in between has not
answered, so the sender repeats: the claim says where the object goes, the store refuses a second
one there, and what was missing is done. Whether the bytes can be read is the converter's to say.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from cytolake_contracts.identity import object_id
from cytolake_ingest_gateway.api.openapi import documented
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.api.receiving import Limits, received
from cytolake_ingest_gateway.api.recent import Pending
from cytolake_ingest_gateway.api.uploads import Inbound, Links
from cytolake_ingest_gateway.api.webhooks.models import LimsName
from cytolake_ingest_gateway.api.webhooks.ports import Claim, Deliveries, Held, Known, LimsBook
from cytolake_ingest_gateway.api.webhooks.signatures import Delivery, SignatureRefusedError
from cytolake_ingest_gateway.api.webhooks.thin import Pointer, pointer
from cytolake_runtime import ObjectExistsError

log = logging.getLogger(__name__)
_LONGEST_NAME = 200
JSON = "application/json"
EVENT = {
    "type": "lims.result.verified",
    "timestamp": "2026-01-02T03:04:05Z",
    "data": {"sample_id": "S-1", "attribute": "viability", "result": "96.9", "unit": "%"},
}
BODY = {
    "requestBody": {
        "required": True,
        "description": "Any bytes that are rightly signed; JSON as a rule.",
        "content": {JSON: {"schema": {}, "examples": {"canonical": {"value": EVENT}}}},
    }
}


class Accepted(BaseModel):
    """The receipt: the bytes are in the store."""

    webhook_id: str
    key: str = Field(examples=["lims/acme/2026/11/27/msg_1.json"])
    is_repeat: bool = Field(description="It was stored before, and nothing was stored now.")
    links: Links | None = None


router = APIRouter(prefix="/v1/webhooks", tags=["lims"])


def book(request: Request) -> LimsBook:
    found: LimsBook = request.app.state.lims
    return found


Book = Annotated[LimsBook, Depends(book)]


@router.post(
    "/{lims}",
    status_code=202,
    responses=documented(400, 401, 404, 409, 413, 422, 503),
    openapi_extra=BODY,
)
async def receive(lims: LimsName, request: Request, registered: Book) -> Accepted:
    """Take a webhook of a LIMS; the same id again is answered and not stored again.

    No API key is asked for: the signature says who sends. Standard Webhooks need the headers
    `webhook-id`, `webhook-timestamp` and `webhook-signature` (or `svix-…`); a timestamp may be
    five minutes off. Refusals: `SIGNATURE_MISSING`, `SIGNATURE_WRONG`, `TIMESTAMP_STALE`,
    `TIMESTAMP_MALFORMED`, `WEBHOOK_ID_UNUSABLE`.
    """
    known = await registered.known(lims)
    if known is None:
        raise unknown_lims(lims, is_body_unread=True)
    most = request.app.state.settings.webhook_max_bytes
    limits = Limits(max_bytes=most, memory_bytes=most, what="A webhook")
    async with received(request, limits) as upload:
        body, digest = upload.body.read(), upload.sha256
    delivery = await _verified(request, known, body)
    claim = Claim(
        lims=lims,
        webhook_id=delivery.webhook_id,
        key=key_of(lims, delivery.webhook_id, datetime.now(UTC)),
        content_sha256=digest,
        key_id=delivery.key_id,
        sent_at=delivery.sent_at,
    )
    deliveries: Deliveries = request.app.state.deliveries
    points_to = _pointer(known, body)
    async with deliveries.held(claim) as held:
        if held.content_sha256 != digest:
            if held.is_stored:
                raise _reused(delivery)
            # What was claimed first was never answered, and is perhaps stored: beside it.
            await held.take_over(f"{claim.key.removesuffix('.json')}-{digest[:12]}.json", digest)
        is_repeat = held.is_stored
        of_object = held.object_id
        if not is_repeat:
            of_object = await _store(request, known, held, claim, body)
            await held.mark_stored(of_object, points_to)
    if points_to is not None and not is_repeat:
        request.app.state.fetch_soon()
    history = Links(history=f"/v1/files/{of_object}") if of_object else None
    return Accepted(
        webhook_id=delivery.webhook_id, key=held.key, is_repeat=is_repeat, links=history
    )


def key_of(lims: str, webhook_id: str, at: datetime) -> str:
    """Return where a webhook that arrives at this time (UTC) is stored."""
    name = quote(webhook_id, safe="")
    if len(name) > _LONGEST_NAME:
        name = f"sha256-{sha256(webhook_id.encode()).hexdigest()}"
    return f"lims/{lims}/{at:%Y/%m/%d}/{name}.json"


async def _verified(request: Request, known: Known, body: bytes) -> Delivery:
    try:
        judged: Delivery = await request.app.state.judge.delivery(
            known, request.headers, body, now=datetime.now(UTC)
        )
    except SignatureRefusedError as refused:
        log.warning("a webhook of %s is refused: %s %s", known.name, refused.code, refused)
        challenge = {"WWW-Authenticate": f'Signature realm="{known.name}"'}
        raise ProblemError(401, refused.code, str(refused), headers=challenge) from refused
    return judged


async def _store(
    request: Request, known: Known, held: Held, claim: Claim, body: bytes
) -> UUID | None:
    inbound: Inbound = request.app.state.inbound
    bucket = request.app.state.settings.inbound_bucket
    of_object: UUID | None = None
    try:
        head = await inbound.put(
            bucket,
            held.key,
            body,
            content_type=JSON,
            if_none_match=True,
            metadata=_metadata(known, claim),
        )
    except ObjectExistsError:
        pass  # stored by a request that ended before it could say so
    else:
        of_object = object_id(bucket, head.key, head.version_id)
        pending = Pending(of_object, head.key, f"lims/{known.name}", datetime.now(UTC))
        request.app.state.recent.remember(pending)
    return of_object


def _pointer(known: Known, body: bytes) -> Pointer | None:
    fetch = known.settings.fetch
    return pointer(body, fetch.base_urls, fetch.resources) if fetch else None


def _metadata(known: Known, claim: Claim) -> dict[str, str]:
    sent = {"cytolake-webhook-timestamp": claim.sent_at.isoformat()} if claim.sent_at else {}
    return {
        "cytolake-webhook-id": claim.webhook_id,
        "cytolake-webhook-verifier": known.settings.verify.scheme,
        "cytolake-webhook-key": claim.key_id,
        **sent,
    }


def unknown_lims(name: str, *, is_body_unread: bool = False) -> ProblemError:
    words = f"No LIMS {name!r} is registered."
    return ProblemError(404, "UNKNOWN_LIMS", words, is_body_unread=is_body_unread)


def _reused(delivery: Delivery) -> ProblemError:
    words = (
        f"Another webhook had the id {delivery.webhook_id!r} and other content: an id is for one "
        "event. The first one is kept; nothing of this one was stored."
    )
    return ProblemError(409, "WEBHOOK_ID_REUSED", words)
