"""SeaweedFS: users, policies and the way its data is written, through its own shell."""

from __future__ import annotations

import subprocess

from cytolake import binaries
from cytolake.blueprint import Blueprint
from cytolake.credentials import S3Key
from cytolake.errors import StackError
from cytolake.provision.policies import STATEMENTS, Statement, document
from cytolake.servers import seaweedfs

# One volume per bucket at first: the files are small, and one fsync then serves many writers.
WRITING = "fs.configure -locationPrefix=/buckets/ -fsync -volumeGrowthCount=1 -apply"


def provision_store(blueprint: Blueprint) -> None:
    """Write every service's key and rights into the filer, where the gateway sees them at once."""
    commands = [WRITING]
    for user, statements in STATEMENTS.items():
        commands += _user_commands(blueprint, user, blueprint.credentials.s3[user], statements)
    run_shell(blueprint, commands)


def add_user(blueprint: Blueprint, user: str, key: S3Key, statements: list[Statement]) -> None:
    """Add one user to the running store; raises StackError when its shell refuses."""
    run_shell(blueprint, _user_commands(blueprint, user, key, statements))


def run_shell(blueprint: Blueprint, commands: list[str]) -> str:
    """Run `weed shell` commands, given on its standard input: secrets stay off the argv."""
    shell = [
        *(str(binaries.weed()), "shell"),
        *(f"-master={seaweedfs.master(blueprint)}", f"-filer={seaweedfs.filer(blueprint)}"),
    ]
    done = subprocess.run(
        # It waits for its servers without end, so it must not outlive whoever asked.
        binaries.guarded(shell, stop_signal="KILL"),
        input="\n".join([*commands, ""]),
        cwd=blueprint.home.etc,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    faults = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    faults += [line for line in done.stdout.splitlines() if line.startswith("error:")]
    if done.returncode != 0 or faults:
        raise StackError(f"SeaweedFS refused a setting: {'; '.join(faults) or done.stderr}")
    return done.stdout


def _user_commands(
    blueprint: Blueprint, user: str, key: S3Key, statements: list[Statement]
) -> list[str]:
    folder = blueprint.home.etc / "policies"
    folder.mkdir(exist_ok=True)
    file = blueprint.home.write_private(folder / f"{user}.json", document(statements))
    pair = f"-access_key={key.access_key} -secret_key={key.secret_key}"
    return [
        f"s3.policy -put -name={user} -file={file}",
        f"s3.configure -user={user} -policies={user} {pair} -apply",
    ]
