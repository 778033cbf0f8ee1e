"""One trace per run, from the file's registration to its rows, whoever else was in its build."""

from __future__ import annotations

from uuid import UUID

import pytest

from cytolake.synthetic import count_files
from cytolake_contracts.identity import run_id
from tests.e2e.site import Site
from tests.support.traces import TraceCollector

pytestmark = pytest.mark.e2e
PATH = {f"cytolake-{name}" for name in ("converter", "validator", "transformer", "mart-loader")}


def test_every_run_is_one_trace_through_all_services(site: Site, traces: TraceCollector) -> None:
    objects = [site.put_s3(file) for file in count_files(4, seed=71, first_batch=7100)]
    site.until(objects, "loaded")
    for object_id in objects:
        trace = run_id(UUID(object_id), 1).hex
        assert traces.services_of(trace, wanted=PATH) >= PATH, object_id
