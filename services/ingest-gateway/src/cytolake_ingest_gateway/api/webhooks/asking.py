"""Ask another system over HTTP: bounded in time and size, never sent elsewhere by its answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

import httpx

SECONDS = 15.0
CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 60.0


class NotAnsweredError(Exception):
    """There is no whole answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    content_type: str
    retry_after: str
    body: bytes


class Ask(Protocol):
    """GET an address."""

    async def __call__(
        self, url: str, *, most_bytes: int, authorization: str | None = None
    ) -> Answer:
        """Return the answer, whatever its status; raise NotAnsweredError."""
        ...


class HttpAsk:
    """`Ask` by httpx; a redirection is an answer like any other: it is not followed."""

    def __init__(self) -> None:
        """Prepare the client; nothing is sent yet."""
        timeout = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
        self._http = httpx.AsyncClient(timeout=timeout, follow_redirects=False)

    async def __call__(
        self, url: str, *, most_bytes: int, authorization: str | None = None
    ) -> Answer:
        headers = {"Accept": "application/json"}
        headers |= {"Authorization": authorization} if authorization else {}
        try:
            async with (
                asyncio.timeout(WHOLE_SECONDS),
                self._http.stream("GET", url, headers=headers) as answer,
            ):
                body = await _body(answer, most_bytes)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            words = f"It does not answer ({type(error).__name__}: {error})."
            raise NotAnsweredError(words) from error
        except TimeoutError as error:
            raise NotAnsweredError(f"No whole answer within {WHOLE_SECONDS:.0f} s.") from error
        told = answer.headers
        return Answer(
            answer.status_code,
            told.get("content-type", "").partition(";")[0].strip().lower(),
            told.get("retry-after", ""),
            body,
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()


async def _body(answer: httpx.Response, most_bytes: int) -> bytes:
    found = bytearray()
    async for chunk in answer.aiter_bytes():
        found += chunk
        if len(found) > most_bytes:
            raise NotAnsweredError(f"Its answer is longer than {most_bytes} bytes.")
    return bytes(found)
