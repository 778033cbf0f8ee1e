"""The demo's plan, its view and its report, without a stack."""

from __future__ import annotations

import io
from uuid import UUID, uuid5

import httpx
import pytest
from rich.console import Console

from cytolake.client import FileState, Gateway
from cytolake.demo import Shown, Watcher, as_data
from cytolake.demo_drops import Drop, drops
from cytolake.demo_report import growth_table, print_wrong, what_next
from cytolake.demo_view import Journey, LineView, LiveView
from cytolake.synthetic import SyntheticFile

PATH = ("received", "landed", "converted", "validated", "built", "loaded")
ENVIRONMENT = {"CYTOLAKE_GATEWAY_URL": "http://127.0.0.1:1"}


class Site:
    """Takes files both ways; each look sees every file one state further."""

    def __init__(self, ends: dict[str, str]) -> None:
        self.ends = ends
        self.looks: dict[str, int] = {}
        self.now = 0.0

    def put(self, file: SyntheticFile) -> UUID:
        self.looks[file.name] = 0
        return uuid5(UUID(int=0), file.name)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            name = request.url.path.rsplit("/", 1)[-1]
            self.looks[name] = 0
            return httpx.Response(201, json=self.told(name))
        files = [self.told(name) for name in self.looks]
        self.looks = {name: seen + 1 for name, seen in self.looks.items()}
        return httpx.Response(200, json={"files": files})

    def told(self, name: str) -> dict[str, str]:
        path = [*PATH[:2], self.ends[name]] if name in self.ends else PATH
        state = path[min(self.looks[name], len(path) - 1)]
        object_id = str(uuid5(UUID(int=0), name))
        return {
            "object_id": object_id,
            "key": f"syn/{name}",
            "state": state,
            "reason_code": "R",
            "message": "because",
        }

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def watched(planned: list[Drop], lines: list[str]) -> Watcher:
    broken = {drop.file.name: "rejected" for drop in planned if drop.fault}
    site = Site(broken)
    http = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(site.answer))
    view = LineView(lines.append)
    watcher = Watcher(Gateway(http), view, clock=lambda: site.now, sleep=site.sleep)
    watcher.drop_and_watch(planned, site)
    return watcher


def shown_of(watcher: Watcher, growth: list[dict[str, object]]) -> Shown:
    seconds = {"stack_up": 1.0, "files": 2.0, "all": 3.0}
    return Shown("SYN-B0001", watcher.journeys, watcher.told, growth, seconds)


def test_the_plan_uses_both_ways_and_holds_two_faults() -> None:
    planned = drops(seed=7, number=1)
    assert {drop.way for drop in planned} == {"S3", "HTTP"}
    assert sum(drop.fault is not None for drop in planned) == 2
    assert len({drop.key for drop in planned}) == len(planned) == 18


def test_another_number_is_another_batch() -> None:
    first, second = ({drop.file.body for drop in drops(seed=7, number=n)} for n in (1, 2))
    assert not first & second


def test_every_file_is_followed_to_its_end() -> None:
    lines: list[str] = []
    watcher = watched(drops(seed=7, number=1), lines)
    assert all(journey.has_ended for journey in watcher.journeys)
    shown = shown_of(watcher, [{"culture_day": 0.0}])
    assert shown.is_as_meant
    assert {one.drop.fault for one in shown.wrong} == {
        "lost its viability column",
        "viability times ten",
    }
    assert any("rejected" in line and "broken" in line for line in lines)


@pytest.mark.parametrize("growth", [[], [{"culture_day": 0.0}]])
def test_the_demo_fails_without_growth_in_the_marts(growth: list[dict[str, object]]) -> None:
    shown = shown_of(watched(drops(seed=7, number=1), []), growth)
    assert shown.is_as_meant is bool(growth)


def test_a_good_file_that_is_rejected_makes_the_demo_fail() -> None:
    planned = [Drop(drop.file, drop.way) for drop in drops(seed=7, number=1)]
    site = Site({planned[3].file.name: "rejected"})
    http = httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(site.answer))
    watcher = Watcher(
        Gateway(http), LineView(lambda _: None), clock=lambda: site.now, sleep=site.sleep
    )
    watcher.drop_and_watch(planned, site)
    assert not shown_of(watcher, [{"culture_day": 0.0}]).is_as_meant


def test_the_live_table_shows_a_line_per_file() -> None:
    console = Console(file=io.StringIO(), width=160, force_terminal=True)
    view = LiveView(console)
    good, bad, *_ = drops(seed=7, number=1)
    with view.watching(
        [
            Journey(good, "1", {"received": 0.1, "loaded": 0.9}),
            Journey(bad, "2", {"rejected": 0.4}),
        ]
    ):
        pass
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert good.file.name in text
    assert "✗" in text
    assert "loaded" in text


def test_the_report_says_where_and_why() -> None:
    console = Console(file=io.StringIO(), width=160)
    drop = next(drop for drop in drops(seed=7, number=1) if drop.fault)
    told = FileState(
        object_id="1", key="syn/x", state="rejected", reason_code="R", message="no viability"
    )
    print_wrong(console, [Journey(drop, "1", {"rejected": 1.0})], {"1": told})
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "R: no viability" in text
    assert "kept as syn/x" in text


def test_growth_is_laid_out_with_gaps_where_there_is_no_figure() -> None:
    row = dict.fromkeys(("culture_day", "vcd", "viability", "volume_ml", "tvc"), 1.0)
    more = {"n_counts": 2, "fold_expansion": 1.0, "pdl": 0.0, "doubling_time_hours": None}
    console = Console(file=io.StringIO(), width=160)
    console.print(growth_table("SYN-B0001", [{**row, **more}]))
    assert "SYNTHETIC" in console.file.getvalue()  # type: ignore[attr-defined]


def test_next_steps_fit_what_is_left_running() -> None:
    assert "http://127.0.0.1:1/docs" in what_next(ENVIRONMENT, keeps_running=True).values()
    assert "cytolake up --detach" in what_next(ENVIRONMENT, keeps_running=False).values()


def test_the_data_name_every_file_and_its_fault() -> None:
    shown = shown_of(watched(drops(seed=7, number=1), []), [{"culture_day": 0.0}])
    data = as_data(shown, {"a": "b"})
    assert len(data["files"]) == 18
    assert data["synthetic"]
    assert {file["state"] for file in data["files"]} == {"loaded", "rejected"}
