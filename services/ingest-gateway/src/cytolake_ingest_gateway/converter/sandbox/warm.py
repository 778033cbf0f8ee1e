"""Preloaded into the fork server: parsers imported and one file parsed.

A child forked from it parses at once.
"""

from __future__ import annotations

import gc
import logging
import warnings

from cytolake_ingest_gateway.converter.sandbox import (
    asm,
    child,  # noqa: F401 - loaded for the children
    huge_pages,
    parquet,  # noqa: F401 - as `child`: inside, no file of ours can be opened any more
    workbook,  # noqa: F401 - as `child`: inside, no file of ours can be opened any more
)
from cytolake_ingest_gateway.converter.sandbox.sample import SAMPLE


def _warm() -> None:
    warnings.simplefilter("ignore")
    try:
        answer = asm.parse(SAMPLE)
        if answer.outcome != "parsed":
            logging.getLogger(__name__).warning("warm-up: %s", answer.message)
    except Exception:  # an error here would kill the fork server
        logging.getLogger(__name__).exception("warm-up failed")
    gc.collect()
    gc.freeze()
    huge_pages.collapse()


_warm()
