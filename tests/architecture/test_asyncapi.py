"""Who may say and hear what is one fact: AsyncAPI document, broker rights and consumers agree."""

from __future__ import annotations

import pytest

from cytolake_contracts.schemas import operations_of
from cytolake_runtime.topology import CYTOLAKE, DURABLES, permissions

SERVICES = ("intake", "converter", "validator", "transformer", "mart-loader", "lineage", "checker")
API = "$JS."
ADVISORIES_RETOLD = "dead.>"  # intake dead-letters for whoever died on a message


def test_every_consumer_belongs_to_a_documented_service() -> None:
    assert {durable.user for durable in DURABLES} == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_say_what_it_says_and_nothing_else(service: str) -> None:
    said = {address for action, address, _ in operations_of(service) if action == "send"}
    allowed = {name for name in permissions(service)["publish"] if not name.startswith(API)}
    assert said == allowed - {ADVISORIES_RETOLD}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_what_its_consumers_bring(service: str) -> None:
    heard = {address for action, address, _ in operations_of(service) if action == "receive"}
    events = {d.subject for d in DURABLES if d.user == service and d.stream == CYTOLAKE}
    others = [d.subject for d in DURABLES if d.user == service and d.stream != CYTOLAKE]
    assert events <= heard
    assert all(any(_covers(subject, one) for subject in others) for one in heard - events)


def _covers(wildcard: str, address: str) -> bool:
    """Tell whether a NATS subject ending in `>` takes in another."""
    return wildcard == address or (
        wildcard.endswith(">") and address.startswith(wildcard.removesuffix(">"))
    )
