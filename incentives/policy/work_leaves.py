"""What a fact, a written sum, a table or the history comes to."""

from decimal import Decimal

from . import explain
from .bands import band_of
from .case import Case
from .choose import choose
from .interval import Interval
from .lookup import looked_up, number_shown, option_label, outside
from .nodes import AlreadyGranted, Between, By, ByBand, ByTable, FactNode, Fixed, Match, UpTo
from .working import Worked, work


@work.register
def _(node: FactNode, case: Case, id_: str) -> Worked | None:
    if node.missing is not None and case.sight.facts.get(node.fact) is None:
        return when_missing(node, case)
    seen = case.fact(node.fact)
    if seen is None:
        return None
    return Interval.point(seen), lambda: case.base(node.fact, seen)


def when_missing(node: FactNode, case: Case) -> Worked | None:
    value = case.setting(node.missing)
    if value is None:
        return None
    amount, label = Interval.point(value), case.sight.scope[node.fact].label
    return amount, lambda: explain.not_given(label, amount)


@work.register
def _(node: Fixed, case: Case, id_: str) -> Worked | None:
    value = case.setting(node.fixed)
    if value is None:
        return None
    amount = Interval.point(value)
    return amount, lambda: explain.fixed(amount)


@work.register
def _(node: By, case: Case, id_: str) -> Worked | None:
    table = ByTable.model_construct(by=node.by, table=node.table)
    value = looked_up(table, case)
    if value is None:
        return None
    amount = Interval.point(value)
    fact, option = case.sight.scope[node.by], case.fact(node.by)
    if (said := outside(table, case)) is not None:
        return amount, lambda: said
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
def _(node: Match, case: Case, id_: str) -> Worked | None:
    seen, ratio = case.fact(node.match), case.setting(node.ratio)
    if seen is None or ratio is None:
        return None
    amount = Interval.point(seen * ratio)
    return amount, lambda: explain.match(case.base(node.match, seen), ratio, amount)


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
def _(node: AlreadyGranted, case: Case, id_: str) -> Worked | None:
    if case.history is None:
        raise TypeError("already_granted stands where no history is looked at")
    before = case.history.granted(node.already_granted, case)
    if before is None:
        return None
    label = case.history.programme.tallies[node.already_granted].label
    return Interval.point(before), lambda: explain.granted_before(label, before)
