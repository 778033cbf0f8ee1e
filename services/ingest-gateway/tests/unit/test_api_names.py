"""From the URL to the key: decoded once, kept verbatim, refused in words."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cytolake_ingest_gateway.api.names import NameRefusedError, dated_key, name_in


def in_path(encoded: str) -> bytes:
    return f"/v1/files/vicell/{encoded}".encode()


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        ("run.csv", "run.csv"),
        ("run%2012.csv", "run 12.csv"),
        ("a+b.csv", "a+b.csv"),
        ("a%2Bb.csv", "a+b.csv"),
        ("a%252Fb.csv", "a%2Fb.csv"),
        ("%C3%A9.csv", "é.csv"),
        ("e%CC%81.csv", "e\u0301.csv"),
        ("a..b", "a..b"),
        ("...", "..."),
        ("C:%5Ca.csv", "C:\\a.csv"),
        ("%20", " "),
    ],
)
def test_a_name_is_decoded_once_and_kept(encoded: str, name: str) -> None:
    assert name_in(in_path(encoded)) == name


@pytest.mark.parametrize(
    ("encoded", "code"),
    [
        ("a%2Fb.csv", "NAME_HAS_SLASH"),
        ("a/b.csv", "NAME_HAS_SLASH"),
        ("..%2F..%2Fetc", "NAME_HAS_SLASH"),
        ("%2E%2E", "NAME_IS_A_PATH"),
        ("..", "NAME_IS_A_PATH"),
        (".", "NAME_IS_A_PATH"),
        ("", "NAME_IS_A_PATH"),
        ("a%00b", "NAME_HAS_CONTROL_CHARACTERS"),
        ("a%0D%0Ab", "NAME_HAS_CONTROL_CHARACTERS"),
        ("a%7F", "NAME_HAS_CONTROL_CHARACTERS"),
        ("%FF", "NAME_NOT_UTF8"),
        ("a" * 256, "NAME_TOO_LONG"),
        ("%C3%A9" * 128, "NAME_TOO_LONG"),
    ],
)
def test_what_is_no_name_is_refused_in_words(encoded: str, code: str) -> None:
    with pytest.raises(NameRefusedError) as refused:
        name_in(in_path(encoded))
    assert refused.value.code == code
    assert str(refused.value).endswith(".")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_every_other_name_comes_out_as_it_was(name: str) -> None:
    assume("/" not in name)
    assume(name not in {".", ".."})
    assert name_in(in_path(quote(name, safe=""))) == name


@pytest.mark.parametrize("source", ["lims/acme", "lims%2Facme"])
def test_the_source_of_a_lims_has_two_parts(source: str) -> None:
    assert name_in(f"/v1/files/{source}/a%20b.json".encode()) == "a b.json"
    with pytest.raises(NameRefusedError, match="slash"):
        name_in(f"/v1/files/{source}/a/b".encode())


def test_a_gateway_behind_a_prefix_reads_the_name_all_the_same() -> None:
    assert name_in(b"/cytolake/v1/files/vicell/a%20b") == "a b"


def test_keys_are_dated() -> None:
    at = datetime(2026, 1, 2, 23, 59, tzinfo=UTC)
    assert dated_key("vicell", "a b.csv", at) == "vicell/2026/01/02/a b.csv"
