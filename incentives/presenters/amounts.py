"""How an amount is made, in words: each node of the language as a sentence, a table, and parts."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick
from incentives.policy import nodes
from incentives.policy.overrides import Settings
from incentives.policy.programme import Programme as Rules
from incentives.presenters.telling import (
    Sight,
    Told,
    band_rows,
    condition,
    money,
    rate,
    say,
    table,
    tell,
)


def tell_amount(rules: Rules, settings: Settings) -> tuple[Told, ...]:
    """Each component of the amount; the case amount is their sum."""
    sight = Sight(rules, settings, rules.scope)
    return tuple(tell(node, sight) for node in rules.amount)


@say.register
def _fact(node: nodes.FactNode, sight: Sight) -> Told:
    says = f"“{sight.label(node.fact)}”"
    if node.missing is None:
        return Told(says)
    counts = {"fact": says, "amount": money(node.missing, sight)}
    return Told(_("%(fact)s, or %(amount)s where it is not given") % counts)


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
    if isinstance(found, nodes.RateFact):
        says = _("A share of %(base)s as high as “%(fact)s”")
        return Told(says % {"base": name, "fact": sight.label(found.fact)}, parts=parts)
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
    inside = sight.inside(node.sum_over)
    says = _("For each row of “%(fact)s”:") % {"fact": sight.label(node.sum_over)}
    if node.where is not None:
        says = _("For each row of “%(fact)s” for which this holds: %(condition)s:") % {
            "fact": sight.label(node.sum_over),
            "condition": condition(node.where, inside),
        }
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
    return listed(node, node.sum_of, sight, _("The sum of:"), _("The sum of those given:"))


@say.register
def _least_of(node: nodes.LeastOf, sight: Sight) -> Told:
    return listed(node, node.least_of, sight, _("The least of:"), _("The least of those given:"))


@say.register
def _greatest_of(node: nodes.GreatestOf, sight: Sight) -> Told:
    said = _("The greatest of:"), _("The greatest of those given:")
    return listed(node, node.greatest_of, sight, *said)


def listed(
    node: nodes.Listed, parts: Iterable[nodes.NodeBase], sight: Sight, all_: str, given: str
) -> Told:
    says = all_ if node.missing is None else given
    return Told(says, parts=tuple(tell(part, sight) for part in parts))


@say.register
def _less(node: nodes.Less, sight: Sight) -> Told:
    return Told(_("The first less the second:"), parts=tuple(tell(p, sight) for p in node.less))


@say.register
def _increase(node: nodes.IncreaseOf, sight: Sight) -> Told:
    years = (node.increase_of.this, node.increase_of.last)
    says = _("What the first, of this year, is more than the second, of last year:")
    return Told(says, parts=tuple(tell(part, sight) for part in years))


@say.register
def _already_granted(node: nodes.AlreadyGranted, sight: Sight) -> Told:
    tally = sight.rules.tallies[node.already_granted]
    return Told(_("What was granted before: %(tally)s") % {"tally": pick(tally.label)})


@say.register
def _settle(node: nodes.Settle, sight: Sight) -> Told:
    says = _("What is due (first) less what was advanced (second); an excess is recovered:")
    parts = (node.settle.actual, node.settle.advanced)
    return Told(says, parts=tuple(tell(part, sight) for part in parts))
