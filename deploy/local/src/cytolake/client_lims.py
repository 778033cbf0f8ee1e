"""The gateway's LIMS as its clients see them: register, look, rotate keys, fetch again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cytolake.client import Gateway, GatewayError
from cytolake_ingest_gateway.api.webhooks.sending import signed_headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching:
    """What thin events may make the gateway fetch."""

    base_urls: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    """Each `pattern=path`; none: Benchling's."""
    authorization: str | None = None
    token: str | None = field(default=None, repr=False)

    def as_request(self) -> dict[str, Any]:
        """Return the two fields of a request; raise GatewayError for what cannot be one."""
        if not self.base_urls:
            if self.resources or self.token:
                raise GatewayError("say with --fetch-from which addresses may be fetched from")
            return {}
        pairs = dict(_pair(one) for one in self.resources)
        fetch = {
            "base_urls": list(self.base_urls),
            **({"resources": pairs} if pairs else {}),
            **({"authorization": self.authorization} if self.authorization else {}),
        }
        return {"fetch": fetch, **({"fetch_token": self.token} if self.token else {})}


@dataclass(frozen=True, slots=True)
class LimsClient:
    """A client of one gateway's `/v1/lims`; every call raises GatewayError when it is refused."""

    gateway: Gateway

    def add(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Register a LIMS, or find it registered just so; a generated secret is told this once."""
        return self._with_url(self.gateway.ask("POST", "/v1/lims", json=wanted))

    def change(self, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
        """Set what is given; what is not stays as it is."""
        known = self.gateway.ask("GET", f"/v1/lims/{name}")
        kept = {"verify": known["verify"], "fetch": known["fetch"]}
        return self._with_url(self.gateway.ask("PUT", f"/v1/lims/{name}", json=kept | wanted))

    def all(self) -> list[dict[str, Any]]:
        """Return every LIMS."""
        found: list[dict[str, Any]] = self.gateway.ask("GET", "/v1/lims")["lims"]
        return [self._with_url(one) for one in found]

    def show(self, name: str) -> dict[str, Any]:
        """Return one LIMS, its keys without their values, and what is under way."""
        return self._with_url(self.gateway.ask("GET", f"/v1/lims/{name}"))

    def rotate(self, name: str, key: str | None) -> dict[str, Any]:
        """Add a key; those before stay valid."""
        return self.gateway.ask("POST", f"/v1/lims/{name}/keys", json={"key": key})

    def retire(self, name: str) -> int:
        """End every key but the newest; return how many."""
        return int(self.gateway.ask("POST", f"/v1/lims/{name}/keys/retire")["count"])

    def retry(self, name: str) -> int:
        """Fetch again what failed; return how much."""
        return int(self.gateway.ask("POST", f"/v1/lims/{name}/fetches/retry")["count"])

    def send(self, name: str, body: bytes, *, secret: str, webhook_id: str) -> dict[str, Any]:
        """Send a body as this LIMS would, signed by Standard Webhooks; return the receipt."""
        try:
            headers = signed_headers(secret, webhook_id, body, at=datetime.now(UTC))
        except ValueError as error:
            raise GatewayError("the secret is no whsec_… of Standard Webhooks") from error
        path = f"/v1/webhooks/{name}"
        return self.gateway.ask("POST", path, content=body, headers=headers)

    def _with_url(self, answer: dict[str, Any]) -> dict[str, Any]:
        return answer | {"webhook_url": self.gateway.url(answer["webhook_path"])}


def _pair(text: str) -> tuple[str, str]:
    pattern, sign, path = text.partition("=")
    if not sign:
        raise GatewayError(f"--resource {text!r} should be PATTERN=PATH, with {{id}} in the path")
    return pattern, path
