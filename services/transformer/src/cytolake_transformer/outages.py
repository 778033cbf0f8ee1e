"""Which of DuckDB's errors mean that a server is away, and not that rows cannot be built.

DuckDB tells both as text only. What it says of the catalog's PostgreSQL and of the store, seen by
stopping them (tests/integration/test_transformer_outages.py).
"""

from __future__ import annotations

import re

_AWAY = re.compile(
    r"could not (connect|establish connection|receive|send)|unable to connect"
    r"|connection (to server|refused|reset|has been closed|not open|is dead)"
    r"|server closed the connection|terminating connection|the database system is"
    r"|no connection to the server|SSL SYSCALL|timed out|timeout was reached"
    r"|\(HTTP (5\d\d|0)\b",  # the status alone: an object's id may hold any digits
    re.IGNORECASE,
)
# These quote values and names of files, which may hold any words.
_OURS = re.compile(
    r"(Conversion|Catalog|Constraint|Binder|Parser|Syntax|Mismatch Type|Out of Range|Invalid Input)"
    r" Error:"
)


def is_outage(message: str) -> bool:
    """Return whether the text of an error speaks of a server that is away."""
    return _OURS.search(message) is None and _AWAY.search(message) is not None
