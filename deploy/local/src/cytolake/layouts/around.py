"""What stands above and below the table in a sample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cytolake.layouts.columns import table_lines
from cytolake.layouts.samples import Sample
from cytolake_contracts.layouts import TODO
from cytolake_ingest_gateway.converter.cells import cell_text


def labels_above(sample: Sample) -> Iterator[tuple[str, str]]:
    """Yield each label above the header with the value beside it, or after its colon."""
    for line in sample.above:
        texts = [text for cell in line.cells if (text := cell_text(cell))]
        if len(texts) == 1 and ":" in texts[0]:
            before, _, after = texts[0].partition(":")
            texts = [before, after.strip()]
        if len(texts) == 2 and not texts[0].startswith("#"):  # noqa: PLR2004 - label and value
            yield texts[0].rstrip(": "), texts[1]


def footer(sample: Sample) -> str | None:
    """Return how the first line after the table begins; None where nothing follows."""
    rest = sample.below[len(table_lines(sample)) :]
    return next((cell_text(cell) for line in rest for cell in line.cells if cell_text(cell)), None)


def common_start(texts: Iterable[str]) -> str:
    """Return what all of these begin with; TODO where they have nothing in common."""
    first, *others = sorted(texts)
    while not all(other.startswith(first) for other in others):
        first = first[:-1]
    return first.rstrip(" :") or TODO
