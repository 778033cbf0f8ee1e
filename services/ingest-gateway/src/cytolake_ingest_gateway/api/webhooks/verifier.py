"""Which rule and which keys judge a webhook, by what was registered of its LIMS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from cytolake_ingest_gateway.api.webhooks.jwks import KeySets
from cytolake_ingest_gateway.api.webhooks.keys import (
    VerifyingKey,
    header_key,
    jwks_keys,
    standard_key,
)
from cytolake_ingest_gateway.api.webhooks.models import (
    BenchlingScheme,
    HmacScheme,
    LimsSettings,
)
from cytolake_ingest_gateway.api.webhooks.ports import Known
from cytolake_ingest_gateway.api.webhooks.signatures import (
    Delivery,
    HeaderForm,
    SignatureRefusedError,
    header_delivery,
    standard_delivery,
)


class Verifier:
    """Port `Judge`."""

    def __init__(self, key_sets: KeySets) -> None:
        self._key_sets = key_sets

    async def delivery(
        self, known: Known, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Delivery:
        scheme = known.settings.verify
        if isinstance(scheme, BenchlingScheme) and scheme.jwks_url:
            return await self._by_key_set(scheme.jwks_url, headers, body, now)
        keys = [key for key_id, text in known.keys for key in keys_of(known.settings, key_id, text)]
        if isinstance(scheme, HmacScheme):
            form = HeaderForm(scheme.header, scheme.prefix, scheme.is_timestamped)
            return header_delivery(form, headers, body, keys, now=now)
        return standard_delivery(headers, body, keys, now=now)

    async def _by_key_set(
        self, url: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Delivery:
        keys = await self._key_sets.keys(url)
        try:
            return standard_delivery(headers, body, keys, now=now)
        except SignatureRefusedError as refused:
            if refused.code != "SIGNATURE_WRONG":
                raise
            newer = await self._key_sets.newer(url, than=keys)
            if newer is None:
                raise
        return standard_delivery(headers, body, newer, now=now)


def keys_of(settings: LimsSettings, key_id: str, text: str) -> tuple[VerifyingKey, ...]:
    """Return the keys that this text is under these settings; raise KeyRefusedError."""
    scheme = settings.verify
    if isinstance(scheme, HmacScheme):
        return (header_key(key_id, text, scheme.encoding),)
    if isinstance(scheme, BenchlingScheme):
        return jwks_keys(text)
    return (standard_key(key_id, text),)
