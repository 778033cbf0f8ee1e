"""Databases, a role and a schema per service, and who may read whose tables."""

from __future__ import annotations

from typing import LiteralString

import psycopg
from psycopg import sql

from cytolake.blueprint import DATABASE, Blueprint
from cytolake.credentials import POSTGRES_ROLES

SCHEMAS = {
    "intake": "intake",
    "intake_secret": "intake",
    "ducklake": "transformer",
    "marts": "mart_loader",
    "audit": "lineage",
}
"""Schema: the role that owns it, and alone makes tables in it."""

READERS = {
    "intake": ("api", "dbt_marts", "lineage"),
    "intake_secret": (),
    "ducklake": ("mart_loader", "checker"),
    "marts": ("dbt_marts", "reader", "api", "checker", "validator"),
    "audit": ("api",),
}
"""Schema: the roles that may select from all its tables, present and future."""

DEFAULT_READING: LiteralString = (
    "alter default privileges for role {owner} in schema {schema} "
    "grant select on tables to {reader}"
)

# Grants on single tables (api writes its sources) are the owner's, in its own schema.sql.
EXTRA: tuple[LiteralString, ...] = (
    "grant create, usage on schema marts to dbt_marts",
    "alter default privileges for role dbt_marts in schema marts grant select on tables to reader",
    "grant usage on schema audit to intake, api, transformer, mart_loader",
    "alter role reader set default_transaction_read_only = on",
    "alter role reader in database cytolake set search_path = marts",
)


def provision_postgres(blueprint: Blueprint) -> None:
    """Make whatever is missing, and set every role's password to the remembered one."""
    admin = blueprint.dsn("postgres", database="postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        for role in POSTGRES_ROLES:
            _role(connection, role, blueprint.credentials.postgres[role])
        _database(connection, DATABASE, owner="postgres")
        _database(connection, "seaweedfs", owner="seaweedfs")
    with psycopg.connect(blueprint.dsn("postgres")) as connection:
        for statement in _statements():
            connection.execute(statement)


def _role(connection: psycopg.Connection, role: str, password: str) -> None:
    known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    verb: LiteralString = "alter" if known else "create"
    connection.execute(
        sql.SQL(verb + " role {} with login password {}").format(
            sql.Identifier(role), sql.Literal(password)
        )
    )


def _database(connection: psycopg.Connection, name: str, *, owner: str) -> None:
    known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
    identifiers = sql.Identifier(name), sql.Identifier(owner)
    if not known:
        connection.execute(sql.SQL("create database {} owner {}").format(*identifiers))
    connection.execute(sql.SQL("revoke all on database {} from public").format(identifiers[0]))


def _statements() -> list[sql.Composed | sql.SQL]:
    roles = sql.SQL(", ").join(
        sql.Identifier(role) for role in POSTGRES_ROLES if role not in {"postgres", "seaweedfs"}
    )
    statements: list[sql.Composed | sql.SQL] = [
        sql.SQL("grant connect, temporary on database cytolake to {}").format(roles),
        sql.SQL("revoke all on schema public from public"),
    ]
    for schema, owner in SCHEMAS.items():
        names = {"schema": sql.Identifier(schema), "owner": sql.Identifier(owner)}
        make = "create schema if not exists {schema} authorization {owner}"
        statements.append(sql.SQL(make).format(**names))
        for reader in READERS[schema]:
            statements += _reading(reader=sql.Identifier(reader), **names)
    return [*statements, *(sql.SQL(statement) for statement in EXTRA)]


def _reading(
    *, schema: sql.Identifier, owner: sql.Identifier, reader: sql.Identifier
) -> list[sql.Composed | sql.SQL]:
    forms: tuple[LiteralString, ...] = (
        "grant usage on schema {schema} to {reader}",
        "grant select on all tables in schema {schema} to {reader}",
        DEFAULT_READING,
    )
    return [sql.SQL(form).format(schema=schema, owner=owner, reader=reader) for form in forms]
