"""The programmes that the public may see, each with its version in force today, in one query."""

from dataclasses import dataclass
from datetime import date

from django.db.models import JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.utils import timezone

from incentives.models import Programme, ProgrammeVersion
from incentives.models.programme import in_force_on
from incentives.policy.outcomes import CASE_TYPES

WRITTEN = Cast("definition", JSONField())
"""The rules as they are written, to look into them in the database."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader looks for; an empty value leaves the list as it is.

    `bureau` is a code, or `city:code`; a bureau is found where it is printed and where it handles.
    """

    words: str = ""
    city: str = ""
    document: str = ""
    bureau: str = ""
    kind: str = ""
    outcome: str = ""
    case_type: str = ""


def listed(wanted: Wanted | None = None) -> QuerySet[ProgrammeVersion]:
    """Versions in force of the listed programmes, in the order of their documents and clauses.

    A programme whose first version is still to come is not listed.
    """
    newest = versions_on(timezone.localdate()).filter(programme=OuterRef("programme"))
    versions = ProgrammeVersion.objects.filter(
        pk=Subquery(newest.values("pk")[:1]), programme__is_open=True
    ).select_related("programme__document", "programme__handling_bureau", "programme__city")
    versions = versions.alias(rules=WRITTEN)
    return narrowed(versions, wanted or Wanted()).order_by("programme__document", "programme_id")


def versions_on(day: date) -> QuerySet[ProgrammeVersion]:
    """The versions in force on a day, of each programme the newest first."""
    return ProgrammeVersion.objects.filter(in_force_on(day)).order_by("-number")


def narrowed(versions: QuerySet[ProgrammeVersion], wanted: Wanted) -> QuerySet[ProgrammeVersion]:
    for word in wanted.words.split():
        versions = versions.filter(_says(word))
    if wanted.document:
        versions = versions.filter(programme__document__code=wanted.document)
    if wanted.city:
        versions = versions.filter(programme__city=wanted.city)
    if wanted.bureau:
        versions = versions.filter(_of_bureau(wanted.bureau))
    if wanted.kind:
        versions = versions.filter(Q(rules__roles__applicant__contains=[wanted.kind]))
    if wanted.outcome:
        versions = versions.filter(_ends_in(wanted.outcome))
    if wanted.case_type:
        versions = versions.filter(programme__case_type=wanted.case_type)
    return versions


def _of_bureau(named: str) -> Q:
    """Cities share the codes of bureaus: one named with its city is found there alone."""
    city, _colon, code = named.rpartition(":")
    printed = Q(rules__bureaus__printed__contains=[code])
    found = printed | Q(programme__handling_bureau__code=code)
    return found & Q(programme__city=city) if city else found


def _ends_in(kind: str) -> Q:
    """By the types of case that may end so, and where they may end otherwise by the rules."""
    types = {name: found.kinds for name, found in CASE_TYPES.items() if kind in found.kinds}
    alone = [name for name, kinds in types.items() if len(kinds) == 1]
    either = Q(programme__case_type__in=types, rules__outcome__kind=kind)
    return Q(programme__case_type__in=alone) | either


def _says(word: str) -> Q:
    places = (
        "programme__title_zh",
        "programme__title_en",
        "rules__summary__zh",
        "rules__summary__en",
        "rules__source__quote",
    )
    return Q(*((f"{place}__icontains", word) for place in places), _connector=Q.OR)


def version_of(*, city: str, code: str) -> ProgrammeVersion | None:
    """The version in force of a listed programme, or None."""
    return listed().filter(programme__city=city, programme__code=code).first()


def together_with(rules_code: str, group: str) -> QuerySet[Programme]:
    """The other programmes that reward the same event, whose rule counts them together."""
    holding = listed().filter(Q(rules__same_event__contains=[{"group": group}]))
    return Programme.objects.filter(pk__in=holding.values("programme")).exclude(code=rules_code)
