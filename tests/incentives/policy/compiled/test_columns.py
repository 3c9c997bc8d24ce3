from datetime import date
from typing import Any

import polars as pl
import pytest

from incentives.policy.compiled import Plan, compile_columns, framed, read_typed
from tests.incentives.policy.builders import ON, programme

HALF = {"rate_of": "funds", "rate": "50.5%"}


def plan(**changes: Any) -> Plan:
    return compile_columns(programme(**changes))


def assessed(plan: Plan, *facts: dict[str, Any], on: date = ON) -> list[tuple[Any, ...]]:
    typed = ((i, read_typed(plan.programme, each)) for i, each in enumerate(facts))
    held = framed(plan.programme.scope, plan.needs, typed)
    return plan.apply(held.frame, on).rows()


def test_needs_are_the_facts_that_are_read() -> None:
    conditions = [{"fact": "level", "is": "city"}, {"fact": "day", "within": {"years": "1"}}]
    assert plan(conditions=conditions, amount=HALF).needs == {
        "applicant_kind": plan().needs["applicant_kind"],
        "day": pl.Date(),
        "funds": pl.Int64(),
        "level": pl.Enum(["national", "city"]),
    }


def test_numbers_beyond_the_limit_are_exact_and_in_their_place() -> None:
    found = assessed(
        plan(amount=HALF), {"funds": "0.01"}, {"funds": "9999999999999999.99"}, {"funds": "1"}
    )
    assert found == [
        (0, "eligible", 1, 1),
        (1, "eligible", 504999999999999999, 504999999999999999),
        (2, "eligible", 51, 51),
    ]


def test_limits_are_named_only_where_64_bits_could_overflow() -> None:
    assert plan(amount="funds").limits == {}
    (limit,) = plan(amount=HALF).limits.values()
    assert limit * 505 < 2**63 <= limit * 10 * 505


def test_a_number_too_long_for_64_bits_is_assessed_row_by_row() -> None:
    rate = {"rate_of": "funds", "rate": "0.00000000000000000001"}
    found = plan(amount={"sum_of": [rate, "funds"]})
    assert found.by_row == "numbers too long for 64 bits"
    assert assessed(found, {"funds": "100.01"}) == [(0, "eligible", 10001, 10001)]


def test_a_sum_beyond_64_bits_is_refused() -> None:
    found = plan(amount={"match": "funds", "ratio": "100"})
    with pytest.raises(OverflowError, match="test-award: the sum of 0 is beyond 64 bits"):
        assessed(found, {"funds": "9999999999999999.99"})


def test_a_share_finer_than_a_column_stands_apart() -> None:
    rules = programme(conditions=[{"fact": "share", "at_least": "1%"}], amount=HALF)
    typed = [(n, read_typed(rules, {"share": s})) for n, s in enumerate(["1.00001%", "1.0001%"])]
    held = framed(rules.scope, compile_columns(rules).needs, typed)
    assert (held.apart, held.frame["share"].to_list()) == ([0], [10001])


def test_a_roster_without_rows_is_not_given() -> None:
    found = plan(amount={"per_head": "team", "each": "5"})
    frame = pl.DataFrame(
        {"id": [1, 2], "applicant_kind": [None, None], "team": [[], [{"name": "x"}]]},
        schema={"id": pl.Int64, **found.needs},
    )
    assert found.apply(frame, ON)["decision"].to_list() == ["needs_facts", "eligible"]


def test_grantable_rows_are_those_that_may_come_to_something() -> None:
    rules = {"conditions": [{"fact": "funds", "above": "1"}], "amount": {"up_to": "5"}}
    found = plan(**rules)
    typed = [(n, read_typed(found.programme, {"funds": f})) for n, f in enumerate(["1", "2"])]
    held = framed(found.programme.scope, found.needs, typed)
    assert found.grantable(held.frame, ON).rows() == [(1, "needs_choice", 0, 500)]
