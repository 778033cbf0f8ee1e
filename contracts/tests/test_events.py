"""The files are the contract: models, schemas, examples and AsyncAPI must say the same."""

from __future__ import annotations

import json

import pytest

from cytolake_contracts import EVENTS, DeadLetter, Event, UnreadableEventError, read_event
from cytolake_contracts.examples import FILES, invalid_examples, valid_examples
from cytolake_contracts.schemas import asyncapi, event_schema, schema_of, violations

KINDS = pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.noun_verb)


@pytest.mark.parametrize("kind", [*EVENTS, DeadLetter], ids=lambda kind: kind.__name__)
def test_model_equals_its_schema_file(kind: type[Event]) -> None:
    name = schema_of(kind)["$id"].rsplit(":", 1)[-1]
    written = json.loads((FILES / "events" / f"{name}.schema.json").read_text())
    assert schema_of(kind) == written, "run: python -m cytolake_contracts.write_schemas"


@KINDS
def test_valid_examples_pass_schema_and_model(kind: type[Event]) -> None:
    for name, body in valid_examples(kind.type_name()).items():
        assert violations(body) == [], name
        assert isinstance(read_event(body), kind)
        assert read_event(read_event(body).to_bytes()) == read_event(body)


@KINDS
def test_invalid_examples_are_refused(kind: type[Event]) -> None:
    for body in invalid_examples(kind.type_name()).values():
        with pytest.raises(UnreadableEventError):
            read_event(body)
        with pytest.raises(UnreadableEventError):
            kind.from_bytes(body)


@KINDS
def test_schema_alone_refuses_incomplete_data(kind: type[Event]) -> None:
    body = invalid_examples(kind.type_name())["data-incomplete.json"]
    assert violations(body)
    assert event_schema(kind.type_name())["$schema"].endswith("2020-12/schema")


def test_every_event_is_sent_and_received_by_somebody() -> None:
    operations = asyncapi()["operations"].values()
    for kind in EVENTS:
        reference = f"#/channels/{kind.noun_verb}"
        actions = {o["action"] for o in operations if o["channel"]["$ref"] == reference}
        assert "send" in actions, kind.noun_verb
        assert "receive" in actions or kind.noun_verb in {
            "file.rejected",
            "file.quarantined",
            "file.drifted",
            "file.progressed",
            "mart.loaded",
        }, kind.noun_verb


def test_envelope_attributes_keep_the_cloudevents_naming_rule() -> None:
    body = next(iter(valid_examples(EVENTS[0].type_name()).values()))
    for attribute in json.loads(body):
        assert attribute.isalnum(), attribute
        assert attribute.islower(), attribute
