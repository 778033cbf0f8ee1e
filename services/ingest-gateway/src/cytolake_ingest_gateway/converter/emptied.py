"""A file read again that now holds no values: its older rows must not stay.

A file without values is rejected the first time. Read again, while rows of an older run stand
for it, it becomes empty tables of the datasets of that run instead: they are the newest run's,
so that nothing of the file is in the marts any more, and the history tells how that came.
"""

from __future__ import annotations

from cytolake_contracts import FileLanded, ParserRef, ReasonCode
from cytolake_ingest_gateway.converter.convert import Converted
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.tables import parquet_of

NOTHING = ParserRef(name="nothing", version="1")


def emptied(event: FileLanded, outcome: Converted | Rejection) -> Converted | Rejection:
    """Return the outcome, or empty tables where no values take the place of older ones."""
    decision = event.data.decision
    if decision is None or not decision.replaces_datasets:
        return outcome
    if not isinstance(outcome, Rejection) or outcome.code is not ReasonCode.NO_ROWS:
        return outcome
    first, *others = (parquet_of(dataset, ()) for dataset in decision.replaces_datasets)
    words = f"{outcome.message} {decision.what_goes().capitalize()}."
    return Converted(parquet=first, others=tuple(others), parser=NOTHING, warnings=(words,))
