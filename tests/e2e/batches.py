"""Batch numbers for tests: every test grows batches that no other test has dropped."""

from __future__ import annotations

from itertools import count

_numbers = count(1)
WIDTH = 20


def fresh_batch() -> int:
    """Return the first of some batch numbers that nobody else uses in this session."""
    return next(_numbers) * WIDTH
