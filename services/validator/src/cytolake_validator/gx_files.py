"""Suites, validation definitions and checkpoints as the JSON files that Great Expectations keeps.

Great Expectations makes them itself, in a context in memory; its ids are chance and are replaced
by ones that derive from what they name, so that the same contract gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid5

import great_expectations as gx

from cytolake_contracts.datasets import DatasetContract
from cytolake_contracts.identity import NAMESPACE
from cytolake_validator.suites import suite_of

SOURCES = {"raw": "lake_bucket", "curated": "lake", "mart": "marts"}
"""Zone: the data source whose batches the checkpoint judges, one table each."""


def gx_files(contracts: Iterable[DatasetContract]) -> dict[str, str]:
    """Return every file by its path in a project of Great Expectations."""
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    sources = {zone: context.data_sources.add_pandas(name) for zone, name in SOURCES.items()}
    return {
        path: text
        for contract in contracts
        for path, text in _files(context, sources[contract.zone], contract)
    }


def _files(context: Any, source: Any, contract: DatasetContract) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    name = contract.name
    suite = context.suites.add(suite_of(contract))
    batches = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("rows")
    validation = context.validation_definitions.add(
        gx.ValidationDefinition(name=name, data=batches, suite=suite)
    )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(name=name, validation_definitions=[validation], result_format="COMPLETE")
    )
    ids = {
        suite.id: "suite",
        batches.id: "batch_definition",
        validation.id: "validation_definition",
        checkpoint.id: "checkpoint",
        **{found.id: f"rule/{found.meta['rule']}" for found in suite.expectations},
    }
    own = {str(id_): str(uuid5(NAMESPACE, f"gx/{name}/{what}")) for id_, what in ids.items()}
    yield f"expectations/{name}.json", _text(suite.to_json_dict(), own)
    if contract.zone == "raw":  # the gate's: file by file, as they come
        return
    yield f"validation_definitions/{name}.json", _text(json.loads(validation.json()), own)
    yield f"checkpoints/{name}.json", _text(json.loads(checkpoint.json()), own)


def _text(document: Any, own: Mapping[str, str]) -> str:  # noqa: ANN401
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    for given, derived in own.items():
        text = text.replace(given, derived)
    return text
