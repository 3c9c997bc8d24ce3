from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.policy import Reason, assess
from tests.incentives.policy.builders import FACTS, ON, assumption, case, fact, parameter, programme

A, B = {"fact": "a", "is": "true"}, {"fact": "b", "is": "true"}
PAIR = {"a": fact("boolean", "a"), "b": fact("boolean", "b")}
TRUTHS = (True, False, None)


def reasons(condition: dict[str, Any], given: dict[str, Any], /, **changes: Any) -> list[Reason]:
    return list(case(given, conditions=[condition], **changes).reasons)


def truth(condition: dict[str, Any], **facts: Any) -> bool | None:
    """How a condition comes out; a fact given as None is missing."""
    return reasons(condition, facts)[0].holds


def of_pair(condition: dict[str, Any], a: bool | None, b: bool | None) -> bool | None:
    return reasons(condition, {"a": a, "b": b}, facts=PAIR)[0].holds


def both(a: bool | None, b: bool | None) -> bool | None:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def turned(a: bool | None) -> bool | None:
    return None if a is None else not a


@pytest.mark.parametrize(("a", "b"), list(product(TRUTHS, TRUTHS)))
def test_kleene_truth_tables(a: bool | None, b: bool | None) -> None:
    assert of_pair({"all_of": [A, B]}, a, b) is both(a, b)
    assert of_pair({"any_of": [A, B]}, a, b) is turned(both(turned(a), turned(b)))
    assert of_pair({"not": A}, a, b) is turned(a)
    assert of_pair({"not": {"any_of": [A, {"not": B}]}}, a, b) is both(turned(a), b)


@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [
        ("at_least", False, True, True),
        ("above", False, False, True),
        ("at_most", True, True, False),
        ("below", True, False, False),
    ],
)
def test_bounds_of_money(operator: str, below: bool, at: bool, above: bool) -> None:
    condition = {"fact": "funds", operator: "200000000"}
    found = [truth(condition, funds=f) for f in ("199999999.99", "200000000", "200000000.01")]
    assert found == [below, at, above]


@pytest.mark.parametrize(
    ("condition", "facts", "holds"),
    [
        ({"fact": "people", "at_least": "10"}, {"people": "10"}, True),
        ({"fact": "share", "above": "50%"}, {"share": "0.5"}, False),
        ({"fact": "spent_in", "is": "2020"}, {"spent_in": "2020年"}, True),
        ({"fact": "level", "is": "national"}, {"level": "city"}, False),
        ({"fact": "level", "in": ["national", "city"]}, {"level": "city"}, True),
        ({"fact": "number", "is": "ab-1"}, {"number": "ＡＢ—1"}, True),
        ({"fact": "first", "is": "false"}, {"first": "否"}, True),
        ({"fact": "first", "is": False}, {"first": True}, False),
        ({"fact": "day", "on_or_after": "2020-08-20"}, {"day": "2020-08-20"}, True),
        ({"fact": "day", "on_or_after": "2020-08-20"}, {"day": "2020-08-19"}, False),
        ({"fact": "day", "on_or_before": "2020-08-20"}, {"day": "2020-08-20"}, True),
        ({"fact": "day", "on_or_before": "2020-08-20"}, {"day": "2020-08-21"}, False),
        ({"fact": "applicant_kind", "is": "fund"}, {"applicant_kind": "enterprise"}, False),
        ({"fact": "funds", "at_least": "1"}, {}, None),
    ],
)
def test_tests_on_every_type(
    condition: dict[str, Any], facts: dict[str, Any], holds: bool | None
) -> None:
    assert reasons(condition, facts)[-1].holds is holds


@pytest.mark.parametrize(
    ("day", "holds"),
    [("2018-05-31", False), ("2018-06-01", True), ("2021-06-01", True), ("2021-06-02", False)],
)
def test_within_years_holds_on_both_ends(day: str, holds: bool) -> None:
    assert truth({"fact": "day", "within": {"years": "3"}}, day=day) is holds


@given(st.integers(0, 5000), st.integers(-10, 6000))
def test_within_days(days: int, ago: int) -> None:
    condition = {"fact": "day", "within": {"days": str(days)}}
    day = str(ON - timedelta(days=ago))
    assert truth(condition, day=day) is (0 <= ago <= days)


def test_years_before_the_29th_of_february_go_back_to_the_28th() -> None:
    whole = programme(conditions=[{"fact": "day", "within": {"years": "3"}}])
    found = [
        assess(whole, date(2024, 2, 29), {"day": day}).reasons[0].holds
        for day in ("2021-02-27", "2021-02-28")
    ]
    assert found == [False, True]


def test_a_span_longer_than_the_calendar_looks_back_to_its_beginning() -> None:
    assert truth({"fact": "day", "within": {"years": "9999"}}, day="0001-01-01") is True


def test_a_false_condition_decides_though_other_facts_are_missing() -> None:
    conditions = [{"fact": "first", "is": "true"}, {"fact": "level", "is": "national"}]
    found = case({"first": "no"}, conditions=conditions)
    assert (found.decision, [r.holds for r in found.reasons]) == ("ineligible", [False, None])


def test_a_missing_fact_alone_never_says_no() -> None:
    conditions = [{"fact": "first", "is": "true"}, {"fact": "level", "is": "national"}]
    found = case({"first": "yes"}, conditions=conditions)
    assert (found.decision, found.missing) == ("needs_facts", ("level",))


