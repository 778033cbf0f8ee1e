"""`person`, `quarantine`, `replay` and `revalidate` as typed, against canned answers."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from cytolake import commands_options, commands_people, commands_quarantine, commands_replay
from cytolake.client import Backoff, Gateway

ID = "0b0e6f0e-5d0a-5c53-9a62-1f6f5a4b8a11"
DECISION = "7c1f0a52-3d3e-4f25-9d0c-2f6d3a0a9b10"
CASE = {
    "object_id": ID,
    "key": "s/2026/11/23/a.csv",
    "source": "s",
    "state": "quarantined",
    "since": "2026-11-23T12:00:00Z",
    "stage": "validate",
    "reason_code": "CONTRACT_VIOLATION",
    "message": "The file breaks its contract.",
    "dropped_by": None,
    "dataset": "measurement",
    "contract_version": "1.0.0",
    "rows": 8,
    "failures": [
        {"rule": "r", "severity": "block", "message": "not above 100", "examples": ["row 3: 130"]}
    ],
    "recognition": {"matched": ["its header"]},
    "decisions": [
        {
            "action": "release",
            "actor": "joe",
            "reason": "because",
            "decided_at": "2026-11-23T12:30:00Z",
            "denied_code": "DROPPED_BY_YOU",
            "denied_message": "joe dropped this file",
        }
    ],
}


class Canned:
    """A gateway that answers each path with the same; a decision comes on by one run a look."""

    def __init__(self, *, states: list[dict[str, int]] | None = None, status: int = 202) -> None:
        self.states = states or [{"loaded": 1}]
        self.status = status
        self.asked: list[tuple[str, str, Any]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.read() or b"null")
        path = request.url.path
        self.asked.append((request.method, path, body))
        if self.status == 403:
            return httpx.Response(403, json={"detail": "joe dropped this file"})
        if path.startswith("/v1/files/"):
            return httpx.Response(200, json=CASE | {"state": "loaded"})
        if path == "/v1/people":
            return httpx.Response(201, json=self.people(request.method))
        if path.startswith("/v1/quarantine") and request.method == "GET":
            return httpx.Response(200, json={"files": [CASE]} if path.endswith("ne") else CASE)
        if body and body.get("dry_run"):
            found = {"files": 2, "by_source": {"s": 2}, "by_state": {"loaded": 2}}
            return httpx.Response(200, json=found)
        return httpx.Response(202, json=self.decision(request.method))

    def people(self, method: str) -> dict[str, Any]:
        jane: dict[str, Any] = {
            "name": "jane",
            "roles": ["reviewer"],
            "added_by": "otto",
            "revoked_at": None,
        }
        return jane | {"api_key": "cyk_1"} if method == "POST" else {"people": [jane]}

    def decision(self, method: str) -> dict[str, Any]:
        decision: dict[str, Any] = {"decision_id": DECISION, "action": "replay", "actor": "jane"}
        decision["reason"] = "why"
        if method == "GET":
            states = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            is_done = len(self.states) == 1
            decision |= {"states": states, "opened": 2 if is_done else 1, "is_carried_out": is_done}
            decision["opened"] = sum(self.states[-1].values())
        return decision


def run(
    monkeypatch: pytest.MonkeyPatch, canned: Canned, module: ModuleType, *words: str
) -> tuple[int, str, str]:
    http = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(canned.answer))
    gateway = Gateway(http, Backoff(clock=lambda: 0.0, sleep=lambda _: None))
    monkeypatch.setattr(module, "gateway_of", lambda _: gateway)
    app = getattr(module, "app", None) or typer.Typer()
    if module is commands_replay:
        commands_replay.register(app)
    result = CliRunner().invoke(app, words)
    return result.exit_code, result.stdout, result.stderr


def test_a_new_persons_key_is_printed_once_as_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("add", "jane", "--role", "reviewer")
    code, out, _ = run(monkeypatch, Canned(), commands_people, *words)
    assert code == 0
    assert "export CYTOLAKE_PERSON_KEY=cyk_1" in out


def test_people_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run(monkeypatch, Canned(), commands_people, "list", "--json")
    assert (code, json.loads(out)[0]["name"]) == (0, "jane")


def test_a_persons_key_goes_before_the_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYTOLAKE_GATEWAY_URL", "http://gateway")
    monkeypatch.setenv("CYTOLAKE_API_KEY", "cyk_operator")
    monkeypatch.setenv("CYTOLAKE_PERSON_KEY", "cyk_jane")
    gateway = commands_options.gateway_of(commands_options.DEFAULT_HOME)
    assert gateway.http.headers["Authorization"] == "Bearer cyk_jane"
    gateway.close()


def test_a_case_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run(monkeypatch, Canned(), commands_quarantine, "show", ID)
    assert code == 0
    for words in ("not above 100", "row 3: 130", "matched: its header", "DENIED: joe dropped"):
        assert words in out
    assert "dropped by the source s" in out


def test_a_release_waits_for_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    canned = Canned(states=[{}, {"landed": 1}, {"loaded": 1}])
    words = ("release", ID, "--reason", "recounted", "--wait")
    code, out, _ = run(monkeypatch, canned, commands_quarantine, *words)
    assert code == 0, out
    assert canned.asked[0] == ("POST", f"/v1/quarantine/{ID}/release", {"reason": "recounted"})
    assert f"{ID}: loaded" in out


def test_a_release_that_ends_in_quarantine_again_is_no_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    canned = Canned(states=[{"quarantined": 1}])
    words = ("release", ID, "--reason", "recounted", "--wait")
    assert run(monkeypatch, canned, commands_quarantine, *words)[0] == 1


def test_a_denial_is_told_in_the_gateways_words(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("release", ID, "--reason", "recounted")
    code, _, told = run(monkeypatch, Canned(status=403), commands_quarantine, *words)
    assert code == 2
    assert "joe dropped this file" in told


def test_a_replay_asks_for_what_was_named_and_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    canned = Canned(states=[{"landed": 1}, {"loaded": 1, "landed": 1}, {"loaded": 2}])
    words = ("--source", "s", "--since", "2026-11-23", "--reason", "why", "--wait")
    code, out, _ = run(monkeypatch, canned, commands_replay, "replay", *words)
    assert code == 0, out
    wish = {"source": "s", "since": "2026-11-23T00:00:00+00:00", "reason": "why"}
    assert canned.asked[1] == ("POST", "/v1/replays", wish)
    assert "2 files read again: 2 loaded" in out


def test_a_dry_run_only_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    canned = Canned()
    words = ("revalidate", "--all", "--reason", "why", "--dry-run")
    code, out, _ = run(monkeypatch, canned, commands_replay, *words)
    assert code == 0
    assert "2 files would be read again" in out
    assert [path for _, path, _ in canned.asked] == ["/v1/revalidations"]


@pytest.mark.parametrize("words", [(), ("--all", "--source", "s")])
def test_which_files_are_meant_must_be_said(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    canned = Canned()
    code, _, _ = run(monkeypatch, canned, commands_replay, "replay", "--reason", "why", *words)
    assert code == 2
    assert canned.asked == []
