"""Bad input: the right end in words for a scientist, the original kept, neighbours flowing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cytolake.client import FileState
from cytolake.synthetic import grow, implausible_count_file, unreadable_count_file
from cytolake.synthetic.files import count_file
from tests.e2e.batches import fresh_batch
from tests.e2e.hostile import billion_laughs, far_cell_xlsx, zip_bomb
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
SEED = 5


@dataclass(frozen=True)
class Bad:
    """A bad file, and how it must end."""

    source: str
    name: str
    body: bytes
    state: str
    reason: str


def bad_files(number: int, *, bomb_megabytes: int = 1024) -> dict[str, Bad]:
    """Return every bad file by what is wrong with it."""
    points = grow(SEED, number=number).points
    count = count_file(points[0])
    cut = count.body[:-60]
    return {
        "empty": Bad("syn-vicell", "empty.csv", b"", "rejected", "EMPTY_FILE"),
        "blank": Bad("syn-vicell", "blank.csv", b" \r\n\r\n", "rejected", "EMPTY_FILE"),
        "cut off": Bad("syn-vicell", "cut.csv", cut, "rejected", "TRUNCATED_FILE"),
        "column lost": Bad(
            "syn-vicell-new",  # a source whose files' shape is not known yet
            "lost.csv",
            unreadable_count_file(points[1]).body,
            "rejected",
            "UNREADABLE_BY_VENDOR",
        ),
        "wrong vendor": Bad("syn-gen5", "count.csv", count.body, "quarantined", "WRONG_VENDOR"),
        "unknown layout": Bad("syn-any", "ab.csv", b"a,b\n1,2\n", "rejected", "UNKNOWN_LAYOUT"),
        "far cell": Bad(
            "syn-vicell-xr", "far.xlsx", far_cell_xlsx(), "rejected", "SHEET_TOO_LARGE"
        ),
        "zip bomb": Bad(
            "syn-unicorn", "bomb.zip", zip_bomb(bomb_megabytes), "rejected", "ZIP_BOMB"
        ),
        "billion laughs": Bad(
            "syn-flowjo", "lol.wsp", billion_laughs(), "rejected", "XML_ENTITIES"
        ),
        "implausible": Bad(
            "syn-vicell",
            "implausible.csv",
            implausible_count_file(points[2]).body,
            "quarantined",
            "CONTRACT_VIOLATION",
        ),
        "source unknown": Bad("nobody", "x.csv", count.body, "rejected", "UNKNOWN_SOURCE"),
    }


NAMES = sorted(bad_files(1, bomb_megabytes=1))


@pytest.fixture(scope="module")
def ended(site: Site) -> dict[str, tuple[Bad, FileState]]:
    """Drop all bad files, a good one after each; give how they ended."""
    for name, vendor in EXTRA_SOURCES.items():
        site.gateway.add_source(name, vendor=vendor)
    number = fresh_batch()
    good = grow(SEED, number=number + 1).points
    bad = bad_files(number)
    ids, neighbours = {}, []
    for place, (what, file) in enumerate(bad.items()):
        ids[what] = site.put_key(f"{file.source}/{number}-{file.name}", file.body)
        neighbours.append(site.put_s3(count_file(good[place % len(good)])))
    found = site.until(ids.values())
    assert {told.state for told in site.until(neighbours).values()} == {"loaded"}
    return {what: (bad[what], found[object_id]) for what, object_id in ids.items()}


EXTRA_SOURCES = {
    "syn-any": None,
    "syn-vicell-new": "BECKMAN_VI_CELL_BLU",
    "syn-vicell-xr": "BECKMAN_VI_CELL_XR",
    "syn-unicorn": "CYTIVA_UNICORN",
    "syn-flowjo": "FLOWJO",
}


@pytest.mark.parametrize("what", NAMES)
def test_it_ends_where_it_must(ended: dict[str, tuple[Bad, FileState]], what: str) -> None:
    bad, told = ended[what]
    assert (told.state, told.reason_code) == (bad.state, bad.reason)


@pytest.mark.parametrize("what", NAMES)
def test_the_reason_is_a_sentence_without_our_names(
    ended: dict[str, tuple[Bad, FileState]], what: str
) -> None:
    message = ended[what][1].message or ""
    assert len(message.split()) > 4
    assert not any(word in message for word in ("Traceback", "Error(", "allotropy", "None"))


@pytest.mark.parametrize("what", NAMES)
def test_no_row_of_it_is_in_the_marts(
    site: Site, ended: dict[str, tuple[Bad, FileState]], what: str
) -> None:
    assert site.rows(ended[what][1].object_id) == 0
