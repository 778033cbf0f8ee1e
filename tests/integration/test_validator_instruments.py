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
RESULT = {"result": CONTRACTS["result"]}
RESULTS = "Sample ID,Test,Result,Unit,State,Tested at\nSYNTHETIC-S-1,{},verified,2026-03-22 09:00\n"


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


@pytest.mark.parametrize(
    ("reported", "rules"),
    [
        ("Volume,12.5,mmol/L", {"unit_fits_quantity"}),
        ("Temperature,37,mg/mL", {"unit_fits_quantity"}),
        ("Viability,0.95,1", {"unit_fits_quantity"}),
        ("Endotoxin,0.2,EU/kg", {"unit_is_usual"}),
        ("Endotoxin,0.2,furlong", {"unit_is_known"}),
        ("Temperature,98.6,°F", set()),
        ("Endotoxin,0.2,IU/mL", set()),
        ("pH,7.2,", set()),
        ("VCN,2.1,copies/cell", set()),
        ("Glucose,4,mg/dL", set()),
    ],
)
def test_a_unit_must_measure_what_was_tested(
    corpus: Corpus, reported: str, rules: set[str]
) -> None:
    body = RESULTS.format(reported).encode()
    found = candidates(corpus.read(body, name="r.csv", vendor=None, layout="result_table"))
    (broken,) = GreatExpectationsJudge(RESULT).judge(list(found))
    assert not isinstance(broken, Exception)
    assert set(broken) == rules


def candidates(outcome: Converted) -> Iterator[Candidate]:
    """Yield every table that a file becomes."""
    for parquet in (outcome.parquet, *outcome.others):
        assert isinstance(parquet, Parquet)
        contract = CONTRACTS[parquet.dataset]
        table = pq.read_table(io.BytesIO(parquet.body))
        assert shape_difference(contract, table, rows=parquet.rows) is None
        yield Candidate(table=table, contract=contract)
