"""What a stack knows of its sources' files: shapes, drift, a later longer version, late sources."""

from __future__ import annotations

from typing import Any

import pytest

from cytolake.synthetic import grow, unreadable_count_file
from cytolake.synthetic.culture import CulturePoint
from cytolake.synthetic.files import count_file
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
SEED = 6


@pytest.fixture(scope="module")
def source(site: Site) -> str:
    """A source of its own, of which one file is loaded."""
    name = f"syn-known-{fresh_batch()}"
    site.gateway.add_source(name, vendor="BECKMAN_VI_CELL_BLU", timezone="Europe/Berlin")
    assert site.end(site.put_key(f"{name}/first.csv", body_of(points()[0]))).state == "loaded"
    return name


def points() -> tuple[CulturePoint, ...]:
    return tuple(grow(SEED, number=fresh_batch()).points)


def body_of(*counted: CulturePoint) -> bytes:
    """Return one export of several counts."""
    bodies = [count_file(point).body.splitlines(keepends=True) for point in counted]
    return b"".join([bodies[0][0], *(line for lines in bodies for line in lines[1:])])


def with_donor(body: bytes) -> bytes:
    header, *rows = body.splitlines()
    return b"\r\n".join([header + b",Donor", *(row + b",D-1" for row in rows), b""])


def told(site: Site, object_id: str) -> dict[str, dict[str, Any]]:
    """Return the events of a file's only run, by type."""
    history = site.gateway.history(object_id)
    return {event["type"]: event for event in history["runs"][0]["events"]}


def test_a_new_column_is_told_as_drift_and_the_file_is_loaded(site: Site, source: str) -> None:
    object_id = site.put_key(f"{source}/wider.csv", with_donor(body_of(points()[0])))
    assert site.end(object_id).state == "loaded"
    events = told(site, object_id)
    assert events["file.drifted"]["data"]["added"] == ["Donor"]
    assert "new: Donor" in events["file.drifted"]["message"]
    assert "new: Donor" in events["file.converted"]["message"]
    assert "its parser recognises the file" in events["file.converted"]["message"]


def test_a_known_shape_is_no_news(site: Site, source: str) -> None:
    object_id = site.put_key(f"{source}/second.csv", body_of(points()[1]))
    assert site.end(object_id).state == "loaded"
    events = told(site, object_id)
    assert "file.drifted" not in events
    assert "files of this shape" in events["file.converted"]["message"]


def test_a_layout_that_changed_beyond_reading_waits_for_people(site: Site, source: str) -> None:
    object_id = site.put_key(f"{source}/lost.csv", unreadable_count_file(points()[2]).body)
    end = site.end(object_id)
    assert (end.state, end.reason_code) == ("quarantined", "LAYOUT_CHANGED")
    assert "gone: Viability (%)" in (end.message or "")


def test_a_later_longer_version_flags_the_one_before(site: Site, source: str) -> None:
    counted = points()
    half = site.put_key(f"{source}/day.csv", body_of(counted[3]))
    assert site.end(half).state == "loaded"
    whole = site.put_key(f"{source}/day.csv", body_of(counted[3], counted[4]))
    assert site.end(whole).state == "loaded"
    site.until([half], "superseded")
    warnings = {of: site.gateway.history(of)["warnings"] for of in (half, whole)}
    assert ["cut off" in words for words in warnings[half]] == [True]
    assert ["fewer rows" in words for words in warnings[whole]] == [True]
