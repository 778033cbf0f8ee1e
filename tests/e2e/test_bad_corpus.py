"""The whole corpus of bad files through the running stack, good files between them."""

from __future__ import annotations

from collections import Counter
from itertools import batched

import pytest

from cytolake.synthetic import grow
from cytolake.synthetic.files import count_file
from tests.corpus.bad import SOURCES, bad_files
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
AT_ONCE = 30
PATIENCE_SECONDS = 300.0


@pytest.mark.timeout(600)
def test_every_bad_file_ends_with_its_reason_and_hurts_nobody(site: Site) -> None:
    for source in SOURCES:
        site.gateway.add_source(source.name, vendor=source.vendor, layout=source.layout)
    before = {process.name: process.pid for process in site.stack.processes()}
    number = fresh_batch()
    points = iter(grow(7, number=number).points)
    corpus = bad_files()
    ids, neighbours = {}, []
    for some in batched(corpus, AT_ONCE):  # `strict` is for 3.13
        for file in some:
            key = f"{file.source.name}/{number}/{file.name}"
            ids[site.put_key(key, file.body)] = file
        neighbours.append(site.put_s3(count_file(next(points))))
    ended = site.until(ids, seconds=PATIENCE_SECONDS)
    wrong = [
        f"{file.what}: {told.state} {told.reason_code}, not {file.state} {file.reason}"
        for object_id, file in ids.items()
        if ((told := ended[object_id]).state, told.reason_code) != (file.state, file.reason)
    ]
    assert wrong == []
    assert {told.state for told in site.until(neighbours).values()} == {"loaded"}
    assert set(site.row_counts(ids).values()) == {0}
    assert {process.name: process.pid for process in site.stack.processes()} == before
    for object_id, told in ended.items():
        words = told.message or ""
        assert len(words.split()) > 4, ids[object_id].what
        assert not any(name in words for name in ("Traceback", "/tmp/", "site-packages")), words


def test_there_are_two_hundred_and_more_of_many_kinds() -> None:
    corpus = bad_files()
    assert len(corpus) >= 200
    assert len({file.name for file in corpus}) == len(corpus)
    assert len({file.body for file in corpus}) > 0.9 * len(corpus)
    assert len(Counter(file.reason for file in corpus)) >= 12
