"""The most that one case can receive by the rules alone, where they set a bound at all."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from incentives.policy import nodes
from incentives.policy.caps import Cap
from incentives.policy.overrides import Settings
from incentives.policy.positions import Ref
from incentives.policy.programme import Programme as Rules

Top = Decimal | None


def highest(rules: Rules, settings: Settings) -> Top:
    """Yuan, or None when nothing bounds it or a setting that would is still to be decided."""
    tops = [top(node, settings) for node in rules.amount]
    bounds = [number(cap.limit, settings) for cap in rules.caps if always(cap)]
    return least([total(tops), *bounds])


def always(cap: Cap) -> bool:
    return cap.unit == "yuan" and cap.when is None


def least(tops: Iterable[Top]) -> Top:
    known = [found for found in tops if found is not None]
    return min(known) if known else None


def total(tops: Iterable[Top]) -> Top:
    found = list(tops)
    return None if None in found else sum((x for x in found if x is not None), Decimal(0))


def most(tops: Iterable[Top]) -> Top:
    found = list(tops)
    return None if None in found else max(x for x in found if x is not None)


def number(value: Any, settings: Settings) -> Top:
    if isinstance(value, nodes.NodeBase):
        return top(value, settings)
    if isinstance(value, nodes.ByTable):
        return most(entries(value.table, settings))
    return settings.value(value) if isinstance(value, Ref) else value


def entries(table: Any, settings: Settings) -> list[Top]:
    found: Mapping[str, Any] | None = settings.value(table) if isinstance(table, Ref) else table
    return [None] if found is None else [number(entry, settings) for entry in found.values()]


def top(node: nodes.NodeBase, settings: Settings) -> Top:
    read = TOPS.get(type(node))
    own = read(node, settings) if read else None
    return own if node.at_most is None else least([own, number(node.at_most, settings)])


TOPS: dict[type[nodes.NodeBase], Callable[[Any, Settings], Top]] = {
    nodes.Fixed: lambda node, settings: number(node.fixed, settings),
    nodes.By: lambda node, settings: most(entries(node.table, settings)),
    nodes.UpTo: lambda node, settings: number(node.up_to, settings),
    nodes.Between: lambda node, settings: number(node.between[1], settings),
    nodes.Settle: lambda node, settings: top(node.settle.actual, settings),
    nodes.Less: lambda node, settings: top(node.less[0], settings),
    nodes.IncreaseOf: lambda node, settings: top(node.increase_of.this, settings),
    nodes.SumOf: lambda node, settings: total(top(part, settings) for part in node.sum_of),
    nodes.LeastOf: lambda node, settings: least(top(part, settings) for part in node.least_of),
    nodes.GreatestOf: lambda node, settings: most(top(part, settings) for part in node.greatest_of),
}
