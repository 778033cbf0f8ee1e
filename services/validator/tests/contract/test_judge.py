"""Great Expectations itself, against files generated from the contracts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pyarrow as pa
import pytest

from cytolake_contracts.dataset_examples import Violation, good_rows, violations
from cytolake_contracts.datasets import DatasetContract, load_contracts
from cytolake_validator.adapters import GreatExpectationsJudge, JudgementError
from cytolake_validator.rules import Candidate, broken_by_count

CONTRACTS = load_contracts()


@pytest.fixture(scope="module")
def judge() -> GreatExpectationsJudge:
    return GreatExpectationsJudge(CONTRACTS)


def candidate(contract: DatasetContract, rows: list[dict[str, object]]) -> Candidate:
    table = pa.Table.from_pylist(rows, schema=contract.arrow_schema())
    return Candidate(table=table, contract=contract)


def of_violation(contract: DatasetContract, violation: Violation) -> Candidate:
    return candidate(contract, list(violation.rows))


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda c: c.name)
class TestEveryRuleOfEveryContract:
    def test_a_violating_row_fails_exactly_its_rule(
        self, judge: GreatExpectationsJudge, contract: DatasetContract
    ) -> None:
        """All files of a contract in one batch: each is named for its own rule and rows only."""
        found = list(violations(contract))
        files = [of_violation(contract, violation) for violation in found]
        for violation, file, judged in zip(found, files, judge.judge(files), strict=True):
            assert not isinstance(judged, Exception), judged
            broken = {**broken_by_count(contract, file.table), **judged}
            assert broken == {violation.rule.id: violation.failing}

    def test_good_rows_break_nothing(
        self, judge: GreatExpectationsJudge, contract: DatasetContract
    ) -> None:
        assert judge.judge([candidate(contract, good_rows(contract, 50))]) == [{}]


SAMPLE, MEASUREMENT = CONTRACTS["sample"], CONTRACTS["measurement"]


def test_alone_and_together_lead_to_the_same(judge: GreatExpectationsJudge) -> None:
    files = [of_violation(SAMPLE, violation) for violation in violations(SAMPLE)]
    alone = [judge.judge([file])[0] for file in files]
    assert judge.judge(files) == alone


def test_same_ids_in_two_files_are_no_duplicates(judge: GreatExpectationsJudge) -> None:
    same = candidate(SAMPLE, good_rows(SAMPLE, 4))
    assert judge.judge([same, same]) == [{}, {}]


def test_datasets_that_wait_together_keep_their_order(judge: GreatExpectationsJudge) -> None:
    bad = next(v for v in violations(SAMPLE) if v.rule.id == "volume_is_positive")
    files = [
        candidate(MEASUREMENT, good_rows(MEASUREMENT, 2)),
        of_violation(SAMPLE, bad),
        candidate(MEASUREMENT, good_rows(MEASUREMENT, 3)),
    ]
    assert judge.judge(files) == [{}, {"volume_is_positive": bad.failing}, {}]


def test_a_row_may_break_several_rules(judge: GreatExpectationsJudge) -> None:
    row = dict.fromkeys(SAMPLE.column_names)
    required = {rule.id: (0,) for rule in SAMPLE.rules if rule.kind == "required"}
    assert judge.judge([candidate(SAMPLE, [row])]) == [required]


def test_not_a_number_is_no_missing_number(judge: GreatExpectationsJudge) -> None:
    missing, unreal = good_rows(MEASUREMENT, 2)
    missing["value_num"], unreal["value_num"] = None, float("nan")
    (judged,) = judge.judge([candidate(MEASUREMENT, [missing, unreal])])
    assert repr(judged) == "{'value_num_is_finite': (1,)}", "plain integers, for JSON"


def test_only_the_culprit_of_a_failed_batch_is_an_error(judge: GreatExpectationsJudge) -> None:
    good = candidate(SAMPLE, good_rows(SAMPLE, 2))
    odd = replace(good, table=good.table.drop_columns(["volume_ml"]))
    first, second, third = judge.judge([good, odd, good])
    assert (first, third) == ({}, {})
    assert isinstance(second, Exception)


def test_an_expectation_that_cannot_be_evaluated_is_no_verdict() -> None:
    broken_rule = next(rule for rule in SAMPLE.rules if rule.kind == "pattern")
    broken_rule = replace(broken_rule, params={"pattern": "("})
    judge = GreatExpectationsJudge({"sample": replace(SAMPLE, rules=(broken_rule,))})
    (judged,) = judge.judge([candidate(SAMPLE, good_rows(SAMPLE, 2))])
    assert isinstance(judged, JudgementError)


def test_threads_do_not_mix_up_results(judge: GreatExpectationsJudge) -> None:
    bad = next(v for v in violations(SAMPLE) if v.rule.id == "volume_is_positive")
    files = [of_violation(SAMPLE, bad), candidate(SAMPLE, good_rows(SAMPLE, 4))] * 8
    with ThreadPoolExecutor(4) as threads:
        judged = list(threads.map(lambda file: judge.judge([file])[0], files))
    assert judged == [{"volume_is_positive": bad.failing}, {}] * 8
