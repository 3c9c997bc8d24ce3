"""Every part of a programme with its place in the file and the facts in sight there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .derived import CountOf, TotalOf
from .nodes import Between, BetweenMoney, BetweenRates, NodeBase, PerHead, RateOf, SumOver, UpTo
from .positions import Ref
from .questions import Fact, RosterFact
from .text import Loc, Model


@dataclass(frozen=True)
class Place:
    loc: Loc
    scope: Mapping[str, Fact]

    def at(self, *more: str | int) -> "Place":
        return replace(self, loc=(*self.loc, *more))


def walk(value: Any, place: Place) -> Iterator[tuple[Any, Place]]:
    """Yield each model and each reference, outer before inner."""
    if isinstance(value, Model | Ref):
        yield value, place
    if isinstance(value, Model):
        yield from walk_fields(value, place)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, place.at(key))
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from walk(item, place.at(index))


def walk_fields(model: Model, place: Place) -> Iterator[tuple[Any, Place]]:
    for name, field in type(model).model_fields.items():
        inner = place.at(field.alias or name)
        if name in {"each", "where"} and (roster := roster_of(model)) is not None:
            inner = replace(inner, scope=row_scope(place.scope, roster))
        yield from walk(getattr(model, name), inner)


def roster_of(model: Model) -> str | None:
    """The roster whose columns stand before the facts in a part's `each` and `where`."""
    if isinstance(model, SumOver):
        return model.sum_over
    if isinstance(model, CountOf):
        return model.count_of
    return model.total_of if isinstance(model, TotalOf) else None


def row_scope(scope: Mapping[str, Fact], roster: str) -> Mapping[str, Fact]:
    fact = scope.get(roster)
    return {**scope, **fact.columns} if isinstance(fact, RosterFact) else scope


def chooses(node: NodeBase) -> str | None:
    """The name of the choice a node leaves to the reviewer, if it leaves one."""
    if isinstance(node, UpTo | Between):
        return node.choose
    if isinstance(node, RateOf) and isinstance(node.rate, BetweenRates):
        return node.choose
    if isinstance(node, PerHead) and isinstance(node.each, BetweenMoney):
        return node.choose
    return None


def choice_names(value: Any) -> Iterator[str]:
    for part, _ in walk(value, Place((), {})):
        name = chooses(part) if isinstance(part, NodeBase) else None
        if name is not None:
            yield name


def refs_in(value: Any) -> Iterator[Ref]:
    return (part for part, _ in walk(value, Place((), {})) if isinstance(part, Ref))


NAMING = (
    "fact", "by", "by_band", "match", "per_head", "sum_over", "count_of", "total_of", "years_since",
    "from_", "at",
)  # fmt: skip


def reads(value: Any) -> Iterator[str]:
    """The names of the facts that a part and the parts in it look at."""
    for part, _ in walk(value, Place((), {})):
        found = (vars(part).get(name) for name in NAMING)
        yield from (name for name in found if isinstance(name, str))
