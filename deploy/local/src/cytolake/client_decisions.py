"""People and their decisions, over the gateway's HTTP interface."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from cytolake.client import ENDS, Answer, Gateway


class Decided(Answer):
    """A decision and what came of it so far."""

    decision_id: str
    action: str
    actor: str
    reason: str
    opened: int = 0
    passed_over: int = 0
    is_carried_out: bool = False
    states: dict[str, int] = Field(default={})

    @property
    def ended(self) -> int:
        """How many of its runs have ended."""
        return sum(n for state, n in self.states.items() if state in ENDS)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it by itself."""
        return self.is_carried_out and self.ended == self.opened


class Waiting(Answer):
    """A file that waits for a reviewer."""

    object_id: str
    key: str
    source: str
    since: str
    reason_code: str | None = None
    message: str | None = None
    stage: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person may ask and decide. Every call raises GatewayError when it is denied."""

    gateway: Gateway

    def add_person(self, name: str, roles: list[str]) -> dict[str, Any]:
        """Add a person; return it with its key, which is told this once."""
        return self.gateway.ask("POST", "/v1/people", json={"name": name, "roles": roles})

    def people(self) -> list[dict[str, Any]]:
        """Return everybody who was ever added."""
        found: list[dict[str, Any]] = self.gateway.ask("GET", "/v1/people")["people"]
        return found

    def revoke(self, name: str) -> dict[str, Any]:
        """End a person's rights and keys."""
        return self.gateway.ask("POST", f"/v1/people/{name}/revoke")

    def quarantined(self, source: str | None, limit: int) -> list[Waiting]:
        """Return what waits for a reviewer, longest waiting first."""
        asked = {"limit": limit} | ({"source": source} if source else {})
        answer = self.gateway.ask("GET", "/v1/quarantine", params=asked)
        return [Waiting.model_validate(one) for one in answer["files"]]

    def case(self, object_id: str) -> dict[str, Any]:
        """Return everything that a reviewer needs."""
        return self.gateway.ask("GET", f"/v1/quarantine/{object_id}")

    def decide(self, action: str, object_id: str, reason: str) -> Decided:
        """Release or refuse a file."""
        path = f"/v1/quarantine/{object_id}/{action}"
        return Decided.model_validate(self.gateway.ask("POST", path, json={"reason": reason}))

    def reread(self, path: str, wish: dict[str, Any]) -> Decided:
        """Let files be read again; the same request id, the same decision."""
        return Decided.model_validate(self.gateway.ask("POST", path, json=wish))

    def matching(self, path: str, wish: dict[str, Any]) -> dict[str, Any]:
        """Count what would be read again."""
        return self.gateway.ask("POST", path, json=wish | {"dry_run": True})

    def progress(self, decision_id: str, *, timeout_seconds: float) -> Iterator[Decided]:
        """Yield the decision at every look until all of its runs have ended.

        Raises TimeoutError when they have not in time.
        """
        path = f"/v1/decisions/{decision_id}"
        for answer in self.gateway.looks(lambda: self.gateway.ask("GET", path), timeout_seconds):
            now = Decided.model_validate(answer)
            yield now
            if now.has_ended:
                return
