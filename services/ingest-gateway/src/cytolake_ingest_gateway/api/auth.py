"""Who is calling: a person, a source, or a nameless operator, by API key.

Only hashes of keys are kept. A person may do what its roles allow, and decides in its own name.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from cytolake_ingest_gateway.api.browsers import challenge, key_of_browser
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.people import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller with a valid key; neither source nor person: a nameless operator."""

    source: str | None
    person: str | None = None
    roles: frozenset[Role] = frozenset()

    @property
    def is_operator(self) -> bool:
        return self.source is None and (self.person is None or Role.OPERATOR in self.roles)

    @property
    def name(self) -> str:
        """Who it is, in words."""
        return self.person or (f"source {self.source}" if self.source else "an operator's key")

    def may_see(self, source: str) -> bool:
        """Whether files of this source are the caller's to see."""
        return self.source in {None, source}

    def may_put(self) -> bool:
        """Whether the caller does more than look."""
        return self.person is None or self.roles != {Role.VIEWER}


class Keys(Protocol):
    """The API keys, by hash."""

    async def caller(self, key_sha256: str) -> Caller | None:
        """Return whose key it is; None for an unknown or revoked one; raises Retryable."""
        ...


_bearer = HTTPBearer(auto_error=False, description="API key of a source, a person or an operator.")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same, otherwise.")


async def caller(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    header: Annotated[str | None, Security(_header)],
) -> Caller:
    """Return who calls; 401 without a key or with an unknown one."""
    key = bearer.credentials if bearer else header or key_of_browser(request)
    if not key:
        words = "No API key: send `Authorization: Bearer <key>` or `X-API-Key: <key>`."
        raise _unknown(request, words)
    key_sha256 = hashlib.sha256(key.encode()).hexdigest()
    if hmac.compare_digest(key_sha256, request.app.state.settings.operator_api_key_sha256 or ""):
        return Caller(source=None)
    keys: Keys = request.app.state.keys
    found = await keys.caller(key_sha256)
    if found is None:
        raise _unknown(request, "The API key is unknown or revoked.")
    return found


async def operator(known: Annotated[Caller, Depends(caller)]) -> Caller:
    """Return the calling operator; 403 for everybody else."""
    if not known.is_operator:
        raise ProblemError(403, "OPERATORS_ONLY", "This needs an operator's API key.")
    return known


def _unknown(request: Request, words: str) -> ProblemError:
    return ProblemError(
        401,
        "UNAUTHENTICATED",
        words,
        headers={"WWW-Authenticate": challenge(request)},
        is_body_unread=True,
    )
