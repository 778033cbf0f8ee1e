"""dbt's own documentation of both targets, each one file that loads nothing, put where api serves.

Every model with its columns, tests and SQL, and the graph from raw to figures.
"""

from __future__ import annotations

from cytolake.blueprint import Blueprint
from cytolake.data_docs import settings_of
from cytolake.dbt_process import last_words, run_dbt
from cytolake.errors import StackError
from cytolake.lake_tests import lake_connection
from cytolake.marts import marts_connection
from cytolake_contracts.evidence import DBT_PAGES, dbt_page_key
from cytolake_runtime.store import ObjectStore
from cytolake_validator.checker.adapters import BucketShelf


async def put_pages(blueprint: Blueprint) -> list[str]:
    """Make the pages of both targets and keep them; return their keys. Raise StackError."""
    settings = settings_of(blueprint)
    store = ObjectStore(settings)
    try:
        shelf = BucketShelf(store, evidence=settings.evidence_bucket, docs=settings.docs_bucket)
        for target in DBT_PAGES:
            await shelf.put_page(dbt_page_key(target), generate(blueprint, target))
    finally:
        store.close()
    return [dbt_page_key(target) for target in DBT_PAGES]


def generate(blueprint: Blueprint, target: str) -> bytes:
    """Return a target's documentation; raise StackError with the end of dbt's words."""
    connection = lake_connection if target == "lake" else marts_connection
    folder = blueprint.home.data / f"dbt-docs-{target}"
    done = run_dbt(
        blueprint,
        *("docs", "generate", "--static"),
        target=target,
        folder=folder,
        connection=connection(blueprint),
    )
    if done.returncode != 0:
        raise StackError(f"dbt could not document the target {target}:\n{last_words(done)}")
    return (folder / "static_index.html").read_bytes()
