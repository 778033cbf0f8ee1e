"""dbt, run in this process with its project parsed once."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from cytolake_contracts.datasets import DatasetContract
from cytolake_runtime import Retryable
from cytolake_transformer.builds import Marts, Slices
from cytolake_transformer.dbt_run import RepeatedRun
from cytolake_transformer.digests import digests
from cytolake_transformer.duck import CONFIG, INSTANCE
from cytolake_transformer.graph import Graph, graph_of, schemas_of
from cytolake_transformer.manifests import kept_manifest
from cytolake_transformer.outages import is_outage
from cytolake_transformer.touched import Touched

Command = Callable[[Sequence[str]], Sequence[Any]]
TARGET = "lake"
BUILDS = "CYTOLAKE_BUILDS"
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


class BuildError(Exception):
    """A model could not be built: dbt's own words, per model."""


class _NothingChangedError(Exception):
    """Undoes a build from scratch that made the rows that were there."""


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
        self._graph = Graph(models={}, children={}, slice_keys={})
        self._runner = dbtRunner()
        self._again: RepeatedRun | None = None

    def open(self) -> None:
        """Parse the project; make its views, and the tables that are missing. Raise BuildError.

        A table whose columns are not those of its contract, as an earlier version of it left them,
        is made anew from raw.
        """
        manifest = kept_manifest(self._project_dir, TARGET, self._parse)
        self._graph = graph_of(manifest)
        self._runner = dbtRunner(manifest=manifest)
        with duckdb.connect(INSTANCE, config=dict(CONFIG)) as memory:
            existing = _columns(memory)
            for schema in sorted(schemas_of(manifest)):
                memory.execute(f'CREATE SCHEMA IF NOT EXISTS lake."{schema}"')
        tables = set(self._graph.named("incremental"))
        anew = tables - existing.keys() | tables & _of_another_version(self._contracts, existing)
        os.environ[BUILDS] = ""
        self._invoke("run", *FAST, "--select", self._graph.first())
        self._again = RepeatedRun(manifest)
        views = self._graph.named("view")
        if tables.isdisjoint(existing):
            self._make_as_one((*views, *sorted(anew)))
        else:
            self._make_as_one(views)
            self._make(sorted(anew))

    def _parse(self) -> Manifest:
        manifest = self._invoke("parse", *QUIET, "--no-write-json", "--no-partial-parse").result
        if not isinstance(manifest, Manifest):
            raise BuildError("dbt parsed the project into no manifest")
        return manifest

    def rebuild(self) -> None:
        """Make every table anew from all of raw; raise BuildError, Retryable."""
        self._make(self._graph.named("incremental"))

    def prove(self, seal: Callable[[Sequence[str]], Sequence[str]]) -> tuple[str, ...]:
        """Make every table anew from all of raw; return those that now have other rows than before.

        All in one transaction, with the statements that `seal` gives for them; undone where no row
        is another. Raises BuildError, Retryable.
        """
        changed: tuple[str, ...] = ()
        with _failing(), suppress(_NothingChangedError), self._opened().as_one() as ask:
            before = digests(ask)
            self._make(self._graph.named("incremental"))
            after = digests(ask)
            changed = tuple(sorted(name for name in after if after[name] != before[name]))
            if not changed:
                raise _NothingChangedError
            for statement in seal(changed):
                ask(statement)
        return changed

    def build(self, touched: Touched, build_no: int) -> Marts:
        """Build the models in one transaction: when one fails, all are as they were."""
        return self._noted(self._opened().run, touched.datasets, [build_no], touched.lists())

    def slices(self, datasets: Sequence[str], build_nos: Collection[int]) -> Marts:
        return self._noted(self._opened().compile, datasets, build_nos, {})

    def _noted(
        self,
        command: Command,
        datasets: Sequence[str],
        build_nos: Collection[int],
        told: Mapping[str, list[str]],
    ) -> Marts:
        """Run the command on the models touched; return the slices that dbt noted meanwhile.

        What it is `told`, dbt need not look up.
        """
        models = self._graph.touched_by(datasets)
        if not models:  # to dbt, none named is all of them
            return {}
        os.environ[BUILDS] = ", ".join(map(str, sorted(build_nos)))
        with _failing(), self._opened().noting(told) as noted, self._opened().as_one():
            _check(command(models))
        return {
            model: Slices(self._graph.slice_keys[model], frozenset(ids))
            for model in models
            if (ids := noted.get(model))
        }

    def _make_as_one(self, models: Sequence[str]) -> None:
        """Make models that are soon made, views and tables without rows, in one transaction."""
        with _failing(), self._opened().as_one():
            self._make(models)

    def _make(self, models: Sequence[str]) -> None:
        os.environ[BUILDS] = ""
        if models:
            with _failing():
                _check(self._opened().run(models))

    def _invoke(self, *arguments: str) -> dbtRunnerResult:
        command, *rest = arguments
        result = self._runner.invoke([command, *self._where, *rest])
        if result.success:
            return result
        told = _failures(getattr(result.result, "results", ())) or str(result.exception)
        raise _failure(told) from result.exception

    def _opened(self) -> RepeatedRun:
        if self._again is None:
            raise BuildError("the project is not opened yet")
        return self._again


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


@contextmanager
def _failing() -> Iterator[None]:
    """Raise BuildError or Retryable for whatever dbt or the lake raise."""
    try:
        yield
    except (BuildError, Retryable):
        raise
    except Exception as error:
        raise _failure(str(error)) from error


def _check(results: Sequence[Any]) -> None:
    if told := _failures(results):
        raise _failure(told)


def _failures(results: Iterable[Any]) -> str:
    """Return what dbt says of the models that failed; of those that failed with them, nothing."""
    return "\n".join(
        f"{result.node.name}: {result.message}"
        for result in results
        if result.status in ("error", "fail", "runtime error")
        and "Current transaction is aborted" not in str(result.message)
    )


def _failure(told: str) -> Exception:
    if is_outage(told):
        return Retryable(f"the lake is out of reach: {told}")
    return BuildError(told)
