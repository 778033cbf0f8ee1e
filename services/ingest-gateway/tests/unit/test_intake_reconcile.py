"""Everything in the bucket is found, whether or not anybody told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from cytolake_ingest_gateway.intake.handlers import Intake
from cytolake_ingest_gateway.intake.notification import Sign
from cytolake_ingest_gateway.intake.reconcile import Reconciliation, hot_prefixes
from cytolake_ingest_gateway.intake.testing import BUCKET, START, MemoryLedger, MemoryStore
from cytolake_runtime import Retryable


async def announced(_runs: object) -> int:
    return 0


@dataclass
class Site:
    store: MemoryStore = field(default_factory=MemoryStore)
    ledger: MemoryLedger = field(default_factory=lambda: MemoryLedger.of("s"))
    created_at: datetime = START
    memory: dict[str, datetime] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    sources: tuple[str, ...] = ("s",)

    async def remembered(self) -> dict[str, datetime]:
        return dict(self.memory)

    async def remember(self, name: str, created_at: datetime) -> None:
        self.memory[name] = created_at

    async def source_names(self) -> list[str]:
        return list(self.sources)

    async def stream_created_at(self) -> datetime:
        return self.created_at

    async def look(self, sign: Sign) -> None:
        if sign.key in self.broken:
            raise ValueError(sign.key)
        intake = Intake(
            bucket=BUCKET,
            store=self.store,
            unregistered=self.ledger.unregistered,
            enter=self.ledger.register,
            announce=announced,
        )
        await intake.look(sign, told_at=START)

    def reconciliation(self, *, pages: int = 1) -> Reconciliation:
        return Reconciliation(
            bucket=BUCKET,
            store=self.store,
            unregistered=self.ledger.unregistered,
            look=self.look,
            memory=self,
            stream_created_at=self.stream_created_at,
            stream="STORE",
            pages=pages,
        )

    def registered_keys(self) -> list[str]:
        return [new.sighting.key for new in self.ledger.objects.values()]


async def test_the_first_round_finds_everything_each_key_s_versions_in_order() -> None:
    site = Site()
    for key in ("s/a", "s/b", "t/c"):
        site.store.put(key, key, version="1")
        site.store.put(key, key + "!", version="2")
    assert await site.reconciliation().round() == 3
    numbers = [(n.sighting.key, n.object_seq) for n in site.ledger.objects.values()]
    assert sorted(numbers) == [(key, n) for key in ("s/a", "s/b", "t/c") for n in (1, 2)]


async def test_later_rounds_go_round_the_bucket_with_a_budget() -> None:
    site = Site()
    rounds = site.reconciliation(pages=2)
    await rounds.round()
    for key in ("s/a", "s/b", "s/c"):
        site.store.put(key, key, version="1")
    assert await rounds.round() == 2
    assert await rounds.round() == 1
    assert await rounds.round() == 0
    assert sorted(site.registered_keys()) == ["s/a", "s/b", "s/c"]


async def test_todays_files_are_found_in_every_round() -> None:
    site = Site()
    rounds = site.reconciliation(pages=1)
    site.store.put("a/first", "1", version="1")
    await rounds.round()
    site.store.put("a/second", "2", version="1")
    site.store.put(f"s/{datetime.now(UTC):%Y/%m/%d}/new.csv", "3", version="1")
    await rounds.round()
    assert any(key.endswith("new.csv") for key in site.registered_keys())


async def test_todays_pulls_of_a_lims_are_found_in_every_round() -> None:
    """A stream's first pull too, and one that comes whole: nobody registered those folders."""
    site = Site(sources=("lims/qc",))
    rounds = site.reconciliation(pages=1)
    site.store.put("a/first", "1", version="1")
    site.store.put("lims/qc/2020/01/01/webhook.json", "1", version="1")
    site.store.put("lims/qc/services/all.parquet", "1", version="1")
    await rounds.round()
    today = f"{datetime.now(UTC):%Y/%m/%d}"
    site.store.put("a/second", "2", version="1")
    hot = [f"lims/qc/{today}/w.json", f"lims/qc/analyses/{today}/1_a.parquet"]
    for key in hot:
        site.store.put(key, "3", version="1")
    site.store.put("lims/qc/services/all.parquet", "4", version="2")
    await rounds.round()
    assert set(hot) < set(site.registered_keys())
    assert site.registered_keys().count("lims/qc/services/all.parquet") == 2


async def test_a_stream_created_anew_means_a_loss_and_a_look_at_everything() -> None:
    site = Site()
    rounds = site.reconciliation(pages=1)
    site.store.put("a/1", "1", version="1")
    await rounds.round()
    site.store.put("b/2", "2", version="1")
    site.store.put("c/3", "3", version="1")
    site.created_at = START + timedelta(seconds=1)
    assert await rounds.round() == 2
    assert site.memory == {"STORE": site.created_at}


async def test_what_was_just_stored_is_left_to_its_notification() -> None:
    site = Site()
    rounds = site.reconciliation()
    rounds.grace_seconds = (datetime.now(UTC) - START).total_seconds() + 3600
    site.store.put("s/a", "1", version="1")
    assert await rounds.round() == 0
    rounds.grace_seconds = 0
    assert await rounds.round() == 1


async def test_one_bad_object_does_not_hide_those_after_it() -> None:
    site = Site(broken={"s/a"})
    for key in ("s/a", "s/b"):
        site.store.put(key, key, version="1")
    await site.reconciliation().round()
    assert site.registered_keys() == ["s/b"]


async def test_an_outage_puts_the_whole_look_off_and_does_not_forget_it() -> None:
    site = Site()
    site.store.put("s/a", "1", version="1")
    rounds = site.reconciliation()
    away, rounds.look = rounds.look, _away
    with pytest.raises(Retryable):
        await rounds.round()
    assert site.memory == {}
    rounds.look = away
    assert await rounds.round() == 1


async def _away(_sign: Sign) -> None:
    raise Retryable("the store is away")


def test_hot_prefixes_are_dated_newest_first_and_bounded() -> None:
    now = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    assert hot_prefixes(["a", "b"], now) == [
        "a/2026/03/01/",
        "b/2026/03/01/",
        "a/2026/02/28/",
        "b/2026/02/28/",
    ]
    assert len(hot_prefixes(map(str, range(500)), now)) == 100
