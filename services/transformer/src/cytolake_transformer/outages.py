"""Which of DuckDB's errors mean that a server is away, and not that rows cannot be built.

DuckDB tells both as text only. What it says of the catalog's PostgreSQL and of the store, seen by
stopping them (tests/integration/test_transformer_outages.py).
"""

from __future__ import annotations

import re

_AWAY = re.compile(
    r"could not (connect|establish connection|receive|send)"
    r"|connection (to server|refused|reset|has been closed|not open|is dead)"
    r"|server closed the connection|terminating connection|the database system is"
    r"|no connection to the server|SSL SYSCALL|Connection error"
    r"|HTTP (GET|HEAD|PUT|POST) error.*(HTTP 5\d\d|HTTP 0)"
    r"|HTTP Error.*(5\d\d)|IO Error: .*(timed? ?out|refused)",
    re.IGNORECASE | re.DOTALL,
)


def is_outage(message: str) -> bool:
    """Return whether the text of an error speaks of a server that is away."""
    return _AWAY.search(message) is not None
