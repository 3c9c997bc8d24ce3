"""An opening balance is its row's own amount, once; raw calls and tamperings included."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict
from incentives.domain import money
from incentives.domain.reconcile import differences
from incentives.models import Counter, CounterEntry, ImportRow, RegistryImport
from tests.factories import bureau, make_user, programme
from tests.incentives.domain.test_carrying import carried
from tests.incentives.domain.test_reconcile_tables import as_owner
from tests.incentives.factories import cap, reserve
from tests.registry_lists import csv_file
from tests.reviews.domain.test_openings import LISTING, RENEWAL, Books, by_certificate, renewed
from tests.reviews.domain.test_openings_again import listed, new_party, open_balances
from tests.reviews.domain.test_reversing import reversed_


def opened(amount: str = "500000") -> ImportRow:
    return open_balances(Books(), listed(new_party(), amount)).rows.get()


def call(row: ImportRow, amount: str | None, key: str = "of another") -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT huiqi_open_balance(%s, %s, 'cap', 'yuan', 1, 1000, %s)", [row.pk, key, amount]
        )


@pytest.mark.parametrize("amount", ["-500000", "0", None, "499999.99", "NaN"])
def test_only_the_amount_of_its_row_is_entered(db: None, amount: str | None) -> None:
    row = opened()
    reserve("1000.00", caps=[cap("of another", "1000")])
    with pytest.raises(DatabaseError, match="of no list that was taken in"):
        call(row, amount)
    assert Counter.objects.get(key="of another").used == 1000


def test_a_row_is_entered_once_under_whatever_key(db: None) -> None:
    row = opened()
    with pytest.raises(DatabaseError, match="stands"):
        call(row, "500000")
    assert CounterEntry.objects.filter(opening=row).count() == 1


@pytest.mark.parametrize("amount", ["-100000", "99999.99", "NaN"])
def test_an_award_of_an_earlier_year_has_the_amount_of_its_row(db: None, amount: str) -> None:
    books, party = Books(), new_party()
    found = books.bring(csv_file(by_certificate(), [renewed(party)]))
    RegistryImport.objects.filter(pk=found.pk).update(
        state="applied", applied_by=books.approver, applied_at=timezone.now()
    )
    with pytest.raises(Conflict), transaction.atomic():
        money.open_award(
            row=found.rows.get(), case_number="X", version=programme(RENEWAL).current,
            applicant=party, bureau=bureau("sti"), amount=Decimal(amount), at=timezone.now(),
            actor=make_user(), reason="r", counters=[], verb="pay", payer="city",
        )  # fmt: skip


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
