"""What stands around an amount, in words: derived values, instalments, tallies and the round."""

from collections.abc import Iterable
from functools import singledispatch
from typing import Any

from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick
from incentives.policy import derived
from incentives.policy.overrides import Settings
from incentives.policy.payment import due_words
from incentives.policy.programme import Programme as Rules
from incentives.policy.terms import Instalment, Rank, Round
from incentives.presenters.amounts import tell
from incentives.presenters.caps import time, whom
from incentives.presenters.telling import Rows, Sight, Told, condition, in_line, money, rate, whole
from incentives.presenters.words import percent


def tell_terms(rules: Rules, settings: Settings) -> tuple[Told, ...]:
    sight = Sight(rules, settings, rules.scope)
    return (*derived_values(sight), *payments(rules), *tallies(rules), *round_of(sight))


def derived_values(sight: Sight) -> Iterable[Told]:
    for name, value in sight.rules.derived.items():
        yield Told(how(value, sight), label=sight.label(name))


@singledispatch
def how(value: Any, sight: Sight) -> str:
    raise TypeError(f"no words for {type(value).__name__}")


@how.register
def _growth(value: derived.GrowthRate, sight: Sight) -> str:
    growth = value.growth_rate_of
    words = {
        "this": in_line(tell(growth.this, sight)),
        "last": in_line(tell(growth.last, sight)),
        "zero": _("the reviewers give it")
        if value.when_last_zero == "unknown"
        else rate(value.when_last_zero, sight),
    }
    return _("The growth from %(last)s to %(this)s; where the first is 0: %(zero)s") % words


@how.register
def _series(value: derived.SeriesIndex, sight: Sight) -> str:
    at = value.series_index.at
    return _("Which year of the %(years)s from “%(first)s” on, by %(at)s") % {
        "years": whole(value.years, sight),
        "first": sight.label(value.series_index.from_),
        "at": _("the day of the case") if at == "on" else f"“{sight.label(at)}”",
    }


@how.register
def _years(value: derived.YearsSince, sight: Sight) -> str:
    fact = sight.label(value.years_since)
    return _("Whole years from “%(fact)s” to the day of the case") % {"fact": fact}


@how.register
def _count(value: derived.CountOf, sight: Sight) -> str:
    words = {"fact": sight.label(value.count_of), **only(value, value.count_of, sight)}
    if value.where is None:
        return _("The number of rows of “%(fact)s”") % words
    return _("The number of rows of “%(fact)s” for which this holds: %(condition)s") % words


@how.register
def _total(value: derived.TotalOf, sight: Sight) -> str:
    inside = sight.inside(value.total_of)
    words = {
        "fact": sight.label(value.total_of),
        "column": inside.label(value.column),
        **only(value, value.total_of, sight),
    }
    if value.where is None:
        return _("The total of “%(column)s” in “%(fact)s”") % words
    return _("The total of “%(column)s” in “%(fact)s” for which this holds: %(condition)s") % words


def only(value: derived.CountOf | derived.TotalOf, roster: str, sight: Sight) -> dict[str, str]:
    if value.where is None:
        return {}
    return {"condition": condition(value.where, sight.inside(roster))}


@how.register
def _amount(value: derived.DerivedAmount, sight: Sight) -> str:
    return in_line(tell(value.amount, sight))


def payments(rules: Rules) -> Iterable[Told]:
    if rules.schedule:
        rows = tuple((pick(part.label), instalment(part)) for part in rules.schedule)
        yield Told(_("It is paid in instalments:"), rows=rows)


def instalment(part: Instalment) -> str:
    share = _("the rest") if part.share == "rest" else percent(part.share)
    return f"{share}, {pick(due_words(part.due))}"


def tallies(rules: Rules) -> Iterable[Told]:
    """What is counted over all awards, before one of them and across programmes."""
    if rules.tallies:
        rows: Rows = tuple(
            (pick(one.label), f"{whom(rules, one.per)}, {time(rules, one.period, 'approval')}")
            for one in rules.tallies.values()
        )
        yield Told(_("Earlier awards are counted:"), rows=rows)


def round_of(sight: Sight) -> Iterable[Told]:
    found = sight.rules.round
    if found is not None:
        parts = tuple(map(Told, round_rules(found, sight)))
        yield Told(_("Decided in a round with other applications:"), pick(found.label), parts=parts)


def round_rules(found: Round, sight: Sight) -> Iterable[str]:
    if found.rank is not None:
        yield from rank_rules(found.rank, sight)
    if found.budget is not None:
        budget = {"amount": money(found.budget, sight)}
        if found.share == "pro_rata":
            yield _("A budget of %(amount)s; where it is short, all are cut in proportion") % budget
        else:
            yield _("A budget of %(amount)s, given in order of filing until it ends") % budget


def rank_rules(rank: Rank, sight: Sight) -> Iterable[str]:
    words = {
        "count": whole(rank.first, sight),
        "fact": sight.label(rank.by),
    }
    if rank.order == "highest":
        yield _("The first %(count)s are in, the highest “%(fact)s” first") % words
    else:
        yield _("The first %(count)s are in, the lowest “%(fact)s” first") % words
    yield {
        "all": _("Of equals at the last place all are in"),
        "none": _("Of equals at the last place none is in"),
        "earlier": _("Of equals at the last place the earlier filed are in"),
    }[rank.ties]
    if rank.moves_up:
        yield _("When one withdraws, the next is let in")
    else:
        yield _("When one withdraws, the place stays empty")
