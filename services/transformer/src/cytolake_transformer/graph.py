"""What the transformer asks of dbt's manifest: its models, and what follows from what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dbt.artifacts.resources.types import NodeType
from dbt.contracts.graph.manifest import Manifest

from cytolake_transformer.touched import models_touched

PROJECT = "cytolake"


@dataclass(frozen=True, slots=True)
class Graph:
    """Of dbt's manifest what is asked here: how models are made, and what follows from what.

    `slice_keys`: by the model's name, the column that its slices are told by.
    """

    models: Mapping[str, str]
    children: Mapping[str, Sequence[str]]
    slice_keys: Mapping[str, str]

    def named(self, materialized: str) -> tuple[str, ...]:
        """Return the names of the models made this way."""
        return tuple(_name(node) for node, how in self.models.items() if how == materialized)

    def first(self) -> str:
        """Return the name of a view that reads no other model."""
        later = {child for parent in self.models for child in self.children.get(parent, ())}
        views = (node for node, how in self.models.items() if how == "view")
        return _name(next(node for node in views if node not in later))

    def touched_by(self, datasets: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the tables that descend from raw rows of the datasets."""
        sources = [f"source.{PROJECT}.raw.{dataset}" for dataset in datasets]
        tables = [node for node, how in self.models.items() if how == "incremental"]
        return tuple(map(_name, models_touched(self.children, sources, hot=tables)))


def graph_of(manifest: Manifest) -> Graph:
    """Return what the transformer asks of a manifest."""
    children: dict[str, list[str]] = {}
    models: dict[str, str] = {}
    keys: dict[str, str] = {}
    for unique_id, node in manifest.nodes.items():
        if node.resource_type is NodeType.Model:
            models[unique_id] = str(node.config.materialized)
            keys[node.name] = str(node.config.meta.get("slice_key", ""))
            for parent in node.depends_on.nodes:
                children.setdefault(parent, []).append(unique_id)
    return Graph(models, children, keys)


def schemas_of(manifest: Manifest) -> set[str]:
    """Return where the models are made."""
    models = (n for n in manifest.nodes.values() if n.resource_type is NodeType.Model)
    return {node.schema for node in models}


def _name(unique_id: str) -> str:
    return unique_id.rsplit(".", 1)[-1]
