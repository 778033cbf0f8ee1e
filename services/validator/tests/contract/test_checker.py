from __future__ import annotations

from pydantic import SecretStr

from cytolake_contracts import FileQuarantined, LakeBuilt
from cytolake_contracts.examples import valid_examples
from cytolake_contracts.schemas import operations_of
from cytolake_runtime.service import Service
from cytolake_runtime.testing import declared_operations
from cytolake_validator.checker.app import build_app
from cytolake_validator.checker.settings import CheckerSettings
from cytolake_validator.checker.testing import MemoryShelf, checking


def service() -> Service:
    return build_app(CheckerSettings(postgres_dsn=SecretStr("postgresql://nowhere")))


def test_asyncapi_equals_the_contract() -> None:
    assert declared_operations(service()) == operations_of("checker")


async def test_every_valid_example_is_looked_at() -> None:
    checker = checking(MemoryShelf())
    for body in valid_examples(LakeBuilt.type_name()).values():
        await checker.on_lake_built(LakeBuilt.from_bytes(body))
    for body in valid_examples(FileQuarantined.type_name()).values():
        await checker.on_file_quarantined(FileQuarantined.from_bytes(body))
