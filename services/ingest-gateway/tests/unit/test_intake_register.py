"""What becomes of new versions: ADR 0012, case by case and by property."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.intake.testing import MemoryLedger, sighting, source
from cytolake_ingest_gateway.intake.versions import Registration
from cytolake_ingest_gateway.lifecycle import State

A1 = sighting("s/a.csv", "A", version="1")
B2 = sighting("s/a.csv", "B", version="2")
A3 = sighting("s/a.csv", "A", version="3")
COPY = sighting("s/copy.csv", "A", version="4")
COPY2 = sighting("s/copy2.csv", "A", version="5")


def test_a_first_version_opens_a_run() -> None:
    ledger = MemoryLedger.of("s")
    decided = ledger.enter(A1)
    assert [o.object_id for o in decided.openings] == [A1.object_id]
    assert decided.openings[0].source.name == "s"
    assert ledger.objects[A1.object_id].object_seq == 1


def test_the_same_version_told_again_changes_nothing() -> None:
    ledger = MemoryLedger.of("s")
    ledger.enter(A1)
    again = ledger.enter(A1, A1)
    assert (again.objects, again.openings, again.repointed) == ((), (), ())


def test_a_then_b_then_a_again_parses_all_three() -> None:
    ledger = MemoryLedger.of("s")
    ledger.enter(A1)
    ledger.enter(B2)
    ledger.enter(A3)
    assert set(ledger.openings) == {A1.object_id, B2.object_id, A3.object_id}
    assert [new.object_seq for new in ledger.objects.values()] == [1, 2, 3]


def test_the_same_bytes_under_another_key_are_a_duplicate() -> None:
    ledger = MemoryLedger.of("s")
    ledger.enter(A1)
    ledger.enter(COPY)
    new = ledger.objects[COPY.object_id]
    assert (new.state, new.duplicate_of) == (State.DUPLICATE, A1.object_id)
    assert new.reason_code == ReasonCode.DUPLICATE_CONTENT
    assert "s/a.csv" in (new.message or "")
    assert set(ledger.openings) == {A1.object_id}


def test_the_same_bytes_twice_at_once_are_parsed_once() -> None:
    ledger = MemoryLedger.of("s")
    decided = ledger.enter(A1, COPY, COPY2)
    assert len(decided.openings) == 1


def test_the_same_bytes_again_on_the_same_key_are_a_duplicate() -> None:
    ledger = MemoryLedger.of("s")
    ledger.enter(A1)
    ledger.enter(sighting("s/a.csv", "A", version="2"))
    ledger.enter(sighting("s/a.csv", "A", version="3"))
    assert set(ledger.openings) == {A1.object_id}
    assert {n.duplicate_of for n in ledger.objects.values()} == {None, A1.object_id}


def test_a_duplicate_whose_original_is_overwritten_is_parsed() -> None:
    ledger = MemoryLedger.of("s")
    ledger.enter(A1, COPY, COPY2)
    decided = ledger.enter(B2)
    assert {o.object_id for o in decided.openings} == {B2.object_id, COPY.object_id}
    assert "overwritten" in decided.openings[1].reason
    assert ledger.state_of(COPY) is State.RECEIVED
    assert ledger.objects[COPY2.object_id].duplicate_of == COPY.object_id


def test_a_duplicate_is_not_parsed_while_its_original_is_repeated() -> None:
    ledger = MemoryLedger.of("s")
    ledger.enter(A1, COPY)
    ledger.enter(sighting("s/a.csv", "A", version="again"))
    assert ledger.state_of(COPY) is State.DUPLICATE
    ledger.enter(B2)
    assert ledger.state_of(COPY) is State.RECEIVED


def test_an_overwritten_duplicate_is_not_parsed_for_its_old_bytes() -> None:
    ledger = MemoryLedger.of("s")
    ledger.enter(A1, COPY)
    other = sighting("s/copy.csv", "C", version="6")
    ledger.enter(other)
    ledger.enter(B2)
    assert set(ledger.openings) == {A1.object_id, other.object_id, B2.object_id}


def test_bytes_current_elsewhere_are_parsed_where_rows_must_be_replaced() -> None:
    """As a duplicate it would have no rows, and B's would stay current under this key."""
    ledger = MemoryLedger.of("s")
    b1 = sighting("s/b.csv", "B", version="1")
    ledger.enter(b1, COPY)
    over = sighting("s/b.csv", "A", version="2")
    ledger.enter(over)
    assert over.object_id in ledger.openings
    assert "s/copy.csv" in ledger.objects[over.object_id].warnings[0]


def test_the_same_bytes_of_another_source_are_parsed_with_a_warning() -> None:
    ledger = MemoryLedger.of("s", "t")
    ledger.enter(A1)
    other = sighting("t/a.csv", "A", version="9")
    ledger.enter(other)
    assert ledger.state_of(other) is State.RECEIVED
    assert ledger.objects[other.object_id].warnings == (
        "The same bytes also came from source 's'.",
    )


