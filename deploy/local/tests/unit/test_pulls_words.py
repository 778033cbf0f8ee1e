"""What is decided without a LIMS: words, types of columns, addresses, manifests."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytolake.errors import StackError
from cytolake.pulls.elsewhere import address_of, is_safe
from cytolake.pulls.manifests import read_manifest, shipped
from cytolake.pulls.reading import Reading, Stream
from cytolake.pulls.spool import Spool, digest_of
from cytolake.pulls.words import trouble

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
RECORDS = st.lists(st.dictionaries(st.text(max_size=8), JSON, max_size=6), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Exhausted … Exception: LIMS_BUSY: come back later", "LIMS_BUSY"),
        ("HTTPSConnectionPool: Read timed out. (read timeout=60)", "LIMS_SILENT"),
        ("NewConnectionError: [Errno 111] Connection refused", "LIMS_UNREACHABLE"),
        ("Failed to resolve 'lims.example'", "LIMS_UNREACHABLE"),
        ("SSLCertVerificationError CERTIFICATE_VERIFY_FAILED self-signed", "LIMS_CERTIFICATE"),
        ("ValueError: time data '31.12.' does not match", "LIMS_TIME"),
        ("something else", "LIMS_FAULT"),
        ("", "LIMS_FAULT"),
    ],
)
def test_every_error_has_a_code_and_words(said: str, code: str) -> None:
    found = trouble(said)
    assert found.code == code
    assert found.words


@settings(deadline=None)
@given(RECORDS)
def test_any_records_become_a_table_with_each_once(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder / "records")
    for record in records:
        spool.add(record, key="", cursor="", extracted_ms=1_795_777_333_113)
    spool.close()
    spool.write(folder / "one.parquet")
    spool.write(folder / "two.parquet")
    assert (folder / "one.parquet").read_bytes() == (folder / "two.parquet").read_bytes()
    table = pq.read_table(folder / "one.parquet")
    assert table.num_rows == spool.rows == len({digest_of(record) for record in records})


def test_a_column_of_numbers_stays_one(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "records")
    for value in (1, 2.5, None):
        spool.add({"n": value, "b": True, "i": 7}, key="", cursor="", extracted_ms=0)
    spool.close()
    spool.write(tmp_path / "one.parquet")
    table = pq.read_table(tmp_path / "one.parquet")
    assert table.column("n").to_pylist() == [1.0, 2.5, None]
    assert [str(table.schema.field(name).type) for name in ("n", "b", "i")] == [
        "double",
        "bool",
        "int64",
    ]


def test_a_stream_whose_end_was_never_told_is_not_kept(tmp_path: Path) -> None:
    stream = Stream("x", None, (), Spool(tmp_path / "x"))
    reading = Reading({"x": stream})
    reading.follow(
        [{"type": "RECORD", "record": {"stream": "x", "data": {"a": 1}, "emitted_at": 0}}]
    )
    stream.spool.close()
    assert stream.fault is not None
    assert stream.fault.code == "LIMS_UNFINISHED"


def test_the_shipped_manifests_name_their_secret_and_their_layout() -> None:
    found = {name: read_manifest(name) for name in shipped()}
    assert {name: (one.secret, one.layout) for name, one in found.items()} == {
        "paged": ("token", "lims_canonical"),
        "senaite": ("password", "senaite"),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "is not YAML"),
        ("type: Something", "is no Airbyte manifest"),
        (
            "{type: DeclarativeSource, x: [{type: CustomRequester, class_name: os.system}]}",
            "never run",
        ),
        ("{type: DeclarativeSource, x: {class_name: a.b}}", "never run"),
    ],
)
def test_a_manifest_that_cannot_be_one(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "m.yaml").write_text(text)
    with pytest.raises(StackError, match=words):
        read_manifest(str(tmp_path / "m.yaml"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/mnt/share", "cytolake watch FOLDER --once"),
        ("file:///mnt/share", "cytolake watch FOLDER --once"),
        ("ftp://host/x", "is not known"),
        ("sftp://user:secret@host/x", "no password in the address"),
        ("s3:///x", "names no bucket"),
    ],
)
def test_an_address_that_nothing_is_fetched_from(url: str, words: str) -> None:
    with pytest.raises(StackError, match=words):
        address_of(url)


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x", "a//b", "a\\..\\b", "a\0b", ""])
def test_a_name_that_leads_elsewhere_is_not_written(path: str) -> None:
    assert not is_safe(path)
    assert is_safe("day/a.csv")
