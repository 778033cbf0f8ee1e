"""Persons as the gateway's processes know them: their roles, and how an upload names its own.

The api tells the store who uploaded a file, in the object's own metadata: it is stored in one
request with the bytes, so that no crash can part them. Only a person's key makes the api say so.
"""

from __future__ import annotations

from enum import StrEnum

DROPPED_BY = "cytolake-person"
"""S3 user metadata (`x-amz-meta-cytolake-person`)."""


class Role(StrEnum):
    """What a person may do; everybody may look."""

    REVIEWER = "reviewer"
    OPERATOR = "operator"
    VIEWER = "viewer"


def dropped_by(person: str | None) -> dict[str, str]:
    """Return the metadata of an upload."""
    return {DROPPED_BY: person} if person else {}
