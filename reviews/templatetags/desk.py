"""What the first page of the admin shows of a person's own work, and helpers of the case page."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from applicants.domain import succession
from applicants.models import Party
from applicants.templatetags.huiqi import yuan
from reviews.admin.access import held
from reviews.admin.caselist import tabs
from reviews.admin.money_tiles import tiles
from reviews.presenters import decisions, outcomes

register = template.Library()
CHOICES = {"rate": _("rate"), "amount": _("amount"), "each": _("for each person")}
MARKS = {True: "✓", False: "✗", None: "?"}


@register.simple_tag(takes_context=True)
def my_desk(context: dict[str, Any]) -> dict[str, Any]:
    request = context["request"]
    return {"roles": held(request), "tabs": tabs(request), "money": tiles(request)}


register.filter("cut_words", decisions.cut_words)
register.filter("figure_words", outcomes.figure_words)


@register.simple_tag
def former_names(party: Party) -> list[str]:
    return [] if party.is_person else succession.former_names(party)


@register.filter
def choice_name(name: str) -> str:
    """What a reviewer chose, in words; a programme's own name of a choice stays as it is."""
    return str(CHOICES.get(name, name))


@register.filter
def mark(holds: bool | None) -> str:
    return MARKS[holds]


@register.filter
def in_unit(amount: Decimal | str | None, unit: str) -> str:
    """Yuan as money, other units as a plain count."""
    if amount is None or unit == "yuan":
        return yuan(amount)
    return f"{Decimal(amount):.0f}"
