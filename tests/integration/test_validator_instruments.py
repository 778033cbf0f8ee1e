"""No rule holds back a good file: every instrument file at hand, converted, then judged."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cytolake_contracts.datasets import load_contracts
from cytolake_ingest_gateway.converter.convert import Converted, Converter
from cytolake_ingest_gateway.converter.guards import GuardLimits
from cytolake_ingest_gateway.converter.sandbox.runner import Sandbox
from cytolake_ingest_gateway.converter.testing import declared, landed
from cytolake_validator.adapters import GreatExpectationsJudge
from cytolake_validator.rules import Candidate, shape_difference

pytestmark = [pytest.mark.integration, pytest.mark.slow]
FOLDER = Path(__file__).parents[3] / "shared" / "data" / "instruments"
MEASUREMENT = load_contracts()["measurement"]


@pytest.mark.skipif(not FOLDER.is_dir(), reason="there is no ../shared/data/instruments here")
def test_no_real_file_breaks_a_rule() -> None:
    """All judged together, as files are that wait; not even a warning is expected of these."""
    entries = list(csv.DictReader((FOLDER / "MANIFEST.csv").read_text().splitlines()))
    converter = Converter(run_parser=Sandbox().run, declared=declared(), limits=GuardLimits())
    files = {entry["file"]: candidate(converter, entry) for entry in entries}
    judged = GreatExpectationsJudge({"measurement": MEASUREMENT}).judge(list(files.values()))
    assert dict(zip(files, judged, strict=True)) == {name: {} for name in files}


def candidate(converter: Converter, entry: dict[str, str]) -> Candidate:
    body, name = (FOLDER / entry["file"]).read_bytes(), Path(entry["file"]).name
    outcome = converter(landed(body, name=name, vendor=entry["vendor"]), body)
    assert isinstance(outcome, Converted), outcome
    table = pq.read_table(io.BytesIO(outcome.parquet.body))
    assert shape_difference(MEASUREMENT, table, rows=outcome.parquet.rows) is None
    return Candidate(table=table, contract=MEASUREMENT)
