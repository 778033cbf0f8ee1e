"""One file, all the way: by S3 and by HTTP, to rows that tell the truth."""

from __future__ import annotations

import pytest

from cytolake.synthetic import batch_files, grow
from cytolake.synthetic.files import count_file, sample_list_file
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
SEED = 3


@pytest.mark.parametrize("way", ["put_s3", "put_http"])
def test_a_count_becomes_a_row_with_the_counters_figures(site: Site, way: str) -> None:
    point = grow(SEED, number=fresh_batch()).points[4]
    object_id = getattr(site, way)(count_file(point))
    assert site.end(object_id).state == "loaded"
    rows = site.select(
        "select quantity, value_std, unit_ucum, sample_id from marts.mart_measurement"
        " where object_id = %s and quantity in ('vcd', 'viability')",
        object_id,
    )
    assert {row["quantity"]: row["value_std"] for row in rows} == {
        "vcd": pytest.approx(point.vcd),
        "viability": pytest.approx(point.viability),
    }
    assert {row["sample_id"] for row in rows} == {point.sample_id}


def test_a_whole_batch_grows_in_the_marts_as_it_did_in_the_bag(site: Site) -> None:
    batch = grow(SEED, number=fresh_batch())
    ids = [site.put_s3(file) for file in batch_files(batch, seed=SEED)]
    assert {told.state for told in site.until(ids).values()} == {"loaded"}
    rows = site.growth(batch.batch_id)
    assert [row["culture_day"] for row in rows] == [point.day for point in batch.points]
    for row, point in zip(rows, batch.points, strict=True):
        assert row["vcd"] == pytest.approx(point.vcd, rel=0.01)
        assert row["viability"] == pytest.approx(point.viability, rel=0.01)
        assert row["tvc"] == pytest.approx(point.tvc, rel=0.01)
        assert row["n_counts"] == (2 if point.day in (0, 5, 10) else 1)
    assert rows[-1]["fold_expansion"] == pytest.approx(batch.fold_expansion, rel=0.02)
    assert rows[-1]["pdl"] == pytest.approx(batch.pdl, rel=0.02)
    assert rows[0]["doubling_time_hours"] is None


def test_a_sample_that_comes_after_its_count_heals_the_growth(site: Site) -> None:
    batch = grow(SEED, number=fresh_batch())
    counted = site.put_s3(count_file(batch.points[0]))
    assert site.end(counted).state == "loaded"
    assert site.growth(batch.batch_id) == []
    listed = site.put_http(sample_list_file(batch.points, name=batch.batch_id))
    assert site.end(listed).state == "loaded"
    assert [row["vcd"] for row in site.growth(batch.batch_id)] == [batch.points[0].vcd]


def test_the_history_tells_every_stage_in_words(site: Site) -> None:
    point = grow(SEED, number=fresh_batch()).points[2]
    object_id = site.put_s3(count_file(point))
    site.end(object_id)
    (run,) = site.gateway.history(object_id)["runs"]
    assert [event["type"] for event in run["events"]] == [
        "file.landed",
        "file.converted",
        "file.validated",
        "lake.built",
        "mart.loaded",
    ]
    assert all(event["message"] for event in run["events"])
    assert all(stage["seconds"] >= 0 for stage in run["stages"])
