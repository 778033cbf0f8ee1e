"""XML and JSON: entities of every kind, endless nesting, cut off, of something else."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.corpus.bad.model import ANY, EMPOWER, FLOWJO, BadFile, BadSource
from tests.e2e.hostile import billion_laughs

ENTITIES = {
    "billion laughs": billion_laughs(),
    "quadratic blow-up": b'<!DOCTYPE a [<!ENTITY e "'
    + b"x" * 50_000
    + b'">]><a>'
    + b"&e;" * 500
    + b"</a>",
    "an outside file": b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
    "an outside address": b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>',
    "a parameter entity": b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>',
    "a public DTD": b'<!DOCTYPE a PUBLIC "-//A//B//EN" "http://127.0.0.1/a.dtd"><a/>',
}
WORKSPACE = b'<?xml version="1.0"?><Workspace version="20.0"><SampleList></SampleList></Workspace>'
DEEP = 100_000


def files() -> Iterator[BadFile]:
    """Yield them."""
    for what, body in ENTITIES.items():
        yield _bad(FLOWJO, what, body, "XML_ENTITIES")
        yield _bad(ANY, what, body, "XML_ENTITIES")
    for share in range(2, 10, 2):
        cut = WORKSPACE[: len(WORKSPACE) * share // 10]
        yield _bad(FLOWJO, f"{share} tenths of it", cut, "TRUNCATED_FILE")
    yield _bad(FLOWJO, "no samples", WORKSPACE, "NO_ROWS")
    yield _bad(FLOWJO, "other XML", b"<a><b>1</b></a>", "UNREADABLE_BY_VENDOR")
    yield _bad(FLOWJO, "tags crossed", b"<Workspace><a></Workspace></a>", "UNREADABLE_BY_VENDOR")
    yield _bad(FLOWJO, "endless nesting", b"<a>" * DEEP + b"</a>" * DEEP, "UNREADABLE_BY_VENDOR")
    yield _bad(
        FLOWJO,
        "an unknown encoding",
        b'<?xml version="1.0" encoding="x-none"?><a/>',
        "UNREADABLE_BY_VENDOR",
    )
    documents = {
        "an empty object": ({}, "UNREADABLE_BY_VENDOR"),
        "an empty list": ([], "UNREADABLE_BY_VENDOR"),
        "a number": (1, "UNREADABLE_BY_VENDOR"),
        "other content": ({"a": [1, 2]}, "UNREADABLE_BY_VENDOR"),
        "null values": ({"values": None, "metadata": None}, "UNREADABLE_BY_VENDOR"),
    }
    for what, (document, reason) in documents.items():
        yield _bad(EMPOWER, what, json.dumps(document).encode(), reason)
    yield _bad(EMPOWER, "cut off", b'{"values": {"fields": [1, 2', "TRUNCATED_FILE")
    yield _bad(EMPOWER, "endless nesting", b"[" * DEEP + b"]" * DEEP, "UNREADABLE_BY_VENDOR")
    yield _bad(EMPOWER, "NaN for a number", b'{"values": NaN}', "UNREADABLE_BY_VENDOR")
    yield _bad(EMPOWER, "two documents", b'{"a": 1}{"b": 2}', "UNREADABLE_BY_VENDOR")


def _bad(source: BadSource, what: str, body: bytes, reason: str) -> BadFile:
    kept = "".join(letter if letter.isalnum() else "-" for letter in what)
    ending = "json" if source is EMPOWER else "wsp"
    name = f"SYNTHETIC-bad-{source.name}-{kept}.{ending}"
    return BadFile(f"{source.name}: {what}", source, name, body, reason)
