from __future__ import annotations

from pydantic import SecretStr

from cytolake_transformer.app import catalog_of, store_of
from cytolake_transformer.settings import TransformerSettings


def settings(dsn: str) -> TransformerSettings:
    return TransformerSettings(postgres_dsn=SecretStr(dsn), s3_secret_key=SecretStr("it's"))


def test_the_catalog_hides_its_password() -> None:
    catalog = catalog_of(settings("postgresql://transformer:p%40ss@127.0.0.1:5433/cytolake"))
    assert catalog.password == "p@ss"
    assert "p@ss" not in repr(catalog)
    assert catalog.path.startswith("ducklake:postgres:")
    for part in ("host=127.0.0.1", "port=5433", "user=transformer", "dbname=cytolake"):
        assert part in catalog.path


def test_a_name_with_a_blank_is_quoted() -> None:
    assert "dbname='my lake'" in catalog_of(settings("host=h dbname='my lake'")).path


def test_ducklake_keeps_apart_from_raw() -> None:
    assert catalog_of(settings("host=h")).data_path == "s3://lake/ducklake/"


def test_the_stores_secret_is_quoted_for_sql() -> None:
    assert "SECRET 'it''s'" in store_of(settings("host=h")).secret()


def test_the_salt_of_identities_reaches_duckdb_and_no_words() -> None:
    salted = settings("host=h").model_copy(update={"identity_salt": SecretStr("s4lt")})
    catalog = catalog_of(salted)
    assert catalog.environment()["CYTOLAKE_IDENTITY_SALT"] == "s4lt"
    assert "s4lt" not in repr(catalog)
