from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.policy import InputError
from tests.incentives.policy.builders import amount_of, case, parameter, programme

TABLE = {"national": "5000000", "city": "500000"}
BANDS = [{"from": "0", "to": "100", "amount": "1000"}, {"from": "100", "amount": "2000"}]
MARGINAL = [
    {"from": "0", "to": "1000000", "rate": "10%"},
    {"from": "1000000", "to": "5000000", "rate": "5%"},
    {"from": "5000000", "rate": "1%"},
]
TEAM = [
    {"name": "甲", "rank": "senior", "cost": "1000", "trained": "true"},
    {"name": "乙", "rank": "junior", "cost": "500.50", "trained": "false"},
    {"name": "丙", "rank": "junior", "cost": "0.05", "trained": "true"},
]


def test_fixed() -> None:
    assert amount_of({"fixed": "500,000"}) == "500000.00"


@pytest.mark.parametrize(("level", "amount"), [("national", "5000000.00"), ("city", "500000.00")])
def test_a_table_on_a_choice(level: str, amount: str) -> None:
    assert amount_of({"by": "level", "table": TABLE}, level=level) == amount


def test_a_table_on_a_boolean() -> None:
    node = {"by": "first", "table": {"true": "3", "false": "2"}}
    assert (amount_of(node, first="是"), amount_of(node, first=False)) == ("3.00", "2.00")


@pytest.mark.parametrize(
    ("people", "amount"),
    [("0", "1000.00"), ("99", "1000.00"), ("100", "2000.00"), ("7000", "2000.00")],
)
def test_bands_are_half_open(people: str, amount: str) -> None:
    assert amount_of({"by_band": "people", "bands": BANDS}, people=people) == amount


def test_below_the_lowest_band_there_is_nothing() -> None:
    bands = [{"from": "10", "amount": "5"}]
    assert amount_of({"by_band": "people", "bands": bands}, people="9") == "0.00"


@pytest.mark.parametrize(
    ("rate", "amount"),
    [
        ("5%", "400000.00"),
        ({"by": "level", "table": {"national": "5%", "city": "2.5%"}}, "200000.00"),
        (
            {
                "by_band": "people",
                "bands": [{"from": "0", "to": "10", "rate": "1%"}, {"from": "10", "rate": "3%"}],
            },
            "240000.00",
        ),
    ],
)
def test_a_rate_of_a_fact(rate: Any, amount: str) -> None:
    assert (
        amount_of({"rate_of": "funds", "rate": rate}, funds="8000000", level="city", people="10")
        == amount
    )


def test_a_rate_of_another_node() -> None:
    node = {"rate_of": {"less": ["funds", "other_funds"]}, "rate": "10%"}
    assert amount_of(node, funds="1000", other_funds="400") == "60.00"


def test_a_match_of_one_to_one_and_of_a_half() -> None:
    assert amount_of({"match": "funds", "ratio": "1"}, funds="12.34") == "12.34"
    assert amount_of({"match": "funds", "ratio": "50%"}, funds="12.35") == "6.18"


@pytest.mark.parametrize(
    ("each", "amount"),
    [
        ("600", "1800.00"),
        ({"by": "level", "table": {"national": "12000", "city": "600.5"}}, "1801.50"),
    ],
)
def test_a_sum_for_each_of_a_count(each: Any, amount: str) -> None:
    assert amount_of({"per_head": "people", "each": each}, people="3", level="city") == amount


def test_a_sum_for_each_row_of_a_roster() -> None:
    assert amount_of({"per_head": "team", "each": "600"}, team=TEAM) == "1800.00"


def test_the_facts_of_a_row_shadow_the_case() -> None:
    each = {
        "by": "rank",
        "table": {"senior": "300", "junior": "20"},
        "when": {"fact": "trained", "is": "true"},
    }
    assert amount_of({"sum_over": "team", "each": each}, team=TEAM) == "320.00"


def test_rows_are_added_exactly_and_rounded_once() -> None:
    each = {"rate_of": "cost", "rate": "10%"}
    rows = [{"cost": "0.05"}, {"cost": "0.05"}]  # 0.005 + 0.005 = 0.01, not 0.01 + 0.01
    assert amount_of({"sum_over": "team", "each": each}, team=rows) == "0.01"


def test_a_row_without_the_fact_needed_asks_for_the_roster() -> None:
    found = case({"team": [{"name": "甲"}]}, amount={"sum_over": "team", "each": "cost"})
    assert (found.decision, found.missing) == ("needs_facts", ("team",))


