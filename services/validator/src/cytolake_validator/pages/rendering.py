"""Documents to HTML by the templates beside this module. Pure; every value is escaped.

Pages are whole by themselves but for one style sheet, named relatively: a copy of the folder can
be read from a disk, offline. They hold no script.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from cytolake_contracts.evidence import STAGES, Stage
from cytolake_validator.pages.document import Result, Verdict
from cytolake_validator.pages.lines import Line, builds_in_words, counts, in_pages

STYLE = "style.css"
INDEX = "index.html"
AFTER_A_BUILD: Mapping[Verdict, str] = {
    Verdict.KEPT: "keeps its contract",
    Verdict.WARNED: "keeps it, with warnings",
    Verdict.BROKEN: "breaks its contract",
}
VERDICTS: Mapping[Stage, Mapping[Verdict, str]] = {
    "raw": {
        Verdict.KEPT: "kept its contract",
        Verdict.WARNED: "passed with warnings",
        Verdict.BROKEN: "held back",
    },
    "curated": AFTER_A_BUILD,
    "mart": AFTER_A_BUILD,
}
STAGE_WORDS: Mapping[Stage, str] = {
    "raw": "Files at the gate",
    "curated": "Tables of the lake, after a build",
    "mart": "Marts, after a load",
}


def style_sheet() -> bytes:
    """Return the one style sheet."""
    return files("cytolake_validator.pages").joinpath("templates", STYLE).read_bytes()


def result_page(result: Result) -> bytes:
    """Return the page of one result."""
    title = result.file.name if result.file else f"{result.dataset}, {builds_in_words(result)}"
    return _rendered("result.html.j2", depth=3, result=result, title=title)


def day_pages(stage: Stage, dataset: str, day: str, lines: Iterable[Line]) -> dict[str, bytes]:
    """Return the pages of a day's index by name; a long day's lines are on pages of their own."""
    found = sorted(lines)
    portions = in_pages(found)
    pages = [f"page-{number + 1:04}.html" for number in range(len(portions))]
    shared = {"stage": stage, "dataset": dataset, "day": day, "pages": pages}
    attention = [line for line in found if line.verdict is not Verdict.KEPT]
    is_short = len(portions) <= 1
    index = _rendered(
        "day.html.j2",
        depth=3,
        title=f"{dataset}, {day}",
        counts=counts(found),
        attention=attention[-200:],
        attention_total=len(attention),
        lines=found if is_short else [],
        **shared,
    )
    if is_short:
        return {INDEX: index}
    listed = {
        name: _rendered(
            "page.html.j2", depth=3, title=f"{dataset}, {day}", lines=portion, page=name, **shared
        )
        for name, portion in zip(pages, portions, strict=True)
    }
    return {INDEX: index, **listed}


def dataset_page(stage: Stage, dataset: str, days: Sequence[str]) -> bytes:
    """Return the index of a dataset: its days, newest first."""
    newest_first = sorted(days, reverse=True)
    return _rendered(
        "dataset.html.j2", depth=2, title=dataset, stage=stage, dataset=dataset, days=newest_first
    )


def start_page(datasets: Mapping[Stage, Mapping[str, Sequence[str]]]) -> bytes:
    """Return the index of all: by stage the datasets, of each the newest days."""
    ordered = {
        stage: {name: sorted(days, reverse=True) for name, days in sorted(datasets[stage].items())}
        for stage in STAGES
        if datasets.get(stage)
    }
    return _rendered("start.html.j2", depth=0, title="Data docs", datasets=ordered)


def _rendered(template: str, *, depth: int, **values: object) -> bytes:
    page = _environment().get_template(template)
    return (page.render(root="../" * depth, **values) + "\n").encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("cytolake_validator.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(VERDICTS=VERDICTS, STAGE_WORDS=STAGE_WORDS)
    environment.filters["utc"] = lambda time: f"{time:%Y-%m-%d %H:%M:%S}"
    environment.filters["figure"] = lambda number: f"{number:,}".replace(",", "\u202f")
    return environment
