"""The words that every node of an amount is told with: sums, rates, tables, bounds, conditions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import singledispatch
from typing import Any

from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from incentives.policy import nodes
from incentives.policy.bands import Edges
from incentives.policy.conditions import Condition
from incentives.policy.judge import Sight as Judged
from incentives.policy.overrides import Settings
from incentives.policy.positions import Ref
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import ChoiceFact, Fact
from incentives.policy.reasons import sentence
from incentives.policy.walk import row_scope
from incentives.presenters.words import percent

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Told:
    says: str
    label: str = ""
    rows: Rows = ()
    parts: "tuple[Told, ...]" = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sight:
    """What the words may refer to: the programme, the settings in force, the facts in scope."""

    rules: Rules
    settings: Settings
    scope: Mapping[str, Fact] = field(default_factory=dict)

    def inside(self, roster: str) -> "Sight":
        """The same from within a row, where its columns stand before the facts."""
        return replace(self, scope=row_scope(self.scope, roster))

    def label(self, key: str) -> str:
        return pick(self.scope[key].label)

    def option(self, key: str, name: str) -> str:
        fact = self.scope[key]
        if isinstance(fact, ChoiceFact):
            return pick(fact.of[name])
        words = {"true": _("yes"), "false": _("no")}
        return words.get(name, name) if fact.type == "boolean" else name

    def set_value(self, value: Any) -> Any:
        return self.settings.value(value) if isinstance(value, Ref) else value

    def name(self, ref: Ref) -> str:
        parameter = self.rules.parameters.get(ref.name)
        return pick(parameter.label) if parameter else ref.name


def tell(node: nodes.NodeBase, sight: Sight) -> Told:
    return replace(say(node, sight), label=pick(node.label), limits=tuple(limits(node, sight)))


def limits(node: nodes.NodeBase, sight: Sight) -> Iterable[str]:
    if node.at_most is not None:
        yield _("at most %(amount)s") % {"amount": bound(node.at_most, sight)}
    if node.at_least is not None:
        yield _("at least %(amount)s") % {"amount": bound(node.at_least, sight)}
    if node.nothing_below is not None:
        yield _("nothing if it is below %(amount)s") % {"amount": bound(node.nothing_below, sight)}
    if node.when is not None and node.when.says is not None:
        yield _("only when: %(condition)s") % {"condition": pick(node.when.says)}


def money(value: Any, sight: Sight) -> str:
    found = sight.set_value(value)
    if found is None:
        return _("a sum still to be set (%(name)s)") % {"name": sight.name(value)}
    return yuan(found)


def rate(value: Any, sight: Sight) -> str:
    found = sight.set_value(value)
    if found is None:
        return _("a rate still to be set (%(name)s)") % {"name": sight.name(value)}
    return percent(found)


def whole(value: int | Ref, sight: Sight) -> str:
    found = sight.set_value(value)
    return sight.name(value) if found is None and isinstance(value, Ref) else f"{found}"


def bound(value: Any, sight: Sight) -> str:
    if isinstance(value, nodes.ByTable):
        rows = table(value.by, value.table, sight, money)
        return _("by “%(fact)s”: %(rows)s") % {
            "fact": sight.label(value.by),
            "rows": "; ".join(f"{name} {amount}" for name, amount in rows),
        }
    return money(value, sight)


def table(key: str, value: Any, sight: Sight, write: Any) -> Rows:
    found = sight.set_value(value)
    if found is None:
        return ((sight.name(value), _("still to be set")),)
    return tuple((sight.option(key, name), write(entry, sight)) for name, entry in found.items())


def band_rows(key: str | None, value: Any, sight: Sight, write: Any, entry: str) -> Rows:
    found = sight.set_value(value)
    if found is None:
        return ((sight.name(value), _("still to be set")),)
    kind = sight.scope[key].type if key else "money"
    return tuple((edges(band, kind), write(getattr(band, entry), sight)) for band in found)


def edges(band: Edges, kind: str) -> str:
    write = {"money": yuan, "percent": percent}.get(kind, lambda value: format(value, "f"))
    if band.to is None:
        return _("%(low)s and above") % {"low": write(band.from_)}
    return _("from %(low)s to below %(high)s") % {
        "low": write(band.from_),
        "high": write(band.to),
    }


@singledispatch
def say(node: Any, sight: Sight) -> Told:
    raise TypeError(f"no words for {type(node).__name__}")


def condition(found: Condition, sight: Sight) -> str:
    """A condition as a sentence, before anything is known of a case."""
    return pick(sentence(found, Judged(date.min, sight.scope, {}, sight.settings)))


def in_line(told: Told) -> str:
    """A sentence and its parts in one line, for a cell of a table."""
    rows = [f"{name} {entry}" for name, entry in told.rows]
    inside = "; ".join([*rows, *map(in_line, told.parts)])
    return f"{told.says} {inside}".strip()
