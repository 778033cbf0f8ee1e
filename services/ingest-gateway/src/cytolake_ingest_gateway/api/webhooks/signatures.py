"""What a webhook's headers say, and whether they are true of its bytes. Pure.

Standard Webhooks 1.0 (also under Svix's names) and Benchling's variant share one form: a list of
`<version>,<base64>` over `<id>.<timestamp>.<body>`. A plain HMAC header signs the body alone, or
`<timestamp>.<body>` where it is written `t=…,v1=…`; it signs no id, so the id is made from the
body: an id that anybody may rewrite could not tell a replay from a new message.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cytolake_ingest_gateway.api.webhooks.keys import VerifyingKey

TOLERANCE_SECONDS = 300
_MOST_SIGNATURES = 16
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_ID = re.compile(r"[!-~]{1,255}")


class SignatureRefusedError(ValueError):
    """The webhook is not taken; `code` says why in one word, the message in a sentence."""

    def __init__(self, code: str, words: str) -> None:
        """Keep the code beside the sentence."""
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that its sender has signed."""

    webhook_id: str
    key_id: str
    """The key of the set that verified it."""
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeaderForm:
    """How a plain HMAC header is written."""

    header: str
    prefix: str = ""
    is_timestamped: bool = False


def standard_delivery(
    headers: Mapping[str, str], body: bytes, keys: Sequence[VerifyingKey], *, now: datetime
) -> Delivery:
    """Return what was delivered; raise SignatureRefusedError."""
    prefix = "svix" if "webhook-id" not in headers and "svix-id" in headers else "webhook"
    names = [f"{prefix}-{part}" for part in ("id", "timestamp", "signature")]
    webhook_id, timestamp, signatures = (_needed(headers, name) for name in names)
    if not _ID.fullmatch(webhook_id) or "." in webhook_id:
        words = f"{names[0]} has to be 1 to 255 printable characters without blanks and full stops."
        raise SignatureRefusedError("WEBHOOK_ID_UNUSABLE", words)
    sent_at = _fresh(timestamp, now)
    content = f"{webhook_id}.{timestamp}.".encode() + body
    for signature in signatures.split(" ")[:_MOST_SIGNATURES]:
        version, _, text = signature.partition(",")
        for key in keys:
            if key.version == version and key.is_signature(content, text):
                return Delivery(webhook_id, key.key_id, sent_at)
    raise _wrong(names[2])


def header_delivery(
    form: HeaderForm,
    headers: Mapping[str, str],
    body: bytes,
    keys: Sequence[VerifyingKey],
    *,
    now: datetime,
) -> Delivery:
    """Return what was delivered under a plain HMAC header; raise SignatureRefusedError."""
    value = _needed(headers, form.header.lower())
    sent_at, content, texts = None, body, [value]
    if form.is_timestamped:
        timestamp, texts = _timed(value)
        sent_at = _fresh(timestamp, now)
        content = f"{timestamp}.".encode() + body
    for text in texts[:_MOST_SIGNATURES]:
        for key in keys:
            is_formed = text.startswith(form.prefix)
            if is_formed and key.is_signature(content, text.removeprefix(form.prefix)):
                webhook_id = f"sha256-{hashlib.sha256(body).hexdigest()}"
                return Delivery(webhook_id, key.key_id, sent_at)
    raise _wrong(form.header)


def _timed(value: str) -> tuple[str, list[str]]:
    """Return the timestamp and the signatures of `t=…,v1=…`; nothing where it is not so written."""
    parts = [part.strip().partition("=") for part in value.split(",")]
    if not all(sign for _, sign, _ in parts):
        return "", []
    timestamp = next((text for name, _, text in parts if name == "t"), "")
    return timestamp, [text for name, _, text in parts if name == "v1"]


def _needed(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if not value:
        words = f"The header {name} is missing: a webhook is taken only when it is signed."
        raise SignatureRefusedError("SIGNATURE_MISSING", words)
    return value


def _fresh(timestamp: str, now: datetime) -> datetime:
    if not _TIMESTAMP.fullmatch(timestamp):
        words = "The webhook's timestamp has to be whole seconds since 1970."
        raise SignatureRefusedError("TIMESTAMP_MALFORMED", words)
    seconds = int(timestamp) - now.timestamp()
    if abs(seconds) > TOLERANCE_SECONDS:
        side = "ahead of" if seconds > 0 else "behind"
        words = (
            f"The webhook's timestamp is {abs(seconds):.0f} s {side} the clock here, and "
            f"{TOLERANCE_SECONDS} s are allowed: it is a replay, or one of the clocks is wrong."
        )
        raise SignatureRefusedError("TIMESTAMP_STALE", words)
    return datetime.fromtimestamp(int(timestamp), UTC)


def _wrong(name: str) -> SignatureRefusedError:
    words = (
        f"No signature in {name} fits these bytes under any key of this LIMS: another key signed "
        "them, or they were changed on the way."
    )
    return SignatureRefusedError("SIGNATURE_WRONG", words)
