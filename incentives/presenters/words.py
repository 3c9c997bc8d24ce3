"""Numbers, and the values of facts, as a reader writes them."""

from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import pick, yuan
from incentives.policy.questions import ChoiceFact, Fact, RosterFact


def percent(rate: Decimal | str) -> str:
    """A fraction as a percentage: 0.035 → 3.5%."""
    shown = format((Decimal(rate) * 100).normalize(), "f")
    return f"{shown}%"


def payer_words(payer: str) -> str:
    return _("The city") if payer == "city" else _("The district")


def value_of(fact: Fact, value: Any) -> str:
    """A fact's value as a reader expects it; an empty one says so."""
    if value is None or value in ("", [], ()):
        return _("not provided")
    if isinstance(fact, ChoiceFact):
        return pick(fact.of.get(str(value))) or str(value)
    if isinstance(fact, RosterFact):
        return _("%(count)s rows") % {"count": len(value)}
    return _plain(fact.type, value)


def _plain(kind: str, value: Any) -> str:
    if kind == "money":
        return yuan(Decimal(str(value)))
    if kind == "percent":
        return percent(str(value))
    if kind == "boolean":
        return _("yes") if str(value).lower() == "true" else _("no")
    if kind == "date" and not isinstance(value, str):
        return date_format(value)
    return str(value)