def test_only_facts_that_matter_are_missing() -> None:
    condition = {"any_of": [{"fact": "first", "is": "true"}, {"fact": "people", "above": "3"}]}
    assert case({"first": "yes"}, conditions=[condition]).missing == ()
    assert case({"first": "no"}, conditions=[condition]).missing == ("people",)
    assert case({}, conditions=[condition]).missing == ("people", "first")


def test_a_threshold_may_be_a_setting() -> None:
    conditions = [{"fact": "funds", "at_least": "@least"}]
    given_ = {"conditions": conditions, "parameters": {"least": parameter("money")}}
    assert case({"funds": "5"}, **given_).decision == "needs_setting"
    assert case({"funds": "5"}, settings={"least": "5"}, **given_).decision == "eligible"
    assert case({"funds": "5"}, settings={"least": "5.01"}, **given_).decision == "ineligible"


def test_a_list_of_words_may_be_a_setting() -> None:
    conditions = [{"fact": "note", "in": "@fields"}]
    given_ = {"conditions": conditions, "parameters": {"fields": parameter("text_list", ["软件"])}}
    assert case({"note": "软件"}, **given_).decision == "eligible"
    assert case({"note": "钢铁"}, **given_).decision == "ineligible"
    assert case({"note": "钢铁"}, settings={"fields": ["钢铁"]}, **given_).decision == "eligible"


def test_a_day_may_be_an_assumption() -> None:
    conditions = [{"fact": "day", "on_or_after": "@from"}]
    given_ = {
        "conditions": conditions,
        "assumptions": {"from": assumption("2020-08-20", "1900-01-01")},
    }
    assert case({"day": "2020-08-19"}, **given_).decision == "ineligible"
    open_ = case({"day": "2020-08-19"}, settings={"from": "1900-01-01"}, **given_)
    assert (open_.decision, open_.assumptions[0].reading) == ("eligible", "1900-01-01")


def test_a_span_may_be_a_setting() -> None:
    conditions = [{"fact": "day", "within": {"years": "@years"}}]
    given_ = {"conditions": conditions, "parameters": {"years": parameter("integer")}}
    assert case({"day": "2019-06-01"}, **given_).unset == ("years",)
    assert case({"day": "2019-06-01"}, settings={"years": "2"}, **given_).decision == "eligible"
    assert case({"day": "2019-06-01"}, settings={"years": 1}, **given_).decision == "ineligible"


@pytest.mark.parametrize(
    ("condition", "facts", "zh", "en"),
    [
        (
            {"fact": "funds", "at_least": "8000000"},
            {},
            "事实不低于 8,000,000.00元",
            "funds is at least CNY 8,000,000.00",
        ),
        ({"fact": "share", "below": "5%"}, {}, "事实低于 5%", "share is below 5%"),
        (
            {"fact": "level", "in": ["city", "national"]},
            {},
            "事实属于：市级、国家级",
            "level is one of: city, national",
        ),
        ({"not": {"fact": "first", "is": "true"}}, {}, "并非：事实为“是”", "not: first is “yes”"),
        (
            {"fact": "day", "within": {"years": "3"}},
            {},
            "事实在近 3 年内",
            "day is within the last 3 years",
        ),
        (
            {
                "any_of": [
                    {"fact": "people", "above": "3"},
                    {"fact": "day", "on_or_before": "2020-01-01"},
                ]
            },
            {},
            "事实高于 3，或事实不晚于 2020-01-01",
            "people is above 3, or day is not after 2020-01-01",
        ),
        (
            {"fact": "first", "is": "true", "says": {"zh": "首次", "en": "first time"}},
            {},
            "首次",
            "first time",
        ),
    ],
)
def test_a_condition_says_itself(condition: Any, facts: Any, zh: str, en: str) -> None:
    labelled = {k: ({**f, "label": {"zh": "事实", "en": k}}) for k, f in FACTS.items()}
    said = reasons(condition, facts, facts=labelled)[0].text
    assert (said.zh, said.en) == (zh, en)


def test_a_reason_shows_the_values_it_saw() -> None:
    condition = {
        "id": "both",
        "all_of": [{"fact": "funds", "above": "1"}, {"fact": "first", "is": "true"}],
    }
    reason = reasons(condition, {"funds": "2,000"})[0]
    assert (reason.id, dict(reason.seen)) == ("both", {"funds": "2000.00", "first": None})


def test_who_may_apply_is_judged_once_the_applicant_is_known() -> None:
    assert case({}).decision == "eligible"
    assert case({"applicant_kind": "enterprise"}).decision == "eligible"
    refused = case({"applicant_kind": "person"})
    assert (refused.decision, refused.reasons[0].id) == ("ineligible", "applicant_kind")


@given(st.permutations(["first", "funds", "level", "people"]))
def test_the_order_of_facts_does_not_matter(order: list[str]) -> None:
    values = {"first": "yes", "funds": "7", "level": "city", "people": "2"}
    parts = {
        "conditions": [{"fact": "first", "is": "true"}, {"fact": "people", "at_least": "2"}],
        "amount": [
            {"rate_of": "funds", "rate": "50%"},
            {"by": "level", "table": {"national": "2", "city": "1"}},
        ],
    }
    assert case({k: values[k] for k in order}, **parts) == case(values, **parts)
