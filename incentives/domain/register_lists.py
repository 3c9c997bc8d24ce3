"""The registers that a city shows to everybody: what stands in them today, and whose it is.

Of persons only what was made public before it was conferred, under a masked name; terms and
figures of nobody.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from applicants.domain.names import public_name
from incentives.domain.exports import csv_blocks
from incentives.domain.language import chosen
from incentives.domain.programmes import rules_of
from incentives.models import ProgrammeVersion, RegisterEntry
from incentives.models.register import EntryKind, EntryState
from incentives.policy.outcomes import PUBLISHED
from incentives.policy.questions import ChoiceFact
from incentives.policy.text import Text

OF_PERSONS = sorted(PUBLISHED - {EntryKind.VOUCHER})


def public_entries(today: date) -> QuerySet[RegisterEntry]:
    """Entries in force that may be shown to anybody."""
    standing = RegisterEntry.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), state=EntryState.IN_FORCE, starts_on__lte=today
    )
    return standing.exclude(Q(party__kind="person") & ~Q(kind__in=OF_PERSONS))


def lists(today: date, *, city: str = "", kind: str = "") -> list[dict[str, Any]]:
    """One row for each title or list of a city, with how many stand in it."""
    found = public_entries(today)
    if city:
        found = found.filter(city=city)
    if kind:
        found = found.filter(kind=kind)
    rows = found.order_by("-city_id", "kind", "title").values("city", "kind", "title")
    return [dict(row) for row in rows.annotate(count=Count("pk"))]


def one_list(today: date, *, city: str, title: str, words: str = "") -> QuerySet[RegisterEntry]:
    """The entries of one list; `words` a part of an organisation's name, or a whole number."""
    found = public_entries(today).filter(city=city, title=title)
    if words:
        known = Q(number=words.upper()) | Q(party__uscc=words.upper())
        found = found.filter(known | Q(party__name__icontains=words, party__uscc__isnull=False))
    return found.select_related("party", "programme", "bureau", "city")


def csv_stream(rows: QuerySet[RegisterEntry], levels: "Levels") -> Iterator[bytes]:
    """Oldest first, in the language in force at the call, whenever the blocks are read."""
    language = get_language()
    headings = [
        _("Number"),
        _("Holder"),
        _("Unified social credit code"),
        _("Conferred"),
        _("Level"),
        _("From"),
        _("To and including"),
        _("Bureau"),
    ]
    return csv_blocks(headings, _lines(rows.order_by("pk"), levels, language))


def _lines(
    rows: QuerySet[RegisterEntry], levels: "Levels", language: str | None
) -> Iterator[list[str]]:
    for entry in rows.iterator(chunk_size=2000):
        with override(language):
            yield [
                entry.number,
                public_name(entry.party),
                entry.party.uscc or "",
                entry.label,
                levels.of(entry),
                entry.starts_on.isoformat(),
                entry.ends_on.isoformat() if entry.ends_on else "",
                entry.bureau.name,
            ]


class Levels:
    """The levels of entries by their labels in the programmes, read in one query for all."""

    def __init__(self, programmes: Iterable[int | None]) -> None:
        wanted = {programme for programme in programmes if programme is not None}
        rows = ProgrammeVersion.objects.filter(programme__in=wanted).defer("definition")
        newest = rows.order_by("programme_id", "-number").distinct("programme_id")
        self.labels = {version.programme_id: _labels(version) for version in newest}

    def of(self, entry: RegisterEntry) -> str:
        """In the reader's language; a level of another list stays as it is written."""
        label = self.labels.get(entry.programme_id or 0, {}).get(entry.level)
        return chosen(label) if label else entry.level


def _labels(version: ProgrammeVersion) -> Mapping[str, Text]:
    rules = rules_of(version)
    fact = rules.facts.get(rules.outcome.level or "")
    return fact.of if isinstance(fact, ChoiceFact) else {}
