"""What a client of the stack needs to know, by the names of environment variables."""

from __future__ import annotations

from cytolake.blueprint import REGION, Blueprint
from cytolake.provision.policies import INBOUND


def client_environment(blueprint: Blueprint) -> dict[str, str]:
    """Return addresses, the operator's API key, and a key that can only put into inbound."""
    operator = blueprint.credentials.s3["operator"]
    return {
        "CYTOLAKE_HOME": str(blueprint.home.root),
        "CYTOLAKE_GATEWAY_URL": blueprint.gateway_url,
        "CYTOLAKE_API_KEY": blueprint.credentials.operator_api_key,
        "CYTOLAKE_S3_ENDPOINT": blueprint.s3_endpoint,
        "AWS_ACCESS_KEY_ID": operator.access_key,
        "AWS_SECRET_ACCESS_KEY": operator.secret_key,
        "AWS_DEFAULT_REGION": REGION,
        "CYTOLAKE_INBOUND_BUCKET": INBOUND,
        "CYTOLAKE_NATS_URL": blueprint.nats_url,
        "CYTOLAKE_MARTS_DSN": blueprint.dsn("reader"),
    }
