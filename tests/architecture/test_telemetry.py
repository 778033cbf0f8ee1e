"""Nothing that we run reports to anybody: each switch that there is, is off."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cytolake.blueprint import Blueprint, StoreKind
from cytolake.home import Home
from cytolake.servers import minio, seaweedfs
from cytolake.supervisor import TELEMETRY_OFF
from cytolake_runtime.settings import ServiceSettings
from tests.architecture.tree import ROOT


def test_every_process_inherits_the_switches() -> None:
    assert TELEMETRY_OFF["DO_NOT_TRACK"] == "1"
    assert TELEMETRY_OFF["GX_ANALYTICS_ENABLED"] == "false"
    assert TELEMETRY_OFF["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"


def test_the_dbt_project_says_so_too() -> None:
    project = yaml.safe_load((ROOT / "dbt" / "dbt_project.yml").read_text())
    assert project["flags"]["send_anonymous_usage_stats"] is False


def test_seaweedfs_is_started_without(tmp_path: Path) -> None:
    blueprint = Blueprint.of(Home.at(tmp_path), store=StoreKind.SEAWEEDFS)
    assert "-master.telemetry=false" in seaweedfs.process(blueprint).command


@pytest.mark.minio
def test_minio_does_not_ask_for_updates(tmp_path: Path) -> None:
    blueprint = Blueprint.of(Home.at(tmp_path), store=StoreKind.MINIO)
    assert minio.process(blueprint).environment["MINIO_UPDATE"] == "off"


def test_traces_go_nowhere_by_default() -> None:
    assert ServiceSettings.model_fields["otlp_endpoint"].default is None
