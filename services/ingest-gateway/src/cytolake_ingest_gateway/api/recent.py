"""Uploads that this process took a moment ago: known before intake has registered them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Pending:
    """An upload that is stored, and perhaps not yet registered."""

    object_id: UUID
    key: str
    source: str
    stored_at: datetime


class Recent:
    """The last uploads, a bounded number of them; forgetting one only costs a 404 for a moment."""

    def __init__(self, *, limit: int = 10_000) -> None:
        self._limit = limit
        self._pending: OrderedDict[UUID, Pending] = OrderedDict()

    def remember(self, upload: Pending) -> None:
        self._pending[upload.object_id] = upload
        while len(self._pending) > self._limit:
            self._pending.popitem(last=False)

    def get(self, object_id: UUID) -> Pending | None:
        return self._pending.get(object_id)
