"""The worth of each amount node: an interval, or None while a fact or setting is missing.

Each kind of node is one function of (node, case, id), so that a programme can be turned into
closures or columns without touching the algebra.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import singledispatch
from typing import Any

from . import explain
from .bands import RateBand, band_of
from .case import Case
from .choose import choose
from .interval import NOTHING, Interval, greatest, least, total
from .lookup import each_of, looked_up, number_shown, option_label, rate_at
from .nodes import (
    Between,
    By,
    ByBand,
    ByTable,
    FactNode,
    Fixed,
    GreatestOf,
    LeastOf,
    Less,
    Match,
    Node,
    NodeBase,
    PerHead,
    RateOf,
    SumOf,
    SumOver,
    Tiers,
    UpTo,
)
from .text import Text
from .walk import choice_names

Worked = tuple[Interval, Callable[[], Text]]


def evaluate(node: Node, case: Case, id_: str) -> Interval | None:
    """Work out a node with its condition and bounds, noting the step."""
    holds = case.holds(node.when)
    if holds is None:
        case.undecided.update(choice_names(node))
        return None
    if not holds:
        case.step(id_, NOTHING, lambda: explain.step(node.label, [explain.NOT_COUNTED]))
        return NOTHING
    worked = work(node, case, id_)
    return None if worked is None else bounded(node, case, id_, *worked)


def bounded(
    node: NodeBase, case: Case, id_: str, amount: Interval, say: Callable[[], Text]
) -> Interval | None:
    floor = looked_up(node.at_least, case) if node.at_least is not None else None
    ceiling = looked_up(node.at_most, case) if node.at_most is not None else None
    if (floor is None and node.at_least is not None) or (
        ceiling is None and node.at_most is not None
    ):
        return None
    said = [say]
    if floor is not None and floor > amount.low:
        amount = raised = amount.at_least(floor)
        said.append(lambda: explain.raised(floor, raised))
    if ceiling is not None and ceiling < amount.high:
        amount = lowered = amount.at_most(ceiling)
        said.append(lambda: explain.lowered(ceiling, lowered))
    case.step(id_, amount, lambda: explain.step(node.label, [part() for part in said]))
    return amount


@singledispatch
def work(node: Any, case: Case, id_: str) -> Worked | None:
    raise TypeError(f"no amount: {type(node).__name__}")


@work.register
def _(node: FactNode, case: Case, id_: str) -> Worked | None:
    seen = case.fact(node.fact)
    if seen is None:
        return None
    return Interval.point(seen), lambda: case.base(node.fact, seen)


@work.register
def _(node: Fixed, case: Case, id_: str) -> Worked | None:
    value = case.setting(node.fixed)
    if value is None:
        return None
    amount = Interval.point(value)
    return amount, lambda: explain.fixed(amount)


@work.register
def _(node: By, case: Case, id_: str) -> Worked | None:
    value = looked_up(ByTable.model_construct(by=node.by, table=node.table), case)
    if value is None:
        return None
    amount = Interval.point(value)
    fact, option = case.sight.scope[node.by], case.fact(node.by)
    return amount, lambda: explain.looked_up(fact.label, option_label(fact, option), amount)


@work.register
def _(node: ByBand, case: Case, id_: str) -> Worked | None:
    seen, bands = case.fact(node.by_band), case.setting(node.bands)
    if seen is None or bands is None:
        return None
    band = band_of(bands, Decimal(seen))
    value = Decimal(0) if band is None else case.setting(band.amount)
    if value is None:
        return None
    amount, fact = Interval.point(value), case.sight.scope[node.by_band]
    return amount, lambda: explain.band(fact.label, number_shown(fact.type, seen), amount)


@work.register
def _(node: RateOf, case: Case, id_: str) -> Worked | None:
    base, rate = operand(node.rate_of, case, f"{id_}.1"), rate_at(node, case)
    if base is None or rate is None:
        return None
    amount = base * rate
    return amount, lambda: explain.rate_of(phrase(node.rate_of, case, base), rate, amount)


def operand(node: Node, case: Case, id_: str) -> Interval | None:
    """A part of another node; a bare fact makes no step of its own."""
    if isinstance(node, FactNode) and node.model_fields_set == {"fact"}:
        seen = case.fact(node.fact)
        return None if seen is None else Interval.point(seen)
    return evaluate(node, case, id_)


def phrase(node: Node, case: Case, value: Interval) -> Text:
    if isinstance(node, FactNode):
        return explain.named(case.sight.scope[node.fact].label, explain.span(value))
    return explain.named(node.label, explain.span(value))


@work.register
def _(node: Match, case: Case, id_: str) -> Worked | None:
    seen, ratio = case.fact(node.match), case.setting(node.ratio)
    if seen is None or ratio is None:
        return None
    amount = Interval.point(seen * ratio)
    return amount, lambda: explain.match(case.base(node.match, seen), ratio, amount)


@work.register
def _(node: PerHead, case: Case, id_: str) -> Worked | None:
    seen, each = case.fact(node.per_head), each_of(node, case)
    if seen is None or each is None:
        return None
    count = len(seen) if isinstance(seen, tuple) else int(seen)
    amount = Interval.point(count) * each
    label = case.sight.scope[node.per_head].label
    return amount, lambda: explain.per_head(label, count, each, amount)


@work.register
def _(node: SumOver, case: Case, id_: str) -> Worked | None:
    rows = case.fact(node.sum_over)
    if rows is None:
        return None
    parts = all_known(
        evaluate(node.each, case.row(node.sum_over, row), f"{id_}[{number}]")
        for number, row in enumerate(rows, 1)
    )
    if parts is None:
        return None
    amount, label = total(parts), case.sight.scope[node.sum_over].label
    return amount, lambda: explain.sum_over(label, len(rows), amount)


def all_known(parts: Any) -> list[Interval] | None:
    """The parts, or None if one is unknown; each is worked out, so that all needs are found."""
    found = list(parts)
    return None if None in found else found


@work.register
def _(node: UpTo, case: Case, id_: str) -> Worked | None:
    return worked_choice(node.choose, Decimal(0), looked_up(node.up_to, case), case)


@work.register
def _(node: Between, case: Case, id_: str) -> Worked | None:
    low, high = (case.setting(end) for end in node.between)
    return worked_choice(node.choose, low, high, case)


def worked_choice(
    name: str, low: Decimal | None, high: Decimal | None, case: Case
) -> Worked | None:
    amount = choose(case, name, "amount", low, high)
    if amount is None or low is None or high is None:
        return None
    return amount, lambda: explain.chosen(amount, low, high)


@work.register
def _(node: Tiers, case: Case, id_: str) -> Worked | None:
    base, bands = operand(node.bands.of, case, f"{id_}.1"), case.setting(node.bands.marginal)
    if base is None or bands is None:
        return None
    rates = [case.setting(band.rate) for band in bands]
    if None in rates:
        return None
    parts = [(slice_of(base, band), rate) for band, rate in zip(bands, rates, strict=True)]
    amount = total(part * Interval.point(rate) for part, rate in parts)
    reached = [(part, rate) for part, rate in parts if part.high > 0]
    return amount, lambda: explain.tiers(phrase(node.bands.of, case, base), reached, amount)


def slice_of(base: Interval, band: RateBand) -> Interval:
    """The part of the base that lies in one band."""
    upper = base if band.to is None else base.at_most(band.to)
    return upper.less(Interval.point(band.from_))


def parts_of(nodes: tuple[Node, ...], case: Case, id_: str) -> list[Interval] | None:
    return all_known(operand(node, case, f"{id_}.{i}") for i, node in enumerate(nodes, 1))


@work.register
def _(node: SumOf, case: Case, id_: str) -> Worked | None:
    parts = parts_of(node.sum_of, case, id_)
    if parts is None:
        return None
    amount = total(parts)
    return amount, lambda: explain.listed("合计", "sum", parts, amount)


@work.register
def _(node: LeastOf, case: Case, id_: str) -> Worked | None:
    parts = parts_of(node.least_of, case, id_)
    if parts is None:
        return None
    amount = least(parts)
    return amount, lambda: explain.listed("取最小", "least of", parts, amount)


@work.register
def _(node: GreatestOf, case: Case, id_: str) -> Worked | None:
    parts = parts_of(node.greatest_of, case, id_)
    if parts is None:
        return None
    amount = greatest(parts)
    return amount, lambda: explain.listed("取最大", "greatest of", parts, amount)


@work.register
def _(node: Less, case: Case, id_: str) -> Worked | None:
    parts = parts_of(node.less, case, id_)
    if parts is None:
        return None
    amount = parts[0].less(parts[1])
    return amount, lambda: explain.less(parts[0], parts[1], amount)
