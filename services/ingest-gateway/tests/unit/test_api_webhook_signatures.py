"""Signatures of webhooks: the published vectors, and every way to be wrong."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from cytolake_ingest_gateway.api.webhooks.keys import (
    KeyRefusedError,
    VerifyingKey,
    generated_secret,
    jwks_keys,
    standard_key,
)
from cytolake_ingest_gateway.api.webhooks.signatures import (
    Delivery,
    SignatureRefusedError,
    standard_delivery,
)

# The vectors that the libraries of the specification's repository
# (github.com/standard-webhooks/standard-webhooks) test themselves with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ED25519_SEED = "VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="
ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
SIGNATURES = {
    "v1": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "v1a": "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHe"
    "YGb7KaaBRdM5WqyeFiL8Ag==",
}
OF_NOBODY = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
NOW = datetime.fromtimestamp(int(TIMESTAMP), UTC)
Headers = dict[str, str]


def public_key() -> str:
    private = ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode(ED25519_SEED))
    return f"whpk_{base64.b64encode(private.public_key().public_bytes_raw()).decode()}"


KEYS = {"v1": standard_key("hmac", SECRET), "v1a": standard_key("ed", public_key())}


def headers(signature: str, *, prefix: str = "webhook") -> Headers:
    stated = {"id": ID, "timestamp": TIMESTAMP, "signature": signature}
    return {f"{prefix}-{name}": value for name, value in stated.items()}


def taken(given: Headers, *keys: VerifyingKey, now: datetime = NOW) -> Delivery:
    return standard_delivery(given, BODY, keys, now=now)


@pytest.mark.parametrize("prefix", ["webhook", "svix"])
@pytest.mark.parametrize("version", ["v1", "v1a"])
def test_the_published_vectors_are_taken(version: str, prefix: str) -> None:
    found = taken(headers(SIGNATURES[version], prefix=prefix), KEYS[version])
    assert found == Delivery(ID, KEYS[version].key_id, NOW)


def test_the_prefix_of_a_secret_may_be_left_out() -> None:
    key = standard_key("k", SECRET.removeprefix("whsec_"))
    assert taken(headers(SIGNATURES["v1"]), key).webhook_id == ID


@pytest.mark.parametrize("version", ["v1", "v1a"])
def test_one_right_signature_among_others_is_enough(version: str) -> None:
    other = OF_NOBODY.replace("v1,", "v2,")
    several = f"{OF_NOBODY} {other} {SIGNATURES[version]} {OF_NOBODY}"
    assert taken(headers(several), KEYS[version]).key_id == KEYS[version].key_id


def test_any_key_of_a_rotation_set_may_match_and_is_named() -> None:
    new = standard_key("new", generated_secret())
    assert taken(headers(SIGNATURES["v1"]), new, KEYS["v1"]).key_id == "hmac"
    assert taken(headers(SIGNATURES["v1a"]), new, KEYS["v1"], KEYS["v1a"]).key_id == "ed"
    with pytest.raises(SignatureRefusedError):
        taken(headers(SIGNATURES["v1"]), new)


@pytest.mark.parametrize("version", ["v1", "v1a"])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"webhook-id": ""}, "SIGNATURE_MISSING"),
        ({"webhook-timestamp": ""}, "SIGNATURE_MISSING"),
        ({"webhook-signature": ""}, "SIGNATURE_MISSING"),
        ({"webhook-signature": OF_NOBODY}, "SIGNATURE_WRONG"),
        ({"webhook-signature": "v1,"}, "SIGNATURE_WRONG"),
        ({"webhook-signature": "v1a,"}, "SIGNATURE_WRONG"),
        ({"webhook-signature": ","}, "SIGNATURE_WRONG"),
        ({"webhook-signature": "v1bder,AAAA v1a,%%% v1,é"}, "SIGNATURE_WRONG"),
        ({"webhook-id": "msg_other"}, "SIGNATURE_WRONG"),
        ({"webhook-id": "msg.with.stops"}, "WEBHOOK_ID_UNUSABLE"),
        ({"webhook-id": "with blank"}, "WEBHOOK_ID_UNUSABLE"),
        ({"webhook-id": "i" * 256}, "WEBHOOK_ID_UNUSABLE"),
        ({"webhook-timestamp": "yesterday"}, "TIMESTAMP_MALFORMED"),
        ({"webhook-timestamp": "-1"}, "TIMESTAMP_MALFORMED"),
        ({"webhook-timestamp": "1614265330.5"}, "TIMESTAMP_MALFORMED"),
        ({"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"}, "TIMESTAMP_MALFORMED"),
        ({"webhook-timestamp": "999999999999"}, "TIMESTAMP_STALE"),
        ({"webhook-timestamp": "946684800"}, "TIMESTAMP_STALE"),
        ({"webhook-timestamp": "1614265331"}, "SIGNATURE_WRONG"),
    ],
)
def test_every_wrong_header_is_refused_in_words(version: str, change: Headers, code: str) -> None:
    with pytest.raises(SignatureRefusedError) as refused:
        taken(headers(SIGNATURES[version]) | change, KEYS[version])
    assert refused.value.code == code
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("seconds", [-301, 301])
def test_five_minutes_either_way_and_no_more(seconds: int) -> None:
    given = headers(SIGNATURES["v1"])
    inside = NOW + timedelta(seconds=seconds + (1 if seconds < 0 else -1))
    assert taken(given, KEYS["v1"], now=inside).webhook_id == ID
    with pytest.raises(SignatureRefusedError) as refused:
        taken(given, KEYS["v1"], now=NOW + timedelta(seconds=seconds))
    assert refused.value.code == "TIMESTAMP_STALE"


@pytest.mark.parametrize(
    "text",
    ["", "whsec_", "whsec_c2hvcnQ=", "whsec_no base64", "whpk_c2hvcnQ=", "whsk_" + "A" * 44],
)
def test_what_is_no_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(KeyRefusedError) as refused:
        standard_key("k", text)
    assert len(text) <= 6 or text not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"keys": 3}',
        '{"keys": []}',
        '{"keys": [{"crv": "P-256"}]}',
        '{"keys": [{"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_key_set_is_refused(text: str) -> None:
    with pytest.raises(KeyRefusedError):
        jwks_keys(text)


def test_a_key_shows_nothing_of_itself() -> None:
    assert SECRET.removeprefix("whsec_") not in repr(KEYS["v1"])
