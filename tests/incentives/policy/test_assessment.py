import json
from datetime import date
from typing import Any

import pytest

from incentives.policy import InputError, assess, dumps, render
from tests.incentives.policy.builders import ON, assumption, case, parameter, programme, words

RATE = {
    "id": "team",
    "label": {"zh": "奖励", "en": "award"},
    "rate_of": "funds",
    "rate": {"between": ["3%", "5%"]},
}


def cap(**changes: Any) -> dict[str, Any]:
    return {
        "id": "project",
        "label": words("项目上限", "project cap"),
        "limit": "300000",
        "per": [],
        "period": "life",
        "printed": "true",
        **changes,
    }


def test_a_setting_needed_is_reported_before_facts() -> None:
    parts: dict[str, Any] = {
        "amount": [{"fixed": "@sum"}, "funds"],
        "parameters": {"sum": parameter("money")},
    }
    found = case({}, **parts)
    assert (found.decision, found.unset, found.missing) == ("needs_setting", ("sum",), ("funds",))


def test_a_setting_on_a_branch_not_taken_is_not_needed() -> None:
    guarded = {"fixed": "@sum", "when": {"fact": "level", "is": "national"}}
    parts: dict[str, Any] = {
        "amount": [{"fixed": "7"}, guarded],
        "parameters": {"sum": parameter("money")},
    }
    assert str(case({"level": "city"}, **parts).amount) == "7.00"
    assert case({"level": "national"}, **parts).decision == "needs_setting"
    unknown = case({}, **parts)
    assert (unknown.decision, unknown.unset, unknown.missing) == ("needs_facts", (), ("level",))


def test_only_the_rate_of_the_band_reached_need_be_set() -> None:
    rate = {"by": "level", "table": {"national": "@high", "city": "1%"}}
    parts: dict[str, Any] = {
        "amount": {"rate_of": "funds", "rate": rate},
        "parameters": {"high": parameter("rate")},
    }
    assert str(case({"funds": "100", "level": "city"}, **parts).amount) == "1.00"
    assert case({"funds": "100", "level": "national"}, **parts).unset == ("high",)


def test_ineligible_comes_first_and_gives_no_amount() -> None:
    found = case(
        {"first": "no"},
        conditions=[{"fact": "first", "is": "true"}],
        amount={"fixed": "@sum"},
        parameters={"sum": parameter("money")},
    )
    assert (found.decision, found.amount, found.minimum) == ("ineligible", None, None)


def test_a_cap_cuts_on_an_empty_history() -> None:
    found = case({"funds": "8000000"}, {"rate": "5%"}, amount=RATE, caps=[cap()])
    assert (found.decision, str(found.amount)) == ("eligible", "300000.00")
    assert [str(line.cuts) for line in found.caps] == ["100000.00"]
    assert found.steps[-1].id == "cap:project"
    assert found.steps[-1].text.zh == "项目上限：上限 300,000.00元，核减 100,000.00元"


def test_the_least_cap_decides_and_both_ends_are_cut() -> None:
    caps = [cap(), cap(id="unit", limit="250000", period="year")]
    found = case({"funds": "8000000"}, amount=RATE, caps=caps)
    assert (str(found.minimum), str(found.maximum)) == ("240000.00", "250000.00")


def test_a_cap_that_leaves_one_sum_settles_the_case() -> None:
    found = case({"funds": "80000000"}, amount=RATE, caps=[cap()])
    assert (found.decision, str(found.amount)) == ("eligible", "300000.00")


@pytest.mark.parametrize(("level", "amount"), [("national", "400000.00"), ("city", "10.00")])
def test_a_limit_by_table(level: str, amount: str) -> None:
    limit = {"by": "level", "table": {"national": "500000", "city": "10"}}
    found = case(
        {"funds": "8000000", "level": level}, {"rate": "5%"}, amount=RATE, caps=[cap(limit=limit)]
    )
    assert str(found.amount) == amount


def test_a_cap_that_does_not_apply_is_left_out() -> None:
    caps = [cap(when={"fact": "level", "is": "national"})]
    found = case({"funds": "80000000", "level": "city"}, {"rate": "5%"}, amount=RATE, caps=caps)
    assert (str(found.amount), found.caps) == ("4000000.00", ())
    assert case({"funds": "80000000"}, amount=RATE, caps=caps).missing == ("level",)


def test_a_count_of_awards_does_not_cut_the_first() -> None:
    found = case(
        {"funds": "1000"}, {"rate": "5%"}, amount=RATE, caps=[cap(unit="awards", limit="1")]
    )
    assert (str(found.amount), found.caps[0].cuts) == ("50.00", None)


