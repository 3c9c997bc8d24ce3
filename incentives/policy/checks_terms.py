"""Derived values, tallies, instalments, payers and rounds: each fits the programme it stands in."""

from collections.abc import Callable
from functools import partial
from typing import Any

from .caps import Cap
from .checks import Checker
from .checks_parts import check_part
from .conditions import NUMBERS, FactTest, FirstTime, Held, NotHeld
from .derived import CountOf, SeriesIndex, TotalOf, YearsSince
from .nodes import AlreadyGranted, NodeBase, Settle, SumOver
from .questions import RosterFact
from .terms import remainder
from .text import text
from .walk import Place, choice_names, reads, walk

KeyCheck = Callable[[str, Checker, Place], None]
CALENDAR = {"date", "year"}


def check_terms(checker: Checker, place: Place, check_key: KeyCheck) -> None:
    check_derived(checker)
    check_granted(checker)
    for name, tally in checker.programme.tallies.items():
        for index, key in enumerate(tally.per):
            check_key(key, checker, place.at("tallies", name, "per", index))
    check_settled(checker, place)
    check_shares(checker)
    check_round(checker, place)


@check_part.register
def _(part: SeriesIndex, place: Place, checker: Checker) -> None:
    checker.fact(part.series_index.from_, place.at("series_index", "from"), CALENDAR)
    if part.series_index.at != "on":
        checker.fact(part.series_index.at, place.at("series_index", "at"), CALENDAR)


@check_part.register
def _(part: YearsSince, place: Place, checker: Checker) -> None:
    checker.fact(part.years_since, place.at("years_since"), {"date"})


@check_part.register
def _(part: CountOf, place: Place, checker: Checker) -> None:
    checker.fact(part.count_of, place.at("count_of"), {"roster"})


@check_part.register
def _(part: TotalOf, place: Place, checker: Checker) -> None:
    roster = checker.fact(part.total_of, place.at("total_of"), {"roster"})
    if isinstance(roster, RosterFact):
        inside = Place(place.at("column").loc, roster.columns)
        checker.fact(part.column, inside, {part.type})


def check_derived(checker: Checker) -> None:
    """A derived value reads facts and those before it, chooses nothing and has no history."""
    names = list(checker.programme.derived)
    for index, (name, value) in enumerate(checker.programme.derived.items()):
        loc = ("derived", name)
        for read in dict.fromkeys(reads(value)):
            if read in names[index:]:
                checker.fault(
                    loc,
                    text(f"“{read}”尚未算出", f"'{read}' is not worked out yet"),
                    text("请写在所用之值的后面", "write it below the values it uses"),
                )
        fixed(value, checker, Place(loc, {}))


def fixed(value: Any, checker: Checker, place: Place) -> None:
    """No choice, no history, no settlement: what stands here is the same for every reader."""
    history = any(isinstance(part, AlreadyGranted | Settle) for part, _ in walk(value, place))
    if history or next(choice_names(value), None) is not None:
        checker.fault(
            place.loc,
            text("此处的金额须唯一确定", "the sum here must be settled by the facts alone"),
            text(
                "请勿使用区间、already_granted 或 settle",
                "leave nothing to choose; use neither already_granted nor settle",
            ),
        )


def check_granted(checker: Checker) -> None:
    known = ", ".join(checker.programme.tallies) or "-"
    for part, place in walk(checker.programme.amount, Place(("amount",), {})):
        if (
            isinstance(part, AlreadyGranted)
            and part.already_granted not in checker.programme.tallies
        ):
            checker.fault(
                place.at("already_granted").loc,
                text(f"没有累计项“{part.already_granted}”", f"no tally '{part.already_granted}'"),
                text(
                    f"请先写入 tallies，已有：{known}", f"add it under tallies; there are: {known}"
                ),
            )


def check_settled(checker: Checker, place: Place) -> None:
    """What is to be recovered must not get lost in another node's arithmetic."""
    for part, there in walk(checker.programme.amount, place.at("amount")):
        if isinstance(part, Settle) and len(there.loc) > len(("amount", 0)):
            checker.fault(
                there.loc,
                text("settle 不能放在其他金额之内", "settle cannot stand inside another node"),
                text("请单列为 amount 的一项", "write it as a component of the amount"),
            )


