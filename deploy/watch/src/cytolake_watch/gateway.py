"""What the gateway knows of a key: asked when it is unsure whether a file has arrived."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from cytolake_watch.inbound import AwayError, RefusedError

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Arrived:
    """A version of a key that the gateway has registered."""

    object_id: str
    content_sha256: str | None
    state: str
    message: str | None


class Gateway:
    """The gateway's file histories, with the source's own API key."""

    def __init__(self, url: str, api_key: str) -> None:
        """Prepare the client; nothing is sent yet."""
        headers = {"Authorization": f"Bearer {api_key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS)

    def arrived(self, key: str, *, limit: int = 20) -> list[Arrived]:
        """Return the newest versions of a key, newest first; raise AwayError, RefusedError."""
        page = self._get("/v1/files", key=key, limit=str(limit))
        found = []
        for line in page["files"]:
            history = self._get(f"/v1/files/{line['object_id']}")
            content = history.get("content_sha256")
            found.append(Arrived(line["object_id"], content, line["state"], line.get("message")))
        return found

    def _get(self, path: str, **query: str) -> dict:  # type: ignore[type-arg]
        try:
            answer = self._http.get(path, params=query)
        except httpx.TransportError as error:
            raise AwayError(f"the gateway does not answer: {error}") from error
        if answer.status_code in {401, 403}:
            raise RefusedError("the gateway refuses the API key: check that it is this source's")
        if answer.is_error:
            raise AwayError(f"the gateway answers {answer.status_code}")
        return dict(answer.json())
