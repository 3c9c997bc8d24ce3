"""The draw, the scores and the cut by hand: pure functions, no database."""

from decimal import Decimal
from hashlib import sha256
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.domain.rounds_draw import draw, in_order
from reviews.domain.rounds_ranking import Cut, Entry, ranked
from reviews.domain.rounds_scores import Scored, counted, normalised, score, total
from reviews.models.round import CutBy, Ties

CRITERIA = [
    {"id": "a", "weight": "60", "most": "10"},
    {"id": "b", "weight": "40", "most": "3"},
]
D = Decimal


def employers(*names: str) -> dict[int, frozenset[str]]:
    return {number: frozenset([name]) for number, name in enumerate(names, 1)}


def test_the_order_is_that_of_the_hashes() -> None:
    hashes = {one: sha256(f"seed|7|{one}".encode()).hexdigest() for one in range(1, 30)}
    by_hand = sorted(hashes, key=hashes.__getitem__)
    assert in_order("seed", 7, range(1, 30)) == by_hand
    assert in_order("seed", 7, reversed(range(1, 30))) == by_hand
    assert in_order("seed", 8, range(1, 30)) != by_hand


def test_excluded_are_passed_over_and_employers_differ_while_there_are_enough() -> None:
    known = employers("甲", "甲", "乙", "丙")
    assert draw([1, 2, 3, 4], 3, employers=known) == [1, 3, 4]
    assert draw([1, 2, 3, 4], 3, excluded={3}, employers=known) == [1, 4, 2]
    assert draw([1, 2, 3, 4], 1, employers=known, seated=[1, 3]) == [4]
    assert draw([1, 2], 3, employers=known) == [1, 2]


def test_a_total_weighs_each_criterion_and_rounds_half_up() -> None:
    assert total(CRITERIA, {"a": "10", "b": "3"}) == D("100.0000")
    assert total(CRITERIA, {"a": "7.5", "b": "1"}) == D("58.3333")  # 45 + 13.33333…
    assert total(CRITERIA, {"a": "0", "b": "2"}) == D("26.6667")


def test_a_strict_and_a_generous_expert_count_alike_after_normalisation() -> None:
    strict = [Scored(1, 1, D(40)), Scored(2, 1, D(50)), Scored(3, 1, D(60))]
    generous = [Scored(1, 2, D(80)), Scored(2, 2, D(85)), Scored(3, 2, D(90))]
    found = normalised([*strict, *generous])
    assert [found[case, 1] for case in (1, 2, 3)] == [found[case, 2] for case in (1, 2, 3)]
    totals = [float(one.total) for one in (*strict, *generous)]
    z = (40 - 50) / pstdev([40, 50, 60])
    assert float(found[1, 1]) == pytest.approx(fmean(totals) + pstdev(totals) * z, abs=1e-4)
    assert found[2, 1] == D("67.5000")


def test_one_who_gives_all_the_same_says_nothing_and_a_single_sheet_stays() -> None:
    flat = [Scored(1, 1, D(50)), Scored(2, 1, D(50))]
    other = [Scored(1, 2, D(60)), Scored(2, 2, D(80))]
    single = [Scored(3, 3, D(77))]
    found = normalised([*flat, *other, *single])
    assert found[1, 1] == found[2, 1] == D("63.4000")  # the round's mean: 317 / 5
    assert found[3, 3] == D(77)


def test_outliers_are_shown_and_count_and_extremes_are_dropped_from_five_on() -> None:
    totals = [D(70), D(72), D(71), D(73), D(10)]
    sheets = [Scored(1, expert, value) for expert, value in enumerate(totals, 1)]
    shown = counted(sheets, normalise=False, drop_extremes=False, deviations=D("1.5"))[1]
    assert [one.outlier for one in shown] == [False, False, False, False, True]
    assert score(shown) == D("59.2000")
    dropped = counted(sheets, normalise=False, drop_extremes=True, deviations=D("1.5"))[1]
    assert [one.dropped for one in dropped] == [False, False, False, True, True]
    assert score(dropped) == D("71.0000")
    four = counted(sheets[:4], normalise=False, drop_extremes=True, deviations=D("1.5"))[1]
    assert [one.dropped for one in four] == [False] * 4


def test_of_five_equal_sheets_two_are_dropped() -> None:
    sheets = [Scored(1, expert, D(80)) for expert in range(1, 6)]
    found = counted(sheets, normalise=False, drop_extremes=True, deviations=D("1.5"))[1]
    assert sum(one.dropped for one in found) == 2
    assert score(found) == D(80)


LIST = [
    Entry("a", D(90), 4, D(500)),
    Entry("b", D(80), 2, D(400)),
    Entry("c", D(80), 1, D(300)),
    Entry("d", D(70), 3, D(100)),
]


def above(cut: Cut) -> str:
    return "".join(sorted(one for one, place in ranked(LIST, cut).items() if place.above))


def test_ranks_are_shared() -> None:
    places = ranked(LIST, Cut(CutBy.NUMBER, D(4), Ties.ALL))
    assert {one: (place.rank, place.tied) for one, place in places.items()} == {
        "a": (1, False), "b": (2, True), "c": (2, True), "d": (4, False),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cut", "wanted"),
    [
        (Cut(CutBy.NUMBER, D(2), Ties.ALL), "abc"),
        (Cut(CutBy.NUMBER, D(2), Ties.NONE), "a"),
        (Cut(CutBy.NUMBER, D(2), Ties.EARLIER), "ac"),
        (Cut(CutBy.NUMBER, D(3), Ties.NONE), "abc"),
        (Cut(CutBy.NUMBER, D(9), Ties.NONE), "abcd"),
        (Cut(CutBy.SCORE, D(80), Ties.ALL), "abc"),
        (Cut(CutBy.SCORE, D("80.01"), Ties.ALL), "a"),
        (Cut(CutBy.BUDGET, D(1300), Ties.NONE), "abcd"),
        (Cut(CutBy.BUDGET, D(1000), Ties.NONE), "a"),  # b and c do not fit together
        (Cut(CutBy.BUDGET, D(1000), Ties.NONE, moves_up=True), "ad"),
        (Cut(CutBy.BUDGET, D(1000), Ties.EARLIER), "ac"),
        (Cut(CutBy.BUDGET, D(1000), Ties.EARLIER, moves_up=True), "acd"),
        (Cut(CutBy.BUDGET, D(499), Ties.EARLIER), ""),
        (Cut(CutBy.BUDGET, D(400), Ties.EARLIER, moves_up=True), "cd"),
    ],
)
def test_the_cut(cut: Cut, wanted: str) -> None:
    assert above(cut) == wanted


entries = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 400)), min_size=1, max_size=8).map(
    lambda rows: [Entry(str(n), D(rank), n, D(amount)) for n, (rank, amount) in enumerate(rows)]
)


@given(entries, st.integers(1, 1500), st.sampled_from([Ties.NONE, Ties.EARLIER]), st.booleans())
def test_a_budget_is_never_exceeded_and_order_of_the_list_does_not_matter(
    found: list[Entry], budget: int, ties: Ties, moves_up: bool
) -> None:
    cut = Cut(CutBy.BUDGET, D(budget), ties, moves_up)
    places = ranked(found, cut)
    assert sum(one.amount for one in found if places[one.id].above) <= budget
    assert ranked(found[::-1], cut) == places
