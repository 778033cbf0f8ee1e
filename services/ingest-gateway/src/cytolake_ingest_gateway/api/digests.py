"""`Content-Digest` (RFC 9530): the sender's own hash of what it sends."""

from __future__ import annotations

import base64
import binascii

SHA256_BYTES = 32


class DigestMalformedError(ValueError):
    """The header names sha-256 and cannot be read."""


def sha256_in(header: str | None) -> bytes | None:
    """Return the SHA-256 that the header states; None without one (other hashes are not ours).

    The header is a dictionary of byte sequences (RFC 8941): `sha-256=:<base64>:, sha-512=:…:`.
    """
    for member in (header or "").split(","):
        name, _, value = member.strip().partition("=")
        if name.strip().lower() == "sha-256":
            return _bytes(value.strip())
    return None


def _bytes(value: str) -> bytes:
    try:
        if len(value) > 1 and value.startswith(":") and value.endswith(":"):
            found = base64.b64decode(value[1:-1], validate=True)
            if len(found) == SHA256_BYTES:
                return found
    except binascii.Error:
        pass
    raise DigestMalformedError("Content-Digest must be sha-256=:<base64 of 32 bytes>:")
