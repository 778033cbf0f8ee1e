"""Benchling's keys at an address: kept, looked up again when nothing fits, never in a flood."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from cytolake_ingest_gateway.api.testing_lims import MemoryWeb
from cytolake_ingest_gateway.api.webhooks.jwks import KeySets
from cytolake_ingest_gateway.api.webhooks.models import BenchlingScheme, LimsSettings
from cytolake_ingest_gateway.api.webhooks.ports import Known
from cytolake_ingest_gateway.api.webhooks.signatures import Delivery, SignatureRefusedError
from cytolake_ingest_gateway.api.webhooks.verifier import Verifier
from cytolake_runtime import Retryable

URL = "https://apps.benchling.com/api/v1/apps/appdef_x/jwks"
KNOWN = Known("b", LimsSettings(verify=BenchlingScheme(scheme="benchling", jwks_url=URL)), ())
NOW = datetime(2026, 11, 27, tzinfo=UTC)
BODY = b'{"message": {}}'
HOUR = 3600.0
Private = ec.EllipticCurvePrivateKey


def key() -> Private:
    return ec.generate_private_key(ec.SECP256R1())


def jwks(*privates: Private) -> bytes:
    def coded(number: int) -> str:
        return base64.urlsafe_b64encode(number.to_bytes(32)).decode().rstrip("=")

    points = [one.public_key().public_numbers() for one in privates]
    keys = [
        {"kty": "EC", "crv": "P-256", "kid": f"k{n}", "x": coded(p.x), "y": coded(p.y)}
        for n, p in enumerate(points)
    ]
    return json.dumps({"keys": [{"kty": "RSA", "n": "x"}, *keys]}).encode()


@dataclass
class Site:
    """A verifier, the web around it, and a clock."""

    web: MemoryWeb = field(default_factory=MemoryWeb)
    seconds: float = 0.0
    verifier: Verifier = field(init=False)

    def __post_init__(self) -> None:
        self.verifier = Verifier(KeySets(self.web, clock=lambda: self.seconds))

    async def take(self, private: Private, body: bytes = BODY) -> Delivery:
        timestamp = str(int(NOW.timestamp()))
        signature = private.sign(f"evt_1.{timestamp}.".encode() + BODY, ec.ECDSA(SHA256()))
        headers = {
            "webhook-id": "evt_1",
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1bder,{base64.b64encode(signature).decode()}",
        }
        return await self.verifier.delivery(KNOWN, headers, body, now=NOW)


async def test_keys_are_fetched_once_and_kept() -> None:
    site, old, new = Site(), key(), key()
    site.web.says(URL, jwks(old, new))
    assert [(await site.take(one)).key_id for one in (old, new, old)] == ["k0", "k1", "k0"]
    assert len(site.web.asked) == 1


async def test_keys_are_looked_up_again_after_six_hours() -> None:
    site, private = Site(), key()
    site.web.says(URL, jwks(private))
    for site.seconds in (0, 5.9 * HOUR, 6.1 * HOUR):
        await site.take(private)
    assert len(site.web.asked) == 2


async def test_an_unknown_key_is_looked_for_at_once() -> None:
    site, old, new = Site(), key(), key()
    site.web.says(URL, jwks(old))
    await site.take(old)
    site.web.says(URL, jwks(new))
    site.seconds = 60
    assert (await site.take(new)).key_id == "k0"
    with pytest.raises(SignatureRefusedError):  # and the old one is valid no more
        await site.take(old)


async def test_rubbish_makes_nobody_ask_each_time() -> None:
    site, private = Site(), key()
    site.web.says(URL, jwks(private))
    for _ in range(50):
        with pytest.raises(SignatureRefusedError):
            await site.take(private, b"altered")
    assert len(site.web.asked) == 1
    site.seconds = 31
    with pytest.raises(SignatureRefusedError):
        await site.take(private, b"altered")
    assert len(site.web.asked) == 2


@pytest.mark.parametrize("answer", [None, (500, b""), (200, b"<html>"), (200, b'{"keys": []}')])
async def test_without_keys_the_sender_is_asked_to_repeat(answer: tuple[int, bytes] | None) -> None:
    site, private = Site(), key()
    if answer:
        site.web.says(URL, answer[1], status=answer[0])
    for _ in range(5):
        with pytest.raises(Retryable):
            await site.take(private)
    assert len(site.web.asked) == 1
    site.web.says(URL, jwks(private))
    site.seconds = 31
    assert (await site.take(private)).webhook_id == "evt_1"


async def test_known_keys_are_believed_for_a_day_without_their_address() -> None:
    site, private, other = Site(), key(), key()
    site.web.says(URL, jwks(private))
    await site.take(private)
    site.web.answers.clear()
    site.seconds = 23 * HOUR
    await site.take(private)
    with pytest.raises(Retryable):  # it may be signed by a key that is new since
        await site.take(other)
    site.seconds = 25 * HOUR
    with pytest.raises(Retryable):
        await site.take(private)