def test_a_cap_on_each_member_does_not_cut_what_they_share() -> None:
    roles = {"applicant": ["enterprise"], "payee": "members", "members": "team"}
    caps = [cap(per=["payee"], limit="1")]
    found = case({"funds": "1000"}, {"rate": "5%"}, amount=RATE, caps=caps, roles=roles)
    assert (str(found.amount), found.caps[0].cuts) == ("50.00", None)


def test_the_reading_of_an_assumption_sets_the_period() -> None:
    parts: dict[str, Any] = {
        "caps": [cap(period="@span")],
        "assumptions": {"span": assumption("life", "year")},
    }
    assert case({}, **parts).caps[0].period == "life"
    other = case({}, settings={"span": "year"}, **parts)
    assert (other.caps[0].period, other.assumptions[0].reading) == ("year", "year")


@pytest.mark.parametrize(
    ("settings", "field", "expected"),
    [
        ({"span": "month"}, "settings.span", "write one of: life, year"),
        (
            {"sum": "much"},
            "settings.sum",
            "write yuan with at most two decimals, such as 8000000 or 8,000,000.00",
        ),
        ({"sums": "1"}, "settings.sums", "write one of: sum, table, span"),
        ({"table": {"national": "1"}}, "settings.table", "write exactly: national, city"),
        ({"table": "1"}, "settings.table", "write {option: yuan, ...}"),
        (
            {"table": {"national": "@sum", "city": "1"}},
            "settings.table",
            "write {option: yuan, ...}",
        ),
        ([], "settings", "write a mapping {name: value}"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(settings: Any, field: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        case(
            {},
            settings=settings,
            amount=[{"fixed": "@sum"}, {"by": "level", "table": "@table"}],
            caps=[cap(period="@span")],
            parameters={"sum": parameter("money"), "table": parameter("table")},
            assumptions={"span": assumption("life", "year")},
        )
    assert [(p.field, p.expected.en) for p in caught.value.problems] == [(field, expected)]


def test_a_setting_may_be_taken_back_to_unset() -> None:
    parts: dict[str, Any] = {
        "amount": {"fixed": "@sum"},
        "parameters": {"sum": parameter("money", "5")},
    }
    assert case({}, **parts).decision == "eligible"
    assert case({}, settings={"sum": "unset"}, **parts).decision == "needs_setting"


@pytest.mark.parametrize(
    ("on", "warnings"),
    [
        (date(2020, 8, 19), ["2020-08-19 is outside the time the programme is in force"]),
        (date(2020, 8, 20), []),
        (date(2023, 8, 20), []),
        (date(2023, 8, 21), ["2023-08-21 is outside the time the programme is in force"]),
    ],
)
def test_a_day_outside_the_time_in_force_is_warned_of(on: date, warnings: list[str]) -> None:
    whole = programme(in_force={"from": "2020-08-20", "until": "2023-08-20"})
    assert [str(w) for w in assess(whole, on, {}).warnings] == warnings


def test_a_day_outside_the_window_is_warned_of() -> None:
    whole = programme(window={"opens": "2021-06-02", "closes": "2021-07-01"})
    assert [str(w) for w in assess(whole, ON, {}).warnings] == [
        "2021-06-01 is outside the window for applications"
    ]


def test_each_node_says_what_it_did_in_both_languages() -> None:
    said = case({"funds": "8000000"}, {"rate": "5%"}, amount={**RATE, "at_most": "300000"}).steps[0]
    assert (
        said.text.zh
        == "奖励：事实 8,000,000.00元 × 5% = 400,000.00元；最高 300,000.00元，计 300,000.00元"
    )
    assert said.text.en == (
        "award: funds CNY 8,000,000.00 × 5% = CNY 400,000.00; "
        "at most CNY 300,000.00, so CNY 300,000.00"
    )


@pytest.mark.parametrize(
    ("node", "en"),
    [
        ({"fixed": "5"}, "fixed sum CNY 5.00"),
        ("funds", "funds CNY 100.10"),
        ({"by": "level", "table": {"national": "5", "city": "1"}}, "by fact (city): CNY 1.00"),
        (
            {"by_band": "people", "bands": [{"from": "0", "amount": "4"}]},
            "people 3 falls in the band of CNY 4.00",
        ),
        ({"match": "funds", "ratio": "1"}, "funds CNY 100.10 matched 1:1 = CNY 100.10"),
        ({"per_head": "people", "each": "6"}, "people 3 × CNY 6.00 each = CNY 18.00"),
        ({"up_to": "9"}, "up to CNY 9.00, still to be chosen"),
        ({"between": ["1", "9"]}, "from CNY 1.00 to CNY 9.00, still to be chosen"),
        ({"rate_of": "funds", "rate": "1.5%"}, "funds CNY 100.10 × 1.5% = CNY 1.5015"),
        ({"sum_of": ["funds", {"fixed": "1"}]}, "sum (CNY 100.10, CNY 1.00) = CNY 101.10"),
        ({"least_of": ["funds", {"fixed": "1"}]}, "least of (CNY 100.10, CNY 1.00) = CNY 1.00"),
        (
            {"greatest_of": ["funds", {"fixed": "1"}]},
            "greatest of (CNY 100.10, CNY 1.00) = CNY 100.10",
        ),
        ({"less": ["funds", {"fixed": "1"}]}, "CNY 100.10 − CNY 1.00 = CNY 99.10 (never below 0)"),
        (
            {
                "bands": {
                    "of": "funds",
                    "marginal": [
                        {"from": "0", "to": "100", "rate": "10%"},
                        {"from": "100", "rate": "5%"},
                    ],
                }
            },
            "funds CNY 100.10 in bands: CNY 100.00 × 10% + CNY 0.10 × 5% = CNY 10.005",
        ),
        (
            {"fixed": "5", "when": {"fact": "first", "is": "true"}},
            "its condition does not hold, so it counts nothing",
        ),
    ],
)
def test_the_words_of_every_node(node: Any, en: str) -> None:
    facts = {"funds": "100.10", "people": "3", "level": "city", "first": "no"}
    steps = [s for s in case(facts, amount=node).steps if s.id == "1"]
    assert [s.text.en for s in steps] == [en]
    assert all(s.text.zh for s in steps)


def test_the_total_and_the_rounding_are_steps_too() -> None:
    steps = case(
        {"funds": "0.50"}, amount=[{"rate_of": "funds", "rate": "1%"}, {"fixed": "1"}]
    ).steps
    assert [(s.id, str(s.minimum)) for s in steps] == [
        ("1", "0.01"),
        ("2", "1.00"),
        ("total", "1.01"),
        ("rounding", "1.01"),
    ]


def test_without_explanation_nothing_but_the_steps_is_lost() -> None:
    whole = programme(amount=RATE, caps=[cap()])
    full = assess(whole, ON, {"funds": "8000000"})
    bare = assess(whole, ON, {"funds": "8000000"}, explained=False)
    assert bare.steps == ()
    assert {**vars(bare), "steps": full.steps} == vars(full)


def test_the_rendering_is_plain_json_and_the_same_bytes_each_time() -> None:
    parts: dict[str, Any] = {"amount": RATE, "caps": [cap(per=["applicant"], period="year")]}
    first = dumps(render(case({"funds": "8000000"}, **parts)))
    assert first == dumps(render(case({"funds": "８,000,000"}, **parts)))
    assert json.loads(first) == {
        "programme": "test-award",
        "on": "2021-06-01",
        "decision": "needs_choice",
        "amount": None,
        "minimum": "240000.00",
        "maximum": "300000.00",
        "steps": [
            {
                "id": "team",
                "text": {
                    "zh": "奖励：事实 8,000,000.00元 × 3%–5% = 240,000.00元至400,000.00元",
                    "en": (
                        "award: funds CNY 8,000,000.00 × 3%–5% = CNY 240,000.00 to CNY 400,000.00"
                    ),
                },
                "minimum": "240000.00",
                "maximum": "400000.00",
            },
            {
                "id": "cap:project",
                "text": {
                    "zh": "项目上限：上限 300,000.00元，核减 100,000.00元",
                    "en": "project cap: the cap of CNY 300,000.00 cuts CNY 100,000.00",
                },
                "minimum": "240000.00",
                "maximum": "300000.00",
            },
        ],
        "reasons": [],
        "caps": [
            {
                "id": "project",
                "label": {"zh": "项目上限", "en": "project cap"},
                "limit": "300000.00",
                "unit": "yuan",
                "per": ["applicant"],
                "period": "year",
                "year_of": "approval",
                "printed": True,
                "cuts": "100000.00",
            }
        ],
        "missing": [],
        "unset": [],
        "choices": [{"name": "rate", "minimum": "3%", "maximum": "5%", "kind": "rate"}],
        "assumptions": [],
        "warnings": [],
    }
