"""The statement (收支报表): what the ledger adds up to by year, programme, clause …, in yuan.

One statement adds up everything in the database, however long the ledger is; the sums of the lines
are the sums of the entries that the same filter lists. What was given before this house's books has
a column of its own, in the year and quarter it was given in.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from applicants.models import District, Party
from incentives.domain.enterprise_size import SIZES, with_size
from incentives.domain.language import chosen
from incentives.domain.ledger_filter import NONE, QUARTER
from incentives.domain.listing import WRITTEN
from incentives.models import Bureau, LedgerEntry, PolicyDocument, Programme, ProgrammeVersion
from incentives.models.ledger import Stage

ZERO = Decimal("0.00")
STAGES = (
    Stage.RESERVED,
    Stage.RELEASED,
    Stage.COMMITTED,
    Stage.PAID,
    Stage.RETURNED,
    Stage.RECOVERED,
    Stage.WRITTEN_OFF,
    Stage.OPENING,
    Stage.REVERSED,
)


@dataclass(frozen=True, slots=True)
class Line:
    """Of one group: how many cases, yuan by stage, and what it has cost in the end.

    `group` is what the ledger's filter has to say to list the entries behind it; `since` the day
    from which a clause is in force, where that is known.
    """

    label: str
    cases: int
    amounts: Mapping[Stage, Decimal]
    group: Mapping[str, Any]
    since: date | None = None

    @property
    def cost(self) -> Decimal:
        """Yuan given before, or paid, that did not come back."""
        before = self.amounts[Stage.OPENING] - self.amounts[Stage.REVERSED]
        given = before + self.amounts[Stage.PAID]
        return given - self.amounts[Stage.RETURNED] - self.amounts[Stage.RECOVERED]


@dataclass(frozen=True, slots=True)
class By:
    """A way to group: its words, the values that tell its groups apart, by the names that they have
    in a LedgerFilter, and the label of each group from its values."""

    words: Any
    values: Mapping[str, Any]
    labels: Callable[[Iterable[Any]], Mapping[Any, str]]


def statement(rows: QuerySet[LedgerEntry], by: str) -> list[Line]:
    """The lines in the order of their labels; `by` is a key of GROUPS."""
    group = GROUPS[by]
    columns = [_column(name) for name in group.values]
    sums = {stage.value: Coalesce(Sum("amount", filter=Q(stage=stage)), ZERO) for stage in STAGES}
    counted = Count("case_number", distinct=True)
    found = list(groups(rows, by).annotate(cases=counted, **sums))
    keys = [tuple(row[column] for column in columns) for row in found]
    labels, since = group.labels(keys), _in_force(keys) if by == "clause" else {}
    lines = [
        Line(
            label=labels[key],
            cases=row["cases"],
            amounts={stage: row[stage.value] for stage in STAGES},
            group={name: part or NONE for name, part in zip(group.values, key, strict=True)},
            since=since.get(key),
        )
        for key, row in zip(keys, found, strict=True)
    ]
    return sorted(lines, key=lambda line: line.label)


def groups(rows: QuerySet[LedgerEntry], by: str) -> QuerySet[Any, Any]:
    """What tells the group of each entry; of distinct ones as many as the statement has lines."""
    rows = with_size(rows) if by == "size" else rows
    columns = {_column(name): value for name, value in GROUPS[by].values.items()}
    found: QuerySet[Any, Any] = rows.order_by().annotate(**columns).values(*columns)
    return found


def _column(name: str) -> str:
    return f"of_{name}"


def total(lines: Iterable[Line], *, cases: int, label: str) -> Line:
    """A case may stand in several lines, so whoever asks says how many there are."""
    found = list(lines)
    sums = {stage: sum((line.amounts[stage] for line in found), ZERO) for stage in STAGES}
    return Line(label, cases, sums, group={})


def cases_of(rows: QuerySet[LedgerEntry]) -> int:
    return rows.order_by().values("case_number").distinct().count()


def _years(keys: Iterable[Any]) -> dict[Any, str]:
    return {key: str(key[0]) for key in keys}


def _quarters(keys: Iterable[Any]) -> dict[Any, str]:
    return {
        key: _("%(year)s, quarter %(quarter)s") % {"year": key[0], "quarter": key[1]}
        for key in keys
    }


def _named(model: type[Any]) -> Callable[[Iterable[Any]], dict[Any, str]]:
    def labels(keys: Iterable[Any]) -> dict[Any, str]:
        wanted = [key[0] for key in keys]
        rows = model._default_manager.in_bulk([pk for pk in wanted if pk is not None])
        return {(pk,): str(rows[pk]) if pk in rows else _("none") for pk in wanted}

    return labels


def _sizes(keys: Iterable[Any]) -> dict[Any, str]:
    unknown = _("unknown: the register held no size")
    return {key: chosen(SIZES[key[0]]) if key[0] else unknown for key in keys}


def _applicants(keys: Iterable[Any]) -> dict[Any, str]:
    """With the credit code, because two may have one name."""
    wanted = [key[0] for key in keys]
    rows = Party.objects.in_bulk(wanted)
    return {(pk,): " ".join(filter(None, (rows[pk].name, rows[pk].uscc))) for pk in wanted}


def _clauses(keys: Iterable[Any]) -> dict[Any, str]:
    """Programmes of the same clause are one line."""
    keys = list(keys)
    documents = PolicyDocument.objects.in_bulk([key[0] for key in keys])
    return {(pk, section): f"{documents[pk]} {section}" for pk, section in keys}


def _in_force(keys: Iterable[Any]) -> dict[Any, date]:
    """Of each clause the first day of its programmes: the printed one, else the one from which the
    first version applies, else the one on which the document was issued."""
    firsts = (
        ProgrammeVersion.objects.filter(programme__document__in={key[0] for key in keys})
        .order_by("programme_id", "number")
        .distinct("programme_id")
        .alias(rules=WRITTEN)
        .annotate(printed=KT("rules__in_force__from"))
        .values_list(
            "programme__document",
            "programme__section",
            "printed",
            "in_force_from",
            "programme__document__issued",
        )
    )
    days: dict[Any, list[date]] = {}
    for document, section, printed, applied, issued in firsts:
        if day := date.fromisoformat(printed) if printed else applied or issued:
            days.setdefault((document, section), []).append(day)
    return {key: min(found) for key, found in days.items()}


DOCUMENT = F("programme__document")
GROUPS: dict[str, By] = {
    "programme": By(_l("Programme"), {"programme": F("programme")}, _named(Programme)),
    "clause": By(
        _l("Printed clause"),
        {"document": DOCUMENT, "clause": F("programme__section")},
        _clauses,
    ),
    "document": By(_l("Document"), {"document": DOCUMENT}, _named(PolicyDocument)),
    "bureau": By(_l("Handling bureau"), {"bureau": F("bureau")}, _named(Bureau)),
    "district": By(_l("District"), {"district": F("district")}, _named(District)),
    "applicant": By(_l("Applicant"), {"party": F("applicant")}, _applicants),
    "size": By(_l("Enterprise size at approval"), {"size": F("size")}, _sizes),
    "year": By(_l("Year of posting"), {"year": F("year")}, _years),
    "approval_year": By(_l("Year of approval"), {"approval_year": F("approval_year")}, _years),
    "quarter": By(_l("Quarter"), {"year": F("year"), "quarter": QUARTER}, _quarters),
}
