"""Every instrument file at hand, through the real sandbox, to rows that keep their contract.

The files are published test inputs of allotropy (MIT), in `../shared/data/instruments`.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from cytolake_contracts import ReasonCode
from cytolake_contracts.datasets import load_contracts
from cytolake_ingest_gateway.converter.convert import Converted, Converter
from cytolake_ingest_gateway.converter.recognise import plain
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.testing import landed
from tests.support.corpus import FOLDER, Corpus, Figures, manifest, rows_of, table

pytestmark = [pytest.mark.integration, pytest.mark.slow]

BLOCKING_TEXT = re.compile(r"^\S(.*\S)?$")
ROWS = {
    "AGILENT_GEN5": 862,
    "APPBIO_QUANTSTUDIO": 302,
    "APPBIO_QUANTSTUDIO_DESIGNANDANALYSIS": 2884,
    "BECKMAN_VI_CELL_BLU": 278,
    "BECKMAN_VI_CELL_XR": 384,
    "BENCHLING_EMPOWER": 487,
    "CHEMOMETEC_NC_VIEW": 384,
    "CHEMOMETEC_NUCLEOVIEW": 19,
    "CYTIVA_UNICORN": 27,
    "FLOWJO": 652,
    "LUMINEX_XPONENT": 80,
    "MABTECH_APEX": 1268,
    "MOLDEV_SOFTMAX_PRO": 1620,
    "NOVABIO_FLEX2": 310,
    "QIACUITY_DPCR": 512,
    "REVVITY_MATRIX": 54,
    "ROCHE_CEDEX_BIOHT": 915,
    "THERMO_FISHER_NANODROP_EIGHT": 43,
    "THERMO_FISHER_QUBIT4": 18,
}
"""Values per file, as allotropy 0.1.134 reads them."""


ENTRIES = manifest()
needs_files = pytest.mark.skipif(not ENTRIES, reason="there is no ../shared/data/instruments here")


@pytest.fixture
def converter(corpus: Corpus) -> Converter:
    return corpus.converter


def read(entry: dict[str, str]) -> bytes:
    return (FOLDER / entry["file"]).read_bytes()


def name_of(entry: dict[str, str]) -> str:
    return Path(entry["file"]).name


def converted(corpus: Corpus, entry: dict[str, str]) -> Converted:
    return corpus.converted(entry["vendor"], FOLDER / entry["file"])


@needs_files
def test_all_nineteen_are_there() -> None:
    assert sorted(entry["vendor"] for entry in ENTRIES) == sorted(ROWS)


@needs_files
@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["vendor"] for entry in ENTRIES])
def test_file_becomes_rows(corpus: Corpus, entry: dict[str, str]) -> None:
    """By its registered vendor and by recognition: the same bytes, twice over."""
    registered = converted(corpus, entry)
    recognised = corpus.read(read(entry), name=name_of(entry), vendor=None)
    assert registered.parquet.rows == ROWS[entry["vendor"]]
    assert registered.parquet.body == recognised.parquet.body
    assert registered.evidence == recognised.evidence
    assert recognised.parser.vendor == entry["vendor"]
    was_recognised_with_reasons(registered, recognised, entry["vendor"])
    keeps_its_contract(rows_of(registered), load_contracts()["measurement"])


def was_recognised_with_reasons(registered: Converted, by_look: Converted, vendor: str) -> None:
    for outcome in (registered, by_look):
        told = outcome.recognition
        assert told is not None
        assert told.vendor == vendor
        assert told.matched
        assert told.fingerprint
        assert told.columns
    runners_up = by_look.recognition.runners_up if by_look.recognition else ()
    assert bool(runners_up) == (vendor in {"AGILENT_GEN5", "LUMINEX_XPONENT"})


@needs_files
def test_the_corpus_by_vendor(corpus: Corpus, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints what each file became; `unread` is an estimate (see `source_cells`)."""
    found = {entry["vendor"]: Figures.of(converted(corpus, entry)) for entry in ENTRIES}
    with capsys.disabled():
        sys.stdout.write(table(found))
    assert {vendor: one.rows for vendor, one in found.items()} == ROWS
    assert {vendor for vendor, one in found.items() if one.unread == 0} >= {"REVVITY_MATRIX"}
    # Columns that allotropy leaves out: NC-View's names, Cedex' absorbances.
    for vendor in ("CHEMOMETEC_NC_VIEW", "ROCHE_CEDEX_BIOHT"):
        assert found[vendor].unread, vendor


def keeps_its_contract(rows: list[dict[str, Any]], contract: Any) -> None:
    required = [column.name for column in contract.columns if column.required]
    assert [(row, name) for row in rows for name in required if row[name] is None] == []
    assert len({row["measurement_key"] for row in rows}) == len(rows)
    for row in rows:
        assert re.fullmatch(r"[a-z0-9][a-z0-9_]*", row["quantity"])
        assert row["sample_id"] is None or BLOCKING_TEXT.match(row["sample_id"])
        found = (row["value_num"], row["value_text"], row["qualifier"], row["value_raw"])
        assert found != (None, None, None, None)
        assert row["measured_at"].year > 1990
        unknown = row["unit_raw"] is not None and row["unit_ucum"] is None
        assert not unknown, row["unit_raw"]


