"""What becomes of other amounts: rates of them, bands, sums, the least, differences."""

from collections.abc import Callable

from . import explain
from .bands import RateBand
from .case import Case
from .interval import Interval, greatest, least, total
from .lookup import outside, rate_at
from .nodes import (
    GreatestOf,
    IncreaseOf,
    LeastOf,
    Less,
    Listed,
    Node,
    RateOf,
    Settle,
    SumOf,
    Tiers,
)
from .working import Worked, operand, parts_of, phrase, work


@work.register
def _(node: RateOf, case: Case, id_: str) -> Worked | None:
    base, rate = operand(node.rate_of, case, f"{id_}.1"), rate_at(node, case)
    if base is None or rate is None:
        return None
    amount = base * rate
    if (said := outside(node.rate, case)) is not None:
        return amount, lambda: said
    return amount, lambda: explain.rate_of(phrase(node.rate_of, case, base), rate, amount)


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


@work.register
def _(node: SumOf, case: Case, id_: str) -> Worked | None:
    return listed(node, node.sum_of, case, id_, total, ("合计", "sum"))


@work.register
def _(node: LeastOf, case: Case, id_: str) -> Worked | None:
    return listed(node, node.least_of, case, id_, least, ("取最小", "least of"))


@work.register
def _(node: GreatestOf, case: Case, id_: str) -> Worked | None:
    return listed(node, node.greatest_of, case, id_, greatest, ("取最大", "greatest of"))


def listed(
    node: Listed,
    nodes: tuple[Node, ...],
    case: Case,
    id_: str,
    join: Callable[[list[Interval]], Interval],
    words: tuple[str, str],
) -> Worked | None:
    given = given_parts if node.missing == "left_out" else parts_of
    parts = given(nodes, case, id_)
    if parts is None:
        return None
    amount, left_out = join(parts), len(nodes) - len(parts)
    return amount, lambda: explain.listed(*words, parts, amount, left_out)


def given_parts(nodes: tuple[Node, ...], case: Case, id_: str) -> list[Interval] | None:
    """The parts without those that lack nothing but optional facts; None when none is left."""
    found: list[Interval | None] = []
    left_out = []
    for number, node in enumerate(nodes, 1):
        trial = case.apart()
        part = operand(node, trial, f"{id_}.{number}")
        if part is None and trial.missing and not trial.required and not trial.unset:
            left_out.append(trial)
        else:
            case.join(trial)
            found.append(part)
    if not found:
        for trial in left_out:
            case.join(trial)
        return None
    known = [part for part in found if part is not None]
    return known if len(known) == len(found) else None


@work.register
def _(node: Less, case: Case, id_: str) -> Worked | None:
    parts = parts_of(node.less, case, id_)
    if parts is None:
        return None
    amount = parts[0].less(parts[1])
    return amount, lambda: explain.less(parts[0], parts[1], amount)


@work.register
def _(node: IncreaseOf, case: Case, id_: str) -> Worked | None:
    parts = parts_of((node.increase_of.this, node.increase_of.last), case, id_)
    if parts is None:
        return None
    amount = parts[0].less(parts[1])
    return amount, lambda: explain.increase(parts[0], parts[1], amount)


@work.register
def _(node: Settle, case: Case, id_: str) -> Worked | None:
    parts = parts_of((node.settle.actual, node.settle.advanced), case, id_)
    if parts is None:
        return None
    actual, advanced = parts
    amount, back = actual.less(advanced), advanced.less(actual)
    case.recover.append(back)
    return amount, lambda: explain.settled(actual, advanced, amount, back)
