"""The rows of a bureau's list, each looked through: its values as kept, its faults by column."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from applicants.domain.identifiers import plain as plain_code
from applicants.domain.identifiers import read_uscc
from applicants.models import District, Party
from incentives.domain.opening_programmes import Counting, programmes_of
from incentives.domain.opening_repeats import Named, batches, refuse_repeated
from incentives.domain.opening_rows import CHECKS, mask_identity
from incentives.domain.registry_columns import Columns
from incentives.domain.registry_recognitions import SAME as SAME_RECOGNITION
from incentives.domain.registry_recognitions import Titles
from incentives.domain.registry_words import Said, bad_value, refusal_of, said
from incentives.models.registry import ImportKind
from incentives.policy.questions import KIND_LABELS
from incentives.policy.scalars import day, plain
from incentives.policy.text import BadValue, text

Problems = dict[str, Said]
UNKNOWN = _("No organisation has this code here; bring it with a list of organisations first.")
NOT_BOTH = _("Write a credit code or an identity number, not both.")
LONGEST = {"name": 160, "level": 80, "subject": 300, "number": 40, "list": 120, "document": 300}


@dataclass(frozen=True)
class Row:
    """`values` by column, facts apart; `problems` by column, in both languages."""

    number: int
    values: dict[str, Any]
    problems: Problems


Check = Callable[["Known", Row], None]


@dataclass(frozen=True)
class Known:
    """What stands in the house already: parties by code, and the districts of the city.

    `people` are persons, by the fingerprint of the identity number.
    """

    city: str
    parties: Mapping[str, Party]
    people: Mapping[str, Party]
    districts: Mapping[str, str]
    titles: Titles


def check_rows(
    *, kind: str, city: str, columns: Columns, rows: Sequence[tuple[int, Sequence[str]]]
) -> list[Row]:
    """Look every row through, in a fixed number of queries for each 5,000 of them."""
    found = [_read(columns, number, cells) for number, cells in rows]
    people = _people(found)
    known = Known(city, _parties(columns, rows), people, _districts(city), Titles(city))
    opening = OpeningCheck(kind, city)
    checks: dict[str, Check] = {
        ImportKind.FACTS: _organisation,
        ImportKind.RECOGNITIONS: _recognition,
        ImportKind.AWARDS: opening,
        ImportKind.BALANCES: opening,
        ImportKind.CREDIT: _listing,
    }
    for row in found:
        checks[kind](known, row)
    if kind in SAME:
        _once(SAME[ImportKind(kind)], found)
    else:
        opening.refuse_repeated()
    if kind == ImportKind.RECOGNITIONS:
        known.titles.check_numbers(found)
    return found


def _read(columns: Columns, number: int, cells: Sequence[str]) -> Row:
    """The cells by column; of an identity number only its fingerprint is kept."""
    values, problems = _cells(columns, cells)
    if wrong := mask_identity(values):
        problems["identity"] = wrong
    return Row(number, values, problems)


def _cells(columns: Columns, cells: Sequence[str]) -> tuple[dict[str, Any], Problems]:
    values: dict[str, Any] = {"facts": {}} if columns.facts else {}
    problems: Problems = {}
    if any(cells[len(columns.keys) :]):
        problems["row"] = said(_("The row has more cells than there are headings."))
    for key, cell in zip(columns.keys, cells, strict=False):
        if key not in columns.facts:
            values[key] = plain(cell)
            _check_length(key, values[key], problems)
        elif cell:
            values["facts"][key], problem = columns.value(key, cell)
            problems |= {key: problem} if problem else {}
    return values, problems


def _check_length(key: str, text: str, problems: Problems) -> None:
    if len(text) > LONGEST.get(key, 2000):
        problems[key] = said(
            _("This has %(count)s characters; write at most %(most)s."),
            count=len(text),
            most=LONGEST.get(key, 2000),
        )


class OpeningCheck:
    """An award of an earlier year, or a balance: whose it is, and what it would have counted."""

    def __init__(self, kind: str, city: str) -> None:
        self.kind, self.city = ImportKind(kind), city
        self.named: list[Named] = []

    @cached_property
    def programmes(self) -> dict[str, Counting]:
        return programmes_of(self.city)

    def __call__(self, known: Known, row: Row) -> None:
        values, problems = row.values, row.problems
        counting = self.programmes.get(values.get("programme", ""))
        if counting:
            values["programme"] = counting.code
        party = self._whose(known, values, problems)
        looked = CHECKS[self.kind](counting, party, values)
        for key, told in looked.problems.items():
            problems.setdefault(key, told)
        if looked.keys is not None:
            self.named.append(Named(row.number, party, values, problems, looked.keys))

    def _whose(self, known: Known, values: dict[str, Any], problems: Problems) -> Party | None:
        if values.get("identity") or values.get("identity_hmac"):
            return self._person(known, values, problems)
        if self.kind == ImportKind.BALANCES and not values.get("uscc"):
            return None
        party = _party(known, values, problems)
        if party is None and "uscc" not in problems:
            problems["uscc"] = said(UNKNOWN)
        return party

    def _person(self, known: Known, values: dict[str, Any], problems: Problems) -> Party | None:
        if values.get("uscc"):
            problems["uscc"] = said(NOT_BOTH)
        party = known.people.get(values.get("identity_hmac", ""))
        if party is None:
            unknown = _("Nobody has this number here; register the person first.")
            problems.setdefault("identity", said(unknown))
        return party

    def refuse_repeated(self) -> None:
        refuse_repeated(kind=self.kind, city=self.city, programmes=self.programmes, rows=self.named)


def _organisation(known: Known, row: Row) -> None:
    values, problems = row.values, row.problems
    party = _party(known, values, problems)
    _kind(party, values, problems)
    _district(known, party, values, problems)


def _recognition(known: Known, row: Row) -> None:
    values, problems = row.values, row.problems
    party = _party(known, values, problems)
    if party is None and "uscc" not in problems:
        problems["uscc"] = said(UNKNOWN)
    known.titles.check(values, problems)
    _period(values, problems)


def _listing(_known: Known, row: Row) -> None:
    """Whoever is listed, registered here or not; the name is as the list writes it."""
    values, problems = row.values, row.problems
    values["uscc"] = code = plain_code(values.get("uscc", ""))
    if values.get("identity") or values.get("identity_hmac"):
        problems |= {"uscc": said(NOT_BOTH)} if code else {}
    elif wrong := refusal_of(read_uscc, code):
        problems["uscc"] = wrong
    for key, told in (("name", _("Write the name.")), ("list", _("Write the name of the list."))):
        if not values.get(key):
            problems.setdefault(key, said(told))
    _period(values, problems)


def _period(values: dict[str, Any], problems: Problems) -> None:
    first, last = (_day(key, values, problems) for key in ("from", "until"))
    if first and last and last < first:
        problems["until"] = said(_("The last day lies before the first."))


def _party(known: Known, values: dict[str, Any], problems: Problems) -> Party | None:
    code = plain_code(values.get("uscc", ""))
    values["uscc"] = code
    if wrong := refusal_of(read_uscc, code):
        problems["uscc"] = wrong
        return None
    party = known.parties.get(code)
    name = values.get("name", "")
    if not name and "name" in values and party is None:
        problems["name"] = said(_("Write the name."))
    if party and name and _bare(name) != _bare(party.name):
        problems["name"] = said(
            _("This code is registered as “%(name)s”; correct the list, or the registration."),
            name=party.name,
        )
    return party


def _bare(name: str) -> str:
    return "".join(plain(name).split())


def _kind(party: Party | None, values: dict[str, Any], problems: Problems) -> None:
    written = values.get("kind", "")
    kinds = {n: k for k, label in KIND_LABELS.items() for n in (k, label.zh, label.en)}
    kinds = {name: kind for name, kind in kinds.items() if kind != "person"}
    values["kind"] = kinds.get(written, written)
    if not written and party is None:
        problems["kind"] = said(_("Write the kind: the organisation is new here."))
    elif written and written not in kinds:
        problems["kind"] = said(
            _("“%(kind)s” is no kind of organisation; write one of: %(kinds)s."),
            kind=written,
            kinds=", ".join(kind for kind in KIND_LABELS if kind != "person"),
        )
    elif party and written and values["kind"] != party.kind:
        problems["kind"] = said(
            _("This code is registered as “%(kind)s”; correct the list, or the registration."),
            kind=KIND_LABELS[party.kind],
        )


def _district(
    known: Known, party: Party | None, values: dict[str, Any], problems: Problems
) -> None:
    written = values.get("district", "")
    values["district"] = known.districts.get(written, written)
    if written and written not in known.districts:
        problems["district"] = said(
            _("“%(district)s” is no district of the city; write one of: %(districts)s."),
            district=written,
            districts=", ".join(sorted(set(known.districts.values()))),
        )
        return
    registered = party.district if party else None
    if not written and registered is None:
        problems["district"] = said(_("Write the district: no other place says it."))
    elif registered and _elsewhere(known, registered, values["district"]):
        problems["district"] = said(
            _("The organisation is registered in %(city)s, %(district)s."),
            city=text(registered.city.name_zh, registered.city.name_en),
            district=text(registered.name_zh, registered.name_en),
        )


def _elsewhere(known: Known, registered: District, written: str) -> bool:
    return registered.city_id != known.city or written not in ("", registered.code)


def _day(key: str, values: dict[str, Any], problems: Problems) -> date | None:
    written = values.get(key, "")
    if not written:
        if key == "from":
            problems[key] = said(_("Write the first day, such as 2021-06-01."))
        return None
    try:
        found = day(written)
    except BadValue as bad:
        problems[key] = bad_value(bad)
        return None
    values[key] = found.isoformat()
    return found


SAME: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.FACTS: ("uscc",),
    ImportKind.RECOGNITIONS: SAME_RECOGNITION,
    ImportKind.CREDIT: ("uscc", "identity_hmac", "list", "from"),
}


def _once(keys: tuple[str, ...], rows: Iterable[Row]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        same = tuple(str(row.values.get(key, "")) for key in keys)
        first = seen.setdefault(same, row.number)
        if first != row.number and "uscc" not in row.problems:
            row.problems["uscc"] = said(_("The same stands in row %(row)s already."), row=first)


def _parties(columns: Columns, rows: Iterable[tuple[int, Sequence[str]]]) -> dict[str, Party]:
    place = columns.keys.index("uscc")
    codes = sorted({plain_code(cells[place]) for _n, cells in rows if len(cells) > place})
    found: dict[str, Party] = {}
    for some in batches(codes):
        parties = Party.objects.filter(uscc__in=some).select_related("district__city")
        found |= {str(party.uscc): party for party in parties}
    return found


def _people(rows: Iterable[Row]) -> dict[str, Party]:
    hmacs = {row.values["identity_hmac"] for row in rows if row.values.get("identity_hmac")}
    found: dict[str, Party] = {}
    for some in batches(sorted(hmacs)):
        people = Party.objects.filter(identity_hmac__in=some)
        found |= {str(person.identity_hmac): person for person in people}
    return found


def _districts(city: str) -> dict[str, str]:
    rows = District.objects.filter(city=city)
    return {name: row.code for row in rows for name in (row.code, row.name_zh, row.name_en)}


def faulty(rows: Iterable[Row]) -> int:
    return sum(1 for row in rows if row.problems)
