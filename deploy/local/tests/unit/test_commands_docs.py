"""`cytolake docs`, and the link in `cytolake file`, against a gateway of canned answers."""

from __future__ import annotations

import httpx
import pytest
import typer
from typer.testing import CliRunner

from cytolake import commands_docs, commands_files
from cytolake.client import Gateway
from cytolake.data_docs import rebuild
from cytolake_validator.checker.testing import MemoryShelf
from cytolake_validator.pages.testing import converted

PAGE = "/docs/data/raw/sample/2026-11-23/a.1.html"


def history(*pages: str | None) -> dict[str, object]:
    event: dict[str, object] = {"time": "12:00", "type": "file.validated", "message": "kept"}
    runs = [
        {"run_no": number, "state": "loaded", "events": [event | {"page": page}]}
        for number, page in enumerate(pages, start=1)
    ]
    return {"object_id": "a", "key": "syn/a.csv", "state": "loaded", "runs": runs}


def run(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, object], *words: str, status: int = 200
) -> tuple[int, str, list[str]]:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=answer))
    gateway = Gateway(httpx.Client(base_url="http://gateway", transport=transport))
    opened: list[str] = []
    monkeypatch.setattr(commands_docs, "gateway_of", lambda _: gateway)
    monkeypatch.setattr(commands_files, "gateway_of", lambda _: gateway)
    monkeypatch.setattr("webbrowser.open", opened.append)
    app = typer.Typer()
    commands_docs.register(app)
    commands_files.register(app)
    result = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    return result.exit_code, result.stdout, opened


def test_the_index_is_opened_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, opened = run(monkeypatch, {}, "docs", "open")
    assert (code, opened) == (0, ["http://gateway/docs/data/index.html"])
    assert out.strip() == opened[0]


def test_of_a_file_the_newest_result_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = history("/docs/data/old.html", PAGE)
    code, out, opened = run(monkeypatch, answer, "docs", "open", "a", "--print")
    assert (code, out.strip(), opened) == (0, f"http://gateway{PAGE}", [])


def test_a_file_without_a_result_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, opened = run(monkeypatch, history(None), "docs", "open", "a")
    assert (code, out, opened) == (1, "", [])


def test_an_unknown_file_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, opened = run(monkeypatch, {"detail": "no"}, "docs", "open", "a", status=404)
    assert (code, opened) == (2, [])


def test_a_files_history_leads_to_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run(monkeypatch, history(PAGE), "file", "a")
    assert code == 0
    assert f"what was checked: http://gateway{PAGE}" in out


async def test_pages_are_made_anew_from_the_results_alone() -> None:
    shelf = MemoryShelf()
    keys = [shelf.add_run(converted(number)) for number in (1, 2)]
    keys.append("validation/old/1.json")
    shelf.objects[keys[-1]] = b'{"verdict": "validated"}'
    made: list[int] = []
    days, without_page = await rebuild(shelf, keys, made.append)
    assert (days, without_page, sum(made)) == (1, ["validation/old/1.json"], 3)
    assert len(shelf.named(".2.html")) == 2
    assert shelf.named("data-docs/raw/sample/2026-11-23/index.html")
