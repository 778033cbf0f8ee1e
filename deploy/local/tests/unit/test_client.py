"""The gateway's client, against a gateway of canned answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from cytolake.client import AwayError, Backoff, Gateway, GatewayError, chunks, digest_of

ID = "0b0e6f0e-5d0a-5c53-9a62-1f6f5a4b8a11"
Answer = Callable[[httpx.Request], httpx.Response]


class Clock:
    """Time that passes only while somebody waits."""

    now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def backoff(self) -> Backoff:
        return Backoff(clock=lambda: self.now, sleep=self.sleep)


def gateway(answer: Answer, clock: Clock | None = None) -> Gateway:
    http = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(answer))
    return Gateway(http, (clock or Clock()).backoff())


def told(state: str, **more: str) -> httpx.Response:
    return httpx.Response(200, json={"object_id": ID, "key": "syn/a.csv", "state": state, **more})


def test_upload_names_source_and_file_and_vouches_for_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "run 1+é.csv"
    path.write_bytes(b"a,b\n1,2\n")
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        return httpx.Response(201, json={"object_id": ID, "key": "syn/2026/a.csv", "new": 1})

    sent: list[int] = []
    body = chunks(path, sent.append)
    receipt = gateway(answer).upload("syn", path.name, body, size_bytes=8, digest=digest_of(path))
    assert receipt.object_id == ID
    assert seen[0].url.raw_path == b"/v1/files/syn/run%201%2B%C3%A9.csv"
    assert seen[0].headers["Content-Length"] == "8"
    assert "Transfer-Encoding" not in seen[0].headers
    assert seen[0].headers["Content-Digest"].startswith("sha-256=:")
    assert (seen[0].content, sum(sent)) == (b"a,b\n1,2\n", 8)


def test_a_refusal_is_the_gateways_own_sentence() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"detail": "this key may not put for `syn`"})

    with pytest.raises(GatewayError, match=r"this key may not put for `syn` \(HTTP 401\)"):
        gateway(answer).files()


def test_a_gateway_that_is_away_is_said_so() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(GatewayError, match="is the stack up"):
        gateway(answer).files()


def test_filters_that_are_not_given_are_not_sent() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query.decode())
        return httpx.Response(200, json={"files": [], "next": None})

    gateway(answer).files(state="rejected", source=None)
    assert asked == ["state=rejected"]


def test_changes_tell_each_state_once_from_before_intake_saw_it() -> None:
    answers = [
        httpx.Response(404, json={"detail": "unknown"}),
        told("received"),
        told("received"),
        told("built"),
        told("loaded"),
        told("never asked for"),
    ]
    states = gateway(lambda _: answers.pop(0)).changes(ID, timeout_seconds=60)
    assert [change.state for change in states] == ["received", "built", "loaded"]
    assert len(answers) == 1


def test_a_file_that_never_ends_is_a_timeout() -> None:
    clock = Clock()
    with pytest.raises(TimeoutError, match="no end state after 5 s"):
        list(gateway(lambda _: told("landed"), clock).changes(ID, timeout_seconds=5))
    assert clock.now == pytest.approx(5, abs=0.5)


AWAY = httpx.Response(503, json={"message": "A part of Cytolake is away; try again in a moment."})


def test_who_waits_for_a_file_waits_through_an_outage() -> None:
    answers = [told("landed"), AWAY, AWAY, told("landed"), told("loaded")]
    states = gateway(lambda _: answers.pop(0)).changes(ID, timeout_seconds=60)
    assert [change.state for change in states] == ["landed", "loaded"]


def test_an_outage_that_outlasts_the_wait_is_told_in_the_gateways_words() -> None:
    clock = Clock()
    with pytest.raises(AwayError, match="is away; try again"):
        list(gateway(lambda _: AWAY, clock).changes(ID, timeout_seconds=5))
    assert clock.now == pytest.approx(5, abs=0.5)


def test_only_an_outage_is_waited_through() -> None:
    refused = gateway(lambda _: httpx.Response(401, json={"message": "no such key"}))
    with pytest.raises(GatewayError, match="no such key"):
        list(refused.changes(ID, timeout_seconds=60))
