"""What a ceiling is counted on, and over what time, in words."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick
from incentives.policy.programme import Programme as Rules
from incentives.policy.questions import Fact, RosterFact


def counted(rules: Rules, per: Sequence[str], period: str, year_of: str) -> str:
    """Such as: for each applicant, in a calendar year of approval."""
    return _("%(whom)s, %(time)s") % {
        "whom": whom(rules, per),
        "time": time(rules, period, year_of),
    }


def whom(rules: Rules, per: Sequence[str]) -> str:
    if not per:
        return _("for the whole programme")
    names = " + ".join(role(rules, name) for name in per)
    return _("for each %(names)s") % {"names": names}


def role(rules: Rules, name: str) -> str:
    key = rules.roles.subject if name == "subject" else name
    fact = rules.scope.get(key or name) or column(rules, name)
    if fact is not None:
        return f"“{pick(fact.label)}”"
    return {"applicant": _("applicant"), "payee": _("payee")}.get(name, name)


def column(rules: Rules, name: str) -> Fact | None:
    """A cap that counts rows is counted on the columns of their roster."""
    rosters = [fact for fact in rules.facts.values() if isinstance(fact, RosterFact)]
    return next((roster.columns[name] for roster in rosters if name in roster.columns), None)


def time(rules: Rules, period: str, year_of: str) -> str:
    if period == "life":
        return _("in all, over all years")
    if year_of == "approval":
        return _("in each calendar year of approval")
    fact = rules.facts.get(year_of)
    return _("in each year by “%(fact)s”") % {"fact": pick(fact.label) if fact else year_of}
