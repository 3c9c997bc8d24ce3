"""What stands around an amount: derived values, rows, tallies, registers, earlier grants."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from incentives.policy import InputError, assess, render, row_requests, tally_keys
from tests.incentives.policy.builders import (
    FACTS,
    ON,
    amount_of,
    case,
    fact,
    parameter,
    programme,
    words,
)


def derived(type_: str, **value: Any) -> dict[str, Any]:
    return {"x": {"type": type_, "label": words("某值", "x"), **value}}


def value_of(given_: dict[str, Any], type_: str, **value: Any) -> tuple[str | None, str]:
    found = case(given_, derived=derived(type_, **value), amount="funds").derived[0]
    return found.value, found.text.en


GROWTH = {"growth_rate_of": {"this": "funds", "last": "other_funds"}, "when_last_zero": "3%"}


@pytest.mark.parametrize(
    ("this", "last", "rate"),
    [
        ("120", "100", "0.2000"),
        ("80", "100", "-0.2000"),
        ("100", "", None),
        ("100010", "100000", "0.0001"),
        ("100005", "100000", "0.0001"),  # half of 0.01% goes up
        ("100004.99", "100000", "0.0000"),
        ("5", "0", "0.03"),
        ("0", "5", "-1.0000"),
    ],
)
def test_growth_is_rounded_to_a_hundredth_of_a_percent(
    this: str, last: str, rate: str | None
) -> None:
    given_ = {"funds": this, "other_funds": last}
    assert value_of(given_, "percent", **GROWTH)[0] == rate


def test_growth_that_shrinks_fails_a_condition_and_counts_nothing_as_a_rate() -> None:
    given_ = {"funds": "80", "other_funds": "100"}
    rate = {"rate_of": "funds", "rate": {"fact": "x"}}
    found = case(given_, derived=derived("percent", **GROWTH), amount=rate)
    assert str(found.amount) == "0.00"
    least = [{"fact": "x", "at_least": "0%"}]
    held = case(given_, derived=derived("percent", **GROWTH), amount=rate, conditions=least)
    assert (held.decision, held.reasons[0].seen) == ("ineligible", {"x": "-0.2000"})


UNKNOWN = {**GROWTH, "when_last_zero": "unknown"}


def test_growth_from_nothing_may_be_left_to_the_reviewers() -> None:
    part = {
        "derived": derived("percent", **UNKNOWN),
        "amount": {"rate_of": "funds", "rate": {"fact": "x"}},
    }
    zero = {"funds": "80", "other_funds": "0"}
    assert case(zero, **part).missing == ("x",)
    assert str(case({**zero, "x": "10%"}, **part).amount) == "8.00"
    with pytest.raises(InputError, match=r"facts\.x: is worked out from the other facts"):
        case({"funds": "80", "other_funds": "1", "x": "10%"}, **part)


def test_a_derived_value_cannot_be_given() -> None:
    with pytest.raises(InputError, match="does not ask for 'x'"):
        case({"x": "10%"}, derived=derived("percent", **GROWTH))


def test_what_a_derived_value_lacks_is_asked_for() -> None:
    part = {"derived": derived("percent", **GROWTH), "amount": {"fixed": "1"}}
    found = case({"funds": "80"}, conditions=[{"fact": "x", "at_least": "1%"}], **part)
    assert (found.decision, found.missing) == ("needs_facts", ("other_funds",))


@pytest.mark.parametrize(
    ("spent", "index"), [("2020", "0"), ("2021", "1"), ("2023", "3"), ("2024", "0")]
)
def test_a_series_counts_calendar_years(spent: str, index: str) -> None:
    series = {"series_index": {"from": "day", "at": "spent_in"}, "years": "3"}
    assert value_of({"day": "2021-12-31", "spent_in": spent}, "integer", **series)[0] == index


def test_a_series_may_run_to_the_day_of_the_case() -> None:
    series = {"series_index": {"from": "day", "at": "on"}, "years": "3"}
    assert value_of({"day": "2020-12-31"}, "integer", **series) == (
        "2",
        "2021 is year 2 from 2020 on",
    )


@pytest.mark.parametrize(
    ("since", "years"),
    [("2020-06-01", "1"), ("2020-06-02", "0"), ("2016-02-29", "5"), ("2021-06-02", "-1")],
)
def test_whole_years_to_the_day_of_the_case(since: str, years: str) -> None:
    assert value_of({"day": since}, "integer", years_since="day")[0] == years


TEAM = [{"rank": "senior", "cost": "10.5", "trained": "yes"}, {"rank": "junior", "cost": "1"}]
SENIOR = {"fact": "rank", "in": ["senior"]}


def test_rows_are_counted_and_added_up() -> None:
    assert value_of({"team": TEAM}, "integer", count_of="team")[0] == "2"
    assert value_of({"team": TEAM}, "integer", count_of="team", where=SENIOR)[0] == "1"
    total = {"total_of": "team", "column": "cost"}
    assert value_of({"team": TEAM}, "money", **total)[0] == "11.50"
    assert value_of({"team": TEAM}, "money", **total, where=SENIOR)[0] == "10.50"
    trained = {"fact": "trained", "is": "true"}
    assert value_of({"team": TEAM}, "integer", count_of="team", where=trained)[0] is None
    assert value_of({}, "money", **total)[0] is None


def test_a_derived_amount_tells_how_it_is_made() -> None:
    node = {"least_of": ["funds", "other_funds"]}
    assert value_of({"funds": "7", "other_funds": "5"}, "money", amount=node) == (
        "5.00",
        "least of (CNY 7.00, CNY 5.00) = CNY 5.00",
    )


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (derived("money", amount={"up_to": "5"}), "must be settled by the facts alone"),
        (derived("money", amount="x"), "'x' is not worked out yet"),
        (derived("integer", years_since="funds"), "fact 'funds' is of type money"),
        (derived("money", total_of="team", column="rank"), "fact 'rank' is of type choice"),
        (derived("money", **GROWTH), "Input should be 'percent'"),
        (derived("money", half_of="funds"), "no derived value; write one of growth_rate_of"),
        ({"funds": derived("integer", years_since="day")["x"]}, "is used more than once"),
        ({"on": derived("integer", years_since="day")["x"]}, "'on' is a reserved name"),
    ],
)
def test_a_derived_value_that_cannot_be_worked_out_is_refused(value: Any, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        programme(derived=value)


OPTIONAL = {
    **FACTS,
    "audited": fact("money", "audited", optional=True),
    "taxed": fact("money", "taxed", optional=True),
}


@pytest.mark.parametrize(
    ("given_", "amount"),
    [
        ({"funds": "9"}, "9.00"),
        ({"funds": "9", "audited": "7"}, "7.00"),
        ({"funds": "9", "audited": "7", "taxed": "8"}, "7.00"),
    ],
)
def test_optional_figures_that_are_missing_are_left_out(given_: Any, amount: str) -> None:
    node = {"least_of": ["funds", "audited", "taxed"], "missing": "left_out"}
    assert str(case(given_, facts=OPTIONAL, amount=node).amount) == amount


def test_a_required_figure_is_never_left_out_and_all_missing_is_unknown() -> None:
    node = {"least_of": ["funds", "audited"], "missing": "left_out"}
    found = case({"audited": "7"}, facts=OPTIONAL, amount=node)
    assert (found.decision, found.missing) == ("needs_facts", ("funds",))
    both = {"sum_of": ["audited", "taxed"], "missing": "left_out"}
    found = case({}, facts=OPTIONAL, amount=both)
    assert (found.decision, found.missing) == ("needs_facts", ("audited", "taxed"))


def test_an_optional_fact_counts_what_is_stated_while_it_is_not_given() -> None:
    node = {"less": ["funds", {"fact": "audited", "missing": "2"}]}
    found = case({"funds": "9"}, facts=OPTIONAL, amount=node)
    assert str(found.amount) == "7.00"
    assert found.steps[0].text.en == "audited not given: CNY 2.00"
    with pytest.raises(ValidationError, match="'funds' has to be given"):
        programme(amount={"fact": "funds", "missing": "0"})
    with pytest.raises(ValidationError, match="every fact of the parts has to be given"):
        programme(amount={"least_of": ["funds", "other_funds"], "missing": "left_out"})


@pytest.mark.parametrize(("funds", "amount"), [("4.99", "0.00"), ("5", "10.00"), ("15", "15.00")])
def test_below_the_least_sum_there_is_nothing_whatever_the_floor(funds: str, amount: str) -> None:
    node = {"fact": "funds", "nothing_below": "5", "at_least": "10"}
    assert amount_of(node, funds=funds) == amount


def test_a_choice_may_fall_below_the_least_sum() -> None:
    node = {"up_to": "100", "nothing_below": "30"}
    assert [str(case({}, {"amount": a}, amount=node).amount) for a in ("29", "30")] == [
        "0.00",
        "30.00",
    ]
    loose = case({}, amount=node)
    assert (loose.minimum, loose.maximum) == (0, 100)


def test_a_plain_number_or_a_setting_stands_for_a_sum() -> None:
    node = {"least_of": ["funds", "3,000", "@most"]}
    found = case({"funds": "9000"}, amount=node, parameters={"most": parameter("money", "2000")})
    assert str(found.amount) == "2000.00"


@pytest.mark.parametrize(("this", "amount"), [("9", "4.00"), ("5", "0.00"), ("1", "0.00")])
def test_an_increase_is_never_below_nothing(this: str, amount: str) -> None:
    node = {"increase_of": {"this": "funds", "last": "other_funds"}}
    assert amount_of(node, funds=this, other_funds="5") == amount


def test_a_number_outside_its_table_counts_nothing_and_says_so() -> None:
    found = case({"people": "3"}, amount={"by": "people", "table": {"1": "5", "2": "9"}})
    assert str(found.amount) == "0.00"
    assert found.steps[0].text.en == "people (3) is in no row of the table, so it counts 0"
    assert amount_of({"by": "spent_in", "table": {"2021": "5"}}, spent_in="2021") == "5.00"
    with pytest.raises(ValidationError, match="key '01' is no plain whole number"):
        programme(amount={"by": "people", "table": {"01": "5"}})


ROWS = {
    "sum_over": "team",
    "where": {"fact": "trained", "is": "true"},
    "each": "cost",
}
PEOPLE = [
    {"name": "甲", "cost": "5", "trained": "yes"},
    {"name": "乙", "cost": "7", "trained": "no"},
    {"name": "甲 ", "cost": "9", "trained": "yes"},
]
ONCE = {
    "id": "person", "label": words("每人一次", "once a person"), "limit": "1", "unit": "rows",
    "over": "team", "per": ["name"], "period": "life", "printed": "true",
}  # fmt: skip


def lines(found: Any) -> list[tuple[int, bool | None, str, str]]:
    return [(r.row, r.holds, str(r.minimum), r.text.en) for r in found.rows]


def test_every_row_is_decided_and_listed() -> None:
    found = case({"team": PEOPLE}, amount=ROWS)
    assert str(found.amount) == "14.00"
    assert lines(found) == [
        (1, True, "5.00", "cost CNY 5.00"),
        (2, False, "0.00", "left out, this does not hold: trained is “yes”"),
        (3, True, "9.00", "cost CNY 9.00"),
    ]


def test_a_row_over_its_count_gets_nothing_and_the_others_stand() -> None:
    found = case({"team": PEOPLE}, amount=ROWS, caps=[ONCE])
    assert str(found.amount) == "5.00"
    assert lines(found)[2] == (3, False, "0.00", "not counted again: once a person")
    assert found.caps[0].cuts == Decimal(9)
    assert render(found)["caps"][0]["limit"] == "1"


def test_rows_are_counted_across_applicants_by_their_keys() -> None:
    whole = programme(amount=ROWS, caps=[ONCE])
    facts = {"team": PEOPLE}
    requests = row_requests(whole, facts, {}, {}, 2026)
    assert [(r.row, r.key) for r in requests] == [
        (1, "cap:test-award:person:name=甲"),
        (2, "cap:test-award:person:name=乙"),
        (3, "cap:test-award:person:name=甲"),
    ]
    before = {requests[0].key: 1}
    assert str(assess(whole, ON, facts, history=before).amount) == "0.00"


def test_a_row_that_is_not_decided_leaves_the_sum_open() -> None:
    found = case({"team": [*PEOPLE, {"name": "丙", "cost": "1"}]}, amount=ROWS)
    assert (found.decision, found.missing) == ("needs_facts", ("team",))
    assert found.rows[3].holds is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"over": None}, "unit: rows and `over` go together"),
        ({"per": []}, "it is not said by which column rows are counted"),
        ({"per": ["funds"]}, "there is no fact 'funds'"),
        ({"limit": "0"}, "0.00 is no count of rows"),
        ({"limit": {"fact": "funds"}}, "a count is limited by a number"),
    ],
)
def test_a_cap_on_rows_must_say_whose(change: dict[str, Any], fault: str) -> None:
    cap = {key: value for key, value in {**ONCE, **change}.items() if value is not None}
    with pytest.raises(ValidationError, match=fault):
        programme(amount=ROWS, caps=[cap])


def test_a_cap_on_rows_needs_exactly_one_decision_on_them() -> None:
    with pytest.raises(ValidationError, match="exactly one sum_over: team"):
        programme(amount=[ROWS, ROWS], caps=[ONCE])


def limited(limit: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": "most", "label": words(), "limit": limit, "per": [], "period": "life",
        "printed": "true", **more,
    }  # fmt: skip


@pytest.mark.parametrize(("other", "amount"), [("4", "4.00"), ("40", "30.00")])
def test_a_limit_may_be_worked_out_from_facts(other: str, amount: str) -> None:
    cap = limited({"least_of": ["30", "other_funds"]})
    found = case({"funds": "100", "other_funds": other}, amount="funds", caps=[cap])
    assert str(found.amount) == amount


def test_a_limit_leaves_nothing_to_choose_and_does_not_hang_on_the_day() -> None:
    with pytest.raises(ValidationError, match="must be settled by the facts alone"):
        programme(caps=[limited({"up_to": "5"})])
    age = derived("integer", years_since="day")
    with pytest.raises(ValidationError, match="cannot look back by within"):
        programme(caps=[limited({"per_head": "x", "each": "5"})], derived=age)
    with pytest.raises(ValidationError, match="cannot look back by within"):
        programme(caps=[limited("5", per=["x"])], derived=age)


TALLIES = {"same": {"label": words("同一投资", "the same"), "per": ["number"], "period": "year"}}
CUMULATIVE = {"less": ["funds", {"already_granted": "same"}]}


def test_what_was_granted_before_is_taken_off() -> None:
    whole = programme(amount=CUMULATIVE, tallies=TALLIES)
    facts = {"funds": "100", "number": "a-1"}
    key = tally_keys(whole, facts, {}, {}, 2022)["same"]
    assert key == "tally:same:A-1:2022"
    first = assess(whole, ON, facts)
    assert (str(first.amount), first.steps[0].text.en) == (
        "100.00",
        "the same: nothing granted before, so 0",
    )
    second = assess(whole, ON, facts, history={key: "30"}, approval_year=2022)
    assert (str(second.amount), second.steps[0].text.en) == (
        "70.00",
        "the same: CNY 30.00 granted before",
    )
    assert str(assess(whole, ON, facts, history={key: "300"}, approval_year=2022).amount) == "0.00"


def test_programmes_meet_on_the_values_of_a_tally() -> None:
    other = programme(
        code="other-award",
        facts={"project": fact("identifier")},
        amount={"fixed": "1"},
        tallies={"same": {**TALLIES["same"], "per": ["project"]}},
    )
    found = tally_keys(other, {"project": "A-1"}, {}, {}, 2022)
    assert found == {"same": "tally:same:A-1:2022"}


def test_history_asks_for_what_its_keys_are_made_of() -> None:
    whole = programme(amount=CUMULATIVE, tallies=TALLIES)
    found = assess(whole, ON, {"funds": "1"}, history={"tally:same:B:2021": "1"})
    assert (found.decision, found.missing) == ("needs_facts", ("number",))
    with pytest.raises(InputError, match=r"history\.k: 'x' is not a number"):
        assess(whole, ON, {}, history={"k": "x"})
    with pytest.raises(ValidationError, match="no tally 'same'"):
        programme(amount=CUMULATIVE)


def recognised(condition: dict[str, Any], held: Any) -> bool | None:
    facts = {} if held is None else {"recognitions": held}
    return case(facts, conditions=[condition]).reasons[0].holds


TITLE = {"title": "tech-centre", "level": ["national"]}
NATIONAL = {"title": "tech-centre", "level": "national"}


@pytest.mark.parametrize(
    ("held", "answers"),
    [
        (None, (None, None, None)),
        ([], (False, True, True)),
        ([{"title": "tech-centre", "level": "city"}], (False, True, True)),
        ([NATIONAL], (True, False, False)),
        ([{**NATIONAL, "until": "2021-05-31"}], (False, True, False)),
        ([{**NATIONAL, "until": "2021-06-01"}], (True, False, False)),
        (
            [{"title": "tech-centre", "level": "national", "from": "2021-06-01"}],
            (True, False, False),
        ),
        (
            [{"title": "tech-centre", "level": "national", "from": "2021-06-02"}],
            (False, True, False),
        ),
    ],
)
def test_what_the_registers_say(held: Any, answers: tuple[bool | None, ...]) -> None:
    kinds = ("held", "not_held", "first_time")
    assert tuple(recognised({kind: TITLE}, held) for kind in kinds) == answers


@pytest.mark.parametrize(
    ("day", "holds"), [("2018-06-01", True), ("2018-06-02", False), ("2022-01-01", False)]
)
def test_a_day_may_have_to_be_long_ago(day: str, holds: bool) -> None:
    found = case({"day": day}, conditions=[{"fact": "day", "at_least_ago": {"years": "3"}}])
    assert found.reasons[0].holds is holds
    assert found.reasons[0].text.en == "day is at least 3 years ago"


def test_a_fact_may_be_compared_with_another() -> None:
    condition = {"fact": "funds", "above": {"fact": "other_funds"}}
    found = case({"funds": "5", "other_funds": "5"}, conditions=[condition])
    assert (found.decision, found.reasons[0].text.en) == (
        "ineligible",
        "funds is above “other funds”",
    )
    assert found.reasons[0].seen == {"funds": "5.00", "other_funds": "5.00"}
    open_ = case({"funds": "5"}, conditions=[condition])
    assert (open_.decision, open_.missing) == ("needs_facts", ("other_funds",))
    with pytest.raises(ValidationError, match="fact 'people' is of type integer"):
        programme(conditions=[{"fact": "funds", "above": {"fact": "people"}}])


WIDE: dict[str, Any] = {
    "derived": {
        **derived("percent", **GROWTH),
        "age": {"type": "integer", "label": words(), "years_since": "day"},
        "seniors": {"type": "integer", "label": words(), "count_of": "team", "where": SENIOR},
    },
    "conditions": [
        {"any_of": [{"fact": "x", "at_least": "10%"}, {"fact": "age", "at_most": "5"}]},
        {"not": {"fact": "seniors", "below": "1"}},
        {"fact": "funds", "at_least": {"fact": "other_funds"}},
        {"not_held": {"title": "blacklist"}},
        {"fact": "day", "at_least_ago": {"days": "30"}},
    ],
    "amount": {"rate_of": "funds", "rate": {"fact": "x"}},
}
any_facts = st.fixed_dictionaries(
    {},
    optional={
        "funds": st.integers(0, 300).map(str),
        "other_funds": st.integers(0, 300).map(str),
        "day": st.dates(date(2010, 1, 1), date(2022, 1, 1)).map(str),
        "team": st.lists(
            st.fixed_dictionaries({}, optional={"rank": st.sampled_from(["senior", "junior"])}),
            min_size=1,
            max_size=3,
        ),
        "recognitions": st.lists(
            st.just({"title": "blacklist", "until": "2021-01-01"})
            | st.just({"title": "blacklist"}),
            max_size=2,
        ),
    },
)


@given(any_facts, any_facts)
def test_a_fact_that_was_missing_never_turns_a_refusal_round(
    some: dict[str, Any], more: dict[str, Any]
) -> None:
    whole = programme(**WIDE)
    before = assess(whole, ON, some)
    after = assess(whole, ON, {**more, **some})
    if before.decision == "ineligible":
        assert after.decision == "ineligible"
    if before.decision == "eligible":
        assert (after.decision, after.amount) == ("eligible", before.amount)


def test_nothing_new_is_rendered_where_there_is_nothing_new() -> None:
    assert list(render(case({}))) == [
        "programme", "on", "decision", "amount", "minimum", "maximum", "steps", "reasons", "caps",
        "missing", "unset", "choices", "assumptions", "warnings",
    ]  # fmt: skip
