"""`put`, `files` and `file` as a user types them, against a gateway of canned answers."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import typer
from typer.testing import CliRunner

from cytolake import commands_files
from cytolake.client import Backoff, Gateway

ID = "0b0e6f0e-5d0a-5c53-9a62-1f6f5a4b8a11"


class CannedGateway:
    """Takes uploads; every file goes through these states, one a look."""

    def __init__(self, *states: str, message: str | None = None) -> None:
        self.states = list(states)
        self.message = message

    def answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if request.method == "PUT":
            return httpx.Response(201, json={"object_id": ID, "key": "syn/a.csv"})
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        file = {"object_id": ID, "key": "syn/a.csv", "state": state, "message": self.message}
        if request.url.path == "/v1/files":
            return httpx.Response(200, json={"files": [file]})
        event = {"time": "12:00", "type": "file.landed", "message": "registered"}
        stage = {"stage": "received -> landed", "seconds": 0.1}
        run = {"run_no": 1, "state": state, "events": [event], "stages": [stage]}
        return httpx.Response(200, json={**file, "reason_code": "X", "runs": [run]})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x")
    return path


def run(
    monkeypatch: pytest.MonkeyPatch, canned: CannedGateway, *words: str
) -> tuple[int, str, str]:
    http = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(canned.answer))
    gateway = Gateway(http, Backoff(clock=lambda: 0.0, sleep=lambda _: None))
    monkeypatch.setattr(commands_files, "gateway_of", lambda _: gateway)
    app = typer.Typer()
    commands_files.register(app)
    result = CliRunner().invoke(app, words)
    return result.exit_code, result.stdout, result.stderr


def test_put_prints_a_receipt(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    code, out, _ = run(monkeypatch, CannedGateway("received"), "put", str(file), "--source", "syn")
    assert code == 0
    assert f"a.csv stored as {ID}" in out


def test_put_wait_json_tells_the_history_on_stdout_alone(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    canned = CannedGateway("received", "converted", "loaded")
    words = ("put", str(file), "--source", "syn", "--wait", "--json")
    code, out, err = run(monkeypatch, canned, *words)
    assert code == 0
    assert json.loads(out)[0]["state"] == "loaded"
    assert "converted" in err


@pytest.mark.parametrize("end", ["rejected", "quarantined", "failed", "vanished"])
def test_put_wait_fails_when_the_file_does(
    monkeypatch: pytest.MonkeyPatch, file: Path, end: str
) -> None:
    canned = CannedGateway("received", end, message="no viability column")
    code, _, err = run(monkeypatch, canned, "put", str(file), "--source", "syn", "--wait")
    assert code == 1
    assert "no viability column" in err


def test_a_duplicate_is_a_good_end(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    words = ("put", str(file), "--source", "syn", "--wait")
    assert run(monkeypatch, CannedGateway("duplicate"), *words)[0] == 0


def test_files_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run(monkeypatch, CannedGateway("rejected"), "files", "--json")
    assert code == 0
    assert json.loads(out)[0]["state"] == "rejected"


def test_file_tells_events_in_words_and_stage_durations(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run(monkeypatch, CannedGateway("loaded"), "file", ID)
    assert code == 0
    assert "registered" in out
    assert "0.100 s" in out
