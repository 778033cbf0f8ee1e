"""The contracts as a project of Great Expectations: its own files, written by itself.

Suites for every dataset; for the tables of the lake and the marts also a validation definition and
a checkpoint, to be given a table's rows: `gx.get_context(mode="file", context_root_dir=…)`, then
`checkpoints.get(dataset).run(batch_parameters={"dataframe": rows})`. Great Expectations' ids are
chance; they are replaced by ones that derive from what they name, so that the same contracts give
the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid5

from cytolake_contracts.datasets import DatasetContract
from cytolake_contracts.identity import NAMESPACE
from cytolake_validator.gx_import import gx
from cytolake_validator.suites import suite_of

SOURCES = {"curated": "lake", "mart": "marts"}
"""Zone: the data source that its tables are assets of."""
KEPT = ("great_expectations.yml", "expectations", "validation_definitions", "checkpoints")
CONTEXT_ID = re.compile(r"^data_context_id: (\S+)$", re.MULTILINE)
LOOSE_COMMENTS = re.compile(r"^\s*#.*\n", re.MULTILINE)


def gx_files(contracts: Iterable[DatasetContract]) -> dict[str, str]:
    """Return every file of the project by its path."""
    with TemporaryDirectory() as folder:
        context = gx.get_context(mode="file", project_root_dir=folder)
        context.enable_analytics(enable=False)
        ids = _fill(context, sorted(contracts, key=lambda contract: contract.name))
        root = Path(folder) / "gx"
        settings = (root / KEPT[0]).read_text(encoding="utf-8")
        ids |= dict.fromkeys(CONTEXT_ID.findall(settings), "context")
        texts = {KEPT[0]: LOOSE_COMMENTS.sub("", settings)} | {
            path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") + "\n"
            for kind in KEPT[1:]
            for path in sorted((root / kind).glob("*.json"))
        }
    return {path: _with_own_ids(text, ids) for path, text in texts.items()}


def _fill(context: Any, contracts: Iterable[DatasetContract]) -> dict[str, str]:  # noqa: ANN401
    sources = {zone: context.data_sources.add_pandas(name) for zone, name in SOURCES.items()}
    ids = {str(source.id): f"source/{zone}" for zone, source in sources.items()}
    for contract in contracts:
        suite = context.suites.add(suite_of(contract))
        ids[suite.id] = f"{contract.name}/suite"
        ids |= {e.id: f"{contract.name}/rule/{e.meta['rule']}" for e in suite.expectations}
        if contract.zone in sources:
            ids |= _checkpoint(context, sources[contract.zone], suite)
    return {str(id_): what for id_, what in ids.items()}


def _checkpoint(context: Any, source: Any, suite: Any) -> dict[str, str]:  # noqa: ANN401
    name = suite.name
    asset = source.add_dataframe_asset(name)
    batches = asset.add_batch_definition_whole_dataframe("rows")
    validation = context.validation_definitions.add(
        gx.ValidationDefinition(name=name, data=batches, suite=suite)
    )
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(name=name, validation_definitions=[validation], result_format="COMPLETE")
    )
    made = {"asset": asset, "batches": batches, "validation": validation, "checkpoint": checkpoint}
    return {thing.id: f"{name}/{what}" for what, thing in made.items()}


def _with_own_ids(text: str, ids: dict[str, str]) -> str:
    for given, what in ids.items():
        text = text.replace(given, str(uuid5(NAMESPACE, f"gx/{what}")))
    return text
