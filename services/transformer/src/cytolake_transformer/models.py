"""dbt, run in this process with its project parsed once."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from dbt.artifacts.resources.types import NodeType
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from cytolake_contracts.datasets import DatasetContract
from cytolake_runtime import Retryable
from cytolake_transformer.builds import Marts, slices_by_model
from cytolake_transformer.dbt_run import RepeatedRun
from cytolake_transformer.duck import CONFIG, INSTANCE
from cytolake_transformer.manifests import kept_manifest
from cytolake_transformer.outages import is_outage
from cytolake_transformer.touched import Touched, models_touched

Command = Callable[[Sequence[str]], None]
PROJECT = "cytolake"
TARGET = "lake"
BUILDS = "CYTOLAKE_BUILDS"
UNNEST = "unnest(?), unnest(?), unnest(?)"
QUIET = (
    "--quiet",
    "--no-print",
    "--log-level",
    "none",
    "--log-level-file",
    "none",
    "--no-use-colors",
)
# The manifest is at hand and every relation exists: nothing to parse, write or look up (findings).
FAST = (*QUIET, "--no-write-json", "--no-static-parser", "--no-populate-cache")


@dataclass(frozen=True, slots=True)
class Graph:
    """Of dbt's manifest what is asked here: how models are made, and what follows from what."""

    models: Mapping[str, str]
    children: Mapping[str, Sequence[str]]

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
    for unique_id, node in manifest.nodes.items():
        if node.resource_type is NodeType.Model:
            models[unique_id] = str(node.config.materialized)
            for parent in node.depends_on.nodes:
                children.setdefault(parent, []).append(unique_id)
    return Graph(models, children)


def schemas_of(manifest: Manifest) -> set[str]:
    """Return where the models are made."""
    models = (n for n in manifest.nodes.values() if n.resource_type is NodeType.Model)
    return {node.schema for node in models}


def _name(unique_id: str) -> str:
    return unique_id.rsplit(".", 1)[-1]


class BuildError(Exception):
    """A model could not be built: dbt's own words, per model."""