@needs_files
def test_no_made_up_id_and_no_path_in_any_row(corpus: Corpus) -> None:
    for entry in ENTRIES[:5]:
        outcome = converted(corpus, entry)
        assert "generated-id" not in repr(rows_of(outcome))
        assert str(FOLDER) not in gzip.decompress(outcome.evidence or b"").decode()


@needs_files
def test_a_censored_result_keeps_its_words(corpus: Corpus) -> None:
    """Cedex writes a flag instead of a number below its range; allotropy makes it -0.0."""
    entry = next(entry for entry in ENTRIES if entry["vendor"] == "ROCHE_CEDEX_BIOHT")
    rows = rows_of(converted(corpus, entry))
    censored = [row for row in rows if row["quantity"] == "mass_concentration" and row["qualifier"]]
    assert {(row["target"], row["value_text"], row["value_num"]) for row in censored} == {
        ("pyruvate", "< 8.706", None)
    }
    assert len(censored) == 8


def entry_of(vendor: str) -> dict[str, str]:
    return next(entry for entry in ENTRIES if entry["vendor"] == vendor)


@needs_files
def test_utf16_text_converts(corpus: Corpus) -> None:
    entry = entry_of("BECKMAN_VI_CELL_BLU")
    body = b"\xff\xfe" + read(entry).decode().encode("utf-16-le")
    found = corpus.read(body, name=name_of(entry), vendor=entry["vendor"])
    assert found.parquet.rows == converted(corpus, entry).parquet.rows


@needs_files
@pytest.mark.parametrize(
    ("vendor", "registered", "code"),
    [
        ("CHEMOMETEC_NUCLEOVIEW", "BECKMAN_VI_CELL_BLU", ReasonCode.WRONG_VENDOR),
        ("FLOWJO", "BECKMAN_VI_CELL_BLU", ReasonCode.WRONG_VENDOR),
        ("AGILENT_GEN5", "ROCHE_CEDEX_BIOHT", ReasonCode.WRONG_VENDOR),
        ("BECKMAN_VI_CELL_XR", "MABTECH_APEX", ReasonCode.WRONG_VENDOR),
    ],
)
def test_a_file_of_another_vendor(
    converter: Converter, vendor: str, registered: str, code: ReasonCode
) -> None:
    entry = entry_of(vendor)
    body = read(entry)
    outcome = converter(landed(body, name=name_of(entry), vendor=registered), body)
    assert isinstance(outcome, Rejection)
    assert outcome.code == code
    assert outcome.is_for_people
    assert outcome.recognition is not None
    assert any(words.startswith(f"{plain(vendor)}: ") for words in outcome.recognition.matched)
    assert outcome.recognition.refused


@needs_files
def test_half_a_file_is_refused(converter: Converter) -> None:
    """Parsers read half a file without complaint, so what can be seen is refused before."""
    for vendor in ("BECKMAN_VI_CELL_BLU", "FLOWJO", "BECKMAN_VI_CELL_XR", "BENCHLING_EMPOWER"):
        entry = entry_of(vendor)
        body = read(entry)[: len(read(entry)) // 2]
        outcome = converter(landed(body, name=name_of(entry), vendor=vendor), body)
        assert isinstance(outcome, Rejection), vendor
        assert outcome.code == ReasonCode.TRUNCATED_FILE, vendor


@pytest.mark.parametrize(
    ("body", "name", "vendor", "code"),
    [
        (b"a,b\n1,2\n", "x.csv", None, ReasonCode.UNKNOWN_LAYOUT),
        (b"hello", "x", None, ReasonCode.UNKNOWN_LAYOUT),
        (b"a,b\n1,2\n", "x.csv", "BECKMAN_VI_CELL_BLU", ReasonCode.UNREADABLE_BY_VENDOR),
        (b"a,b\n1,2\n", "x.csv", "NO_SUCH_VENDOR", ReasonCode.UNKNOWN_LAYOUT),
        (b"a,b\n1,2\n", "x.pdf", "BECKMAN_VI_CELL_BLU", ReasonCode.UNREADABLE_BY_VENDOR),
        (b"\x00\x01\xff" * 99, "x.csv", "QIACUITY_DPCR", ReasonCode.UNREADABLE_BY_VENDOR),
    ],
)
def test_what_no_instrument_wrote(
    converter: Converter, body: bytes, name: str, vendor: str | None, code: ReasonCode
) -> None:
    outcome = converter(landed(body, name=name, vendor=vendor), body)
    assert isinstance(outcome, Rejection)
    assert outcome.code == code
    assert hashlib.sha256(body).hexdigest() not in outcome.message
