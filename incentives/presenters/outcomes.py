"""What a programme ends in, how long that stands, and whether its sum is printed, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.templatetags.huiqi import pick
from incentives.models import Programme, Setting
from incentives.models.register import EntryKind
from incentives.policy.outcomes import CASE_TYPES
from incentives.policy.programme import Programme as Rules

KINDS: dict[str, str | Promise] = {
    "award": _l("money"),
    **{kind: EntryKind(kind).label for kind in ("voucher", "title", "listing", "status")},
    **{kind: EntryKind(kind).label for kind in ("in_kind", "investment", "waiver", "filing")},
    **{kind: EntryKind(kind).label for kind in ("nomination", "agreement")},
}
"""What cases end in, what is paid first."""


def kind_words(rules: Rules) -> str:
    return str(KINDS[rules.outcome.kind])


def case_type_words(rules: Rules) -> str:
    return pick(CASE_TYPES[rules.case_type].label)


def conferred(rules: Rules) -> str:
    """What is conferred or entered; empty for an award."""
    return pick(rules.outcome.label) if rules.outcome.label else ""


def ends_in(rules: Rules) -> str:
    """One sentence: what becomes of a case that is granted."""
    said = {
        "award": _("The award is paid to the account on file."),
        "voucher": _("A voucher with a face value; what is used is paid when it is redeemed."),
        "title": _("The title is entered in the public register; nothing is paid with it."),
        "listing": _("A place on the list is entered in the public register; nothing is paid."),
        "status": _("A certificate or status with a register number; nothing is paid."),
        "in_kind": _("Support that the bureau delivers in kind; no money is paid."),
        "investment": _("An investment or a concession of a fund; it is no grant of the city."),
        "waiver": _("A fee that need not be paid; the city pays nothing out."),
        "filing": _("The filing of a duty or a commitment; nothing is paid."),
        "nomination": _("The city puts the applicant forward; the level above it decides."),
        "agreement": _("Measures that are agreed case by case and written down."),
    }
    return said[rules.outcome.kind]


def validity(rules: Rules) -> str:
    """How long an entry stands; empty where nothing is entered."""
    valid = rules.outcome.valid
    if rules.outcome.kind == "award":
        return ""
    if valid is None:
        return _("No validity is printed: it stands until it is ended.")
    if valid.until is not None:
        label = pick(rules.facts[valid.until].label)
        return _("To the day of “%(fact)s”, as the case states it.") % {"fact": label}
    if valid.up_to_years is not None:
        return _("At most %(years)s years; the bureau sets the last day.") % {
            "years": valid.up_to_years
        }
    return _("%(years)s years from the day of entry.") % {"years": valid.years}


@dataclass(frozen=True)
class Decided:
    """A value that no document prints, set by the city under a rule that is named."""

    label: str
    basis: str


def decided(programme: Programme, rules: Rules, changed: Mapping[str, Any]) -> list[Decided]:
    """What the city has set of the parameters that the document leaves open; one query."""
    names = [
        name
        for name, parameter in rules.parameters.items()
        if parameter.value is None and changed.get(name) is not None
    ]
    rows = Setting.objects.filter(city=programme.city_id, programme=programme, key__in=names)
    bases = dict(rows.order_by("key", "-id").distinct("key").values_list("key", "basis"))
    return [Decided(pick(rules.parameters[name].label), bases.get(name, "")) for name in names]
