"""Two who open the same books at once: what both bring is opened by one of them."""

from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils import timezone

from applicants.models import Party
from incentives.domain import money
from incentives.domain.opening_programmes import programmes_of
from incentives.domain.opening_rows import balance_counter
from incentives.domain.reconcile import differences
from incentives.models import Award, ImportRow, RegistryImport
from reviews.domain import sweeps_lists
from tests.incentives.domain.threads import at_once, change
from tests.registry_lists import csv_file
from tests.reviews.domain.test_openings import LISTING, Books, by_certificate, renewed, sound
from tests.reviews.domain.test_openings_again import bring_balances, listed, new_party, used


def open_twice(party: Party) -> list[object]:
    """The rows of two lists for one counter, entered at once without a look at the books."""
    books = Books()
    lists = [bring_balances(books, listed(party, amount)) for amount in ("10", "20")]
    for found in lists:
        RegistryImport.objects.filter(pk=found.pk).update(
            state="applied", applied_by=books.approver, applied_at=timezone.now()
        )
    rows = ImportRow.objects.filter(of__in=lists)
    return list(at_once([partial(open_row, row, party) for row in rows]))


def open_row(row: ImportRow, party: Party) -> int:
    counter = balance_counter(programmes_of("qingdao")[LISTING], party, row.values)
    with transaction.atomic():
        return money.open_balance(row=row, counter=counter, amount=Decimal(row.values["amount"]))


def test_the_database_opens_one_balance_of_a_counter(committed_db: None) -> None:
    party = new_party()
    outcomes = open_twice(party)
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "int"]
    assert used(party) in (10, 20)
    [refused] = differences(city_code="qingdao")  # its list says that it was taken in
    assert (refused.what, refused.recorded) == ("opening", 0)


def test_control_without_its_guard_both_are_opened(committed_db: None, owner_url: str) -> None:
    change(owner_url, "huiqi_open_balance", (r"IF FOUND THEN", "IF false THEN"))
    party = new_party()
    open_twice(party)
    assert used(party) == 30


def test_two_lists_with_one_award_taken_at_once(committed_db: None) -> None:
    books, party = Books(), new_party()
    lists = [
        books.bring(csv_file(by_certificate(), [renewed(one) for one in (*others, party)]))
        for others in ([new_party()], [new_party()])
    ]
    outcomes = at_once(
        [partial(sweeps_lists.take_list, found=one, user=books.approver) for one in lists]
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "RegistryImport"]
    assert Award.objects.filter(applicant=party).count() == 1
    assert sound()
