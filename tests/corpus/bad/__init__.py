"""Two hundred and more bad files, each with the reason code that it must end with (GOALS.md, R5).

All are generated and synthetic; the same on every run.
"""

from __future__ import annotations

from tests.corpus.bad import archives, binary, counts, markup, tables, workbooks
from tests.corpus.bad.model import SOURCES, BadFile, BadSource

__all__ = ["SOURCES", "BadFile", "BadSource", "bad_files"]


def bad_files() -> tuple[BadFile, ...]:
    """Return every bad file; names are unique."""
    modules = (counts, tables, workbooks, archives, markup, binary)
    return tuple(file for module in modules for file in module.files())
