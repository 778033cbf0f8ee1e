"""Data docs made anew from the results that are kept: for a lost folder, or a new form of page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import batched

from pydantic import SecretStr

from cytolake.blueprint import REGION, Blueprint
from cytolake_contracts.evidence import RESULTS
from cytolake_runtime.settings import ServiceSettings
from cytolake_runtime.store import ObjectStore
from cytolake_validator.checker.adapters import BucketShelf
from cytolake_validator.checker.library import Day, Library, Shelf

USER = "checker"
TOGETHER = 50
EVERY_DAY = 1_000_000


async def rebuild(
    shelf: Shelf, keys: Sequence[str], on_made: Callable[[int], None]
) -> tuple[int, list[str]]:
    """Make the pages of these results and all indexes; return the days, and what had no page."""
    library = Library(shelf, days_remembered=EVERY_DAY)
    days: set[Day] = set()
    for some in batched(keys, TOGETHER):
        days |= await library.add(some)
        on_made(len(some))
    await library.index(days)
    return len(days), library.without_page


async def rebuild_all(
    blueprint: Blueprint, on_found: Callable[[int], None], on_made: Callable[[int], None]
) -> tuple[int, list[str]]:
    """Do so for every result in the evidence bucket, with the checker's rights."""
    settings = settings_of(blueprint)
    store = ObjectStore(settings)
    try:
        names, _ = await store.names(settings.evidence_bucket, RESULTS, deep=True)
        on_found(len(names))
        shelf = BucketShelf(store, evidence=settings.evidence_bucket, docs=settings.docs_bucket)
        return await rebuild(shelf, [RESULTS + name for name in names], on_made)
    finally:
        store.close()


def settings_of(blueprint: Blueprint) -> ServiceSettings:
    """Return what reaches the store as the checker."""
    key = blueprint.credentials.s3[USER]
    return ServiceSettings(
        s3_endpoint=blueprint.s3_endpoint,
        s3_access_key=key.access_key,
        s3_secret_key=SecretStr(key.secret_key),
        s3_region=REGION,
    )
