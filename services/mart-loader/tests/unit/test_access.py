from __future__ import annotations

import pytest

from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.access import policies, table_of_access

MARTS = {name: found for name, found in load_contracts().items() if found.zone == "mart"}


def condition(mart: str) -> str:
    (created,) = (said for said in policies(MARTS[mart]) if said.startswith("CREATE POLICY"))
    return created.partition(" USING ")[2]


@pytest.mark.parametrize("mart", MARTS)
def test_every_mart_is_closed_to_who_is_granted_nothing(mart: str) -> None:
    assert policies(MARTS[mart])[0] == f'ALTER TABLE marts."{mart}" ENABLE ROW LEVEL SECURITY'
    assert condition(mart).startswith("((SELECT marts.may_read_everything())")


def test_rows_of_a_batch_go_by_the_batches_that_are_seen() -> None:
    assert "may_read(product_code, site)" in condition("mart_batch")
    assert "batch_id IN (SELECT b.batch_id FROM marts.mart_batch AS b)" in condition("mart_result")
    assert "may_read_product(product_code)" in condition("mart_specification")
    assert condition("mart_point") == "((SELECT marts.may_read_everything()))"


def test_only_roles_that_the_server_has_see_everything() -> None:
    table, *granted = table_of_access(["reader", "postgres"])
    assert "ENABLE ROW LEVEL SECURITY" in table
    assert granted == ["INSERT INTO marts.access (role_name) VALUES ('reader')"]