def test_components_are_added_exactly_and_rounded_once() -> None:
    parts = [{"rate_of": "funds", "rate": "10%"}, {"rate_of": "funds", "rate": "10%"}]
    assert str(case({"funds": "0.02"}, amount=parts).amount) == "0.00"  # 0.002 + 0.002
    assert str(case({"funds": "0.03"}, amount=parts).amount) == "0.01"  # 0.003 + 0.003


@pytest.mark.parametrize(
    ("funds", "amount"),
    [
        ("0", "0.00"),
        ("1000000", "100000.00"),
        ("1000000.10", "100000.01"),  # 100,000 + 0.10 × 5% = 100,000.005
        ("5000000", "300000.00"),  # 100,000 + 4,000,000 × 5%
        ("8000000", "330000.00"),  # 300,000 + 3,000,000 × 1%
    ],
)
def test_marginal_bands(funds: str, amount: str) -> None:
    assert amount_of({"bands": {"of": "funds", "marginal": MARGINAL}}, funds=funds) == amount


def test_sums_least_greatest_and_differences() -> None:
    given = {"funds": "300", "other_funds": "500"}
    pair = ["funds", "other_funds"]
    found = {
        kind: amount_of({kind: pair}, **given)
        for kind in ("sum_of", "least_of", "greatest_of", "less")
    }
    assert found == {
        "sum_of": "800.00",
        "least_of": "300.00",
        "greatest_of": "500.00",
        "less": "0.00",
    }


def test_own_bounds_of_a_node() -> None:
    node = {
        "rate_of": "funds",
        "rate": "5%",
        "at_least": "100",
        "at_most": {"by": "level", "table": TABLE},
    }
    assert amount_of(node, funds="10", level="city") == "100.00"
    assert amount_of(node, funds="20000000", level="city") == "500000.00"
    assert amount_of(node, funds="20000000", level="national") == "1000000.00"


def test_a_node_whose_condition_fails_counts_nothing_and_has_no_floor() -> None:
    node = {"fixed": "5", "at_least": "100", "when": {"fact": "first", "is": "true"}}
    assert amount_of(node, first="false") == "0.00"


UP_TO = {"up_to": "5000000"}
BETWEEN = {"between": ["10000000", "100000000"]}
RATE = {"rate_of": "funds", "rate": {"between": ["3%", "5%"]}}
EACH = {"per_head": "people", "each": {"between": ["600", "12000"]}}


@pytest.mark.parametrize(
    ("node", "low", "high", "name", "kind"),
    [
        (UP_TO, "0.00", "5000000.00", "amount", "amount"),
        (BETWEEN, "10000000.00", "100000000.00", "amount", "amount"),
        (RATE, "240000.00", "400000.00", "rate", "rate"),
        (EACH, "1800.00", "36000.00", "each", "each"),
        ({**RATE, "choose": "share"}, "240000.00", "400000.00", "share", "rate"),
        ({**RATE, "at_most": "300000"}, "240000.00", "300000.00", "rate", "rate"),
    ],
)
def test_what_is_left_to_choose(node: Any, low: str, high: str, name: str, kind: str) -> None:
    found = case({"funds": "8000000", "people": "3"}, amount=node)
    assert (found.decision, found.amount) == ("needs_choice", None)
    assert (str(found.minimum), str(found.maximum)) == (low, high)
    assert [(c.name, c.kind) for c in found.choices] == [(name, kind)]


@pytest.mark.parametrize(
    ("node", "choices", "amount"),
    [
        (UP_TO, {"amount": "0"}, "0.00"),
        (UP_TO, {"amount": "5,000,000"}, "5000000.00"),
        (RATE, {"rate": "5%"}, "400000.00"),
        (RATE, {"rate": "0.03"}, "240000.00"),
        (EACH, {"each": "12000"}, "36000.00"),
    ],
)
def test_a_choice_within_the_bounds_settles_the_amount(
    node: Any, choices: Any, amount: str
) -> None:
    found = case({"funds": "8000000", "people": "3"}, choices, amount=node)
    assert (found.decision, str(found.amount)) == ("eligible", amount)
    assert found.minimum == found.maximum == found.amount


