"""Labelled-synthetic CAR-T batches in real instrument layouts, by our own generator.

Nothing here is measured: no patient, product or process stands behind a number. Every
file says so, in its name, its sample ids (`SYN-`) and where the layout has a comment.
"""

from __future__ import annotations

from cytolake.synthetic.culture import Batch, CulturePoint, grow
from cytolake.synthetic.files import (
    SyntheticFile,
    batch_files,
    count_files,
    implausible_count_file,
    unreadable_count_file,
)
from cytolake.synthetic.sources import SOURCES, SyntheticSource

__all__ = [
    "SOURCES",
    "Batch",
    "CulturePoint",
    "SyntheticFile",
    "SyntheticSource",
    "batch_files",
    "count_files",
    "grow",
    "implausible_count_file",
    "unreadable_count_file",
]
