"""The inbound bucket of a stack, for what is fetched; its errors as the stack's."""

from __future__ import annotations

from dataclasses import dataclass

from cytolake.errors import StackError
from cytolake.stack import Stack
from cytolake_watch.inbound import AwayError, InboundBucket, Place, RefusedError


def place_of(stack: Stack) -> Place:
    """Return where files go, with the operator's key: it can put, and nothing else."""
    environment = stack.env()
    return Place(
        endpoint=environment["CYTOLAKE_S3_ENDPOINT"],
        access_key=environment["AWS_ACCESS_KEY_ID"],
        secret_key=environment["AWS_SECRET_ACCESS_KEY"],
        bucket=environment["CYTOLAKE_INBOUND_BUCKET"],
    )


@dataclass(frozen=True, slots=True)
class Inbound:
    """The bucket; raises StackError in words while it is away."""

    bucket: InboundBucket

    def put(
        self, key: str, body: bytes, *, sha256: str, about: dict[str, str] | None = None
    ) -> str | None:
        """Store an object; return its version."""
        try:
            return self.bucket.put(key, body, sha256=sha256, about=about)
        except (AwayError, RefusedError) as error:
            raise StackError(
                f"{error}; what was fetched waits in the home for the next pull"
            ) from error


def inbound_of(stack: Stack) -> Inbound:
    """Return the bucket of a stack."""
    return Inbound(InboundBucket(place_of(stack)))
