"""The one place that puts the transformer together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from psycopg.conninfo import conninfo_to_dict

from cytolake_contracts import FileValidated, LakeBuilt
from cytolake_contracts.datasets import load_contracts
from cytolake_runtime import Coalescer
from cytolake_runtime.retrying import until_it_passes
from cytolake_runtime.service import Service
from cytolake_runtime.topology import DURABLES
from cytolake_transformer.duck import Catalog, Store
from cytolake_transformer.handlers import Building, Transformation
from cytolake_transformer.lake import DuckLake
from cytolake_transformer.manifests import fingerprint
from cytolake_transformer.models import DbtModels
from cytolake_transformer.proof import Proof, Proving, made_with
from cytolake_transformer.settings import TransformerSettings
from cytolake_transformer.upkeep import Upkeep, maintained
from cytolake_transformer.writer import WriterLock

NAME = "transformer"
RETRY_SECONDS = 1.0
KEEP_FILES = timedelta(days=1)
"""For who reads them at this moment: no longer part of any snapshot that is kept."""
log = logging.getLogger(__name__)


def build_app(settings: TransformerSettings) -> Service:
    """Build the transformer; nothing is opened yet."""
    service = Service(settings, name=NAME)
    contracts = load_contracts().values()
    lock = WriterLock(settings.dsn)
    lake = DuckLake(catalog_of(settings), store_of(settings), contracts, lock=lock)
    target = settings.dbt_target_dir or settings.dbt_project_dir / "target"
    models = DbtModels(settings.dbt_project_dir, target, contracts)
    # One thread: dbt keeps global state, and there is one writer of the lake, always.
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lake")
    proof = Proof(lake, models, made_with=_made_with(settings))
    proving = _proving(service, settings, proof, thread)
    transformation = Transformation(
        building=Building(lake=lake, models=models),
        publish=service.bus.publish,
        marts=frozenset(proving.slice_keys),
        lake_bucket=settings.lake_bucket,
        executor=thread,
    )
    together = Coalescer(
        transformation.on_files_validated,
        max_items=settings.build_max_files,
        linger_seconds=settings.build_linger_seconds,
    )

    def in_thread(work: Callable[[], None]) -> Callable[[], asyncio.Future[None]]:
        return lambda: asyncio.get_running_loop().run_in_executor(thread, work)

    async def resume() -> None:
        words = "finishing what a crash left is put off"
        await until_it_passes(transformation.resume, words=words, delay_seconds=RETRY_SECONDS)
        await proving.forever(settings.lake_proof_hour)

    service.on_start(in_thread(lake.open))
    service.on_start(in_thread(models.open))
    service.on_stop(in_thread(lake.close))
    service.background(resume)
    _look_after(service, settings, lake, thread)
    service.bus.publishes(LakeBuilt)
    service.bus.consume(FileValidated, durable=NAME, handler=together, workers=_workers())
    return service


def _look_after(
    service: Service, settings: TransformerSettings, lake: DuckLake, thread: ThreadPoolExecutor
) -> None:
    """Maintain the lake every now and then, in the thread of the builds."""
    upkeep = Upkeep(
        lake,
        schema=settings.lake_schema,
        keep=timedelta(days=settings.lake_keep_days),
        keep_files=KEEP_FILES,
    )
    every = timedelta(hours=settings.lake_maintenance_hours)
    service.background(lambda: maintained(upkeep.steps, thread, every=every))


def _proving(
    service: Service, settings: TransformerSettings, proof: Proof, thread: ThreadPoolExecutor
) -> Proving:
    """Tell of what is found by the service's bus, as builds are told of."""
    marts = [contract for contract in load_contracts().values() if contract.zone == "mart"]
    return Proving(
        proof=proof,
        publish=service.bus.publish,
        executor=thread,
        slice_keys={contract.name: str(contract.slice_key) for contract in marts},
        site=settings.site,
    )


def _made_with(settings: TransformerSettings) -> str:
    salt = settings.identity_salt.get_secret_value()
    if not salt:
        log.warning("CYTOLAKE_IDENTITY_SALT is not set: hashes of identities can be guessed")
    return made_with(fingerprint(settings.dbt_project_dir), salt)


def catalog_of(settings: TransformerSettings) -> Catalog:
    """Return the lake as DuckDB attaches it: PostgreSQL's DSN in key=value form."""
    parts = {k: v for k, v in conninfo_to_dict(settings.dsn).items() if v is not None}
    password = str(parts.pop("password", ""))
    told = " ".join(f"{key}={_quoted(str(value))}" for key, value in parts.items())
    return Catalog(
        path=f"ducklake:postgres:{told}",
        data_path=settings.lake_data_path,
        schema=settings.lake_schema,
        password=password,
        salt=settings.identity_salt.get_secret_value(),
    )


def store_of(settings: TransformerSettings) -> Store:
    """Return the store as DuckDB reaches it."""
    return Store(
        endpoint=settings.s3_endpoint,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        region=settings.s3_region,
    )


def _workers() -> int:
    return next(durable.workers for durable in DURABLES if durable.name == NAME)


def _quoted(value: str) -> str:
    """Quote a value of a connection string (libpq, section 34.1.1.1) where it must be."""
    if value and not any(c in value for c in " '\\"):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
