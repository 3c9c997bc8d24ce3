"""The books as they stood before this house: what a faultless list of them becomes.

Every award is entered whole, never cut, and counts as an ordinary one would have counted; the
ledger shows it as given before, apart from the money of this house's years.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from django.utils import timezone

from applicants.domain.numbering import next_numbers
from applicants.models import Party, User
from incentives.domain import money
from incentives.domain.opening_programmes import Counting, programmes_of
from incentives.domain.opening_rows import award_counters, balance_counter
from incentives.models import ImportRow
from incentives.models.registry import ImportKind, RegistryImport

SERIES = "opening"
OPENING = frozenset({ImportKind.AWARDS, ImportKind.BALANCES})


def take_openings(found: RegistryImport, user: User) -> int:
    """Enter the awards or balances of a list that is marked as taken; how many there are."""
    if found.kind not in OPENING:
        return 0
    rows = list(found.rows.order_by("number"))
    programmes, parties = programmes_of(found.city_id), _parties(rows)
    if found.kind == ImportKind.BALANCES:
        for row in rows:
            _open_balance(row, programmes[row.values["programme"]], parties.get(_who(row)))
    else:
        for row, case_number in zip(rows, _numbers(found, rows), strict=True):
            counting = programmes[row.values["programme"]]
            _open_award(found, row, case_number, counting, parties[_who(row)], user)
    return len(rows)


def _open_award(
    found: RegistryImport,
    row: ImportRow,
    case_number: str,
    counting: Counting,
    party: Party,
    user: User,
) -> None:
    version, rules = counting.version, counting.rules
    on = date.fromisoformat(row.values["on"])
    money.open_award(
        row=row,
        case_number=case_number,
        version=version,
        applicant=party,
        bureau=version.programme.handling_bureau,
        amount=Decimal(row.values["amount"]),
        at=timezone.make_aware(datetime.combine(on, time(12))),
        actor=user,
        reason=source_of(found, row),
        counters=award_counters(counting, party, row.values),
        verb=rules.verb,
        payer=rules.roles.payer,
    )


def _open_balance(row: ImportRow, counting: Counting, party: Party | None) -> None:
    counter = balance_counter(counting, party, row.values)
    money.open_balance(row=row, counter=counter, amount=Decimal(row.values["amount"]))


def source_of(found: RegistryImport, row: ImportRow) -> str:
    """Where an entry comes from: the source, its own number there, the file and the row."""
    number = row.values.get("number", "")
    return " · ".join(filter(None, [found.source, number, f"{found.file_name}#{row.number}"]))


def party_of(row: ImportRow) -> Party | None:
    """Whom a row names; the balance of a whole programme names nobody."""
    return _parties([row]).get(_who(row))


def _who(row: ImportRow) -> str:
    return str(row.values.get("uscc") or row.values.get("identity_hmac") or "")


def _parties(rows: list[ImportRow]) -> dict[str, Party]:
    wanted = {_who(row) for row in rows}
    by_code = Party.objects.filter(uscc__in=wanted)
    by_identity = Party.objects.filter(identity_hmac__in=wanted)
    return {str(one.uscc): one for one in by_code} | {
        str(one.identity_hmac): one for one in by_identity
    }


def _numbers(found: RegistryImport, rows: list[ImportRow]) -> Iterator[str]:
    """Numbers of their own, by the year of approval: a document often gives to many at once."""
    years = Counter(int(row.values["on"][:4]) for row in rows)
    following = {
        year: next_numbers(city=found.city, series=SERIES, year=year, count=count)[0]
        for year, count in sorted(years.items())
    }
    for row in rows:
        year = int(row.values["on"][:4])
        yield f"{found.city.abbreviation}-LN-{year}-{following[year]:06d}"
        following[year] += 1
