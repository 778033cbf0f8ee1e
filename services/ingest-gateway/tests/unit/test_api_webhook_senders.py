"""Six kinds of senders with keys made here: what each signs is taken, and no mutation of it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256

from cytolake_ingest_gateway.api.webhooks.keys import (
    VerifyingKey,
    generated_secret,
    header_key,
    jwks_keys,
    standard_key,
)
from cytolake_ingest_gateway.api.webhooks.signatures import (
    Delivery,
    HeaderForm,
    SignatureRefusedError,
    header_delivery,
    standard_delivery,
)

ID, TIMESTAMP, BODY = "evt_1", "1614265330", b'{"test": 2432232314}'
NOW = datetime.fromtimestamp(int(TIMESTAMP), UTC)
SECRET = generated_secret()
ED25519 = ed25519.Ed25519PrivateKey.generate()
Headers = dict[str, str]


@dataclass(frozen=True)
class Sender:
    """Signs a body, and what verifies it."""

    keys: Sequence[VerifyingKey]
    signed: Callable[[str, str, bytes], Headers]
    verify: Callable[..., Delivery]


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _public(private: ed25519.Ed25519PrivateKey) -> str:
    return f"whpk_{_b64(private.public_key().public_bytes_raw())}"


def _standard(version: str, key: VerifyingKey, sign: Callable[[bytes], bytes]) -> Sender:
    def signed(webhook_id: str, timestamp: str, body: bytes) -> Headers:
        signature = _b64(sign(f"{webhook_id}.{timestamp}.".encode() + body))
        return {
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"{version},{signature}",
        }

    return Sender([key], signed, standard_delivery)


def jwk(private: ec.EllipticCurvePrivateKey, kid: str | None = "k1") -> dict[str, str]:
    numbers = private.public_key().public_numbers()
    axes = {"x": numbers.x, "y": numbers.y}
    coded = {
        n: base64.urlsafe_b64encode(v.to_bytes(32)).decode().rstrip("=") for n, v in axes.items()
    }
    named = {"kid": kid} if kid else {}
    return {"kty": "EC", "crv": "P-256", "use": "sig", **named, **coded}


def benchling() -> Sender:
    private = ec.generate_private_key(ec.SECP256R1())
    other = ec.generate_private_key(ec.SECP256R1())
    keys = jwks_keys(json.dumps({"keys": [jwk(other, None), jwk(private)]}))
    sender = _standard("v1bder", keys[1], lambda data: private.sign(data, ec.ECDSA(SHA256())))
    return Sender(keys, sender.signed, standard_delivery)


def plain(form: HeaderForm, encoding: str) -> Sender:
    secret = "a secret of some length"

    def signed(_id: str, timestamp: str, body: bytes) -> Headers:
        content = f"{timestamp}.".encode() + body if form.is_timestamped else body
        digest = hmac.new(secret.encode(), content, "sha256").digest()
        text = form.prefix + (digest.hex() if encoding == "hex" else _b64(digest))
        name = form.header.lower()
        return {name: f"t={timestamp},v1={text}" if form.is_timestamped else text}

    def verify(
        given: Mapping[str, str], body: bytes, keys: Sequence[VerifyingKey], *, now: datetime
    ) -> Delivery:
        return header_delivery(form, given, body, keys, now=now)

    return Sender([header_key("k", secret, encoding)], signed, verify)


def senders() -> dict[str, Sender]:
    raw = base64.b64decode(SECRET.removeprefix("whsec_"))
    return {
        "v1": _standard(
            "v1", standard_key("hmac", SECRET), lambda data: hmac.digest(raw, data, "sha256")
        ),
        "v1a": _standard("v1a", standard_key("ed", _public(ED25519)), ED25519.sign),
        "v1bder": benchling(),
        "github": plain(HeaderForm("X-Hub-Signature-256", "sha256="), "hex"),
        "base64": plain(HeaderForm("X-Signature"), "base64"),
        "stripe": plain(HeaderForm("Stripe-Signature", is_timestamped=True), "hex"),
    }


SENDERS = senders()


@pytest.mark.parametrize("name", SENDERS)
def test_what_a_sender_signs_is_taken(name: str) -> None:
    sender = SENDERS[name]
    found = sender.verify(sender.signed(ID, TIMESTAMP, BODY), BODY, sender.keys, now=NOW)
    digest = f"sha256-{hashlib.sha256(BODY).hexdigest()}"
    assert found.webhook_id == (ID if name.startswith("v1") else digest)
    assert found.sent_at == (None if name in {"github", "base64"} else NOW)


def test_hex_may_be_written_in_capitals() -> None:
    sender = SENDERS["github"]
    (value,) = sender.signed(ID, TIMESTAMP, BODY).values()
    given = {"x-hub-signature-256": f"sha256={value.removeprefix('sha256=').upper()}"}
    assert sender.verify(given, BODY, sender.keys, now=NOW)


@pytest.mark.parametrize("value", ["", "t=", "v1=ab", "t=1614265330", "t=1614265330,v1=", ",,,="])
def test_a_timestamped_header_without_its_parts_is_refused(value: str) -> None:
    sender = SENDERS["stripe"]
    with pytest.raises(SignatureRefusedError):
        sender.verify({"stripe-signature": value}, BODY, sender.keys, now=NOW)


PRINTABLE = [chr(code) for code in range(0x21, 0x7F)]


def mutated(rng: random.Random, text: str) -> str:
    """One character replaced, left out or put in between; never only the case of it."""
    place = rng.randrange(len(text))
    put = rng.choice([one for one in PRINTABLE if one.lower() != text[place].lower()])
    before, at, after = text[:place], text[place], text[place + 1 :]
    return rng.choice([before + put + after, before + after, before + put + at + after])


def test_none_of_ten_thousand_mutations_is_taken() -> None:
    rng = random.Random(20261127)
    accepted = []
    for number in range(10_000):
        name = rng.choice(list(SENDERS))
        sender = SENDERS[name]
        body = json.dumps({"type": "lims.result.verified", "n": number}).encode()
        given = sender.signed(f"evt_{number}", TIMESTAMP, body)
        place = rng.choice([*given, "body"])
        if place == "body":
            wrong = mutated(rng, body.decode()).encode()
            changed = (given, wrong)
        else:
            changed = (given | {place: mutated(rng, given[place])}, body)
        try:
            sender.verify(*changed, sender.keys, now=NOW)
        except SignatureRefusedError:
            continue
        accepted.append((name, place, changed))
    assert accepted == []
