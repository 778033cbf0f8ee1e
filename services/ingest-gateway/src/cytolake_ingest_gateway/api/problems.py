"""Errors as RFC 9457 problem details, with a stable `code` and a sentence for people."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from cytolake_runtime import Retryable

MEDIA_TYPE = "application/problem+json"
_DRAIN_SECONDS = 5.0
log = logging.getLogger(__name__)


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(examples=["urn:cytolake:problem:file-too-large"])
    title: str = Field(examples=["Content Too Large"])
    status: int = Field(examples=[413])
    code: str = Field(description="Stays the same.", examples=["FILE_TOO_LARGE"])
    detail: str = Field(description="For people.", examples=["At most 1073741824 bytes."])
    instance: str = Field(examples=["/v1/files/vicell-1/run.csv"])


class ProblemError(Exception):
    """A refusal that is an answer, not a fault of ours."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        is_body_unread: bool = False,
    ) -> None:
        """Keep what the answer will say; unread, a body is drained so that it is heard."""
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers = dict(headers or {})
        self.is_body_unread = is_body_unread


def answer(request: Request, error: ProblemError) -> JSONResponse:
    problem = Problem(
        type=f"urn:cytolake:problem:{error.code.lower().replace('_', '-')}",
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        code=error.code,
        detail=error.detail,
        instance=request.url.path,
    )
    return JSONResponse(
        problem.model_dump(), error.status, headers=error.headers, media_type=MEDIA_TYPE
    )


async def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for it
    if error.is_body_unread:
        await _drain(request)
    return answer(request, error)


async def _drain(request: Request) -> None:
    """Take in the rest: a socket closed on unread bytes is reset, and the answer lost."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while (await request.receive()).get("more_body"):
                pass


async def _on_retryable(request: Request, error: Exception) -> JSONResponse:
    log.warning("%s: %s", request.url.path, error)
    detail = "A part of Cytolake that is needed for this is away; try again in a moment."
    return answer(request, ProblemError(503, "UNAVAILABLE", detail, headers={"Retry-After": "2"}))


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    code = HTTPStatus(error.status_code).name
    told = ProblemError(error.status_code, code, str(error.detail), headers=error.headers)
    return answer(request, told)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    faults = jsonable_encoder(error.errors())
    detail = "; ".join(_sentence(fault) for fault in faults)
    return answer(request, ProblemError(422, "INVALID_REQUEST", detail))


def _sentence(fault: dict[str, Any]) -> str:
    where = ".".join(map(str, fault["loc"][1:])) or "the request"
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}"


def install(app: FastAPI) -> None:
    """Let the app answer every error in this form."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(Retryable, _on_retryable)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
