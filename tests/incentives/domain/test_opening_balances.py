"""An opening balance is its row's own amount, once; raw calls and tamperings included."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict
from applicants.models import Party
from incentives.domain import money
from incentives.domain.counters import CounterRequest
from incentives.domain.reconcile import differences
from incentives.models import Counter, CounterEntry, ImportRow, Programme, RegistryImport
from tests.factories import bureau, make_user, programme
from tests.incentives.domain.test_carrying import carried
from tests.incentives.domain.test_reconcile_tables import as_owner
from tests.incentives.factories import cap, reserve
from tests.registry_lists import csv_file
from tests.reviews.domain.test_openings import LISTING, RENEWAL, Books, by_certificate, renewed
from tests.reviews.domain.test_openings_again import (
    bring_balances,
    listed,
    new_party,
    open_balances,
)
from tests.reviews.domain.test_reversing import reversed_

ANOTHERS = f"cap:{LISTING}:enterprise:applicant=0"


def opened(amount: str = "500000") -> ImportRow:
    return open_balances(Books(), listed(new_party(), amount)).rows.get()


def call(
    row: ImportRow,
    amount: str | None,
    key: str = ANOTHERS,
    kind: str = "cap",
    unit: str = "yuan",
    heat: int = 1,
) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT huiqi_open_balance(%s, %s, %s, %s, %s, 1000, %s)",
            [row.pk, key, kind, unit, heat, amount],
        )


def taken(found: RegistryImport, books: Books) -> ImportRow:
    """The row of a list that was taken in, and not opened yet."""
    RegistryImport.objects.filter(pk=found.pk).update(
        state="applied", applied_by=books.approver, applied_at=timezone.now()
    )
    return found.rows.get()


@pytest.mark.parametrize("amount", ["-500000", "0", None, "499999.99", "NaN"])
def test_only_the_amount_of_its_row_is_entered(db: None, amount: str | None) -> None:
    row = opened()
    reserve("1000.00", caps=[cap(ANOTHERS, "1000")])
    with pytest.raises(DatabaseError, match="of no list that was taken in"):
        call(row, amount)
    assert Counter.objects.get(key=ANOTHERS).used == 1000


def test_a_row_is_entered_once_under_whatever_key(db: None) -> None:
    row = opened()
    with pytest.raises(DatabaseError, match="stands"):
        call(row, "500000")
    assert CounterEntry.objects.filter(opening=row).count() == 1


@pytest.mark.parametrize("amount", ["-100000", "99999.99", "NaN"])
def test_an_award_of_an_earlier_year_has_the_amount_of_its_row(db: None, amount: str) -> None:
    books, party = Books(), new_party()
    row = taken(books.bring(csv_file(by_certificate(), [renewed(party)])), books)
    with pytest.raises(Conflict), transaction.atomic():
        open_award(row, party, amount)


def open_award(row: ImportRow, party: Party, amount: str, *counters: CounterRequest) -> int:
    return money.open_award(
        row=row, case_number="X", version=programme(RENEWAL).current, applicant=party,
        bureau=bureau("sti"), amount=Decimal(amount), at=timezone.now(), actor=make_user(),
        reason="r", counters=counters, verb="pay", payer="city",
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "budget:1", "kind": "budget", "heat": 8},
        {"key": "pool:p:2026", "kind": "pool", "heat": 9},
        {"key": "budget:1"},
        {"key": ANOTHERS, "kind": "budget"},
        {"key": ANOTHERS, "kind": "tally"},
        {"key": ANOTHERS, "unit": "rows"},
        {"key": ANOTHERS, "heat": 9},
        {"key": f"cap:{RENEWAL}:enterprise:applicant=1"},
        {"key": f"cap:{LISTING}:enterprises"},
        {"key": "event:enterprise:1"},
        {"key": "of another"},
        {"key": None},
    ],
)
def test_a_balance_is_entered_only_where_its_programme_counts(
    db: None, wrong: dict[str, Any]
) -> None:
    books = Books()
    row = taken(bring_balances(books, listed(new_party(), "500000")), books)
    with pytest.raises(DatabaseError) as refused:
        call(row, "500000", **wrong)
    assert getattr(refused.value.__cause__, "sqlstate", "") == "HQ009"
    assert not CounterEntry.objects.exists()
    call(row, "500000")
    assert Counter.objects.get(key=ANOTHERS).used == 500000


def test_a_balance_is_entered_in_the_unit_of_its_counter(db: None) -> None:
    books = Books()
    row = taken(bring_balances(books, listed(new_party(), "500000")), books)
    reserve("1.00", caps=[cap(ANOTHERS, "1", unit="awards")])
    with pytest.raises(DatabaseError, match=ANOTHERS):
        call(row, "500000")


def test_a_balance_of_another_citys_programme_is_refused(db: None) -> None:
    books = Books()
    row = taken(bring_balances(books, listed(new_party(), "500000")), books)
    of = Programme.objects.filter(city="dalian")[0].code
    row.pk, row.number, row.values["programme"] = None, 9, of
    row.save()
    with pytest.raises(DatabaseError, match=of):
        call(row, "500000", f"cap:{of}:enterprise:applicant=1")


@pytest.mark.parametrize("key", ["budget:1", f"cap:{LISTING}:enterprise:applicant=1"])
def test_an_award_of_an_earlier_year_counts_only_where_its_programme_does(
    db: None, key: str
) -> None:
    books, party = Books(), new_party()
    row = taken(books.bring(csv_file(by_certificate(), [renewed(party)])), books)
    with pytest.raises(Conflict, match=key), transaction.atomic():
        open_award(row, party, "100000", cap(key, "1000"))
    assert open_award(row, party, "100000", cap(f"cap:{RENEWAL}:certificate", "1000"))


def moved() -> str:
    """What a split had copied in part, and a merger moved to another."""
    first, second, third = new_party(), new_party(), new_party()
    open_balances(Books(), listed(first, "500000"))
    assert carried("split", first, third, "40")
    assert carried("merger", first, second)
    return f"cap:{LISTING}:enterprise:applicant={second.pk}"


def reversal() -> str:
    books, party = Books(), new_party()
    reversed_(books, open_balances(books, listed(party, "500000")))
    return f"cap:{LISTING}:enterprise:applicant={party.pk}"


def plain() -> str:
    return str(opened().counters.get().counter.key)


LOWER = (
    "UPDATE incentives_counterentry SET amount = amount - 7 WHERE id = (SELECT max(e.id) FROM"
    " incentives_counterentry e JOIN incentives_counter c ON c.id = e.counter_id"
    " WHERE c.key = '{key}');"
    "UPDATE incentives_counter SET used = used - 7 WHERE key = '{key}'"
)
RAISE = LOWER.replace("- 7", "+ 7")
GONE = (
    "DELETE FROM incentives_counterentry WHERE opening_id IS NOT NULL;"
    "UPDATE incentives_counter SET used = 0, carried = 0 WHERE key = '{key}'"
)
ROW = 'UPDATE incentives_importrow SET values = values || \'{{"amount": "500007.00"}}\''


@pytest.mark.parametrize(
    ("made", "tampering"),
    [
        *[(plain, LOWER), (plain, RAISE), (plain, GONE), (plain, ROW)],
        *[(moved, LOWER), (moved, RAISE), (moved, GONE), (reversal, RAISE)],
    ],
)
def test_a_balance_that_is_not_its_rows_is_found(
    committed_db: None, owner_url: str, made: Callable[[], str], tampering: str
) -> None:
    key = made()
    assert differences(city_code="qingdao") == []
    as_owner(owner_url, tampering.format(key=key))
    assert "opening" in {one.what for one in differences(city_code="qingdao")}