@pytest.mark.parametrize(
    ("node", "choices", "field", "expected"),
    [
        (
            UP_TO,
            {"amount": "5000000.01"},
            "choices.amount",
            "choose from CNY 0.00 to CNY 5,000,000.00",
        ),
        (
            BETWEEN,
            {"amount": "9999999.99"},
            "choices.amount",
            "choose from CNY 10,000,000.00 to CNY 100,000,000.00",
        ),
        (RATE, {"rate": "5.01%"}, "choices.rate", "choose from 3% to 5%"),
        (RATE, {"rate": "4"}, "choices.rate", "choose from 3% to 5%"),
        (EACH, {"each": "599.99"}, "choices.each", "choose from CNY 600.00 to CNY 12,000.00"),
        (EACH, {"each": "many"}, "choices.each", "choose from CNY 600.00 to CNY 12,000.00"),
        (RATE, {"amount": "1"}, "choices.amount", "leave it out; open choices: rate"),
        ({"fixed": "1"}, {"amount": "1"}, "choices.amount", "leave it out; open choices: -"),
        (
            {**UP_TO, "when": {"fact": "first", "is": "true"}},
            {"amount": "1"},
            "choices.amount",
            "leave it out; open choices: -",
        ),
    ],
)
def test_a_choice_outside_the_bounds_or_where_none_is_open_is_refused(
    node: Any, choices: Any, field: str, expected: str
) -> None:
    with pytest.raises(InputError) as caught:
        case({"funds": "8000000", "people": "3", "first": "no"}, choices, amount=node)
    assert [(p.field, p.expected.en) for p in caught.value.problems] == [(field, expected)]


def test_a_choice_whose_bounds_are_not_known_yet_is_kept() -> None:
    node = {"up_to": {"by": "level", "table": TABLE}}
    assert case({}, {"amount": "1"}, amount=node).decision == "needs_facts"
    guarded = {"up_to": "5", "when": {"fact": "first", "is": "true"}}
    assert case({}, {"amount": "1"}, amount=guarded).decision == "needs_facts"


def test_one_choice_for_many_rows_must_suit_them_all() -> None:
    node = {
        "sum_over": "team",
        "each": {"up_to": {"by": "rank", "table": {"senior": "300", "junior": "200"}}},
    }
    found = case({"team": TEAM}, amount=node)
    assert [(c.minimum, c.maximum) for c in found.choices] == [(Decimal(0), Decimal(200))]
    with pytest.raises(InputError, match=r"choose from CNY 0\.00 to CNY 200\.00"):
        case({"team": TEAM}, {"amount": "250"}, amount=node)


money = st.decimals(min_value=0, max_value=10**9, places=2).map(str)
fractions = st.decimals(min_value=0, max_value=1, places=6)


@given(money, money, st.lists(fractions, min_size=4, max_size=4), st.integers(0, 50))
def test_any_choice_inside_its_bounds_stays_inside_the_interval(
    funds: str, other: str, at: list[Decimal], people: int
) -> None:
    node = {
        "sum_of": [
            {"least_of": [RATE, {"up_to": "300000", "choose": "a"}]},
            {
                "less": [
                    {"greatest_of": [EACH, "other_funds"]},
                    {"between": ["5", "700"], "choose": "b"},
                ]
            },
        ],
        "at_most": "900000",
    }
    whole = programme(amount=node, caps=[])
    facts = {"funds": funds, "other_funds": other, "people": people}
    from incentives.policy import assess
    from tests.incentives.policy.builders import ON

    loose = assess(whole, ON, facts)
    picked = dict(zip(("rate", "a", "each", "b"), at, strict=True))
    choices = {c.name: pick(c.kind, c.minimum, c.maximum, picked[c.name]) for c in loose.choices}
    settled = assess(whole, ON, facts, choices)
    assert settled.decision == "eligible"
    low = loose.minimum if loose.minimum is not None else Decimal(0)
    assert low <= settled.amount <= (loose.maximum or Decimal(0))


def pick(kind: str, low: Decimal, high: Decimal, at: Decimal) -> str:
    value = low + (high - low) * at
    return f"{value:f}" if kind == "rate" else f"{value:.2f}"


def test_the_interval_is_reached_at_both_ends() -> None:
    for choice, end in (("3%", "minimum"), ("5%", "maximum")):
        loose = case({"funds": "8000000"}, amount=RATE)
        assert case({"funds": "8000000"}, {"rate": choice}, amount=RATE).amount == getattr(
            loose, end
        )


def test_a_table_that_is_a_setting() -> None:
    node = {"by": "level", "table": "@awards"}
    unset = {"awards": parameter("table")}
    assert case({"level": "city"}, amount=node, parameters=unset).decision == "needs_setting"
    found = case(
        {"level": "city"},
        settings={"awards": {"national": "3", "city": "2"}},
        amount=node,
        parameters=unset,
    )
    assert str(found.amount) == "2.00"
