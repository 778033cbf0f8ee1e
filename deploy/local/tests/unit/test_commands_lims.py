"""`lims …` as a user types it, against the real gateway over memory."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from cytolake import commands_lims, commands_lims_keys
from cytolake.client import Gateway
from cytolake_ingest_gateway.api.testing import OPERATOR_KEY, MemoryGateway
from cytolake_ingest_gateway.api.webhooks.keys import generated_secret


@dataclass
class Shell:
    """Runs `lims` commands on one gateway."""

    memory: MemoryGateway = field(default_factory=MemoryGateway)

    def gateway(self, _: Path) -> Gateway:
        """Return a client whose requests end in memory."""

        def answer(request: httpx.Request) -> httpx.Response:
            async def ask() -> httpx.Response:
                async with self.memory.client() as client:
                    return await client.request(
                        request.method,
                        request.url.path,
                        content=request.read(),
                        headers=request.headers,
                    )

            found = asyncio.run(ask())
            return httpx.Response(found.status_code, content=found.content)

        transport = httpx.MockTransport(answer)
        headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
        return Gateway(httpx.Client(base_url="http://gw", transport=transport, headers=headers))

    def __call__(self, *words: str) -> tuple[int, str]:
        app = typer.Typer()
        commands_lims.register(app)
        commands_lims_keys.register(app)
        result = CliRunner().invoke(app, words, env={"COLUMNS": "240"})
        return result.exit_code, result.output

    def told(self, *words: str) -> Any:
        code, output = self(*words, "--json")
        assert code == 0, output
        return json.loads(output)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell()
    for module in (commands_lims, commands_lims_keys):
        monkeypatch.setattr(module, "gateway_of", made.gateway)
    return made


def test_add_prints_the_address_and_the_secret_once(shell: Shell) -> None:
    code, output = shell("add", "acme", "--timezone", "Europe/Berlin")
    assert code == 0
    assert "POST http://gw/v1/webhooks/acme" in output
    assert "lims/acme" in output
    (secret,) = (word for word in output.split() if word.startswith("whsec_"))
    code, output = shell("add", "acme", "--timezone", "Europe/Berlin")
    assert (code, "whsec_" in output) == (0, False)
    for words in (("list",), ("show", "acme"), ("show", "acme", "--json")):
        code, output = shell(*words)
        assert code == 0
        assert "acme" in output
        assert secret not in output


def test_every_way_of_signing_can_be_said(shell: Shell, tmp_path: Path) -> None:
    jwks = "https://apps.benchling.com/api/v1/apps/appdef_x/jwks"
    found = shell.told("add", "b", "--verify", "benchling", "--jwks-url", jwks)
    assert (found["verify"]["jwks_url"], found["key"]) == (jwks, None)
    key = tmp_path / "key"
    key.write_text("a secret of some length\n")
    words = ("--header", "X-Signature", "--prefix", "sha256=", "--encoding", "base64")
    found = shell.told("add", "h", "--verify", "hmac", "--key-file", str(key), *words)
    assert found["key"] is None
    assert found["verify"] == {
        "scheme": "hmac",
        "header": "X-Signature",
        "encoding": "base64",
        "prefix": "sha256=",
        "is_timestamped": False,
    }
    assert shell.memory.lims.keys["h"][0][1] == "a secret of some length"
    timed = ("--verify", "hmac", "--header", "Stripe-Signature", "--timestamped")
    assert shell.told("add", "s", *timed)["verify"]["is_timestamped"] is True


def test_rotation_is_two_steps(shell: Shell) -> None:
    old = shell.told("add", "acme")["key"]
    code, output = shell("rotate", "acme")
    assert code == 0
    assert "2 valid keys" in output
    assert "--retire" in output
    code, output = shell("rotate", "acme", "--retire")
    assert (code, "1 older keys" in output) == (0, True)
    assert old not in [text for _, text in shell.memory.lims.keys["acme"]]


def test_what_is_fetched_is_said_and_changed(shell: Shell, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("user:pw")
    where = ("--fetch-from", "https://x.example", "--resource", "sample.*=/samples/{id}")
    found = shell.told("add", "acme", *where, "--fetch-token-file", str(token), "--basic")
    assert found["fetch"] == {
        "base_urls": ["https://x.example"],
        "resources": {"sample.*": "/samples/{id}"},
        "authorization": "basic",
    }
    assert shell.memory.lims.tokens == {"acme": "user:pw"}
    code, output = shell("change", "acme", "--fetch-from", "https://y.example")
    assert (code, output) == (0, "LIMS acme: fetches from https://y.example\n")
    code, output = shell("change", "acme", "--no-fetch")
    assert (code, output) == (0, "LIMS acme: fetches from nowhere\n")
    assert shell.told("retry", "acme") == {"count": 0}


def test_what_cannot_be_ends_in_words(shell: Shell, tmp_path: Path) -> None:
    for words, said in [
        (("add", "acme", "--verify", "benchling"), "jwks_url"),
        (("add", "acme", "--fetch-token-file", str(tmp_path / "none")), "cannot be read"),
        (("add", "acme", "--resource", "a=/b/{id}"), "--fetch-from"),
        (("add", "acme", "--fetch-from", "https://x.example", "--resource", "a"), "PATTERN=PATH"),
        (("add", "acme", "--layout", "none_such"), "none_such"),
        (("show", "nobody"), "nobody"),
        (("rotate", "nobody"), "nobody"),
    ]:
        code, output = shell(*words)
        assert code == 2, (words, output)
        assert said in output


def test_a_webhook_can_be_sent_to_try_it(shell: Shell, tmp_path: Path) -> None:
    key, event = tmp_path / "key", tmp_path / "event.json"
    key.write_text(generated_secret())
    event.write_bytes(b'{"label": "SYNTHETIC"}')
    assert shell("add", "acme", "--key-file", str(key))[0] == 0
    code, output = shell("send", "acme", str(event), "--key-file", str(key))
    assert (code, "is stored" in output) == (0, True)
    code, output = shell("send", "acme", str(event), "--key-file", str(key))
    assert (code, "stored before" in output) == (0, True)
    assert [body for _, body, _ in shell.memory.stored] == [event.read_bytes()]
    key.write_text(generated_secret())
    code, output = shell("send", "acme", str(event), "--key-file", str(key))
    assert (code, "No signature" in output) == (2, True)
