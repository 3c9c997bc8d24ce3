"""How an amount is made, in words: each node of the language as a sentence, a table, and parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import singledispatch
from typing import Any

from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from incentives.policy import nodes
from incentives.policy.bands import Edges
from incentives.policy.overrides import Settings
from incentives.policy.positions import Ref
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import ChoiceFact, Fact
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


def tell_amount(rules: Rules, settings: Settings) -> tuple[Told, ...]:
    """Each component of the amount; the case amount is their sum."""
    sight = Sight(rules, settings, rules.scope)
    return tuple(tell(node, sight) for node in rules.amount)


def tell(node: nodes.NodeBase, sight: Sight) -> Told:
    return replace(say(node, sight), label=pick(node.label), limits=tuple(limits(node, sight)))


def limits(node: nodes.NodeBase, sight: Sight) -> Iterable[str]:
    if node.at_most is not None:
        yield _("at most %(amount)s") % {"amount": bound(node.at_most, sight)}
    if node.at_least is not None:
        yield _("at least %(amount)s") % {"amount": bound(node.at_least, sight)}
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


@say.register
def _fact(node: nodes.FactNode, sight: Sight) -> Told:
    return Told(f"“{sight.label(node.fact)}”")


@say.register
def _fixed(node: nodes.Fixed, sight: Sight) -> Told:
    return Told(money(node.fixed, sight))


@say.register
def _by(node: nodes.By, sight: Sight) -> Told:
    says = _("By “%(fact)s”:") % {"fact": sight.label(node.by)}
    return Told(says, rows=table(node.by, node.table, sight, money))


@say.register
def _by_band(node: nodes.ByBand, sight: Sight) -> Told:
    says = _("By “%(fact)s”:") % {"fact": sight.label(node.by_band)}
    return Told(says, rows=band_rows(node.by_band, node.bands, sight, money, "amount"))


@say.register
def _rate_of(node: nodes.RateOf, sight: Sight) -> Told:
    base = tell(node.rate_of, sight)
    parts = () if isinstance(node.rate_of, nodes.FactNode) else (base,)
    name = _("the sum below") if parts else base.says
    found = node.rate
    if isinstance(found, nodes.BetweenRates):
        low, high = (rate(value, sight) for value in found.between)
        says = _("%(low)s to %(high)s of %(base)s; the reviewers choose the rate in this range")
        return Told(says % {"low": low, "high": high, "base": name}, parts=parts)
    if isinstance(found, nodes.ByRates):
        says = _("A share of %(base)s by “%(fact)s”:")
        rows = table(found.by, found.table, sight, rate)
        return Told(says % {"base": name, "fact": sight.label(found.by)}, rows=rows, parts=parts)
    if isinstance(found, nodes.ByRateBand):
        says = _("A share of %(base)s by “%(fact)s”:")
        rows = band_rows(found.by_band, found.bands, sight, rate, "rate")
        key = found.by_band
        return Told(says % {"base": name, "fact": sight.label(key)}, rows=rows, parts=parts)
    says = _("%(rate)s of %(base)s") % {"rate": rate(found, sight), "base": name}
    return Told(says, parts=parts)


@say.register
def _match(node: nodes.Match, sight: Sight) -> Told:
    ratio, name = sight.set_value(node.ratio), sight.label(node.match)
    if ratio == Decimal(1):
        return Told(_("The same sum as “%(fact)s”") % {"fact": name})
    return Told(_("%(rate)s of “%(fact)s”") % {"rate": rate(node.ratio, sight), "fact": name})


@say.register
def _per_head(node: nodes.PerHead, sight: Sight) -> Told:
    name, each = sight.label(node.per_head), node.each
    if isinstance(each, nodes.BetweenMoney):
        low, high = (money(value, sight) for value in each.between)
        says = _("%(low)s to %(high)s for each of “%(fact)s”; the reviewers choose in this range")
        return Told(says % {"low": low, "high": high, "fact": name})
    if isinstance(each, nodes.ByTable):
        says = _("For each of “%(fact)s”, by “%(key)s”:")
        rows = table(each.by, each.table, sight, money)
        return Told(says % {"fact": name, "key": sight.label(each.by)}, rows=rows)
    says = _("%(amount)s for each of “%(fact)s”")
    return Told(says % {"amount": money(each, sight), "fact": name})


@say.register
def _sum_over(node: nodes.SumOver, sight: Sight) -> Told:
    says = _("For each row of “%(fact)s”:") % {"fact": sight.label(node.sum_over)}
    inside = replace(sight, scope=row_scope(sight.scope, node.sum_over))
    return Told(says, parts=(tell(node.each, inside),))


@say.register
def _up_to(node: nodes.UpTo, sight: Sight) -> Told:
    if isinstance(node.up_to, nodes.ByTable):
        says = _("Up to a sum by “%(fact)s”; the reviewers decide within it:")
        rows = table(node.up_to.by, node.up_to.table, sight, money)
        return Told(says % {"fact": sight.label(node.up_to.by)}, rows=rows)
    says = _("Up to %(amount)s; the reviewers decide within it")
    return Told(says % {"amount": money(node.up_to, sight)})


@say.register
def _between(node: nodes.Between, sight: Sight) -> Told:
    low, high = (money(value, sight) for value in node.between)
    says = _("From %(low)s to %(high)s; the reviewers decide in this range")
    return Told(says % {"low": low, "high": high})


@say.register
def _tiers(node: nodes.Tiers, sight: Sight) -> Told:
    base = tell(node.bands.of, sight)
    says = _("Of %(base)s, each part at the rate of its step:") % {"base": base.says}
    return Told(says, rows=band_rows(None, node.bands.marginal, sight, rate, "rate"))


@say.register
def _sum_of(node: nodes.SumOf, sight: Sight) -> Told:
    return Told(_("The sum of:"), parts=tuple(tell(part, sight) for part in node.sum_of))


@say.register
def _least_of(node: nodes.LeastOf, sight: Sight) -> Told:
    return Told(_("The least of:"), parts=tuple(tell(part, sight) for part in node.least_of))


@say.register
def _greatest_of(node: nodes.GreatestOf, sight: Sight) -> Told:
    return Told(_("The greatest of:"), parts=tuple(tell(part, sight) for part in node.greatest_of))


@say.register
def _less(node: nodes.Less, sight: Sight) -> Told:
    return Told(_("The first less the second:"), parts=tuple(tell(p, sight) for p in node.less))
