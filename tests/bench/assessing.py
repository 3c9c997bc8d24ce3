from collections.abc import Mapping
from datetime import date
from functools import cache

from incentives.domain.catalogue import catalogue_programmes
from incentives.policy import Programme, assess
from incentives.policy.compiled import GRANTABLE, Plan, TypedValue, compile_columns, read_typed
from incentives.policy.compiled.rows import Row, compile_rows
from tests.bench.clock import seconds

ROUNDS, EXPLAINED_ROUNDS = 400, 10


def explained_a_second() -> float:
    """Every worked example of the catalogue, with its explanation, over and over in one process."""
    cases = [
        (rules, example) for rules in catalogue_programmes().values() for example in rules.examples
    ]

    def work() -> None:
        for _ in range(EXPLAINED_ROUNDS):
            for rules, example in cases:
                assess(rules, example.day, example.facts, example.choices, example.settings)

    return EXPLAINED_ROUNDS * len(cases) / seconds(work)


def assessments_a_second() -> float:
    """The examples of computable programmes by compiled functions, facts read beforehand."""
    cases = [case for plan in computable().values() for case in compiled_cases(plan.programme)]

    def work() -> None:
        for _ in range(ROUNDS):
            for row, facts, on in cases:
                row(facts, on)

    return ROUNDS * len(cases) / seconds(work)


def compiled_cases(rules: Programme) -> list[tuple[Row, Mapping[str, TypedValue], date]]:
    return [
        (compile_rows(rules, e.settings), read_typed(rules, e.facts), e.day)
        for e in rules.examples
        if not e.recognitions and not e.history
    ]


@cache
def computable() -> Mapping[str, Plan]:
    """The programmes with a sum that an example reaches on the file's own settings."""
    return {
        code: compile_columns(rules)
        for code, rules in catalogue_programmes().items()
        if rules.amount and any(comes_to_a_sum(rules, row) for row in compiled_cases(rules))
    }


def comes_to_a_sum(rules: Programme, case: tuple[Row, Mapping[str, TypedValue], date]) -> bool:
    _, facts, on = case
    return compile_rows(rules)(facts, on).decision in GRANTABLE
