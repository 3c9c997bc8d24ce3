"""What a reviewer chooses: within the bounds it counts, outside it is refused."""

from decimal import Decimal

from . import explain
from .case import Case
from .interval import Interval
from .result import OpenChoice
from .scalars import money, rate
from .text import BadValue, InputError, Problem, Text, text

READ = {"rate": rate, "each": money, "amount": money}


def choose(
    case: Case, name: str, kind: str, low: Decimal | None, high: Decimal | None
) -> Interval | None:
    """The chosen point, or the whole interval while nothing is chosen."""
    if low is None or high is None:
        case.undecided.add(name)
        return None
    if low >= high:
        return Interval.point(high)
    bounds = OpenChoice(name, kind, low, high)
    case.reached.setdefault(name, []).append(bounds)
    if name not in case.choices:
        case.open[name] = narrowed(case.open.get(name), bounds)
        return Interval(low, high)
    return Interval.point(within(bounds, case.choices[name]))


def narrowed(before: OpenChoice | None, bounds: OpenChoice) -> OpenChoice:
    """One choice may serve many rows: only what all of them allow can be chosen."""
    if before is None:
        return bounds
    low, high = max(before.minimum, bounds.minimum), min(before.maximum, bounds.maximum)
    return OpenChoice(bounds.name, bounds.kind, low, high)


def within(bounds: OpenChoice, written: object) -> Decimal:
    field = f"choices.{bounds.name}"
    try:
        value = READ[bounds.kind](written)
    except BadValue as error:
        raise InputError([Problem(field, error.problem, said(bounds))]) from None
    if not bounds.minimum <= value <= bounds.maximum:
        problem = text(f"“{written}”超出范围", f"'{written}' is outside the bounds")
        raise InputError([Problem(field, problem, said(bounds))])
    return value


def said(bounds: OpenChoice) -> Text:
    """The bounds in words."""
    if bounds.kind == "rate":
        low, high = text_of(bounds.minimum), text_of(bounds.maximum)
    else:
        low, high = explain.yuan(bounds.minimum), explain.yuan(bounds.maximum)
    return text(f"请选 {low.zh} 至 {high.zh} 之间的值", f"choose from {low.en} to {high.en}")


def text_of(value: Decimal) -> Text:
    return text(explain.percent(value), explain.percent(value))


def refuse_idle(case: Case, known: set[str]) -> None:
    """A choice given where none is open is refused: it would otherwise be lost in silence."""
    for name in case.choices:
        if name in case.reached or name in case.undecided:
            continue
        if name in known:
            problem = text("本案此项无可选择", "there is nothing to choose in this case")
        else:
            problem = text("没有此选择项", "there is no such choice")
        listed = ", ".join(sorted(case.reached)) or "-"
        expected = text(f"请删去；可选：{listed}", f"leave it out; open choices: {listed}")
        raise InputError([Problem(f"choices.{name}", problem, expected)])
