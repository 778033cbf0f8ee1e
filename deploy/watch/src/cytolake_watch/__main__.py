"""`python -m cytolake_watch`."""

from __future__ import annotations

from cytolake_watch.cli import app

app()
