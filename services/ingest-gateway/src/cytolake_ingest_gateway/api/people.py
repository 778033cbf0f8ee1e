"""`/v1/people`: the persons who decide or look, and their keys; a name is given once, for good.

Adding and revoking is an operator's. The bootstrap key of the one-machine stack may do it too, so
that there is a first person; it has no name and therefore decides nothing itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from cytolake_ingest_gateway.api.auth import Caller, operator
from cytolake_ingest_gateway.api.openapi import documented
from cytolake_ingest_gateway.api.problems import ProblemError
from cytolake_ingest_gateway.api.sources import new_api_key
from cytolake_ingest_gateway.people import Role

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$")]
Operator = Annotated[Caller, Depends(operator)]


class NewPerson(BaseModel):
    """A person to be added."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "jane.doe", "roles": ["reviewer"]}]},
    )

    name: Name = Field(description="One human being, for good: it stands beside each decision.")
    roles: frozenset[Role] = Field(min_length=1)


class Person(BaseModel):
    """A person."""

    name: str
    roles: list[Role]
    added_by: str
    added_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None


class PersonWithKey(Person):
    """The answer to adding one."""

    api_key: str = Field(description="Told once: only its hash is kept.")


class PersonList(BaseModel):
    """Everybody who was ever added, by name."""

    people: list[Person]


class People(Protocol):
    """The persons; every method raises Retryable while PostgreSQL is away."""

    async def people(self) -> list[Person]:
        """Return everybody, by name."""
        ...

    async def add_person(self, new: NewPerson, *, by: str, api_key: str) -> Person | None:
        """Add a person with a first key; None, changing nothing, if the name was ever given."""
        ...

    async def revoke(self, name: str, *, by: str) -> Person | None:
        """End a person's rights and keys; None if there is none of that name."""
        ...


router = APIRouter(prefix="/v1/people", tags=["people"], responses=documented(401, 403, 503))


def people(request: Request) -> People:
    found: People = request.app.state.people
    return found


Everybody = Annotated[People, Depends(people)]


@router.get("")
async def list_people(everybody: Everybody, _: Operator) -> PersonList:
    """Return everybody who was ever added; nobody is removed."""
    return PersonList(people=await everybody.people())


@router.post("", status_code=201, responses=documented(409, 422))
async def add_person(new: NewPerson, everybody: Everybody, known: Operator) -> PersonWithKey:
    """Add a person and get its API key."""
    api_key = new_api_key()
    added = await everybody.add_person(new, by=known.name, api_key=api_key)
    if added is None:
        words = f"The name {new.name!r} is taken, now or before: names are given once."
        raise ProblemError(409, "NAME_TAKEN", words)
    return PersonWithKey(**added.model_dump(), api_key=api_key)


@router.post("/{name}/revoke", responses=documented(404, 422))
async def revoke_person(name: Name, everybody: Everybody, known: Operator) -> Person:
    """End a person's rights and keys; what it decided stays, and so does its name."""
    revoked = await everybody.revoke(name, by=known.name)
    if revoked is None:
        raise ProblemError(404, "UNKNOWN_PERSON", f"There is no person {name!r}.")
    return revoked
