"""kill -9 of every process once during a backlog: 100 files loaded, no row missing or twice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from cytolake.synthetic import SyntheticFile, count_files
from tests.e2e.batches import fresh_batch
from tests.e2e.site import LOOK_SECONDS, Site

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]
SEED, FILES = 12, 100
STORED_SECONDS, LOADED_SECONDS = 60.0, 240.0


@pytest.mark.parametrize("which", ["site", pytest.param("minio_site", marks=[pytest.mark.minio])])
def test_a_kill_of_every_process_loses_and_doubles_nothing(
    request: pytest.FixtureRequest, which: str
) -> None:
    site: Site = request.getfixturevalue(which)
    baseline, files = rows_of_one_file(site), distinct(FILES)
    processes = [one.name for one in site.stack.processes() if one.pid]
    killed = {}
    for place, name in enumerate(processes):
        group = files[place :: len(processes)]
        half = len(group) // 2
        drop(site, group[:half])
        killed[name] = site.stack.kill(name)
        drop(site, group[half:])
    site.stack.wait_ready(seconds=120)
    assert all(site.stack.pid(name) != pid for name, pid in killed.items())
    keys = [key_of(file) for file in files]
    site.until_seen(
        lambda: rows_by_key(site, keys), lambda seen: len(seen) == FILES, seconds=LOADED_SECONDS
    )
    # The rows may be there before the ledger hears of it, and a retried PUT's copy comes later.
    for key in keys:
        site.until_seen(
            partial(states, site, key),
            lambda seen: seen <= {"loaded", "duplicate"},
            seconds=LOADED_SECONDS,
        )
    assert rows_by_key(site, keys) == dict.fromkeys(keys, baseline)
    assert doubled(site, keys) == []


def rows_of_one_file(site: Site) -> int:
    """Return how many rows a count is, from one that travels alone."""
    object_id = site.put_s3(count_files(1, seed=SEED, first_batch=fresh_batch())[1])
    assert site.end(object_id).state == "loaded"
    return site.rows(object_id)


def distinct(number: int) -> list[SyntheticFile]:
    """Return that many counts, each of its own sample."""
    return count_files(number, seed=SEED, first_batch=fresh_batch())[1:]


def key_of(file: SyntheticFile) -> str:
    """Return the key under which an instrument drops it."""
    return f"{file.source.name}/{file.name}"


def drop(site: Site, files: Sequence[SyntheticFile]) -> None:
    """Drop files, each until it is stored."""
    for file in files:
        put_until_stored(site, file)


def put_until_stored(site: Site, file: SyntheticFile) -> None:
    """Put as an instrument does: again until the store has said that it has the file."""
    deadline = time.monotonic() + STORED_SECONDS
    while True:
        try:
            site.put_s3(file)
        except (BotoCoreError, ClientError):
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_SECONDS)
        else:
            return


def rows_by_key(site: Site, keys: Sequence[str]) -> dict[str, int]:
    """Return the number of rows per logical file that has any."""
    rows = site.select(
        "select file_key, count(*) as n from marts.mart_measurement"
        " where file_key = any(%s) group by file_key",
        list(keys),
    )
    return {row["file_key"]: row["n"] for row in rows}


def doubled(site: Site, keys: Sequence[str]) -> list[dict[str, object]]:
    """Return values that a logical file shows more than once."""
    return site.select(
        "select file_key, source_path from marts.mart_measurement where file_key = any(%s)"
        " group by file_key, source_path having count(*) > 1",
        list(keys),
    )


def states(site: Site, key: str) -> set[str]:
    """Return the states of every version of this key: a retried PUT may have made two."""
    return {told.state for told in site.gateway.files(key=key)}
