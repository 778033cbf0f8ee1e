"""Connect a LIMS: check the address and the user, find its streams, keep what pulls need."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from cytolake.errors import StackError
from cytolake.pulls.airbyte import Connector, Message, StalledError
from cytolake.pulls.asking import chosen
from cytolake.pulls.connection import Connection
from cytolake.pulls.manifests import Manifest
from cytolake.pulls.outbox import STATE
from cytolake.pulls.words import trouble

STREAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
CONFIG, CATALOG = "config.json", "catalog.json"


def connect(
    connection: Connection,
    manifest: Manifest,
    config: Mapping[str, str],
    *,
    only: Collection[str] = (),
) -> list[str]:
    """Keep how the LIMS is reached, once it has answered; return the names of its streams.

    `only` are those that it is to have; all without. Raises StackError, with nothing changed, when
    it refuses or cannot be reached.
    """
    _check_config(manifest, config)
    with connection.locked():
        before = connection.manifest.read_text() if connection.manifest.exists() else None
        connection.home.write_private(connection.manifest, manifest.text)
        try:
            connector = Connector(connection, dict(config))
            _check(connector)
            streams = chosen(_discovered(connector), only)
        except BaseException:
            _put_back(connection, before)
            raise
        if _moved(connection, config):  # another LIMS under this name: read from its beginning
            connection.file(STATE).unlink(missing_ok=True)
        connection.write(CONFIG, dict(config))
        connection.write(CATALOG, streams)
    return connection.stream_names()


def connector_of(connection: Connection) -> Connector:
    """Return the connector of a LIMS that was connected."""
    return Connector(connection, connection.read(CONFIG))


def _check_config(manifest: Manifest, config: Mapping[str, str]) -> None:
    missing = [name for name in manifest.required if not config.get(name)]
    if missing:
        raise StackError(f"this manifest needs {', '.join(missing)}: see --help")
    if unknown := sorted(set(config) - set(manifest.properties)):
        known = ", ".join(manifest.properties)
        raise StackError(f"this manifest does not ask for {unknown[0]}; it asks for {known}")
    for name, value in config.items():
        pattern = manifest.properties[name].get("pattern")
        if pattern and not re.search(pattern, value):
            raise StackError(f"{name} {value!r} is not of the form {pattern}")
    address = urlsplit(config.get("base_url", "https://none"))
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise StackError("the address begins with https:// (or http://) and names a host")
    if address.username or address.password:
        raise StackError("no user or password in the address: there are options for them")


def _check(connector: Connector) -> None:
    said = _heard(connector, "check", "CONNECTION_STATUS")
    if said["connectionStatus"]["status"] != "SUCCEEDED":
        found = trouble(str(said["connectionStatus"].get("message")))
        raise StackError(f"{found.code}: {found.words}")


def _discovered(connector: Connector) -> list[Message]:
    said = _heard(connector, "discover", "CATALOG")
    streams: list[Message] = said["catalog"]["streams"]
    if bad := [one["name"] for one in streams if not STREAM.fullmatch(one["name"])]:
        raise StackError(f"stream {bad[0]!r}: a name is letters, digits, '_', '-' and '.'")
    return streams


def _heard(connector: Connector, verb: str, kind: str) -> Message:
    """Return the one message that answers; raise StackError in words when there is none."""
    error = "the connector ended without an answer"
    try:
        with connector.told(verb) as messages:
            for message in messages:
                if message.get("type") == kind:
                    return message
                if (message.get("trace") or {}).get("type") == "ERROR":
                    error = str(message["trace"]["error"].get("message"))
    except StalledError as stalled:
        raise StackError(f"LIMS_SILENT: {stalled}") from stalled
    found = trouble(error)
    raise StackError(f"{found.code}: {found.words}")


def _moved(connection: Connection, config: Mapping[str, str]) -> bool:
    before = connection.read(CONFIG) if connection.file(CONFIG).exists() else {}
    return bool(before) and before.get("base_url") != config.get("base_url")


def _put_back(connection: Connection, manifest: str | None) -> None:
    if manifest is None:
        connection.manifest.unlink(missing_ok=True)
    else:
        connection.home.write_private(connection.manifest, manifest)
