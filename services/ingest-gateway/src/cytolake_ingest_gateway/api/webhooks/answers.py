"""What a LIMS's answer to a fetch means, and when to ask again. Pure."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from typing import Literal

from cytolake_ingest_gateway.api.webhooks.asking import Answer

LONGEST_DELAY_SECONDS = 3600.0
MOST_ATTEMPTS = 40
"""About a day and a half; then people look (`lims show`) and say when to try again."""
_OK = 200
_WORDS = {
    401: "the token is missing or not valid any more",
    403: "the token may not see this resource",
    404: "there is no such resource",
    410: "the resource is gone",
    429: "too many requests",
}


def fault(answer: Answer) -> str | None:
    """Return why this is not the resource; None where it is."""
    if answer.status != _OK:
        why = _WORDS.get(answer.status) or ("a fault of its own" if answer.status >= 500 else "")  # noqa: PLR2004
        return f"It answers {answer.status}{f': {why}' if why else ''}."
    try:
        json.loads(answer.body)
    except (ValueError, RecursionError):
        if answer.content_type == "text/html":
            return "It answers with a web page and not with JSON: a login page?"
        return "Its answer is no JSON, or was cut off."
    return None


def delay_seconds(attempts: int, *, first: float, retry_after: str = "") -> float | None:
    """Return how long to wait after so many attempts; None: no more by itself."""
    if attempts >= MOST_ATTEMPTS:
        return None
    growing = min(first * 2.0 ** (attempts - 1), LONGEST_DELAY_SECONDS)
    asked_for = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
    return max(growing, min(asked_for, LONGEST_DELAY_SECONDS))


def authorization(kind: Literal["bearer", "basic"], token: str | None) -> str | None:
    """Return the header that carries the token."""
    if token is None:
        return None
    return f"Bearer {token}" if kind == "bearer" else f"Basic {b64encode(token.encode()).decode()}"


def fetched_key(lims: str, resource: str, body: bytes, at: datetime) -> str:
    """Return where a fetched resource is stored; the same content of a day is one object."""
    digest = sha256(body).hexdigest()[:12]
    return f"lims/{lims}/fetched/{at:%Y/%m/%d}/{resource}-{digest}.json"
