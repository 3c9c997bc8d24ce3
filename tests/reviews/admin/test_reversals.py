"""A wrong opening reversed at the desk: from the cap, the list or the ledger, by two of finance."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applicants.models import Party
from incentives.models import LedgerEntry, OpeningReversal
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.reviews.admin.conftest import Desk
from tests.reviews.domain.test_openings import AWARD, Books, sound
from tests.reviews.domain.test_openings_again import listed, new_party, open_balances, used
from tests.reviews.domain.test_reversing import enterprise, granted, prepared, reversed_

PAGES = "/admin/incentives/openingreversal/"
TYPED = {"reason": "多写一个零", "evidence": "青财函〔2026〕3号"}


@pytest.fixture
def books(db: None) -> Books:
    return Books()


@pytest.fixture
def party(db: None) -> Party:
    return new_party()


def entries_of(party: Party) -> str:
    return f"/admin/incentives/counter/{enterprise(party).pk}/change/"


def text(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200, page
    return answer.content.decode()


def test_from_the_caps_entries_to_the_second_signature(
    books: Books, party: Party, desk: Desk
) -> None:
    found = open_balances(books, listed(party, "5000000"))
    preparer, approver = desk(books.preparer), desk(books.approver)
    add = f"{PAGES}add/?opening={found.rows.get().pk}"
    assert add in text(preparer, entries_of(party))
    assert add not in text(approver, entries_of(party))
    shown = text(preparer, add)
    for told in ("名单.csv", "5000000.00", party.name, "5,000,000.00"):
        assert told in shown
    assert preparer.post(add, TYPED).status_code == 302
    place = f"{PAGES}{OpeningReversal.objects.get().pk}/change/"
    assert preparer.get(add).headers["Location"] == place
    assert "青财函〔2026〕3号" in text(approver, place)
    assert f"{PAGES}?state__exact=prepared" in text(approver, "/admin/")
    assert preparer.post(place, {"step": "approve"}).status_code == 422
    assert used(party) == 5000000
    assert approver.post(place, {"step": "approve"}).status_code == 302
    assert used(party) == 0
    shown = text(approver, entries_of(party))
    assert "期初余额撤销" in shown
    assert place in shown
    assert f"{PAGES}?state__exact=prepared" not in text(approver, "/admin/")
    assert approver.post(place, {"step": "approve"}).status_code == 422
    assert sound()


def test_an_award_from_its_list_and_from_the_ledger(books: Books, party: Party, desk: Desk) -> None:
    found = books.open(AWARD, granted(party))
    preparer = desk(books.preparer)
    pages = [
        f"/admin/incentives/registryimport/{found.pk}/change/",
        f"/admin/incentives/ledgerentry/{LedgerEntry.objects.get().pk}/change/",
    ]
    add = f"{PAGES}add/?opening={found.rows.get().pk}"
    assert [add in text(preparer, page) for page in pages] == [True, True]
    assert LedgerEntry.objects.get().case_number in text(preparer, add)
    reversed_(books, found)
    place = f"{PAGES}{OpeningReversal.objects.get().pk}/change/"
    told = [text(preparer, page) for page in pages]
    assert [(add in one, place in one) for one in told] == [(False, True)] * 2


def test_the_password_is_asked_before_it_counts(books: Books, party: Party) -> None:
    reversal = prepared(books, open_balances(books, listed(party)))
    client, place = Client(), f"{PAGES}{reversal.pk}/change/"
    client.force_login(books.approver)
    asked = client.post(place, {"step": "approve"})
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    dropped = client.post(place, {"step": "drop", "drop-reason": "台账无误"})
    assert dropped.headers["Location"] == place
    reversal.refresh_from_db()
    assert (reversal.state, used(party)) == ("dropped", 1000000)


@pytest.mark.parametrize("step", ["drop", "approve", "other"])
def test_a_step_without_its_reason_or_its_turn_changes_nothing(
    books: Books, party: Party, desk: Desk, step: str
) -> None:
    reversal = prepared(books, open_balances(books, listed(party)))
    answer = desk(books.preparer).post(f"{PAGES}{reversal.pk}/change/", {"step": step})
    assert answer.status_code == 422
    reversal.refresh_from_db()
    assert reversal.state == "prepared"


def test_half_a_form_is_kept_and_said_at_its_field(books: Books, party: Party, desk: Desk) -> None:
    found = open_balances(books, listed(party))
    add = f"{PAGES}add/?opening={found.rows.get().pk}"
    answer = desk(books.preparer).post(add, TYPED | {"reason": " "})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["reason"])
    assert TYPED["evidence"] in answer.content.decode()


def test_who_sees_and_who_may(books: Books, party: Party, desk: Desk) -> None:
    found = open_balances(books, listed(party))
    add = f"{PAGES}add/?opening={found.rows.get().pk}"
    place = f"{PAGES}{prepared(books, found).pk}/change/"
    auditor, other = desk(make_staff(Role.AUDITOR)), desk(make_staff(Role.POLICY_EDITOR))
    elsewhere = desk(make_staff(Role.FINANCE_PREPARER, "finance", city="dalian"))
    pages = (PAGES, place, add)
    assert [auditor.get(page).status_code for page in pages] == [200, 200, 403]
    assert [other.get(page).status_code for page in pages] == [403, 404, 403]
    assert [elsewhere.get(page).status_code for page in pages] == [200, 404, 404]
    assert auditor.post(place, {"step": "drop"}).status_code == 422
    assert [
        desk(books.preparer).get(f"{PAGES}add/{asked}").status_code for asked in ("", "?opening=x")
    ] == [403, 404]
    assert desk(books.preparer).get(f"{PAGES}x/change/").status_code == 404


def test_as_many_queries_for_many_as_for_one(books: Books, desk: Desk) -> None:
    asked, watcher = [], desk(make_staff(Role.AUDITOR))
    for _time in range(3):
        prepared(books, open_balances(books, listed(new_party())))
        watcher.get(PAGES)
        with CaptureQueriesContext(connection) as queries:
            shown = watcher.get(PAGES)
        asked.append((len(shown.context["cl"].result_list), len(queries)))
    assert [rows for rows, _queries in asked] == [1, 2, 3]
    assert len({queries for _rows, queries in asked}) == 1
