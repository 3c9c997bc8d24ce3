from typing import Any

import pytest

from incentives.policy import InputError, asked, read_facts, render_error, unanswered
from tests.incentives.policy.builders import ON, case, fact, programme

WHOLE = programme()


@pytest.mark.parametrize(
    ("key", "written", "read"),
    [
        ("funds", "８，０００，０００", "8000000.00"),
        ("funds", 8000000, "8000000.00"),
        ("people", "1,200", "1200"),
        ("share", "12.5%", "0.125"),
        ("day", "2021年6月1日", "2021-06-01"),
        ("spent_in", "２０２０", "2020"),
        ("first", "是", "True"),
        ("level", " city ", "city"),
        ("number", "ab 12", "AB12"),
        ("applicant_kind", "fund", "fund"),
    ],
)
def test_facts_are_normalised_by_their_type(key: str, written: object, read: str) -> None:
    assert str(read_facts(WHOLE, {key: written})[key]) == read


@pytest.mark.parametrize("empty", [None, "", "  ", [], "\u3000"])
def test_what_is_left_empty_is_missing(empty: object) -> None:
    assert read_facts(WHOLE, {"funds": empty}) == {}


def problem(given: Any, /, **changes: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(InputError) as caught:
        read_facts(programme(**changes), given)
    return [(p.field, p.problem.en, p.expected.en) for p in caught.value.problems]


def test_a_wrong_option_names_those_there_are() -> None:
    assert problem({"level": "county"}) == [
        ("facts.level", "'county' is no option", "write one of: national (national), city (city)")
    ]


def test_an_unknown_fact_is_refused() -> None:
    fields = {"funds": fact("money"), "day": fact("date")}
    assert problem({"fund": "1"}, facts=fields) == [
        ("facts.fund", "the programme does not ask for 'fund'", "write one of: funds, day")
    ]


def test_every_wrong_field_is_named_at_once() -> None:
    found = problem({"funds": 1.5, "day": "soon", "first": "maybe"})
    assert [f for f, _, _ in found] == ["facts.funds", "facts.day", "facts.first"]


@pytest.mark.parametrize(
    ("type_", "bounds", "written", "expected"),
    [
        ("money", {"minimum": "10"}, "9.99", "write at least 10"),
        ("integer", {"maximum": "3"}, "4", "write at most 3"),
        ("percent", {"maximum": "100%"}, "101%", "write at most 100%"),
        ("date", {"minimum": "2020-08-20"}, "2020-08-19", "write at least 2020-08-20"),
        ("year", {"maximum": "2025"}, "2026", "write at most 2025"),
    ],
)
def test_bounds_of_a_fact(type_: str, bounds: dict[str, str], written: str, expected: str) -> None:
    fields = {"x": fact(type_, **bounds)}
    assert [e for _, _, e in problem({"x": written}, facts=fields)] == [expected]
    at_the_bound = next(iter(bounds.values()))
    assert list(read_facts(programme(facts=fields), {"x": at_the_bound})) == ["x"]


def test_a_roster_is_read_row_by_row() -> None:
    rows = [{"name": "甲", "rank": "senior", "cost": "1,000"}, {"name": "乙", "trained": "否"}]
    assert read_facts(WHOLE, {"team": rows})["team"] == (
        {"name": "甲", "rank": "senior", "cost": 1000},
        {"name": "乙", "trained": False},
    )


def test_a_roster_names_the_cell_that_is_wrong() -> None:
    rows = [{"name": "甲"}, {"cost": "much", "wage": "1"}, "丙"]
    assert [(f, p) for f, p, _ in problem({"team": rows})] == [
        ("facts.team.1.wage", "is no column"),
        ("facts.team.1.cost", "'much' is not a number"),
        ("facts.team.2", "is no row"),
    ]
    assert [f for f, _, _ in problem({"team": "甲"})] == ["facts.team"]


def test_facts_must_be_a_mapping() -> None:
    assert [f for f, _, _ in problem([])] == ["facts"]


def test_an_error_renders_as_field_problem_and_what_to_write() -> None:
    with pytest.raises(InputError) as caught:
        case({"funds": "-5"})
    assert render_error(caught.value) == {
        "error": {
            "field": "facts.funds",
            "problem": {"zh": "“-5”小于0", "en": "'-5' is below 0"},
            "expected": {
                "zh": "请以元为单位填写，最多两位小数，如 8000000 或 8,000,000.00",
                "en": "write yuan with at most two decimals, such as 8000000 or 8,000,000.00",
            },
        }
    }


def test_a_form_asks_what_applies_and_still_wants_what_is_neither_given_nor_optional() -> None:
    fields = {
        "first": fact("boolean"),
        "note": fact("text", optional="true"),
        "day": fact("date", asked_if={"fact": "first", "is": "true"}),
        "people": fact("integer"),
    }
    whole = programme(facts=fields)
    assert asked(whole, ON, {}, {}) == ["first", "note", "people"]
    assert asked(whole, ON, {"first": "yes"}, {}) == ["first", "note", "day", "people"]
    assert unanswered(whole, ON, {"first": "yes", "people": "1"}, {}) == ["day"]
