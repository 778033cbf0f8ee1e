"""The OpenAPI document: FastAPI's own, with every refusal as the problem it really is."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from cytolake_ingest_gateway.api.problems import MEDIA_TYPE, Problem

_UNUSED = ("HTTPValidationError", "ValidationError")


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's `responses` for these refusals."""
    return {status: _problem(status) for status in statuses}


def install(app: FastAPI) -> None:
    """Let the app describe itself so."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        schemas = document["components"]["schemas"]
        schemas["Problem"] = Problem.model_json_schema()
        for unused in _UNUSED:
            schemas.pop(unused, None)
        for methods in document["paths"].values():
            for operation in methods.values():
                if "422" in operation["responses"]:
                    operation["responses"]["422"] = _problem(HTTPStatus.UNPROCESSABLE_ENTITY)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
