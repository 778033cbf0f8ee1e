"""How long files take to the marts, by the ledger and the instruments' clocks. Synthetic."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from tests.support.views import Views

pytestmark = [pytest.mark.integration, pytest.mark.slow]
RECEIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_file_to_result(views: Views) -> None:
    """Ten and thirty seconds, one rejected; the first was measured an hour before it came."""
    objects = [f"00000000-0000-0000-0000-0000000f000{n}" for n in (1, 2, 3)]
    source = '{"site": "kpi-site", "vendor": "KPI", "timezone": "UTC"}'
    with psycopg.connect(views.servers.dsn("intake")) as ledger:
        for number, (object_id, state) in enumerate(
            zip(objects, ("loaded", "loaded", "rejected"), strict=True), start=1
        ):
            run_id = object_id.replace("f000", "e000")
            ledger.execute(
                "INSERT INTO intake.object (object_id, bucket, key, version_id, etag, size_bytes,"
                " last_modified, source, object_seq, state, received_at) VALUES (%s, 'inbound',"
                " %s, 'v1', 'e', 1, now(), 'kpi', 1, %s, %s)",
                [object_id, f"kpi/{number}.csv", state, RECEIVED],
            )
            ledger.execute(
                "INSERT INTO intake.run (run_id, object_id, run_no, source, state)"
                " VALUES (%s, %s, 1, %s, %s)",
                [run_id, object_id, source, state],
            )
            if state == "loaded":
                loaded = RECEIVED + timedelta(seconds=20 * number - 10)
                ledger.execute(
                    "INSERT INTO intake.event (event_id, run_id, type, time, message, data)"
                    " VALUES (%s, %s, 'org.cytolake.mart.loaded.v1', %s, '', '{}')",
                    [object_id.replace("f000", "d000"), run_id, loaded],
                )
    measured = RECEIVED - timedelta(hours=1)
    views.put(
        "mart_measurement",
        {"object_id": objects[0], "measured_at": measured, "time_source": "device"},
        {"object_id": objects[1], "measured_at": measured, "time_source": "received"},
    )
    columns = ("vendor", "month", "n", "p50_seconds", "n_measured", "p50_instrument_lag_seconds")
    shown = views.figures(
        "kpi_file_to_result", *columns, "n_ended", "n_failed", "failed_share", site="kpi-site"
    )
    assert shown == [("KPI", date(2026, 3, 1), 2, 20.0, 1, 3600.0, 3, 1, pytest.approx(1 / 3))]


def test_every_file_is_shown_also_one_that_was_rejected(views: Views) -> None:
    """Built as the role that owns the views, read as the one that may only read."""
    object_id = "00000000-0000-0000-0000-00000000000a"
    with psycopg.connect(views.servers.dsn("intake"), autocommit=True) as intake:
        intake.execute(
            "INSERT INTO intake.object (object_id, bucket, key, version_id, etag, size_bytes,"
            " last_modified, source, object_seq, state, reason_code, message) VALUES (%s,"
            " 'inbound', 'vicell-1/bad.csv', 'v1', 'e', 0, now(), 'vicell-1', 1, 'rejected',"
            " 'EMPTY_FILE', 'The file is empty.') ON CONFLICT DO NOTHING",
            [object_id],
        )
    columns = ("file_key", "state", "reason_code", "loaded_at")
    shown = views.figures("kpi_file_ingest", *columns, object_id=object_id)
    assert shown == [("vicell-1/bad.csv", "rejected", "EMPTY_FILE", None)]
