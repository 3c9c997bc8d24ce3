"""The programmes that the public may see, each with its newest version, in one query."""

from dataclasses import dataclass

from django.db.models import JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast

from incentives.models import Programme, ProgrammeVersion


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader looks for; an empty value leaves the list as it is."""

    words: str = ""
    document: str = ""
    bureau: str = ""
    kind: str = ""


def listed(wanted: Wanted | None = None) -> QuerySet[ProgrammeVersion]:
    """Newest versions of the listed programmes, in the order of their documents and clauses."""
    newest = ProgrammeVersion.objects.filter(programme=OuterRef("programme")).order_by("-number")
    versions = ProgrammeVersion.objects.filter(
        pk=Subquery(newest.values("pk")[:1]), programme__is_open=True
    ).select_related("programme__document", "programme__handling_bureau", "programme__city")
    versions = versions.annotate(rules=Cast("definition", JSONField()))
    return narrowed(versions, wanted or Wanted()).order_by("programme__document", "programme")


def narrowed(versions: QuerySet[ProgrammeVersion], wanted: Wanted) -> QuerySet[ProgrammeVersion]:
    for word in wanted.words.split():
        versions = versions.filter(_says(word))
    if wanted.document:
        versions = versions.filter(programme__document__code=wanted.document)
    if wanted.bureau:
        versions = versions.filter(Q(rules__bureaus__printed__contains=[wanted.bureau]))
    if wanted.kind:
        versions = versions.filter(Q(rules__roles__applicant__contains=[wanted.kind]))
    return versions


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
    """The newest version of a listed programme, or None."""
    return listed().filter(programme__city=city, programme__code=code).first()


def together_with(rules_code: str, group: str) -> QuerySet[Programme]:
    """The other programmes that reward the same event, whose rule counts them together."""
    holding = listed().filter(Q(rules__same_event__contains=[{"group": group}]))
    return Programme.objects.filter(pk__in=holding.values("programme")).exclude(code=rules_code)
