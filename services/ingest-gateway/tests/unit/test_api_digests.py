"""Reading `Content-Digest` (RFC 9530)."""

from __future__ import annotations

import base64
import hashlib

import pytest

from cytolake_ingest_gateway.api.digests import DigestMalformedError, sha256_in

DIGEST = hashlib.sha256(b"x").digest()
TEXT = f"sha-256=:{base64.b64encode(DIGEST).decode()}:"


@pytest.mark.parametrize("header", [TEXT, f"sha-512=:AAAA:, {TEXT}", f" {TEXT} , md5=:AA==:"])
def test_the_sha256_is_found(header: str) -> None:
    assert sha256_in(header) == DIGEST


@pytest.mark.parametrize("header", [None, "", "sha-512=:AAAA:", "md5=:AA==:"])
def test_without_a_sha256_there_is_nothing_to_check(header: str | None) -> None:
    assert sha256_in(header) is None


@pytest.mark.parametrize(
    "header",
    ["sha-256=", "sha-256=abc", "sha-256=:abc:", "sha-256=:AAAA:", "sha-256=:!!!!:", "sha-256=:"],
)
def test_an_unreadable_sha256_is_refused(header: str) -> None:
    with pytest.raises(DigestMalformedError):
        sha256_in(header)