class DbtModels:
    """Port `Models` on dbt; every call in one and the same thread (dbt keeps global state)."""

    def __init__(
        self, project_dir: Path, target_dir: Path, contracts: Iterable[DatasetContract] = ()
    ) -> None:
        """Keep where the project is; profiles.yml reads the environment that the lake has set."""
        self._contracts = tuple(contract for contract in contracts if contract.zone != "raw")
        self._project_dir = project_dir
        self._where = (
            *("--project-dir", str(project_dir), "--profiles-dir", str(project_dir)),
            *("--target-path", str(target_dir), "--target", TARGET),
        )
        self._graph = Graph(models={}, children={})
        self._runner = dbtRunner()
        self._session: _Session | None = None

    def open(self) -> None:
        """Parse the project; make its views, and the tables that are missing. Raise BuildError.

        A table whose columns are not those of its contract, as an earlier version of it left them,
        is made anew from raw.
        """
        manifest = kept_manifest(self._project_dir, TARGET, self._parse)
        self._graph = graph_of(manifest)
        self._runner = dbtRunner(manifest=manifest)
        memory = duckdb.connect(INSTANCE, config=dict(CONFIG))
        tables, existing = set(self._graph.named("incremental")), _columns(memory)
        anew = tables - existing.keys() | tables & _of_another_version(self._contracts, existing)
        for schema in sorted(schemas_of(manifest)):
            memory.execute(f'CREATE SCHEMA IF NOT EXISTS lake."{schema}"')
        os.environ[BUILDS] = ""
        self._invoke("run", *FAST, "--select", self._graph.first())
        self._session = _Session(RepeatedRun(manifest), memory)
        views = self._graph.named("view")
        if tables.isdisjoint(existing):
            self._make((*views, *sorted(anew)), as_one=True)
        else:
            self._make(views, as_one=True)
            self._make(sorted(anew))

    def _parse(self) -> Manifest:
        manifest = self._invoke("parse", *QUIET, "--no-write-json", "--no-partial-parse").result
        if not isinstance(manifest, Manifest):
            raise BuildError("dbt parsed the project into no manifest")
        return manifest

    def rebuild(self) -> None:
        """Make every table anew from all of raw; raise BuildError, Retryable."""
        self._make(self._graph.named("incremental"))

    def build(self, touched: Touched, build_no: int) -> Marts:
        return self._noted(self._run, touched.datasets, [build_no], touched.rows())

    def slices(self, datasets: Sequence[str], build_nos: Collection[int]) -> Marts:
        return self._noted(self._compile, datasets, build_nos)

    def _noted(
        self,
        command: Command,
        datasets: Sequence[str],
        build_nos: Collection[int],
        told: Sequence[tuple[str, str, str]] = (),
    ) -> Marts:
        """Run the command on the models touched; return the slices that dbt noted meanwhile.

        What it is `told`, dbt need not look up.
        """
        memory = self._opened().memory
        models = self._graph.touched_by(datasets)
        if not models:  # to dbt, none named is all of them
            return {}
        memory.execute("DELETE FROM memory.main.build_set")
        if told:
            columns = [list(column) for column in zip(*told, strict=True)]
            memory.execute(f"INSERT INTO memory.main.build_set SELECT {UNNEST}", columns)
        os.environ[BUILDS] = ", ".join(map(str, sorted(build_nos)))
        command(models)
        rows = memory.execute("SELECT name, slice_key, id FROM memory.main.build_set").fetchall()
        return slices_by_model(row for row in rows if row[0] in models)

    def _make(self, models: Sequence[str], *, as_one: bool = False) -> None:
        os.environ[BUILDS] = ""
        if models:
            self._run(models, as_one=as_one)

    def _run(self, models: Sequence[str], *, as_one: bool = False) -> None:
        again = self._opened().again
        try:
            results = again.run_as_one(models) if as_one else again.run(models)
        except Exception as error:
            raise _failure(str(error)) from error
        if told := _failures(results):
            raise _failure(told)

    def _compile(self, models: Sequence[str]) -> None:
        self._invoke("compile", *FAST, "--select", *models)

    def _invoke(self, *arguments: str) -> dbtRunnerResult:
        command, *rest = arguments
        result = self._runner.invoke([command, *self._where, *rest])
        if result.success:
            return result
        told = _failures(getattr(result.result, "results", ())) or str(result.exception)
        raise _failure(told) from result.exception

    def _opened(self) -> _Session:
        if self._session is None:
            raise BuildError("the project is not opened yet")
        return self._session


def _columns(memory: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Return the lake's tables and their columns."""
    found: dict[str, set[str]] = {}
    query = (
        "SELECT table_name, column_name FROM duckdb_columns()"
        " WHERE database_name = 'lake' AND schema_name <> 'raw'"
    )
    for table, column in memory.execute(query).fetchall():
        found.setdefault(table, set()).add(column)
    return found


def _of_another_version(
    contracts: Iterable[DatasetContract], existing: Mapping[str, set[str]]
) -> set[str]:
    """Return the datasets whose tables have other columns than their contracts."""
    return {
        contract.name
        for contract in contracts
        if existing.get(contract.name, set()) != set(contract.column_names)
    }


@dataclass(frozen=True, slots=True)
class _Session:
    """What an opened project needs: dbt's run, and the memory where it notes the slices."""

    again: RepeatedRun
    memory: duckdb.DuckDBPyConnection


def _failures(results: Iterable[Any]) -> str:
    """Return what dbt says of the models that failed; of those it skipped it says nothing."""
    return "\n".join(
        f"{result.node.name}: {result.message}"
        for result in results
        if result.status in ("error", "fail", "runtime error")
    )


def _failure(told: str) -> Exception:
    if is_outage(told):
        return Retryable(f"the lake is out of reach: {told}")
    return BuildError(told)
