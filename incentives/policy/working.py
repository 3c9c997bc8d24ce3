"""The frame of every amount node: its condition, its own bounds, and the step it is told by.

Each kind of node is one function of (node, case, id), registered with `work`, so that a
programme can be turned into closures or columns without touching the algebra.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import singledispatch
from typing import Any

from . import explain
from .case import Case
from .interval import NOTHING, Interval
from .lookup import looked_up
from .nodes import FactNode, Node, NodeBase
from .text import Text
from .walk import choice_names

Worked = tuple[Interval, Callable[[], Text]]


@singledispatch
def work(node: Any, case: Case, id_: str) -> Worked | None:
    raise TypeError(f"no amount: {type(node).__name__}")


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
    node: NodeBase, case: Case, id_: str, worked: Interval, say: Callable[[], Text]
) -> Interval | None:
    bounds = [node.at_least, node.at_most, node.nothing_below]
    known = [None if bound is None else looked_up(bound, case) for bound in bounds]
    if any(b is not None and k is None for b, k in zip(bounds, known, strict=True)):
        return None
    floor, ceiling, least = known
    said, amount = [say], worked
    if floor is not None and floor > amount.low:
        amount = raised = amount.at_least(floor)
        said.append(lambda: explain.raised(floor, raised))
    if ceiling is not None and ceiling < amount.high:
        amount = lowered = amount.at_most(ceiling)
        said.append(lambda: explain.lowered(ceiling, lowered))
    if least is not None and worked.low < least:
        amount = dropped = without(amount, worked, least)
        said = [said[0]] if amount == NOTHING else said
        said.append(lambda: explain.dropped(least, dropped))
    case.step(id_, amount, lambda: explain.step(node.label, [part() for part in said]))
    return amount


def without(amount: Interval, worked: Interval, least: Decimal) -> Interval:
    """What is worked out below the least sum counts 0, whatever a floor would make of it."""
    nothing = Decimal(0)
    return replace(amount, low=nothing, high=nothing if worked.high < least else amount.high)


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


def all_known(parts: Any) -> list[Interval] | None:
    """The parts, or None if one is unknown; each is worked out, so that all needs are found."""
    found = list(parts)
    return None if None in found else found


def parts_of(nodes: tuple[Node, ...], case: Case, id_: str) -> list[Interval] | None:
    return all_known(operand(node, case, f"{id_}.{i}") for i, node in enumerate(nodes, 1))
