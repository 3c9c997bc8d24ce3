"""The list to fill in: its headings, and on a second sheet what each column takes."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.utils.translation import gettext as _

from incentives.domain.exports import Sheet, csv_bytes, xlsx_bytes
from incentives.domain.language import chosen
from incentives.domain.registry_columns import FACTLESS, FIXED, HIDDEN
from incentives.domain.registry_keys import Offered, offered_facts
from incentives.models.registry import ImportKind
from incentives.policy.questions import ChoiceFact

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def template_file(kind: str, form: str, city: str, programme: str) -> HttpResponse:
    """With the facts of the profile, and those that one programme asks for if it is named."""
    fixed = [key for key in FIXED[ImportKind(kind)] if key not in HIDDEN]
    facts = list(_facts(city, programme)) if kind not in FACTLESS else []
    headings = [*fixed, *(fact.key for fact in facts)]
    if form == "csv":
        content = csv_bytes(headings, [])
    else:
        content = xlsx_bytes([Sheet(_("list"), headings, [[""] * len(headings)]),
                              _explained(kind, facts)])  # fmt: skip
    name = f"{kind}-{programme or city}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=TYPES[form], headers=headers)


def _facts(city: str, programme: str) -> Iterator[Offered]:
    for offered in offered_facts(city).values():
        if offered.programme is None or offered.programme.code == programme:
            yield offered


def _explained(kind: str, facts: list[Offered]) -> Sheet:
    fixed = [
        [key, str(one.label), ""]
        for key, one in FIXED[ImportKind(kind)].items()
        if key not in HIDDEN
    ]
    rows = [*fixed, *([one.key, chosen(one.fact.label), _takes(one)] for one in facts)]
    return Sheet(_("columns"), [_("column"), _("meaning"), _("takes")], rows)


def _takes(offered: Offered) -> str:
    fact = offered.fact
    if isinstance(fact, ChoiceFact):
        return ", ".join(f"{key} ({chosen(label)})" for key, label in fact.of.items())
    return {
        "money": _("yuan, such as 8000000.00"),
        "integer": _("a whole number"),
        "percent": _("a percentage, such as 5%"),
        "date": _("a day, such as 2021-06-01"),
        "year": _("a year, such as 2021"),
        "boolean": _("true or false"),
    }.get(fact.type, _("text"))
