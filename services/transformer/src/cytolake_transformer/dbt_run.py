"""`dbt run` again and again in one process, without what is the same every time.

`dbtRunner.invoke` reads project and profile, scans the installed packages for plugins and lists
schemas at each call: more work than the models themselves. Here the task behind `dbt run` is made
anew for each build, on the configuration, adapter and manifest that one ordinary invocation left.
It is dbt's own task on dbt's own terms; the version is pinned, and a test holds the two to the
same result (tests/integration/test_dbt_project.py). What it says while it runs is for a log that
nobody keeps, and was a tenth of its work: only what could stop it is heard.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dbt.adapters.factory import get_adapter
from dbt.config.runtime import RuntimeConfig
from dbt.contracts.graph.manifest import Manifest
from dbt.flags import get_flags, set_flags
from dbt.graph.graph import UniqueId
from dbt.graph.queue import GraphQueue
from dbt.selected_resources import set_selected_resources
from dbt.task.compile import CompileTask
from dbt.task.run import RunTask
from dbt_common.context import set_invocation_context
from dbt_common.events.base_types import BaseEvent
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import ctx_set_event_manager, get_event_manager

NOTES = "build_set"
Ask = Callable[[str], list[tuple[Any, ...]]]
"""Does a statement; returns its rows."""


class RepeatedRun:
    """Keeps what an invocation of `dbt run` left; `run` does the like for other models."""

    def __init__(self, manifest: Manifest) -> None:
        """Take over from the invocation that has just ended in this thread."""
        self._manifest = manifest
        self._flags = get_flags()
        self._config = RuntimeConfig.from_args(self._flags)
        self._graph: Any = None

    def run(self, models: Sequence[str]) -> list[Any]:
        """Run the models; return dbt's results, one a model; raise what stopped dbt itself."""
        return self._do(_Run, models)

    def compile(self, models: Sequence[str]) -> list[Any]:
        """Compile the models, so that they note their slices; like `run` in all else."""
        return self._do(_Repeated, models)

    @contextmanager
    def noting(self, told: Mapping[str, list[str]]) -> Iterator[Mapping[str, list[str]]]:
        """Tell the project's macros these lists by name; give what they add (macro `build_set`)."""
        noted = dict(told)
        self._manifest.flat_graph[NOTES] = noted
        try:
            yield noted
        finally:
            del self._manifest.flat_graph[NOTES]

    @contextmanager
    def as_one(self) -> Iterator[Ask]:
        """Do what is run meanwhile in one transaction, undone when anything is raised.

        Gives a way to ask within it.

        Who reads the lake sees all of it or nothing; and of each commit DuckLake's whole catalog is
        read anew: at one a model, a sixth of the work of a build, more than half of a first start.
        """
        connections = get_adapter(self._config).connections
        with _one_transaction(connections) as ask:
            yield ask

    def _do(self, kind: type[_Repeated], models: Sequence[str]) -> list[Any]:
        set_flags(self._flags)
        # env_var() reads the environment as it was when the invocation began.
        set_invocation_context(os.environ)
        task = kind(self._flags, self._config, self._manifest)
        task.models, task.graph = tuple(models), self._graph
        try:
            with _quiet():
                results = list(task.run().results)  # type: ignore[no-untyped-call]
        finally:
            get_adapter(self._config).cleanup_connections()
        self._graph = task.graph
        return results


class _Repeated(CompileTask):
    """`dbt compile` of models whose schemas exist, in a graph that does not change."""

    models: tuple[str, ...] = ()

    def compile_manifest(self) -> None:
        if self.graph is None:
            super().compile_manifest()

    def get_graph_queue(self) -> GraphQueue:
        """Take the models by name: dbt compares each name with every node of the project."""
        assert self.graph is not None and self.manifest is not None  # noqa: S101, PT018 - mypy
        project = self.config.project_name
        chosen = {UniqueId(f"model.{project}.{name}") for name in self.models}
        set_selected_resources(chosen)
        subset = self.graph.get_subset_graph(chosen).graph
        return GraphQueue(subset, self.manifest, chosen)

    def create_schemas(self, adapter: Any, required_schemas: Any) -> None:  # noqa: ANN401
        """They are there since the transformer opened the project."""


class _Run(_Repeated, RunTask):
    """`dbt run` of such models."""


@dataclass(frozen=True)
class _Lent:
    """The one connection, as dbt is given it for each model; neither begin nor end is dbt's."""

    handle: Any

    def cursor(self) -> object:
        return self.handle.cursor()

    def rollback(self) -> None:
        """Leave it to the end: what the other models do until then must be undone as well."""

    def close(self) -> None:
        """Leave it open."""


@contextmanager
def _one_transaction(connections: Any) -> Iterator[Ask]:  # noqa: ANN401
    environment = connections.env()
    handle = environment.handle()
    environment.handle = lambda: _Lent(handle)
    connections.add_begin_query = connections.add_commit_query = lambda: None

    def ask(statement: str) -> list[tuple[Any, ...]]:
        return list(handle.cursor().execute(statement).fetchall())

    try:
        handle.cursor().execute("BEGIN")
        yield ask
        handle.cursor().execute("COMMIT")
    finally:
        del environment.handle, connections.add_begin_query, connections.add_commit_query
        handle.close()  # what is not committed is rolled back


class _Quiet(EventManager):
    """Makes no message of an event, unless it is a warning that may have to become an error."""

    def fire_event(
        self,
        e: BaseEvent,
        level: Any = None,  # noqa: ANN401
        node: Any = None,  # noqa: ANN401
        force_warn_or_error_handling: bool = False,  # noqa: FBT001, FBT002 - dbt's own signature
    ) -> None:
        if force_warn_or_error_handling:
            super().fire_event(e, level, node, force_warn_or_error_handling)


@contextmanager
def _quiet() -> Iterator[None]:
    before = get_event_manager()
    ctx_set_event_manager(_Quiet())
    try:
        yield
    finally:
        ctx_set_event_manager(before)
