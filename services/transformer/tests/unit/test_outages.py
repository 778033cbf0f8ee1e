from __future__ import annotations

import pytest

from cytolake_transformer.outages import is_outage

AWAY = [
    'Unable to connect to Postgres at "host=127.0.0.1": connection to server at "127.0.0.1" failed',
    "IO Error: Could not connect to server error for HTTP HEAD to 'http://127.0.0.1:1/lake/x'",
    "IO Error: Could not connect to server error for HTTP PUT to 'http://127.0.0.1:1/lake/x'",
    "server closed the connection unexpectedly",
    "FATAL:  terminating connection due to administrator command",
    "FATAL:  the database system is starting up",
    "HTTP Error: HTTP GET error on 'http://127.0.0.1:1/lake/x' (HTTP 503)",
]
OURS = [
    "Conversion Error: Could not convert string 'x' to DOUBLE",
    "Catalog Error: Table with name m does not exist!",
    "Constraint Error: NOT NULL constraint failed: measurement.object_id",
    "HTTP Error: HTTP GET error reading 's3://lake/a09fee4d-c2d0-5503/1.parquet' (HTTP 404)",
    "Conversion Error: Could not convert string 'connection refused' to DOUBLE",
    "Invalid Input Error: No magic bytes found at end of file",
]


@pytest.mark.parametrize("message", AWAY)
def test_a_server_that_is_away(message: str) -> None:
    assert is_outage(message)


@pytest.mark.parametrize("message", OURS)
def test_rows_that_cannot_be_built(message: str) -> None:
    assert not is_outage(message)
