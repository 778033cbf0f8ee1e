from __future__ import annotations

import json
from datetime import timedelta

import pytest

from cytolake_contracts import EVENT_TYPES
from cytolake_contracts.examples import valid_examples
from cytolake_lineage.graph import UNREADABLE, account, incarnation
from cytolake_lineage.testing import CREATED, STORED

EXAMPLES = [
    pytest.param(body, id=f"{kind.noun_verb}-{name}")
    for kind in EVENT_TYPES.values()
    for name, body in valid_examples(kind.type_name()).items()
]
WORDS = {
    "file.landed": "came from",
    "file.converted": "was read by",
    "file.rejected": "was rejected",
    "file.validated": "keeps the contract of",
    "file.quarantined": "waits for people",
    "file.drifted": "has another shape",
    "file.progressed": "rows so far",
    "lake.built": "into the lake",
    "mart.loaded": "the marts show build",
}


@pytest.mark.parametrize("body", EXAMPLES)
def test_every_kind_of_event_is_told_in_words(body: bytes) -> None:
    wire = json.loads(body)
    told = account(body)
    assert WORDS[".".join(wire["type"].split(".")[2:4])] in told.summary
    assert told.about == wire["subject"]
    assert str(told.event_id) == wire["id"]
    assert (told.object_id and str(told.object_id)) == wire.get("objectid")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not JSON",
        b"\xff\xfe\x00",
        b"[]",
        b'{"type": "org.cytolake.file.landed.v99"}',
        b'{"type": "org.cytolake.file.landed.v1"}',
        b'{"type": ["a"]}',
        b"[" * 100_000,
    ],
)
def test_what_nobody_can_read_is_told_as_unreadable(body: bytes) -> None:
    told = account(body)
    assert told.type == UNREADABLE
    assert told.summary.startswith("unreadable: ")
    assert (told.event_id, told.time) == (None, None)


def test_a_name_that_postgresql_cannot_keep_is_still_told() -> None:
    wire = json.loads(valid_examples("org.cytolake.file.landed.v1")["vi-cell-blu.json"])
    wire["subject"] = wire["data"]["file"]["key"] = "vicell/\0a\n.csv"
    told = account(json.dumps(wire).encode())
    assert told.about == "vicell/\N{REPLACEMENT CHARACTER}a\n.csv"
    assert "\0" not in told.summary


HOUR = timedelta(hours=1)


def test_a_message_belongs_to_the_newest_stream_that_is_older() -> None:
    known = [CREATED, STORED, STORED + 2 * HOUR]
    assert incarnation(known, STORED - HOUR) == CREATED
    assert incarnation(known, STORED) == STORED
    assert incarnation(known, STORED + HOUR) == STORED


def test_a_message_older_than_every_known_stream_belongs_to_the_oldest() -> None:
    assert incarnation([STORED, STORED + HOUR], CREATED) == STORED
