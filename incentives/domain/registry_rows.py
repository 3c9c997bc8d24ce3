"""The rows of a bureau's list, each looked through: its values as kept, its faults by column."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from applicants.domain.identifiers import plain as plain_code
from applicants.domain.identifiers import read_uscc
from applicants.models import District, Party
from incentives.domain.opening_rows import CHECKS, SAME_AWARD, mask_identity, opened, same_award
from incentives.domain.openings import versions_of
from incentives.domain.registry_columns import Columns
from incentives.domain.registry_recognitions import SAME as SAME_RECOGNITION
from incentives.domain.registry_recognitions import Titles
from incentives.domain.registry_words import Said, bad_value, refusal_of, said
from incentives.models import ProgrammeVersion
from incentives.models.registry import ImportKind
from incentives.policy.questions import KIND_LABELS
from incentives.policy.scalars import day, plain
from incentives.policy.text import BadValue, text

Problems = dict[str, Said]
UNKNOWN = _("No organisation has this code here; bring it with a list of organisations first.")
LONGEST = {"name": 160, "level": 80, "subject": 300, "number": 40, "list": 120, "document": 300}
AT_ONCE = 5000


@dataclass(frozen=True)
class Row:
    """`values` by column, facts apart; `problems` by column, in both languages."""

    number: int
    values: dict[str, Any]
    problems: Problems


Check = Callable[["Known", dict[str, Any], Problems], None]


@dataclass(frozen=True)
class Known:
    """What stands in the house already: parties by code, and the districts of the city."""

    city: str
    parties: Mapping[str, Party]
    districts: Mapping[str, str]
    titles: Titles
    seen: dict[tuple[str, ...], int] = field(default_factory=dict)
    opened: set[tuple[str, ...]] = field(default_factory=set)


def check_rows(
    *, kind: str, city: str, columns: Columns, rows: Sequence[tuple[int, Sequence[str]]]
) -> list[Row]:
    """Look every row through, in a fixed number of queries for each 5,000 of them."""
    known = Known(city, _parties(columns, rows), _districts(city), Titles(city))
    checks: dict[str, Check] = {
        ImportKind.FACTS: _organisation,
        ImportKind.RECOGNITIONS: _recognition,
        ImportKind.AWARDS: OpeningCheck(ImportKind.AWARDS, city),
        ImportKind.BALANCES: OpeningCheck(ImportKind.BALANCES, city),
        ImportKind.CREDIT: _listing,
    }
    check = checks[kind]
    found = []
    for number, cells in rows:
        values, problems = _cells(columns, cells)
        check(known, values, problems)
        _once(kind, known, number, values, problems)
        found.append(Row(number, values, problems))
    if kind == ImportKind.RECOGNITIONS:
        known.titles.check_numbers(found)
    return found


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

    def __init__(self, kind: ImportKind, city: str) -> None:
        self.kind, self.city = kind, city
        self.versions: dict[str, ProgrammeVersion] | None = None

    def __call__(self, known: Known, values: dict[str, Any], problems: Problems) -> None:
        if self.versions is None:
            self.versions = versions_of(self.city)
            known.opened.update(opened(self.city) if self.kind == ImportKind.AWARDS else ())
        version = self.versions.get(values.get("programme", ""))
        if version:
            values["programme"] = version.programme.code
        party = self._whose(known, values, problems)
        found = CHECKS[self.kind](version, party, values)
        problems |= {key: told for key, told in found.items() if key not in problems}
        if same_award(values) in known.opened:
            problems["number"] = said(_("This award has been entered from another list already."))

    def _whose(self, known: Known, values: dict[str, Any], problems: Problems) -> Party | None:
        if wrong := mask_identity(values):
            problems["identity"] = wrong
        elif values.get("identity_hmac"):
            return self._person(values, problems)
        if self.kind == ImportKind.BALANCES and not values.get("uscc"):
            return None
        party = _party(known, values, problems)
        if party is None and "uscc" not in problems:
            problems["uscc"] = said(UNKNOWN)
        return party

    def _person(self, values: dict[str, Any], problems: Problems) -> Party | None:
        party = Party.objects.filter(identity_hmac=values["identity_hmac"]).first()
        if party is None:
            problems["identity"] = said(
                _("Nobody has this number here; register the person first.")
            )
        return party


def _organisation(known: Known, values: dict[str, Any], problems: Problems) -> None:
    party = _party(known, values, problems)
    _kind(party, values, problems)
    _district(known, party, values, problems)


def _recognition(known: Known, values: dict[str, Any], problems: Problems) -> None:
    party = _party(known, values, problems)
    if party is None and "uscc" not in problems:
        problems["uscc"] = said(UNKNOWN)
    known.titles.check(values, problems)
    _period(values, problems)


def _listing(_known: Known, values: dict[str, Any], problems: Problems) -> None:
    """Whoever is listed, registered here or not; the name is as the list writes it."""
    values["uscc"] = code = plain_code(values.get("uscc", ""))
    wrong = mask_identity(values)
    if wrong:
        problems["identity"] = wrong
    elif values.get("identity_hmac") and code:
        problems["uscc"] = said(_("Write a credit code or an identity number, not both."))
    elif not values.get("identity_hmac") and (wrong := refusal_of(read_uscc, code)):
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
    ImportKind.AWARDS: SAME_AWARD,
    ImportKind.BALANCES: ("uscc", "identity_hmac", "programme", "cap", "year", "facts"),
    ImportKind.CREDIT: ("uscc", "identity_hmac", "list", "from"),
}


def _once(
    kind: str, known: Known, number: int, values: Mapping[str, Any], problems: Problems
) -> None:
    same = tuple(str(values.get(key, "")) for key in SAME[ImportKind(kind)])
    first = known.seen.setdefault(same, number)
    if first != number and "uscc" not in problems:
        problems["uscc"] = said(_("The same stands in row %(row)s already."), row=first)


def _parties(columns: Columns, rows: Iterable[tuple[int, Sequence[str]]]) -> dict[str, Party]:
    place = columns.keys.index("uscc")
    codes = sorted({plain_code(cells[place]) for _n, cells in rows if len(cells) > place})
    found: dict[str, Party] = {}
    for some in _batches(codes):
        parties = Party.objects.filter(uscc__in=some).select_related("district__city")
        found |= {str(party.uscc): party for party in parties}
    return found


def _batches(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(codes), AT_ONCE):
        yield codes[start : start + AT_ONCE]


def _districts(city: str) -> dict[str, str]:
    rows = District.objects.filter(city=city)
    return {name: row.code for row in rows for name in (row.code, row.name_zh, row.name_en)}


def faulty(rows: Iterable[Row]) -> int:
    return sum(1 for row in rows if row.problems)
