"""`GET /docs/data/…`: the pages of results, as the checker put them into their bucket."""

from __future__ import annotations

import re
from typing import Annotated, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from cytolake_contracts.evidence import PAGES
from cytolake_ingest_gateway.api.auth import Caller, caller
from cytolake_ingest_gateway.api.files import Histories
from cytolake_ingest_gateway.api.links import PAGES_PATH
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_runtime import ObjectMissingError

RUN = re.compile(r"raw/[\w-]+/\d{4}-\d\d-\d\d/(?P<object_id>[0-9a-f-]{36})\.\d+\.html")
OTHER = re.compile(r"(raw|curated|mart)/[\w-]+(/\d{4}-\d\d-\d\d)?/[\w.-]+\.html|index\.html")
STYLE = "style.css"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}


class Pages(Protocol):
    """The bucket of documents, to read."""

    async def get(self, bucket: str, key: str) -> bytes:
        """Return an object; raise ObjectMissingError, PermissionError, or Retryable."""
        ...


router = APIRouter(include_in_schema=False)
Known = Annotated[Caller, Depends(caller)]


@router.get(PAGES_PATH.rstrip("/"))
@router.get(PAGES_PATH)
async def start() -> Response:
    """Lead to the index: pages name one another relatively."""
    return RedirectResponse(f"{PAGES_PATH}index.html")


@router.get(PAGES_PATH + STYLE)
async def style(request: Request) -> Response:
    """Give the style sheet to anybody: it holds no data, and browsers ask without a key."""
    return await _stored(STYLE, "text/css", request)


@router.get(PAGES_PATH + "{path:path}")
async def page(path: str, request: Request, known: Known) -> Response:
    """Give a page: of a file's result to whoever may see the file, others to people."""
    await _require_seeing(path, request, known)
    return await _stored(path, "text/html", request)


async def _stored(path: str, kind: str, request: Request) -> Response:
    pages: Pages = request.app.state.pages
    try:
        body = await pages.get(request.app.state.settings.docs_bucket, PAGES + path)
    except (ObjectMissingError, PermissionError) as error:
        # A store that lets us read but not list says "forbidden" of what is not there.
        raise _no_page() from error
    return Response(body, media_type=f"{kind}; charset=utf-8", headers=HEADERS)


async def _require_seeing(path: str, request: Request, known: Caller) -> None:
    if run := RUN.fullmatch(path):
        histories: Histories = request.app.state.histories
        history = await histories.history(_object_id(run["object_id"]))
        if history is None:
            raise _no_page()
        if not known.may_see(history.source):
            raise ProblemError(403, "OTHER_SOURCE", "This API key is for another source's files.")
    elif not OTHER.fullmatch(path):
        raise _no_page()
    elif known.source is not None:
        words = "An index tells of every source: this needs a person's or an operator's API key."
        raise ProblemError(403, "PEOPLE_ONLY", words)


def _object_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise _no_page() from error


def _no_page() -> ProblemError:
    words = "There is no such page (yet): a result's page follows it within a minute or so."
    return ProblemError(404, "NO_SUCH_PAGE", words, headers={"Retry-After": "5"})
