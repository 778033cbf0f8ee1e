from __future__ import annotations

from dataclasses import replace

import pytest

from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.tables import MigrationError, create, grants

MART = load_contracts()["mart_measurement"]


def test_the_slice_key_is_indexed_unless_the_primary_key_serves() -> None:
    assert 'ON marts."mart_measurement" ("object_id")' in create(MART)
    assert "CREATE INDEX" not in create(load_contracts()["mart_cell_growth"])


def test_a_mart_without_slice_key_is_refused() -> None:
    with pytest.raises(MigrationError, match="sliceKey"):
        create(replace(MART, slice_key=None))


def test_only_roles_that_the_server_has_are_granted() -> None:
    assert grants(["applied", "m"], ["postgres", "reader"]) == [
        'GRANT USAGE ON SCHEMA marts TO "reader"',
        'GRANT SELECT ON marts."applied" TO "reader"',
        'GRANT SELECT ON marts."m" TO "reader"',
    ]
