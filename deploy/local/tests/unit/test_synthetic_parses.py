"""The generator's layouts are the instruments' own: allotropy reads them, truth intact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest

from cytolake.synthetic import (
    SyntheticFile,
    batch_files,
    grow,
    implausible_count_file,
    unreadable_count_file,
)

BATCH = grow(7)
Parse = Callable[[SyntheticFile], dict[str, Any]]


@pytest.fixture(scope="module")
def parse() -> Parse:
    """Import allotropy once, and late: it takes seconds."""
    from allotropy.parser_factory import Vendor
    from allotropy.to_allotrope import allotrope_from_io

    def parsed(file: SyntheticFile) -> dict[str, Any]:
        vendor = Vendor[file.source.vendor or ""]
        return allotrope_from_io(BytesIO(file.body), file.name, vendor, encoding="chardet")

    return parsed


def test_every_instrument_file_of_a_batch_is_read(parse: Parse) -> None:
    read = [parse(file) for file in batch_files(BATCH, seed=7) if file.source.vendor]
    assert len(read) == 11 + 3 + 1


def test_the_counts_are_the_truth(parse: Parse) -> None:
    files = [file for file in batch_files(BATCH, seed=7) if "vicell" in file.source.name]
    read = [
        [next(_values(parse(file), name)) for name in ("viable cell density", "viability")]
        for file in files
    ]
    assert read == [[point.vcd, point.viability] for point in BATCH.points]


def test_both_counters_agree(parse: Parse) -> None:
    files = [file for file in batch_files(BATCH, seed=7) if "nucleoview" in file.source.name]
    read = [next(_values(parse(file), "viable cell density")) for file in files]
    truth = [point.vcd for point in BATCH.points if point.day in (0, 5, 10)]
    assert read == pytest.approx(truth, rel=0.01)


def test_the_broken_file_cannot_be_read(parse: Parse) -> None:
    from allotropy.exceptions import AllotropyError

    with pytest.raises(AllotropyError, match=r"Viability"):
        parse(unreadable_count_file(BATCH.points[4]))


def test_the_implausible_file_can(parse: Parse) -> None:
    read = parse(implausible_count_file(BATCH.points[4]))
    assert next(_values(read, "viability")) > 900


def _values(node: Any, name: str) -> Iterator[float]:
    """Yield the numbers of every quantity whose name starts so."""
    if isinstance(node, list):
        for item in node:
            yield from _values(item, name)
    if isinstance(node, dict):
        for key, item in node.items():
            if key.startswith(name) and isinstance(item, dict) and "value" in item:
                yield item["value"]
            yield from _values(item, name)
