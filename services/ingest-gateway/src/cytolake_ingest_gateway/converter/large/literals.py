"""What the child and its parent both say in SQL."""

from __future__ import annotations

UCUM = "ucum"
"""The child's own function for units that the head of a file does not have."""


def text(value: str) -> str:
    """Return an SQL text literal."""
    return "'" + value.replace("'", "''") + "'"
