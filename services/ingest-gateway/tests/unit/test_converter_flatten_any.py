"""Any document at all: rows that keep their contract, the same bytes every time."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cytolake_ingest_gateway.converter.tables import parquet_of
from cytolake_ingest_gateway.converter.testing_asm import count, flat, measured

KEYS = st.sampled_from(
    [
        "measurement document", "processed data document", "custom information document",
        "calculated data document", "population document", "written name", "value", "unit",
        "sample document", "sample identifier", "measurement time", "data cube", "cube-structure",
        "calculated data name", "calculated result", "data source identifier",
        "population identifier",
        "parent population identifier", "calculated data identifier", "a/b~c", "é", "",
    ]
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["N/A", "<5", "1970-01-01T00:00:00+00:00", "p1", "p2", "-0.0", "\ud800"]),
)  # fmt: skip
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=40,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, DOCUMENTS, max_size=4))
def test_any_document_becomes_rows_that_keep_their_contract(document: dict[str, Any]) -> None:
    """No exception, no key twice, the same bytes every time."""
    rows = flat(measured(count(), **document)).rows
    assert len({row["measurement_key"] for row in rows}) == len(rows)
    twice = flat(measured(count(), **document)).rows
    assert parquet_of("measurement", rows).body == parquet_of("measurement", twice).body
