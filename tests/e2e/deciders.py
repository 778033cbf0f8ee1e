"""People of a running stack, and their decisions carried to the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from cytolake.client import Gateway
from cytolake.client_decisions import Decided, Decisions
from tests.e2e.site import PATIENCE_SECONDS, Site


class Person:
    """A person of a test's own, with the gateway as it answers that person's key."""

    def __init__(self, site: Site, *roles: str) -> None:
        self.name = f"{roles[0]}-{uuid4().hex[:8]}"
        added = Decisions(site.gateway).add_person(self.name, list(roles))
        environment = dict(site.environment) | {"CYTOLAKE_API_KEY": added["api_key"]}
        self.gateway = Gateway.at(environment)
        self.decisions = Decisions(self.gateway)

    def decide(self, action: str, object_id: str, reason: str) -> Decided:
        """Decide about a file, and wait until it has come to its end."""
        return self.until_ended(self.decisions.decide(action, object_id, reason))

    def reread(self, path: str, **wish: Any) -> Decided:
        """Let files be read again, and wait until they have come to their ends."""
        return self.until_ended(self.decisions.reread(path, {"reason": "a test", **wish}))

    def until_ended(self, decided: Decided) -> Decided:
        looks = self.decisions.progress(decided.decision_id, timeout_seconds=PATIENCE_SECONDS)
        *_, end = looks
        return end


@contextmanager
def person(site: Site, *roles: str) -> Iterator[Person]:
    """Give a person; its connections end with the block."""
    found = Person(site, *roles)
    try:
        yield found
    finally:
        found.gateway.close()
