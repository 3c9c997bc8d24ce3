"""What templates of the whole house share: money, and data kept in both languages."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()
NOTHING = "—"


def in_english() -> bool:
    return (get_language() or "").startswith("en")


def pick(pair: Any) -> str:
    """The reader's side of a {zh, en} pair, a mapping or an object; text stays as it is."""
    if isinstance(pair, str) or pair is None:
        return pair or ""
    side = "en" if in_english() else "zh"
    if isinstance(pair, Mapping):
        return str(pair.get(side) or pair.get("zh") or "")
    return str(getattr(pair, side) or pair.zh)


@register.filter
def yuan(amount: Decimal | str | int | None) -> str:
    """1,234,567.00 元 or CNY 1,234,567.00; a missing amount is a dash, never a zero."""
    if amount is None or amount == "":
        return NOTHING
    figure = f"{Decimal(amount):,.2f}"
    return f"CNY {figure}" if in_english() else f"{figure} 元"


@register.filter
def moment(at: datetime) -> str:
    """Day and minute in the office's own time zone; the order of the parts is the translator's."""
    return date_format(timezone.localtime(at), _("j F Y, H:i"))


@register.filter(name="localised")
def localised_attribute(thing: Any, attribute: str) -> str:
    """{{ programme|localised:"title" }}: title_zh and title_en, or a title that is a pair."""
    side = f"{attribute}_{'en' if in_english() else 'zh'}"
    if hasattr(thing, side):
        return str(getattr(thing, side) or getattr(thing, f"{attribute}_zh"))
    found = thing[attribute] if isinstance(thing, Mapping) else getattr(thing, attribute)
    return pick(found)


@register.simple_tag
def localised(pair: Any) -> str:
    return pick(pair)
