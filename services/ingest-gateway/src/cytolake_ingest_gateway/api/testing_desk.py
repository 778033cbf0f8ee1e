"""People and decisions in memory, for tests of the api."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cytolake_ingest_gateway.api.decided import (
    Asked,
    DecisionLine,
    DecisionProgress,
    Matching,
    QuarantineCase,
    QuarantineLine,
)
from cytolake_ingest_gateway.api.people import NewPerson, Person
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.api.releases import Release
from cytolake_ingest_gateway.lifecycle import Action, BatchAction, State
from cytolake_ingest_gateway.people import Role

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(slots=True)
class MemoryPeople:
    """Port `People`; `keys` are those given out, by name."""

    everybody: dict[str, Person] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    async def people(self) -> list[Person]:
        return [self.everybody[name] for name in sorted(self.everybody)]

    async def add_person(self, new: NewPerson, *, by: str, api_key: str) -> Person | None:
        if new.name in self.everybody:
            return None
        self.keys[new.name] = api_key
        person = Person(name=new.name, roles=sorted(new.roles), added_by=by, added_at=AT)
        self.everybody[new.name] = person
        return person

    async def revoke(self, name: str, *, by: str) -> Person | None:
        if name in self.everybody:
            told = {"revoked_by": by, "revoked_at": AT}
            self.everybody[name] = self.everybody[name].model_copy(update=told)
        return self.everybody.get(name)

    def named(self, api_key: str) -> tuple[str, frozenset[Role]] | None:
        """Return whose key it is, if it is still one."""
        name = next((name for name, key in self.keys.items() if key == api_key), None)
        if name is None or self.everybody[name].revoked_at is not None:
            return None
        return name, frozenset(self.everybody[name].roles)


@dataclass(slots=True)
class MemoryDesk:
    """Port `Desk`: what is asked stays in `asked`, denied or not."""

    cases: dict[UUID, QuarantineCase] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    async def record(self, asked: Asked) -> DecisionLine:
        known = next((one for one in self.asked if one.request_id == asked.request_id), None)
        if known is None:
            self.asked.append(asked)
        elif (known.action, known.scope, known.reason) != (
            asked.action,
            asked.scope,
            asked.reason,
        ):
            raise ProblemError(409, "OTHER_REQUEST", "another decision")
        return _line(known or asked)

    async def progress(self, decision_id: UUID) -> DecisionProgress | None:
        found = next((one for one in self.asked if one.request_id == decision_id), None)
        if found is None:
            return None
        return DecisionProgress(**_line(found).model_dump(), scope=found.scope)

    async def matching(self, action: Action, scope: dict[str, Any]) -> Matching:
        del action, scope
        return Matching(files=2, by_source={"s": 2}, by_state={State.LOADED: 2})

    async def quarantined(self, source: str | None, limit: int) -> list[QuarantineLine]:
        waiting = [case for case in self.cases.values() if source in {None, case.source}]
        return [QuarantineLine(**case.model_dump()) for case in waiting[:limit]]

    async def case(self, object_id: UUID) -> QuarantineCase | None:
        return self.cases.get(object_id)


@dataclass(slots=True)
class MemoryReleases:
    """Port `Releases` over the decisions in a desk; `batches` are those that the marts show."""

    desk: MemoryDesk
    batches: set[str] = field(default_factory=set)
    snapshot: int = 1

    async def shown(self, batch: str) -> int | None:
        return self.snapshot if batch in self.batches else None

    async def releases(
        self, *, batch: str | None = None, decision_id: UUID | None = None, limit: int = 1
    ) -> list[Release]:
        made: list[Release] = []
        for asked in self.desk.asked:
            if asked.action is BatchAction.RELEASE_BATCH and asked.denial is None:
                before = [one for one in made if one.batch_id == asked.scope["batch"]]
                made.append(_release(asked, len(before) + 1))
        chosen = [one for one in made if batch in {None, one.batch_id}]
        return [one for one in chosen if decision_id in {None, one.decision_id}][::-1][:limit]


def _release(asked: Asked, number: int) -> Release:
    return Release(
        decision_id=asked.request_id,
        batch_id=asked.scope["batch"],
        release_no=number,
        snapshot_id=asked.scope["snapshot_id"],
        actor=asked.actor,
        reason=asked.reason,
        decided_at=AT,
    )


def _line(asked: Asked) -> DecisionLine:
    return DecisionLine(
        decision_id=asked.request_id,
        action=asked.action,
        actor=asked.actor,
        reason=asked.reason,
        decided_at=AT,
        denied_code=asked.denial.code if asked.denial else None,
        denied_message=asked.denial.words if asked.denial else None,
    )
