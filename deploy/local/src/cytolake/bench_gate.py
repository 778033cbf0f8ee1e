"""What Great Expectations costs as the gate, by dataset: one file alone, and each of 30 that wait.

In this process, by the validator's own judge; without store and broker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

import pyarrow as pa

from cytolake_contracts.dataset_examples import good_rows
from cytolake_contracts.datasets import load_contracts

ROWS, WAITING = 300, 30


@dataclass(frozen=True, slots=True)
class GateCost:
    """Milliseconds a file, medians."""

    alone: float
    waiting: float

    def as_dict(self) -> dict[str, float]:
        """Return the figures rounded to a hundredth."""
        return {"alone": round(self.alone, 2), "of_30_that_wait": round(self.waiting, 2)}


def measure_gate(rounds: int) -> Mapping[str, GateCost]:
    """Judge files of 300 good rows of each dataset of the raw zone."""
    # Late: Great Expectations takes seconds to import.
    from cytolake_validator.adapters import GreatExpectationsJudge  # noqa: PLC0415
    from cytolake_validator.rules import Candidate  # noqa: PLC0415

    contracts = {c.name: c for c in load_contracts().values() if c.zone == "raw"}
    judge = GreatExpectationsJudge(contracts)
    costs = {}
    for name, contract in sorted(contracts.items()):
        table = pa.Table.from_pylist(good_rows(contract, ROWS), schema=contract.arrow_schema())
        file = Candidate(table=table, contract=contract)
        if judge.judge([file]) != [{}]:
            raise ValueError(f"good rows of {name} do not pass")
        costs[name] = GateCost(
            alone=_milliseconds(lambda file=file: judge.judge([file]), rounds),  # type: ignore[misc]
            waiting=_milliseconds(lambda file=file: judge.judge([file] * WAITING), rounds)  # type: ignore[misc]
            / WAITING,
        )
    return costs


def _milliseconds(work: Callable[[], object], rounds: int) -> float:
    work()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken) * 1000
