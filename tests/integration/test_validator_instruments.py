"""Instrument files converted, then judged: no rule holds back a good one, each finds its fault."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest

from cytolake.synthetic import grow
from cytolake.synthetic.files import count_file
from cytolake_contracts.datasets import load_contracts
from cytolake_ingest_gateway.converter.convert import Converted
from cytolake_ingest_gateway.converter.tables import Parquet
from cytolake_validator.adapters import GreatExpectationsJudge
from cytolake_validator.rules import Candidate, shape_difference
from tests.support.corpus import FOLDER, Corpus, manifest

pytestmark = [pytest.mark.integration, pytest.mark.slow]
CONTRACTS = load_contracts()
JUDGED = {name: CONTRACTS[name] for name in ("measurement", "point")}


@pytest.mark.skipif(not FOLDER.is_dir(), reason="there is no ../shared/data/instruments here")
def test_no_real_file_breaks_a_rule(corpus: Corpus) -> None:
    """All judged together, as files are that wait; not even a warning is expected of these."""
    tables = {
        (entry["file"], one.contract.name): one
        for entry in manifest()
        for one in candidates(corpus.converted(entry["vendor"], FOLDER / entry["file"]))
    }
    assert {dataset for _, dataset in tables} == set(JUDGED)
    judged = GreatExpectationsJudge(JUDGED).judge(list(tables.values()))
    assert dict(zip(tables, judged, strict=True)) == {table: {} for table in tables}


@pytest.mark.parametrize(
    ("written", "instead", "rule"),
    [("sample", "N/A", "measured_has_sample"), ("year", "2150", "measured_at_is_plausible")],
)
def test_a_count_breaks_the_rule_it_should(
    corpus: Corpus, written: str, instead: str, rule: str
) -> None:
    """Of a counter every result is derived by the instrument, none is a reading of a detector."""
    point = grow(11, number=93).points[0]
    told = {"sample": point.sample_id, "year": str(point.collected_at.year)}[written]
    file = count_file(point)
    body = file.body.replace(told.encode(), instead.encode())
    (one,) = candidates(corpus.read(body, name=file.name, vendor=file.source.vendor))
    (broken,) = GreatExpectationsJudge(JUDGED).judge([one])
    assert not isinstance(broken, Exception)
    assert set(broken) == {rule}
    kinds = {one.table.column("kind")[row].as_py() for row in broken[rule]}
    assert "processed" in kinds


def candidates(outcome: Converted) -> Iterator[Candidate]:
    """Yield every table that a file becomes."""
    for parquet in (outcome.parquet, *outcome.others):
        assert isinstance(parquet, Parquet)
        contract = JUDGED[parquet.dataset]
        table = pq.read_table(io.BytesIO(parquet.body))
        assert shape_difference(contract, table, rows=parquet.rows) is None
        yield Candidate(table=table, contract=contract)
