"""The gateway's HTTP interface as its clients use it: upload, list, read a history, wait."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict

ENDS = frozenset(
    {"loaded", "rejected", "duplicate", "superseded", "vanished", "quarantined", "failed"}
)
"""States in which a file stays unless people act (ARCHITECTURE.md, States)."""
GOOD_ENDS = frozenset({"loaded", "duplicate"})
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.05, 0.5
CHUNK_BYTES = 65_536


class GatewayError(Exception):
    """The gateway refused or did not answer; the message is its own sentence."""


class Answer(BaseModel):
    """What the gateway says: fields that this client does not know are left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class FileState(Answer):
    """One object and where it stands."""

    object_id: str
    key: str
    source: str | None = None
    state: str
    reason_code: str | None = None
    message: str | None = None
    received_at: str | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state in ENDS

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.key.rsplit("/", 1)[-1]


class Uploaded(Answer):
    """The gateway's receipt."""

    object_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits between two looks: short at first, as most files take about a second."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def looks(self, timeout_seconds: float) -> Iterator[None]:
        """Yield once per look until the time is over; raise TimeoutError then."""
        end, wait = self.clock() + timeout_seconds, FIRST_WAIT_SECONDS
        while True:
            yield
            if self.clock() >= end:
                raise TimeoutError(f"no end state after {timeout_seconds:.0f} s")
            self.sleep(wait)
            wait = min(wait * 1.5, LONGEST_WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A client of one gateway. Every call raises GatewayError when it is refused."""

    http: httpx.Client
    backoff: Backoff = field(default_factory=Backoff)

    @classmethod
    def at(cls, environment: Mapping[str, str]) -> Self:
        """Return the client for what `cytolake env` prints."""
        return cls(
            httpx.Client(
                base_url=environment["CYTOLAKE_GATEWAY_URL"],
                headers={"Authorization": f"Bearer {environment['CYTOLAKE_API_KEY']}"},
                timeout=30,
            )
        )

    def url(self, path: str) -> str:
        """Return the whole address of a path that the gateway named."""
        return str(self.http.base_url.join(path))

    def close(self) -> None:
        """Give the connections back."""
        self.http.close()

    def upload(
        self,
        source: str,
        name: str,
        body: bytes | Iterator[bytes],
        *,
        size_bytes: int,
        digest: bytes | None = None,
    ) -> Uploaded:
        """Send a file of a source; it is stored when this returns, not yet read.

        With its SHA-256 as `digest` the gateway refuses what was damaged on the way (RFC 9530).
        """
        headers = {"Content-Length": str(size_bytes)}
        if digest is not None:
            headers["Content-Digest"] = f"sha-256=:{base64.b64encode(digest).decode()}:"
        path = f"/v1/files/{quote(source, safe='')}/{quote(name, safe='')}"
        answer = self.ask("PUT", path, content=body, headers=headers)
        return Uploaded.model_validate(answer)

    def files(self, **filters: str | int | None) -> list[FileState]:
        """Return files newest first; filters: key, source, state, limit."""
        asked = {name: value for name, value in filters.items() if value is not None}
        answer = self.ask("GET", "/v1/files", params=asked)
        return [FileState.model_validate(one) for one in answer["files"]]

    def history(self, object_id: str) -> dict[str, Any]:
        """Return a file's history as the gateway tells it; its fields are in the OpenAPI page."""
        return self.ask("GET", f"/v1/files/{object_id}")

    def state(self, object_id: str) -> FileState | None:
        """Return where a file stands; None before intake has seen it."""
        try:
            return FileState.model_validate(self.history(object_id))
        except NotThereError:
            return None

    def changes(self, object_id: str, *, timeout_seconds: float) -> Iterator[FileState]:
        """Yield the file at every change of its state until it has ended.

        Raises TimeoutError when it has not ended in time.
        """
        last = ""
        for now in self.looks(lambda: self.state(object_id), timeout_seconds):
            if now is not None and now.state != last:
                last = now.state
                yield now
                if now.has_ended:
                    return

    def looks[R](self, look: Callable[[], R], timeout_seconds: float) -> Iterator[R]:
        """Yield what each look tells until the time is over; raise TimeoutError then.

        Who waits anyway waits through an outage too: AwayError is raised only when it is still the
        answer at the end of the time.
        """
        away: AwayError | None = None
        try:
            for _ in self.backoff.looks(timeout_seconds):
                try:
                    told = look()
                except AwayError as error:
                    away = error
                    continue
                away = None
                yield told
        except TimeoutError as late:
            raise away or late from None

    def add_source(
        self,
        name: str,
        *,
        vendor: str | None = None,
        layout: str | None = None,
        timezone: str = "UTC",
    ) -> str | None:
        """Register a source; return its API key, None when it was registered so already."""
        wanted = {"name": name, "vendor": vendor, "layout": layout, "timezone": timezone}
        key: str | None = self.ask("POST", "/v1/sources", json=wanted).get("api_key")
        return key

    def ask(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the gateway's answer; raise GatewayError, in its own words, when it refuses."""
        try:
            answer = self.http.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise GatewayError(
                f"the gateway does not answer at {self.http.base_url}: is the stack up? ({error})"
            ) from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NotThereError(sentence_of(answer))
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise AwayError(sentence_of(answer))
        if answer.is_error:
            raise GatewayError(sentence_of(answer))
        return dict(answer.json())


class NotThereError(GatewayError):
    """The gateway knows nothing of that name."""


class AwayError(GatewayError):
    """Something the gateway needs is away for a moment: the same again may do."""


def chunks(path: Path, on_sent: Callable[[int], None]) -> Iterator[bytes]:
    """Yield a file's bytes, saying how many each time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
            on_sent(len(chunk))


def digest_of(path: Path) -> bytes:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def sentence_of(answer: httpx.Response) -> str:
    """Return the gateway's own words for a refusal, and the HTTP status."""
    try:
        told = answer.json()
    except ValueError:
        told = {}
    words = told.get("message") or told.get("detail") if isinstance(told, dict) else None
    return f"{words or answer.reason_phrase} (HTTP {answer.status_code})"
