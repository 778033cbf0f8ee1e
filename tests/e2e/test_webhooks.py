"""The how-to page on webhooks, typed as it stands there; a webhook all the way to its row."""

from __future__ import annotations

from uuid import uuid4

import pytest

from cytolake.client_lims import LimsClient
from tests.e2e.site import Site
from tests.e2e.test_tutorial import ROOT, performed, script

EXAMPLE = "docs/examples/SYNTHETIC-lims-result.json"
pytestmark = [pytest.mark.e2e]


def test_the_page_does_what_it_says(site: Site) -> None:
    done = performed(script("how-to/receive-webhooks.md", undone=""), site.stack.home.root)
    for words in ("/v1/webhooks/acme-qc", "is stored", "was stored before", "2 valid keys"):
        assert words in done.stdout
    shown = site.gateway.ask("GET", "/v1/lims/try")
    assert shown["stored_webhooks"] == 1


def test_a_webhook_becomes_a_row_of_the_mart_once(site: Site) -> None:
    name, body = f"syn-{uuid4().hex[:8]}", (ROOT / EXAMPLE).read_bytes()
    client = LimsClient(site.gateway)
    secret = client.add({"name": name, "layout": "lims_canonical"})["key"]
    sent = [client.send(name, body, secret=secret, webhook_id="evt_1") for _ in range(2)]
    assert [one["is_repeat"] for one in sent] == [False, True]
    object_id = sent[0]["links"]["history"].removeprefix("/v1/files/")
    site.until([object_id], "loaded")
    query = "select attribute, value_num from marts.mart_result where object_id = %s"
    assert [tuple(row.values()) for row in site.select(query, object_id)] == [("viability", 96.9)]


def test_what_is_signed_and_cannot_be_read_ends_in_words(site: Site) -> None:
    name = f"syn-{uuid4().hex[:8]}"
    client = LimsClient(site.gateway)
    secret = client.add({"name": name, "layout": "lims_canonical"})["key"]
    bodies = {"evt_1": b"not JSON", "evt_2": b'{"type": "lims.unheard.of", "data": {"a": 1}}'}
    sent = [client.send(name, body, secret=secret, webhook_id=i) for i, body in bodies.items()]
    ids = [one["links"]["history"].removeprefix("/v1/files/") for one in sent]
    ended = site.until(ids, "rejected")
    assert ended[ids[1]].reason_code == "UNKNOWN_RECORD_TYPE"
    assert "lims.unheard.of" in (ended[ids[1]].message or "")
    assert ended[ids[0]].message
