"""The JSON Schemas of the events and the AsyncAPI document, as the files say."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from cytolake_contracts.envelope import Event
from cytolake_contracts.event_data import DeadLetter
from cytolake_contracts.examples import FILES
from cytolake_contracts.layout_model import Layout
from cytolake_contracts.yaml_text import read_yaml

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: type[Event | DeadLetter]) -> dict[str, Any]:
    """Return the JSON Schema that the model stands for; a test holds it to the file."""
    schema = kind.model_json_schema(by_alias=True)
    name = "dead.letter.v1"
    if issubclass(kind, Event):
        name = kind.type_name().removeprefix("org.cytolake.")
        schema["properties"]["type"] = {"const": kind.type_name()}
        schema["required"] = sorted({*schema["required"], "specversion", "datacontenttype"})
    return {"$schema": DIALECT, "$id": f"urn:cytolake:event:{name}", **schema}


def layout_schema() -> dict[str, Any]:
    """Return the JSON Schema of layout files, for editors; a test holds it to the file."""
    return {"$schema": DIALECT, "$id": "urn:cytolake:layout", **Layout.model_json_schema()}


@cache
def event_schema(type_name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of an event type; KeyError when there is none."""
    name = type_name.removeprefix("org.cytolake.")
    entry = FILES / "events" / f"{name}.schema.json"
    if not entry.is_file():
        raise KeyError(type_name)
    return dict(json.loads(entry.read_text()))


def violations(body: bytes) -> list[str]:
    """Return what the schema file finds wrong with an event's wire form; empty when valid."""
    document = json.loads(body)
    schema = event_schema(document["type"])
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


@cache
def asyncapi() -> dict[str, Any]:
    """Return `contracts/asyncapi.yaml` (AsyncAPI 3)."""
    return dict(read_yaml((FILES / "asyncapi.yaml").read_text()))


def operations_of(service: str) -> set[tuple[str, str, str]]:
    """Return (action, address, payload name) of each operation that is the service's."""
    document = asyncapi()
    found = set()
    for operation in document["operations"].values():
        if operation["x-service"] != service:
            continue
        channel = document["channels"][operation["channel"]["$ref"].rsplit("/", 1)[-1]]
        for payload in channel["messages"]:
            found.add((operation["action"], channel["address"], payload))
    return found
