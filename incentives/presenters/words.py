"""What is data in two languages, in the reader's; numbers as a reader writes them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applicants.templatetags.huiqi import yuan
from incentives.policy.questions import ChoiceFact, Fact, RosterFact
from incentives.policy.text import Text


def english() -> bool:
    return (get_language() or "").startswith("en")


def said(text: Text | Mapping[str, str] | str | None) -> str:
    """A text of the catalogue, or of a decision's JSON, in the reader's language."""
    if text is None or isinstance(text, str):
        return text or ""
    key = "en" if english() else "zh"
    return text[key] if isinstance(text, Mapping) else getattr(text, key)


def percent(rate: Decimal | str) -> str:
    """A fraction as a percentage: 0.035 → 3.5%."""
    shown = format((Decimal(rate) * 100).normalize(), "f")
    return f"{shown}%"


def value_of(fact: Fact, value: Any) -> str:
    """A fact's value as a reader expects it; an empty one says so."""
    if value is None or value in ("", [], ()):
        return _("not provided")
    if isinstance(fact, ChoiceFact):
        return said(fact.of.get(str(value))) or str(value)
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
