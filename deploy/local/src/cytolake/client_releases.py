"""Releases of batches, over the gateway's HTTP interface."""

from __future__ import annotations

from dataclasses import dataclass

from cytolake.client import Answer, Gateway


class Released(Answer):
    """One release of a batch; without a manifest it is not exported yet."""

    decision_id: str
    batch_id: str
    release_no: int
    snapshot_id: int
    actor: str
    reason: str
    decided_at: str
    manifest_key: str | None = None
    manifest_sha256: str | None = None
    files: int | None = None
    rows: int | None = None
    exported_at: str | None = None


@dataclass(frozen=True, slots=True)
class Releases:
    """What a person may ask of releases. Every call raises GatewayError when it is denied."""

    gateway: Gateway

    def release(self, batch: str, reason: str) -> Released:
        """Release a batch as the marts show it."""
        wish = {"batch": batch, "reason": reason}
        return Released.model_validate(self.gateway.ask("POST", "/v1/releases", json=wish))

    def listed(self, batch: str | None = None, limit: int = 100) -> list[Released]:
        """Return releases, newest first."""
        asked = {"limit": limit} | ({"batch": batch} if batch else {})
        answer = self.gateway.ask("GET", "/v1/releases", params=asked)
        return [Released.model_validate(one) for one in answer["releases"]]

    def exported(self, release: Released, *, timeout_seconds: float) -> Released:
        """Return the release once its rows are exported; raise TimeoutError."""
        for listed in self.gateway.looks(lambda: self.listed(release.batch_id), timeout_seconds):
            for one in listed:
                if one.decision_id == release.decision_id and one.exported_at:
                    return one
        raise TimeoutError
