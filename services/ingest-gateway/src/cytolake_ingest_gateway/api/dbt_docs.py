"""`GET /docs/dbt/…`: what the models of lake and marts are, as dbt documents them.

One page a target, its scripts and styles within it. The policy lets it load nothing from anywhere,
so that a page which one day tries to will show it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from cytolake_contracts.evidence import dbt_page_key
from cytolake_ingest_gateway.api.auth import Caller, caller
from cytolake_ingest_gateway.api.data_docs import HEADERS, Pages
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_runtime import ObjectMissingError

PATH = "/docs/dbt"
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)
Known = Annotated[Caller, Depends(caller)]


@router.get(PATH)
async def start() -> Response:
    """Lead to the lake, where the models begin."""
    return RedirectResponse(f"{PATH}/lake")


@router.get(PATH + "/{target}")
async def page(target: Literal["lake", "marts"], request: Request, known: Known) -> Response:
    """Give a target's documentation to people: it tells of every source's data."""
    if known.source is not None:
        words = "It tells of every source's data: this needs a person's or an operator's API key."
        raise ProblemError(403, "PEOPLE_ONLY", words)
    pages: Pages = request.app.state.pages
    bucket = request.app.state.settings.docs_bucket
    try:
        body = await pages.get(bucket, dbt_page_key(target))
    except (ObjectMissingError, PermissionError) as error:
        words = "There is no such page yet: `cytolake docs dbt` makes it."
        raise ProblemError(404, "NO_SUCH_PAGE", words) from error
    headers = HEADERS | {"Content-Security-Policy": POLICY}
    return Response(body, media_type="text/html; charset=utf-8", headers=headers)
