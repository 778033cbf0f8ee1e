"""Files that come twice, keys that are overwritten, and names that are hard to spell."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from cytolake.provision.buckets import admin_client
from cytolake.synthetic import grow
from cytolake.synthetic.files import count_file
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
SEED = 8
HARD_NAMES = (
    "two words.csv",
    "1+1.csv",
    "a%2Fb.csv",
    "a%20b.csv",
    "über é.csv",
    "dots..in..it.csv",
    "..csv",
    "~$(x);'\"&.csv",
)


def test_the_same_file_twice_is_one_set_of_rows(site: Site) -> None:
    file = count_file(grow(SEED, number=fresh_batch()).points[0])
    first = site.put_key(f"syn-vicell/one/{file.name}", file.body)
    assert site.end(first).state == "loaded"
    again = site.put_key(f"syn-vicell/two/{file.name}", file.body)
    assert site.end(again).state == "duplicate"
    assert (site.rows(first) > 0, site.rows(again)) == (True, 0)


def test_the_same_file_twice_at_once_is_one_set_of_rows(site: Site) -> None:
    file = count_file(grow(SEED, number=fresh_batch()).points[1])
    keys = [f"syn-vicell/at-once-{n}/{file.name}" for n in range(4)]
    with ThreadPoolExecutor(len(keys)) as pool:
        ids = list(pool.map(lambda key: site.put_key(key, file.body), keys))
    ends = site.until(ids)
    assert sorted(told.state for told in ends.values()) == ["duplicate"] * 3 + ["loaded"]
    assert sum(site.rows(object_id) > 0 for object_id in ids) == 1


def vcd_of(site: Site, key: str) -> list[float]:
    """Return the densities that the marts hold for a logical file."""
    rows = site.select(
        "select value_std from marts.mart_measurement where file_key = %s and quantity = 'vcd'",
        key,
    )
    return [row["value_std"] for row in rows]


def test_an_overwritten_key_shows_its_newest_version_and_the_old_one_again(site: Site) -> None:
    points = grow(SEED, number=fresh_batch()).points
    a, b = (count_file(points[day]) for day in (2, 9))
    key = f"syn-vicell/overwritten/{a.name}"
    for file, point in ((a, points[2]), (b, points[9]), (a, points[2])):
        object_id = site.put_key(key, file.body)
        assert site.end(object_id).state in {"loaded", "duplicate"}
        site.until_seen(lambda: vcd_of(site, key), [point.vcd].__eq__)


def test_a_newer_version_without_rows_says_which_rows_stand(site: Site) -> None:
    """In the list, the history, the quarantine and the figures; and no longer than it is so."""
    points = grow(SEED, number=fresh_batch()).points
    good, better = count_file(points[4]), count_file(points[5])
    key = f"syn-vicell/stands/{fresh_batch()}/{good.name}"
    words = "(The rows in the marts are of the earlier version of this file, number 1.)"
    first = site.put_key(key, good.body)
    assert site.end(first).state == "loaded"
    empty = site.put_key(key, b"")
    year = str(points[4].collected_at.year).encode()
    held = site.put_key(key, good.body.replace(year, b"2150"))
    assert [site.end(of).state for of in (empty, held)] == ["rejected", "quarantined"]
    listed = {one.object_id: one.message for one in site.gateway.files(key=key)}
    for of in (empty, held):
        assert (listed[of] or "").endswith(words)
        assert site.gateway.history(of)["message"].endswith(words)
        assert site.gateway.history(of)["shown_version"] == 1
    assert words not in (listed[first] or "")
    assert shown_versions(site, key) == {1: None, 2: 1, 3: 1}
    assert site.end(site.put_key(key, better.body)).state == "loaded"
    assert words not in site.gateway.history(empty)["message"]
    assert set(shown_versions(site, key).values()) == {None}


def shown_versions(site: Site, key: str) -> dict[int, int | None]:
    """Return what the figures say by version of a key."""
    rows = site.select(
        "select object_seq, shown_version from marts.kpi_file_ingest where file_key = %s", key
    )
    return {row["object_seq"]: row["shown_version"] for row in rows}


def test_versions_in_quick_succession_leave_the_last_one_current(site: Site) -> None:
    points = grow(SEED, number=fresh_batch()).points
    key = f"syn-vicell/quick/{points[0].sample_id}.csv"
    ids = [site.put_key(key, count_file(point).body) for point in points[:5]]
    site.until(ids)
    site.until_seen(lambda: vcd_of(site, key), [points[4].vcd].__eq__)


def test_an_original_cannot_be_deleted_and_is_read_by_its_version(
    request: pytest.FixtureRequest, site: Site
) -> None:
    file = count_file(grow(SEED, number=fresh_batch()).points[3])
    key, bucket = f"syn-vicell/locked/{file.name}", site.environment["CYTOLAKE_INBOUND_BUCKET"]
    site.end(site.put_key(key, file.body))
    site.end(site.put_key(key, file.body + b"\r\n"))
    s3 = admin_client(site.stack.blueprint)
    request.addfinalizer(s3.close)
    versions = s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]
    (old,) = [version for version in versions if not version["IsLatest"]]
    with pytest.raises(ClientError, match=r"AccessDenied|WORM|locked|403"):
        s3.delete_object(Bucket=bucket, Key=key, VersionId=old["VersionId"])
    kept = s3.get_object(Bucket=bucket, Key=key, VersionId=old["VersionId"])
    assert kept["Body"].read() == file.body


@pytest.mark.parametrize("name", HARD_NAMES)
def test_a_key_that_is_hard_to_spell_is_loaded_under_its_own_name(site: Site, name: str) -> None:
    points = grow(SEED, number=fresh_batch()).points
    key = f"syn-vicell/hard {fresh_batch()}/{name}"
    by_s3 = site.put_key(key, count_file(points[0]).body)
    file = count_file(points[1])
    by_http = site.gateway.upload(
        "syn-vicell", f"h {name}", file.body, size_bytes=len(file.body)
    ).object_id
    ends = site.until([by_s3, by_http])
    assert ends[by_s3].key == key
    assert ends[by_http].key.endswith(f"/h {name}")
    assert {told.state for told in ends.values()} == {"loaded"}