def check_shares(checker: Checker) -> None:
    programme = checker.programme
    rest = [part.share == "rest" for part in programme.schedule]
    checker.unique([(p.id, ("schedule", i)) for i, p in enumerate(programme.schedule)], "期", "id")
    checker.unique([(p.payer, ("payers", i)) for i, p in enumerate(programme.payers)], "", "payer")
    left = remainder(tuple(part.share for part in programme.schedule))
    if programme.schedule and (True in rest[:-1] or (left <= 0 if rest[-1] else left != 0)):
        checker.fault(
            ("schedule",),
            text("各期比例之和不是100%", "the shares of the instalments are not 100%"),
            text("请改正比例，或末期写 rest", "correct the shares, or write rest at the last"),
        )
    if programme.payers and remainder(tuple(part.share for part in programme.payers)) != 0:
        checker.fault(
            ("payers",),
            text("各方比例之和不是100%", "the shares of the payers are not 100%"),
            text("请改正比例", "correct the shares"),
        )
    if programme.payers and "payer" in programme.roles.model_fields_set:
        checker.fault(
            ("roles", "payer"),
            text("payer 与 payers 只写其一", "payer and payers cannot both stand"),
            text("请删去 roles.payer", "drop roles.payer"),
        )


def check_round(checker: Checker, place: Place) -> None:
    found = checker.programme.round
    if found is None:
        return
    if found.rank is not None:
        checker.fact(found.rank.by, place.at("round", "rank", "by"), NUMBERS | {"date"})
        if found.rank.first == 0:
            checker.fault(
                ("round", "rank", "first"),
                text("名额为0", "no place is given"),
                text("请写 1 或更大的整数", "write a whole number from 1"),
            )
    if found.budget is not None and not checker.programme.amount:
        checker.fault(
            ("round", "budget"),
            text("没有金额可分", "there is no amount to share the budget by"),
            text("请写 amount，或删去 budget", "write an amount, or drop the budget"),
        )


def check_limit(cap: Cap, checker: Checker, place: Place) -> None:
    if isinstance(cap.limit, NodeBase):
        fixed(cap.limit, checker, place.at("limit"))
        if cap.unit != "yuan":
            checker.fault(
                place.at("limit").loc,
                text("次数上限须为数", "a count is limited by a number"),
                text("请写整数", "write a whole number"),
            )
    check_day(cap.limit, checker, place.at("limit"))
    if (cap.unit == "rows") != (cap.over is not None):
        checker.fault(
            place.at("over").loc,
            text("unit: rows 须与 over 同时写", "unit: rows and `over` go together"),
            text("请写 over: 名单事实", "write over: the roster whose rows are counted"),
        )
    elif cap.over is not None:
        check_rows(cap, cap.over, checker, place)


def check_rows(cap: Cap, over: str, checker: Checker, place: Place) -> None:
    """Rows are cut one by one, so exactly one component must decide on each of them."""
    fact = checker.fact(over, place.at("over"), {"roster"})
    columns = fact.columns if isinstance(fact, RosterFact) else {}
    per = cap.per if isinstance(cap.per, tuple) else ()
    for index, name in enumerate(per):
        checker.fact(name, Place(place.at("per", index).loc, columns), KEYED_COLUMNS)
    if not per:
        checker.fault(
            place.at("per").loc,
            text("没有写按哪一列计", "it is not said by which column rows are counted"),
            text("请写 per: [列]", "write per: [column], such as the identity number"),
        )
    whole = Place((), {})
    sums = [p for p, _ in walk(checker.programme.amount, whole) if isinstance(p, SumOver)]
    if sum(part.sum_over == over for part in sums) != 1:
        checker.fault(
            place.at("over").loc,
            text(
                f"amount 中应恰有一项 sum_over: {over}",
                f"the amount needs exactly one sum_over: {over}",
            ),
            text("请补写或合并", "add it, or join those there are"),
        )


KEYED_COLUMNS = {"choice", "text", "identifier", "integer", "year", "date"}


def check_day(part: Any, checker: Checker, place: Place) -> None:
    """History is counted on keys alone, which must not depend on the day they are made."""
    if not day_bound(part, checker.programme.derived):
        return
    checker.fault(
        place.loc,
        text(
            "此处的条件不能用 within 等随日期变化的比较",
            "a condition here cannot look back by within, or at anything else that the day decides",
        ),
        text("请改用日期比较", "compare dates by on_or_after"),
    )


def day_bound(part: Any, derived: Any) -> bool:
    """Whether the day of the case decides what a part comes to."""
    inside = [found for found, _ in walk(part, Place((), {}))]
    if any(map(own_day, inside)):
        return True
    behind = (derived[name] for name in reads(part) if name in derived)
    return any(map(partial(day_bound, derived=derived), behind))


def own_day(part: Any) -> bool:
    if isinstance(part, FactTest):
        return part.operator in {"within", "at_least_ago"}
    if isinstance(part, SeriesIndex):
        return part.series_index.at == "on"
    return isinstance(part, YearsSince | Held | NotHeld | FirstTime)
