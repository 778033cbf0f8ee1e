"""Data docs as they lie in their bucket: pages of results, and indexes that lead to them.

Pages are put first; an index is made from a listing of what lies in its folder, never from what
it was before, and the folder is listed again after it is written. So two that write at once, or
one that is told twice, end with the same index, and all of it can be made anew from the results.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, cast

from cytolake_contracts.evidence import PAGES, RESULTS, STAGES, Stage
from cytolake_runtime import ObjectMissingError
from cytolake_validator.pages.document import Result, UnreadableResultError, read_result
from cytolake_validator.pages.lines import Line, line_of
from cytolake_validator.pages.rendering import (
    INDEX,
    STYLE,
    dataset_page,
    day_pages,
    result_page,
    start_page,
    style_sheet,
)

AT_ONCE = 4
MOST_LISTINGS = 5
DAYS_REMEMBERED = 16
log = logging.getLogger(__name__)


class Shelf(Protocol):
    """Results and their pages. Every method raises Retryable while the store is away."""

    async def read(self, key: str) -> bytes:
        """Return an object; raise ObjectMissingError."""
        ...

    async def keep(self, key: str, document: bytes) -> None:
        """Store a JSON document, replacing its earlier self."""
        ...

    async def put_page(self, key: str, body: bytes) -> None:
        """Store a page or the style sheet, replacing its earlier self."""
        ...

    async def names(self, prefix: str) -> tuple[list[str], list[str]]:
        """Return the keys and the folders right below a prefix, without it."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """The folder of one dataset's results of one day."""

    stage: Stage
    dataset: str
    day: str

    @classmethod
    def of(cls, page_key: str) -> Day:
        """Return the day that a page lies in."""
        stage, dataset, day, _ = page_key.removeprefix(PAGES).split("/")
        return cls(cast("Stage", stage), dataset, day)

    @property
    def prefix(self) -> str:
        return f"{PAGES}{self.stage}/{self.dataset}/{self.day}/"

    def result_key(self, page: str) -> str:
        """Return the key of the result that a page of this day shows."""
        name = page.removesuffix(".html")
        if self.stage == "raw":
            object_id, _, run_no = name.rpartition(".")
            return f"{RESULTS}{object_id}/{run_no}.json"
        return f"{RESULTS}{self.stage}/{self.dataset}/{name}.json"


@dataclass(slots=True)
class Library:
    """Writes pages and indexes; remembers what it knows, and trusts the buckets alone."""

    shelf: Shelf
    days_remembered: int = DAYS_REMEMBERED
    without_page: list[str] = field(default_factory=list)
    """Keys of results that are gone, or of a form that has no page."""
    _lines: OrderedDict[Day, dict[str, Line]] = field(default_factory=OrderedDict)
    _listed: set[Day] = field(default_factory=set)
    _written: dict[str, bytes] = field(default_factory=dict)
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def add(self, keys: Iterable[str]) -> set[Day]:
        """Make the pages of these kept results; return the days whose indexes have to follow."""
        results = await asyncio.gather(*map(self._result, keys))
        known = [result for result in results if result is not None]
        await asyncio.gather(*map(self._put_result, known))
        return {self._remember(result) for result in known}

    async def index(self, days: Iterable[Day]) -> None:
        """Make the indexes of these days, and those above them where a day is new."""
        found = sorted(days)
        for day in found:
            await self._index_day(day)
        if new := {day for day in found if day not in self._listed}:
            for stage, dataset in sorted({(day.stage, day.dataset) for day in new}):
                await self._index_dataset(stage, dataset)
            await self._put_changed(PAGES + STYLE, style_sheet())
            await self._index_all()
            self._listed |= new

    async def _result(self, key: str) -> Result | None:
        try:
            async with self._turn:
                return read_result(await self.shelf.read(key))
        except ObjectMissingError:
            log.warning("there is no result %s", key)
        except UnreadableResultError as error:
            log.warning("no page for %s: %s", key, error)
        self.without_page.append(key)
        return None

    async def _put_result(self, result: Result) -> None:
        async with self._turn:
            await self.shelf.put_page(result.page_key, result_page(result))

    def _remember(self, result: Result) -> Day:
        line, day = line_of(result), Day.of(result.page_key)
        self._lines.setdefault(day, {})[line.page] = line
        self._lines.move_to_end(day)
        while len(self._lines) > self.days_remembered:
            self._lines.popitem(last=False)
        return day

    async def _index_day(self, day: Day) -> None:
        last: list[str] | None = None
        for _ in range(MOST_LISTINGS):
            listed = await self._pages_of(day)
            if listed == last:
                return
            lines = await self._lines_of(day, listed)
            for name, body in day_pages(day.stage, day.dataset, day.day, lines).items():
                await self._put_changed(day.prefix + name, body)
            last = listed

    async def _pages_of(self, day: Day) -> list[str]:
        names, _ = await self.shelf.names(day.prefix)
        return [name for name in names if name != INDEX and not name.startswith("page-")]

    async def _lines_of(self, day: Day, pages: list[str]) -> list[Line]:
        known = self._lines.get(day, {})
        unknown = [page for page in pages if page not in known]
        for result in await asyncio.gather(*(self._result(day.result_key(p)) for p in unknown)):
            if result is not None:
                self._remember(result)
        known = self._lines.get(day, {})
        return [known[page] for page in pages if page in known]

    async def _index_dataset(self, stage: Stage, dataset: str) -> None:
        prefix = f"{PAGES}{stage}/{dataset}/"
        body = dataset_page(stage, dataset, await self._folders(prefix))
        await self._put_changed(prefix + INDEX, body)

    async def _index_all(self) -> None:
        datasets: dict[Stage, dict[str, list[str]]] = {}
        for stage in STAGES:
            names = await self._folders(f"{PAGES}{stage}/")
            datasets[stage] = {
                name: await self._folders(f"{PAGES}{stage}/{name}/") for name in names
            }
        await self._put_changed(PAGES + INDEX, start_page(datasets))

    async def _folders(self, prefix: str) -> list[str]:
        _, folders = await self.shelf.names(prefix)
        return [folder.rstrip("/") for folder in folders]

    async def _put_changed(self, key: str, body: bytes) -> None:
        """Put a page unless it was the last that we put there: most indexes stay as they are."""
        digest = hashlib.sha256(body).digest()
        if self._written.get(key) != digest:
            await self.shelf.put_page(key, body)
            self._written[key] = digest
