"""Rounds: who is let in, who shares the budget, and what each line says."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incentives.policy import (
    InputError,
    Programme,
    RoundEntry,
    RoundResult,
    round_entry,
    settle_round,
)
from tests.incentives.policy.builders import ON, case, parameter, programme, words

RANK = {"by": "people", "order": "highest", "first": "2", "ties": "all", "moves_up": "true"}


def round_of(**parts: Any) -> Programme:
    data = {"label": words(), **{k: v for k, v in parts.items() if v is not None}}
    return programme(round=data, amount="funds")


def entry(id_: str, amount: str, rank: int | None = None, filed: int | None = None) -> RoundEntry:
    return RoundEntry(id_, Decimal(amount), rank, filed)


def amounts(found: RoundResult) -> dict[str, str]:
    return {line.id: str(line.amount) for line in found.lines}


FOUR = [
    entry("a", "10.00", 9, 4),
    entry("b", "10.00", 7, 3),
    entry("c", "10.00", 7, 2),
    entry("d", "10.00", 1, 1),
]


@pytest.mark.parametrize(
    ("ties", "inside"), [("all", ["a", "b", "c"]), ("none", ["a"]), ("earlier", ["a", "c"])]
)
def test_equals_at_the_last_place_go_by_the_stated_rule(ties: str, inside: list[str]) -> None:
    found = settle_round(round_of(rank={**RANK, "ties": ties}), FOUR)
    assert [line.id for line in found.lines if line.admitted] == inside
    assert [(line.rank, line.tied) for line in found.lines] == [
        (1, False), (2, True), (2, True), (4, False)
    ]  # fmt: skip


def test_a_tie_that_fits_is_no_tie_at_the_last_place() -> None:
    found = settle_round(round_of(rank={**RANK, "first": "3", "ties": "none"}), FOUR)
    assert [line.admitted for line in found.lines] == [True, True, True, False]
    assert [line.text.en for line in found.lines] == [
        "rank 1, in; CNY 10.00 in full",
        "rank 2, tied, in; CNY 10.00 in full",
        "rank 2, tied, in; CNY 10.00 in full",
        "rank 4, not in",
    ]


def test_the_lowest_may_come_first() -> None:
    found = settle_round(round_of(rank={**RANK, "order": "lowest", "first": "1"}), FOUR)
    assert amounts(found) == {"a": "0.00", "b": "0.00", "c": "0.00", "d": "10.00"}


@pytest.mark.parametrize(
    ("moves_up", "inside"),
    [("true", ["b", "c"]), ("false", ["c"])],
    ids=["moves up", "stays empty"],
)
def test_whether_the_next_is_let_in_when_one_withdraws(moves_up: str, inside: list[str]) -> None:
    whole = round_of(rank={**RANK, "ties": "earlier", "moves_up": moves_up})
    found = settle_round(whole, FOUR, withdrawn=["a"])
    assert [line.id for line in found.lines if line.admitted] == inside
    assert found.lines[0].text.en == "withdrawn from the round"
    assert found.lines[0].amount == 0


def test_where_the_place_stays_empty_its_share_stays_unspent() -> None:
    rank = {**RANK, "first": "4", "moves_up": "false"}
    found = settle_round(round_of(rank=rank, budget="20", share="pro_rata"), FOUR, withdrawn=["a"])
    assert amounts(found) == {"a": "0.00", "b": "5.00", "c": "5.00", "d": "5.00"}
    assert (found.total, found.left) == (Decimal(15), Decimal(5))


def test_odd_fen_go_to_the_largest_remainders_then_by_case_number() -> None:
    entries = [entry("c", "1"), entry("b", "1"), entry("a", "1")]
    found = settle_round(round_of(budget="1", share="pro_rata"), entries)
    assert amounts(found) == {"c": "0.33", "b": "0.33", "a": "0.34"}
    assert (
        found.lines[2].text.en
        == "the budget of CNY 1.00 is short: pro rata CNY 1.00 becomes CNY 0.34"
    )
    assert found.left == 0


def test_a_budget_that_is_enough_cuts_nobody() -> None:
    found = settle_round(round_of(budget="40", share="pro_rata"), FOUR)
    assert amounts(found) == dict.fromkeys("abcd", "10.00")
    assert [line.ratio for line in found.lines] == [1, 1, 1, 1]


def test_first_come_first_served_until_the_budget_ends() -> None:
    found = settle_round(round_of(budget="15", share="first_come"), FOUR)
    assert amounts(found) == {"a": "0.00", "b": "0.00", "c": "5.00", "d": "10.00"}
    assert [line.text.en for line in found.lines] == [
        "the budget was used up before",
        "the budget was used up before",
        "only CNY 5.00 of the budget was left for CNY 10.00",
        "CNY 10.00 in full",
    ]


def test_number_of_places_and_budget_may_be_settings() -> None:
    whole = programme(
        amount="funds",
        round={
            "label": words(),
            "rank": {**RANK, "first": "@n"},
            "budget": "@b",
            "share": "pro_rata",
        },
        parameters={"n": parameter("integer"), "b": parameter("money")},
    )
    with pytest.raises(InputError, match=r"round\.rank\.first: @n is not set"):
        settle_round(whole, FOUR)
    found = settle_round(whole, FOUR, {"n": "1", "b": "4"})
    assert amounts(found) == {"a": "4.00", "b": "0.00", "c": "0.00", "d": "0.00"}


@pytest.mark.parametrize(
    ("entries", "withdrawn", "said"),
    [
        ([entry("a", "1", 1), entry("a", "1", 1)], [], r"entries\.a: is listed twice"),
        ([entry("a", "1")], [], r"entries\.a\.rank: is missing"),
        ([entry("a", "1", 1)], ["z"], r"withdrawn\.z: is not in the round"),
    ],
)
def test_a_round_that_cannot_be_settled_is_refused(
    entries: list[RoundEntry], withdrawn: list[str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        settle_round(round_of(rank=RANK), entries, withdrawn=withdrawn)


def test_a_queue_needs_the_order_of_filing() -> None:
    with pytest.raises(InputError, match=r"entries\.a\.filed: is missing"):
        settle_round(round_of(budget="1", share="first_come"), [entry("a", "1")])


def test_a_programme_without_a_round_cannot_be_settled() -> None:
    with pytest.raises(InputError, match="the programme has no round"):
        settle_round(programme(), [])


def test_a_case_waits_for_its_round() -> None:
    rules = {"label": words(), "rank": RANK}
    ready = case({"funds": "5", "people": "3"}, amount="funds", round=rules)
    assert (ready.decision, ready.amount) == ("pending_round", None)
    assert (str(ready.minimum), str(ready.maximum)) == ("0.00", "5.00")
    unranked = case({"funds": "5"}, amount="funds", round=rules)
    assert (unranked.decision, unranked.missing) == ("needs_facts", ("people",))
    assert case({"people": "3"}, amount={"up_to": "5"}, round=rules).decision == "needs_choice"
    refused = case(
        {"funds": "5", "people": "3"},
        amount="funds",
        round=rules,
        conditions=[{"fact": "people", "above": "3"}],
    )
    assert refused.decision == "ineligible"


def test_an_entry_is_made_of_a_case_that_is_ready() -> None:
    whole = round_of(rank=RANK)
    found = round_entry(whole, "a", ON, {"funds": "5", "people": "3"}, filed=1)
    assert found == RoundEntry("a", Decimal("5.00"), 3, 1)
    with pytest.raises(InputError, match=r"entries\.a: is not ready: needs_facts \(people\)"):
        round_entry(whole, "a", ON, {"funds": "5"})


sums = st.decimals(min_value=0, max_value=10**7, places=2)


@given(st.lists(sums, min_size=1, max_size=30), sums)
def test_pro_rata_adds_up_to_the_budget_and_gives_nobody_more_than_asked(
    asked: list[Decimal], budget: Decimal
) -> None:
    entries = [RoundEntry(f"{i:03}", amount) for i, amount in enumerate(asked)]
    found = settle_round(round_of(budget=str(budget), share="pro_rata"), entries)
    assert found.total == min(budget, sum(asked, Decimal(0)))
    for one, line in zip(entries, found.lines, strict=True):
        assert 0 <= line.amount <= one.amount
        if sum(asked) > budget:  # within a fen of the exact share
            assert abs(line.amount - one.amount * budget / sum(asked)) < Decimal("0.01")


@given(st.lists(sums, min_size=1, max_size=30), sums)
def test_a_queue_is_served_in_order(asked: list[Decimal], budget: Decimal) -> None:
    entries = [RoundEntry(f"{i}", amount, None, i) for i, amount in enumerate(asked, 1)]
    found = settle_round(round_of(budget=str(budget), share="first_come"), entries)
    assert found.total == min(budget, sum(asked, Decimal(0)))
    short = [
        line.id for line, one in zip(found.lines, entries, strict=True) if line.amount < one.amount
    ]
    served = [line.amount > 0 for line in found.lines if line.id in short[1:]]
    assert not any(served)


ranks = st.lists(st.integers(0, 5), min_size=1, max_size=20)


@given(ranks, st.integers(1, 8), st.sampled_from(["all", "none", "earlier"]), st.booleans())
def test_nobody_is_let_in_over_a_better_one(
    values: list[int], first: int, ties: str, lowest: bool
) -> None:
    order = "lowest" if lowest else "highest"
    rank = {**RANK, "first": str(first), "ties": ties, "order": order}
    entries = [entry(f"{i}", "1", value, i) for i, value in enumerate(values, 1)]
    found = {line.id: line.admitted for line in settle_round(round_of(rank=rank), entries).lines}
    inside = [value for value, one in zip(values, entries, strict=True) if found[one.id]]
    outside = [value for value, one in zip(values, entries, strict=True) if not found[one.id]]
    if inside and outside:
        assert max(inside) <= min(outside) if lowest else min(inside) >= max(outside)
    if ties == "earlier":
        assert len(inside) == min(first, len(values))
    elif ties == "all":
        assert len(inside) >= min(first, len(values))
    else:
        assert len(inside) <= first
