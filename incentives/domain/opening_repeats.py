"""Rows that would enter what stands already: in the same list, or in the books from another.

A balance is known by its counter. An award is known by its party, programme, document, day and
amount, and by the counters that limit it: whatever else a list tells makes no other award of it.
What was reversed stands no more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.utils.translation import gettext_lazy as _

from applicants.models import Party
from incentives.domain.opening_programmes import Counting
from incentives.domain.opening_rows import Problems, Values, award_keys
from incentives.domain.registry_words import said
from incentives.models import CounterEntry, ImportRow
from incentives.models.award import AwardState
from incentives.models.registry import ImportKind
from incentives.models.reversal import ReversalState

AT_ONCE = 5000
DOCUMENT = ("programme", "number", "on", "amount")
Award = tuple[str, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class Named:
    """A row of which the counters are known; more faults may be written on it."""

    number: int
    party: Party | None
    values: Values
    problems: Problems
    keys: frozenset[str]


class Standing(NamedTuple):
    """A row that was taken in; its keys are None where today's rules ask more than it tells."""

    file: str
    row: int
    amount: str
    keys: frozenset[str] | None = None


def refuse_repeated(
    *, kind: str, city: str, programmes: Mapping[str, Counting], rows: Sequence[Named]
) -> None:
    if kind == ImportKind.BALANCES:
        _refuse_balances(city, rows)
    else:
        _refuse_awards(city, programmes, rows)


def _refuse_balances(city: str, rows: Sequence[Named]) -> None:
    standing = _balances(city, sorted({key for row in rows for key in row.keys}))
    first: dict[str, int] = {}
    for row in rows:
        for key in row.keys:
            before = first.setdefault(key, row.number)
            if key in standing:
                row.problems["cap"] = said(
                    _(
                        "Of this cap, for this party and year, a balance of %(amount)s stands"
                        " already, from row %(row)s of “%(file)s”. Leave this row out; what was"
                        " given beyond that balance is brought as awards of earlier years."
                    ),
                    **_place(standing[key]),
                )
            elif before != row.number:
                told = _(
                    "Row %(row)s has the balance of this cap for the same party and year already;"
                    " leave one out, or write the sum in one row if each is a part of it."
                )
                row.problems["cap"] = said(told, row=before)


def _balances(city: str, keys: Sequence[str]) -> dict[str, Standing]:
    found: dict[str, Standing] = {}
    for some in batches(keys):
        entries = CounterEntry.objects.filter(
            counter__city=city, counter__key__in=some, opening__isnull=False
        ).exclude(opening__reversals__state=ReversalState.APPROVED)
        of = ("opening__of__file_name", "opening__number", "opening__values__amount")
        for key, *standing in entries.order_by("id").values_list("counter__key", *of):
            found.setdefault(key, Standing(*standing))
    return found


def _refuse_awards(city: str, programmes: Mapping[str, Counting], rows: Sequence[Named]) -> None:
    standing = _awards(city, programmes, rows)
    first: dict[tuple[Award, frozenset[str]], int] = {}
    for row in rows:
        same = _award(row.party, row.values)
        before = first.setdefault((same, row.keys), row.number)
        taken = [one for one in standing.get(same, ()) if one.keys in (None, row.keys)]
        if taken:
            row.problems["number"] = said(
                _(
                    "This award stands already, from row %(row)s of “%(file)s”. If it is another of"
                    " the same document, day and amount, add to the number what tells them apart."
                ),
                **_place(taken[0]),
            )
        elif before != row.number:
            told = _(
                "Row %(row)s has this award already. If it is another of the same document, day"
                " and amount, add to the number what tells them apart."
            )
            row.problems["number"] = said(told, row=before)


def _awards(
    city: str, programmes: Mapping[str, Counting], rows: Sequence[Named]
) -> dict[Award, list[Standing]]:
    """Those that may be an award of the list: of the same party, document, day and amount."""
    parties = {row.party.pk: row.party for row in rows if row.party}
    wanted = {_award(row.party, row.values) for row in rows}
    found: dict[Award, list[Standing]] = {}
    for some in batches(sorted(parties)):
        taken = ImportRow.objects.filter(award__city=city, award__applicant__in=some)
        standing = taken.exclude(award__state=AwardState.RELEASED)
        for row in standing.select_related("of", "award").order_by("id"):
            party = parties[row.award.applicant_id]
            same = _award(party, row.values)
            if same in wanted:
                keys = award_keys(programmes[row.values["programme"]], party, row.values)
                place = Standing(row.of.file_name, row.number, row.values["amount"], keys)
                found.setdefault(same, []).append(place)
    return found


def _award(party: Party | None, values: Mapping[str, Any]) -> Award:
    return (str(party and party.pk), *(str(values[key]) for key in DOCUMENT))


def _place(standing: Standing) -> dict[str, object]:
    return {"amount": standing.amount, "row": standing.row, "file": standing.file}


def batches(some: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(some), AT_ONCE):
        yield some[start : start + AT_ONCE]
