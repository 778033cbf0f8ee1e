"""Sign a webhook as a sender does (Standard Webhooks, `v1`): for synthetic LIMS, tests. Pure."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from datetime import datetime

from cytolake_ingest_gateway.api.webhooks.keys import SHARED


def signed_headers(secret: str, webhook_id: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """Return the headers that make this body a webhook; `secret` is a `whsec_…`."""
    timestamp = str(int(at.timestamp()))
    content = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.digest(b64decode(secret.removeprefix(SHARED)), content, "sha256")
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{b64encode(digest).decode()}",
    }
