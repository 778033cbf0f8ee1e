"""A parser run in this very process: for a user's own files at the command line, and for tests."""

from __future__ import annotations

from cytolake_ingest_gateway.converter.sandbox.child import Parse, Request, canonical_json
from cytolake_ingest_gateway.converter.sandbox.runner import Ended


def run_here(parse: Parse, request: Request) -> Ended:
    """Return how it ended; what a parser raises is raised here."""
    answer = parse(request)
    return Ended(
        outcome=answer.outcome,
        code=answer.code,
        message=answer.message,
        document=canonical_json(answer.document),
    )
