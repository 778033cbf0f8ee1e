"""The fake LIMS over HTTP: SENAITE's list form, and the paged form of many others."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from tests.support.fake_lims.book import Book, Fault, Record, modified

USER, PASSWORD, TOKEN = "synthetic", "not-a-secret", "not-a-secret-token"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
DEFAULT_PAGE = 25
Page = Callable[[list[Record], int, int, int], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class FakeLims:
    """A running one: where it is, and its book."""

    url: str
    book: Book


@contextmanager
def serving(book: Book) -> Iterator[FakeLims]:
    """Serve the book on a free port until the block ends."""
    server = uvicorn.Server(
        uvicorn.Config(build_app(book), port=0, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    ready = threading.Event()
    while not server.started and thread.is_alive():
        ready.wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield FakeLims(f"http://127.0.0.1:{port}", book)
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


def build_app(book: Book) -> FastAPI:
    """Return the application; every request of a list goes by the book's faults first."""
    app = FastAPI()

    @app.get("/@@API/senaite/v1/{resource}")
    async def senaite(resource: str, request: Request) -> Response:
        if request.headers.get("authorization") != BASIC:
            return _refused()
        start = int(request.query_params.get("b_start", 0))
        asked = int(request.query_params.get("limit", DEFAULT_PAGE))
        return await _answered(book, resource, request, (start, asked), _senaite_page)

    @app.get("/api/{resource}")
    async def paged(resource: str, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _refused()
        asked = int(request.query_params.get("per_page", DEFAULT_PAGE))
        start = (int(request.query_params.get("page", 1)) - 1) * min(asked, book.largest_page)
        return await _answered(book, resource, request, (start, asked), _paged_page)

    return app


async def _answered(
    book: Book, resource: str, request: Request, place: tuple[int, int], page: Page
) -> Response:
    start, asked = place
    book.asked[resource] += 1
    book.urls.append(str(request.url))
    size = min(asked, book.largest_page)
    if book.on_page is not None:
        book.on_page(resource, start)
    records = book.newest_first(resource)
    if since := request.query_params.get("updated_since"):
        at = datetime.fromisoformat(since)
        records = [one for one in records if datetime.fromisoformat(modified(one)) >= at]
    body = page(records, start, size, len(records) + book.unseen)
    fault = _due(book)
    return await _spoiled(fault, body) if fault else JSONResponse(body)


def _due(book: Book) -> Fault | None:
    """Return the fault of this answer, counted over all resources."""
    number = book.asked.total()
    due = [spell.fault for spell in book.faults if spell.first <= number <= spell.last]
    return due[-1] if due else None


async def _spoiled(fault: Fault, body: dict[str, Any]) -> Response:
    match fault:
        case Fault.UNAUTHORIZED:
            return _refused()
        case Fault.BUSY:
            return JSONResponse({"message": "slow down"}, 429, {"Retry-After": "1"})
        case Fault.BROKEN:
            return JSONResponse({"message": "NullPointerException"}, 500)
        case Fault.TRUNCATED:
            text = json.dumps(body)
            return Response(text[: len(text) // 2], media_type="application/json")
        case Fault.LOGIN_PAGE:
            return HTMLResponse("<html><form>Please log in</form></html>")
        case Fault.SILENT:
            await asyncio.Event().wait()
            raise AssertionError


def _senaite_page(records: list[Record], start: int, size: int, count: int) -> dict[str, Any]:
    more = start + size < len(records)
    return {
        "count": count,
        "pagesize": size,
        "page": start // size + 1,
        "pages": -(-len(records) // size),
        "next": f"/behind-a-proxy?b_start={start + size}" if more else None,
        "previous": None,
        "_runtime": 0.01,
        "items": records[start : start + size],
    }


def _paged_page(records: list[Record], start: int, size: int, count: int) -> dict[str, Any]:
    return {
        "total": count,
        "page": start // size + 1,
        "per_page": size,
        "data": [
            one | {"updated_at": modified(one), "SYNTHETIC": True}
            for one in records[start : start + size]
        ],
    }


def _refused() -> Response:
    return JSONResponse({"message": "unauthorized"}, 401)
