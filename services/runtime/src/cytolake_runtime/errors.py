"""The three outcomes of a message: a value, a fault that passes, a bug (docs/decisions).

Whatever a service raises that is not `Retryable` is taken for our bug: redelivered a
few times, then dead-lettered with its traceback.
"""

from __future__ import annotations


class Retryable(Exception):  # noqa: N818 - it names an outcome, not a fault of the caller
    """A fault that passes by itself: the broker, the store or the database is away."""


class ObjectMissingError(LookupError):
    """The object, or the version asked for, is not in the store."""


class ObjectExistsError(FileExistsError):
    """`If-None-Match: *` was asked for and the key is taken."""
