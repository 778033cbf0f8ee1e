"""Pages from results: what they say, that nothing in them acts, that they lead on."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from cytolake_validator.pages.document import UnreadableResultError, Verdict, read_result
from cytolake_validator.pages.lines import LINES_PER_PAGE, Line, counts, line_of
from cytolake_validator.pages.rendering import (
    INDEX,
    dataset_page,
    day_pages,
    result_page,
    start_page,
    style_sheet,
)
from cytolake_validator.pages.testing import NOON, converted, raw_result

HOSTILE = "<script>alert(1)<img src=x onerror=alert(2)>\" ' & {{ 7*7 }}.csv"
ACTS = {"script", "img", "iframe", "object", "embed", "form", "svg", "style"}


class Page(HTMLParser):
    """A page taken apart: its text, its links, its elements."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(word for word in self.words if word)


def held() -> Page:
    broken = {"volume_is_positive": (3,), "culture_day_is_not_negative": (3,)}
    body = raw_result(broken, changed={"volume_ml": -2.5, "culture_day": -1.0})
    return Page(result_page(read_result(body)))


def test_a_held_file_says_which_rule_which_row_and_which_value() -> None:
    text = held().text
    assert "held back" in text
    assert "2 of" in text
    assert "the volume of a culture" in text.lower()
    assert "-2.5" in text
    assert re.search(r"\b4\b", text), "the row's number"
    assert text.index("Blocks") < text.index("Warns"), "what blocks comes first"
    assert "every row must have a value in sample_id" in text, "what is kept is told too"


def test_a_page_leads_to_its_day_and_its_files_history() -> None:
    links = held().links
    assert "../../../raw/sample/2026-" in " ".join(links)
    assert any(link.startswith("/v1/files/00000000-") for link in links)
    assert "../../../style.css" in links


def test_a_good_file_and_a_warning_are_told_apart() -> None:
    good = read_result(raw_result())
    warned = read_result(raw_result({"culture_day_is_not_negative": (3,)}))
    assert (good.verdict, warned.verdict) == (Verdict.KEPT, Verdict.WARNED)
    assert "kept its contract" in Page(result_page(good)).text
    assert "passed with warnings" in Page(result_page(warned)).text


def test_every_table_of_a_run_is_on_its_page() -> None:
    others = (("measurement", {"viability_is_a_percentage": (3,)}),)
    result = read_result(raw_result(others=others, changed={"value_num": 143.0}))
    text = Page(result_page(result)).text
    assert result.verdict is Verdict.BROKEN
    assert "143.0" in text


def test_hostile_names_and_values_are_inert() -> None:
    event = converted(key=f"syn/{HOSTILE}")
    body = raw_result(
        {"volume_is_positive": (3,)}, event=event, changed={"step": HOSTILE, "sample_id": HOSTILE}
    )
    result = read_result(body)
    pages = [result_page(result)]
    pages += day_pages("raw", "sample", "2026-11-23", [line_of(result)]).values()
    for page in map(Page, pages):
        assert {tag for tag, _ in page.tags} & ACTS == set()
        assert [name for _, attrs in page.tags for name in attrs if name.startswith("on")] == []
        assert HOSTILE in page.text
        assert not [link for link in page.links if link.lower().startswith("javascript:")]


def test_pages_name_nothing_outside() -> None:
    line = line_of(read_result(raw_result()))
    pages = [
        *day_pages("raw", "sample", "2026-11-23", [line]).values(),
        dataset_page("raw", "sample", ["2026-11-23"]),
        start_page({"raw": {"sample": ["2026-11-23"]}}),
        result_page(read_result(raw_result())),
    ]
    links = [link for page in pages for link in Page(page).links]
    assert [link for link in links if "://" in link or link.startswith("//")] == []
    assert b"url(" not in style_sheet()
    assert b"@import" not in style_sheet()


def lines(number: int) -> list[Line]:
    made = []
    for place in range(number):
        event = converted(place + 1, received_at=NOON + timedelta(seconds=place))
        broken = {"volume_is_positive": (3,)} if place % 4 == 0 else {}
        made.append(line_of(read_result(raw_result(broken, event=event))))
    return made


def test_a_day_counts_by_source_and_shows_first_what_needs_people() -> None:
    day = lines(8)
    (count,) = counts(day)
    assert (count.total, count.kept, count.broken) == (8, 6, 2)
    page = Page(day_pages("raw", "sample", "2026-11-23", day)[INDEX])
    assert page.text.index("To look at") < page.text.index("All")
    assert page.links.count(day[0].page) == 2


def test_a_long_day_has_pages_that_stay_as_they_are() -> None:
    first = lines(1)[0]
    day = [
        Line(
            **{
                **{name: getattr(first, name) for name in Line.__slots__},
                "at": NOON + timedelta(seconds=place),
                "page": f"{place}.html",
            }
        )
        for place in range(LINES_PER_PAGE + 1)
    ]
    before = day_pages("raw", "sample", "d", [*day, first])
    after = day_pages("raw", "sample", "d", [*reversed(day), first, *_later(first)])
    assert set(before) == {INDEX, "page-0001.html", "page-0002.html"}
    assert before["page-0001.html"] == after["page-0001.html"]
    assert before["page-0002.html"] != after["page-0002.html"]


def _later(line: Line) -> list[Line]:
    values = {name: getattr(line, name) for name in Line.__slots__}
    return [Line(**{**values, "at": NOON + timedelta(days=1), "page": "late.html"})]


def test_headings_tables_and_landmarks_are_for_every_reader() -> None:
    page = held()
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == 1
    assert {"main", "nav", "header", "footer", "caption"} <= set(names)
    assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")
    regions = [attrs for _, attrs in page.tags if attrs.get("class") == "scroll"]
    assert regions
    assert all(attrs["tabindex"] == "0" and attrs["aria-label"] for attrs in regions)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"verdict": "validated"}', b"\xff"])
def test_what_is_no_result_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(UnreadableResultError):
        read_result(body)