def test_a_name_that_is_not_as_expected_gets_a_warning_and_is_parsed() -> None:
    ledger = MemoryLedger.of("s")
    known = ledger.sources["s"]
    expected = known.ref.model_copy(update={"file_names": ("*.CSV", "run?.txt")})
    ledger.sources["s"] = Registration(expected, known.revision)
    named = {name: sighting(f"s/2026/{name}", name, version=name) for name in NAMES}
    ledger.enter(*named.values())
    assert {one.object_id for one in named.values()} == set(ledger.openings)
    warned = {name for name, one in named.items() if ledger.objects[one.object_id].warnings}
    assert warned == {"b.xlsx", "run12.txt"}
    (words,) = ledger.objects[named["b.xlsx"].object_id].warnings
    assert "'b.xlsx'" in words
    assert "*.CSV or run?.txt" in words


NAMES = ("a.csv", "run1.txt", "b.xlsx", "run12.txt")


def test_the_same_bytes_after_the_source_was_registered_anew_are_parsed() -> None:
    ledger = MemoryLedger.of("s")
    ledger.enter(A1)
    ledger.sources["s"] = source("s", revision=2)
    ledger.enter(COPY)
    assert ledger.state_of(COPY) is State.RECEIVED


def test_the_same_bytes_as_a_rejected_file_are_parsed_to_say_why_again() -> None:
    ledger = MemoryLedger.of("s")
    ledger.enter(A1)
    ledger.refused.add(A1.object_id)
    ledger.enter(COPY)
    assert ledger.state_of(COPY) is State.RECEIVED


def test_an_unknown_source_is_rejected_in_words_and_can_be_put_again() -> None:
    ledger = MemoryLedger.of()
    ledger.enter(A1)
    new = ledger.objects[A1.object_id]
    assert (new.state, new.reason_code) == (State.REJECTED, ReasonCode.UNKNOWN_SOURCE)
    assert "register the source" in (new.message or "")
    ledger.sources["s"] = source("s")
    ledger.enter(sighting("s/a.csv", "A", version="2"))
    assert len(ledger.openings) == 1


def test_a_vanished_version_has_no_number_and_disturbs_nobody() -> None:
    ledger = MemoryLedger.of("s")
    ledger.enter(A1)
    gone = sighting("s/a.csv", None, version="2")
    ledger.enter(gone)
    new = ledger.objects[gone.object_id]
    assert (new.state, new.object_seq) == (State.VANISHED, None)
    assert new.reason_code == ReasonCode.OBJECT_MISSING
    ledger.enter(sighting("s/a.csv", "B", version="3"))
    assert [n.object_seq for n in ledger.objects.values()] == [1, None, 2]


def test_a_store_without_versions_still_tells_overwrites_apart() -> None:
    first, second = (sighting("s/a.csv", content, version="null") for content in "AB")
    assert first.object_id != second.object_id


CONTENT = {sighting("s/x", c, version="x").content_sha256: c for c in "AB"}
PUTS = st.lists(
    st.tuples(st.sampled_from(["s/1", "s/2", "s/3", "t/1"]), st.sampled_from("AB")), max_size=14
)


@given(puts=PUTS, cuts=st.lists(st.booleans(), min_size=14, max_size=14))
def test_every_current_content_has_rows_and_batches_do_not_matter(
    puts: list[tuple[str, str]], cuts: list[bool]
) -> None:
    seen = [sighting(key, content, version=str(i)) for i, (key, content) in enumerate(puts)]
    one_by_one, batched = MemoryLedger.of("s", "t"), MemoryLedger.of("s", "t")
    batch = []
    for one, is_cut in zip(seen, cuts, strict=False):
        one_by_one.enter(one)
        batch.append(one)
        if is_cut:
            batched.enter(*batch)
            batch = []
    batched.enter(*batch)
    assert set(one_by_one.openings) == set(batched.openings)
    assert {k: n.duplicate_of for k, n in one_by_one.objects.items()} == {
        k: n.duplicate_of for k, n in batched.objects.items()
    }
    _assert_readers_see_the_store(one_by_one, puts)


def _assert_readers_see_the_store(ledger: MemoryLedger, puts: list[tuple[str, str]]) -> None:
    """What readers see (newest version with a run, by key) is what the bucket holds now."""
    rows: dict[str, str] = {}
    for new in sorted(ledger.objects.values(), key=lambda n: n.object_seq or 0):
        if new.sighting.object_id in ledger.openings:
            rows[new.sighting.key] = CONTENT[new.sighting.content_sha256]
    in_store = defaultdict(set)
    for key, content in dict(puts).items():
        in_store[key.split("/")[0]].add(content)
        # A key's rows are of its newest content, or it has none and relies on another's.
        assert rows.get(key, content) == content
    for name, expected in in_store.items():
        shown = {content for key, content in rows.items() if key.startswith(f"{name}/")}
        assert shown == expected
