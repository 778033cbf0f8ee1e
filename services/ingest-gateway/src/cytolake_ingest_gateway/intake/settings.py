"""Settings of intake, from the environment, prefix `CYTOLAKE_`."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from cytolake_ingest_gateway.intake.sweep import Patience
from cytolake_runtime import ServiceSettings


class IntakeSettings(ServiceSettings):
    """What intake can be told beyond what every service is told."""

    intake_sweep_seconds: float = Field(
        default=2.0, gt=0, description="Pause between two looks for runs to announce again."
    )
    intake_unannounced_seconds: float = Field(
        default=3.0, ge=0, description="A run unannounced for so long is announced by the sweep."
    )
    intake_idle_seconds: float = Field(
        default=60.0,
        gt=0,
        description="A run silent for so long is announced again; doubles each time, to 1 h.",
    )
    intake_reconcile_seconds: float = Field(
        default=10.0, gt=0, description="Pause between two rounds of looking through the bucket."
    )
    intake_reconcile_pages: int = Field(
        default=1, ge=1, description="Pages (of 1000 versions) of the whole bucket in a round."
    )
    intake_reconcile_grace_seconds: float = Field(
        default=5.0, ge=0, description="Younger versions are left to their notifications."
    )
    intake_decisions_seconds: float = Field(
        default=1.0, gt=0, description="Decisions not heard of are looked for so often."
    )
    intake_replays_on_the_way: int = Field(
        default=500, ge=1, description="Runs of replays on the way at once; new files need room."
    )

    @property
    def patience(self) -> Patience:
        return Patience(
            unannounced=timedelta(seconds=self.intake_unannounced_seconds),
            idle=timedelta(seconds=self.intake_idle_seconds),
        )
