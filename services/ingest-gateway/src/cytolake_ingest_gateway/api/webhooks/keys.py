"""Keys that verify webhooks, from the forms in which senders hand them out. Pure.

A key knows the name of its signatures (`v1`, `v1a`, `v1bder`; `hex` and `base64` for a plain
header) and checks one: a signature is compared as it would have been written, in constant time,
so that no second spelling of it passes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

Check = Callable[[bytes, str], bool]
SHARED, PUBLIC, PRIVATE = "whsec_", "whpk_", "whsk_"
_FEWEST_BYTES, _MOST_BYTES = 24, 64
_SHORTEST_SECRET = 16
_KID = re.compile(r"[!-~]{1,64}")
_HEX = re.compile(r"[0-9a-fA-F]{64}")


class KeyRefusedError(ValueError):
    """The text is no key of this kind; the message never holds the text."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """One key; its `repr` shows nothing of it."""

    key_id: str
    version: str
    is_signature: Check = field(repr=False)


def generated_secret() -> str:
    """Return a new secret as Standard Webhooks write it."""
    return SHARED + base64.b64encode(secrets.token_bytes(32)).decode()


def standard_key(key_id: str, text: str) -> VerifyingKey:
    """Return the key of a `whsec_…` secret or a `whpk_…` public key; raise KeyRefusedError."""
    if text.startswith(PRIVATE):
        raise KeyRefusedError("This is the sender's private key (whsk_…): give the public one.")
    if text.startswith(PUBLIC):
        return VerifyingKey(key_id, "v1a", _ed25519(_decoded(text.removeprefix(PUBLIC))))
    secret = _decoded(text.removeprefix(SHARED))
    if not _FEWEST_BYTES <= len(secret) <= _MOST_BYTES:
        words = f"A whsec_… secret has {_FEWEST_BYTES} to {_MOST_BYTES} bytes in base64."
        raise KeyRefusedError(words)
    return VerifyingKey(key_id, "v1", _hmac(secret, "base64"))


def header_key(key_id: str, text: str, encoding: str) -> VerifyingKey:
    """Return the key of a plain secret whose HMAC-SHA256 is sent as `hex` or `base64`."""
    if len(text) < _SHORTEST_SECRET:
        raise KeyRefusedError(f"A secret has at least {_SHORTEST_SECRET} characters.")
    return VerifyingKey(key_id, encoding, _hmac(text.encode(), encoding))


def jwks_keys(text: str | bytes) -> tuple[VerifyingKey, ...]:
    """Return the P-256 keys of a JSON Web Key Set (RFC 7517); raise KeyRefusedError without any."""
    try:
        listed = json.loads(text)["keys"]
        found = tuple(_p256_key(jwk) for jwk in listed if jwk.get("crv") == "P-256")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KeyRefusedError("This is no JSON Web Key Set with usable keys.") from error
    if not found:
        raise KeyRefusedError("The JSON Web Key Set has no P-256 key in it.")
    return found


def _p256_key(jwk: Mapping[str, Any]) -> VerifyingKey:
    x, y = (base64.urlsafe_b64decode(jwk[axis] + "==") for axis in ("x", "y"))
    point = EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1())
    public = point.public_key()

    def is_signature(content: bytes, text: str) -> bool:
        try:
            public.verify(_canonical(text), content, ECDSA(SHA256()))
        except (InvalidSignature, KeyRefusedError):
            return False
        return True

    kid = str(jwk.get("kid") or "")
    key_id = kid if _KID.fullmatch(kid) else hashlib.sha256(x + y).hexdigest()[:12]
    return VerifyingKey(key_id, "v1bder", is_signature)


def _ed25519(raw: bytes) -> Check:
    try:
        public = Ed25519PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise KeyRefusedError("A whpk_… key is an ed25519 public key of 32 bytes.") from error

    def is_signature(content: bytes, text: str) -> bool:
        try:
            public.verify(_canonical(text), content)
        except (InvalidSignature, KeyRefusedError):
            return False
        return True

    return is_signature


def _hmac(secret: bytes, encoding: str) -> Check:
    def is_signature(content: bytes, text: str) -> bool:
        digest = hmac.digest(secret, content, "sha256")
        if encoding == "hex":
            given = text.lower() if _HEX.fullmatch(text) else ""
            return hmac.compare_digest(digest.hex(), given)
        return hmac.compare_digest(base64.b64encode(digest), text.encode())

    return is_signature


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyRefusedError("The key is not base64 after its prefix.") from error


def _canonical(text: str) -> bytes:
    """Decode; refuse a second spelling of the same bytes (unused bits of the last character)."""
    raw = _decoded(text)
    if base64.b64encode(raw).decode() != text:
        raise KeyRefusedError("not canonical")
    return raw
