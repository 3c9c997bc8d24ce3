"""A wrong opening is reversed whole by two of finance, and the right one brought after it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Event, Membership, Party
from incentives.domain import money, reversals, statement
from incentives.domain.ledger import LedgerFilter, entries, totals
from incentives.domain.pools import set_pool
from incentives.domain.sealing import seal_all, verify_all
from incentives.models import (
    Award,
    Counter,
    ImportRow,
    LedgerEntry,
    OpeningReversal,
    RegistryImport,
)
from reviews.domain import reversing
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, make_staff, make_user
from tests.incentives.domain.test_carrying import carried
from tests.incentives.factories import cap, reserve
from tests.registry_lists import csv_file
from tests.reviews.domain.test_openings import (
    AWARD,
    BALANCE,
    LISTING,
    RENEWAL,
    Books,
    by_certificate,
    code,
    problems,
    renewed,
    sound,
)
from tests.reviews.domain.test_openings_again import (
    TEAM,
    bring_balances,
    listed,
    new_party,
    open_balances,
    used,
)
from tests.reviews.domain.test_party_changes import Registry

pytestmark = pytest.mark.django_db
WRONG = "5000000"


@pytest.fixture
def books(db: None) -> Books:
    return Books()


@pytest.fixture
def party(db: None) -> Party:
    return new_party()


def prepared(books: Books, found: RegistryImport, number: int = 2) -> OpeningReversal:
    return reversing.prepare(
        opening_id=found.rows.get(number=number).pk, reason="多写一个零",
        evidence="青财函〔2026〕3号", user=books.preparer,
    )  # fmt: skip


def reversed_(books: Books, found: RegistryImport) -> OpeningReversal:
    return reversing.approve(reversal_id=prepared(books, found).pk, user=books.approver)


def granted(party: Party, amount: str = WRONG) -> list[str]:
    return [code(party), LISTING, "青金〔2021〕1号", "2021-05-04", amount]


def counters() -> dict[str, Decimal]:
    return dict(Counter.objects.filter(used__gt=0).values_list("key", "used"))


def enterprise(party: Party) -> Counter:
    return Counter.objects.get(key=f"cap:{LISTING}:enterprise:applicant={party.pk}")


def test_a_balance_gives_its_cap_back_and_the_right_one_is_brought(
    books: Books, party: Party
) -> None:
    found = open_balances(books, listed(party, WRONG))
    limit = enterprise(party).limit
    assert reserve("1", caps=[cap(enterprise(party).key, str(limit))]).award is None
    done = reversed_(books, found)
    assert (done.state, done.approved_by) == ("approved", books.approver)
    counter = enterprise(party)
    assert (counter.used, counter.carried, counter.limit) == (0, 0, limit)
    amounts = list(counter.entries.values_list("amount", "opening", "award"))
    assert amounts == [(5000000, done.opening_id, None), (-5000000, done.opening_id, None)]
    open_balances(books, listed(party, "500000"))
    assert used(party) == 500000
    assert reserve(WRONG, caps=[cap(counter.key, str(limit))]).amount == limit - 500000
    assert sound()


def test_an_award_gives_all_its_counters_back_and_the_right_one_is_brought(
    books: Books, party: Party
) -> None:
    found = books.open(AWARD, granted(party))
    assert len(counters()) > 1
    reversed_(books, found)
    assert counters() == {}
    wrong = Award.objects.get()
    assert (wrong.state, wrong.amount) == ("released", 5000000)
    stages = LedgerEntry.objects.filter(award=wrong).order_by("id").values_list("stage", "amount")
    assert list(stages) == [("opening", 5000000), ("reversed", 5000000)]
    books.open(AWARD, granted(party, "500000"))
    assert Award.objects.get(state="committed").amount == used(party) == 500000
    assert sound()


def test_the_same_award_may_be_brought_again(books: Books, party: Party) -> None:
    reversed_(books, books.open(by_certificate(), renewed(party)))
    headings = (*by_certificate(), "sector")
    books.open(headings, [*renewed(party), "services"])
    assert Award.objects.get(state="committed").applicant == party
    assert "number" in problems(books.bring(csv_file(by_certificate(), [renewed(party)])))[2]
    assert sound()


def test_what_was_given_once_to_the_wrong_party_may_be_given(books: Books) -> None:
    cast = Cast(RENEWAL)
    certificate = {"certificate_number": "GR202037100002", "recognition_ordinal": "second"}
    found = books.open(by_certificate(), renewed(new_party()))
    reversed_(books, found)
    assert factories.determined(cast, certificate, {}).state == "determined"
    assert sound()


def test_it_is_no_money_of_this_houses_years_and_the_chain_holds(
    books: Books, party: Party
) -> None:
    found = books.open(by_certificate(), renewed(party))
    seal_all()
    reversed_(books, found)
    rows = entries(cities=["qingdao"], wanted=LedgerFilter(applicant=code(party)))
    assert [(line.stage, line.amount) for line in totals(rows)] == [
        ("opening", 100000),
        ("reversed", 100000),
    ]
    [line] = statement.statement(rows, "programme")
    assert (line.amounts["opening"], line.amounts["reversed"], line.cost) == (100000, 100000, 0)
    seal_all()
    assert verify_all() == []


def test_a_pool_of_its_year_has_it_again_whichever_comes_first(books: Books, party: Party) -> None:
    def pool(key: str) -> Counter:
        made = set_pool(
            city=factories.qingdao(), code=key, year=2020, title="全市年度总额",
            limit=Decimal(250000), programmes=[], basis="会议纪要", actor=make_user(),
        )  # fmt: skip
        return Counter.objects.get(key=made.key)

    before = pool("before")
    reversed_(books, books.open(by_certificate(), renewed(party)))
    before.refresh_from_db()
    assert before.used == pool("after").used == 0
    assert sound()


def test_an_event_is_as_high_as_what_else_was_granted(books: Books, party: Party) -> None:
    row = [code(party), LISTING, "listing", "", "500000"]
    found = books.open(BALANCE, row, kind="balances")
    event = f"event:listing:{party.pk}"
    later = cap(event, "800000", kind="event", heat=2)
    assert reserve("800000", caps=[later], applicant=party).amount == 300000
    reversed_(books, found)
    counter = Counter.objects.get(key=event)
    assert (counter.used, counter.limit) == (300000, 800000)
    assert sound()


def test_an_event_that_nothing_else_raised_is_low_again(books: Books, party: Party) -> None:
    found = books.open(BALANCE, [code(party), LISTING, "listing", "", WRONG], kind="balances")
    reversed_(books, found)
    later = cap(f"event:listing:{party.pk}", "800000", kind="event", heat=2)
    assert reserve("900000", caps=[later], applicant=party).amount == 800000
    assert sound()


Opened = Callable[[Books, Party], RegistryImport]
OF_BOTH = pytest.mark.parametrize(
    "opened",
    [
        pytest.param(lambda books, who: open_balances(books, listed(who, WRONG)), id="balance"),
        pytest.param(lambda books, who: books.open(AWARD, granted(who)), id="award"),
    ],
)


@OF_BOTH
def test_what_a_merger_carried_over_comes_back_from_the_successor(
    books: Books, party: Party, opened: Opened
) -> None:
    successor = new_party()
    open_balances(books, listed(successor, "70000"))
    found = opened(books, party)
    Registry().merge(party, successor)
    reversal = prepared(books, found)
    counter = enterprise(successor)
    assert dict(reversals.held(reversal.opening))[counter] == 5000000
    reversing.approve(reversal_id=reversal.pk, user=books.approver)
    assert counters() == {counter.key: 70000}
    assert reversals.held(reversal.opening) == []
    assert sound()


def test_after_a_merger_the_right_one_counts_for_the_successor(books: Books, party: Party) -> None:
    found, successor = open_balances(books, listed(party, WRONG)), new_party()
    Registry().merge(party, successor)
    reversed_(books, found)
    open_balances(books, listed(party, "500000"))
    assert counters() == {enterprise(successor).key: 500000}
    assert sound()


@OF_BOTH
def test_what_a_split_made_stand_for_both_comes_back_from_both(
    books: Books, party: Party, opened: Opened
) -> None:
    found, successor = opened(books, party), new_party()
    carried("split", party, successor, share="40")
    assert enterprise(party).used == enterprise(successor).used == 5000000
    reversed_(books, found)
    assert counters() == {}
    assert sound()


def test_a_yearly_balance_that_a_split_shared_comes_back_in_its_parts(
    books: Books, party: Party
) -> None:
    found = open_balances(books, [code(party), TEAM, "unit_year", "2025", "1000.01"])
    carried("split", party, new_party(), share="40")
    assert sorted(counters().values()) == [Decimal("400.00"), Decimal("600.01")]
    reversed_(books, found)
    assert counters() == {}
    assert sound()


def test_two_people_of_finance(books: Books, party: Party) -> None:
    both = make_staff(Role.FINANCE_PREPARER, "finance")
    factories.give_role(both, Role.FINANCE_APPROVER, "finance")
    books.preparer = both
    reversal = prepared(books, open_balances(books, listed(party)))
    with pytest.raises(NotAllowed, match="经办人以外"):
        reversing.approve(reversal_id=reversal.pk, user=both)
    with (
        pytest.raises(IntegrityError, match="reversal_approved_by_another"),
        transaction.atomic(),
    ):
        money.reverse_opening(reversal=reversal, at=timezone.now(), actor=both)
    assert used(party) == 1000000


@pytest.mark.parametrize(
    "role", [Role.FINANCE_APPROVER, Role.PREPARER, Role.POLICY_EDITOR, Role.AUDITOR]
)
def test_finance_prepares(books: Books, party: Party, role: Role) -> None:
    at = {Role.FINANCE_APPROVER: "finance", Role.PREPARER: "sti"}
    found = open_balances(books, listed(party))
    books.preparer = make_staff(role, at.get(role))
    with pytest.raises(NotAllowed):
        prepared(books, found)


def test_nobody_of_the_organisation_itself(books: Books, party: Party) -> None:
    found = open_balances(books, listed(party))
    reversal = prepared(books, found)
    Membership.objects.create(party=party, user=books.approver)
    with pytest.raises(NotAllowed, match="申报单位成员"):
        reversing.approve(reversal_id=reversal.pk, user=books.approver)
    assert used(party) == 1000000


@OF_BOTH
def test_once(books: Books, party: Party, opened: Opened) -> None:
    found = opened(books, party)
    reversal = prepared(books, found)
    with pytest.raises(Conflict, match="已"):
        prepared(books, found)
    reversing.approve(reversal_id=reversal.pk, user=books.approver)
    for step in (
        lambda: reversing.approve(reversal_id=reversal.pk, user=books.approver),
        lambda: reversing.drop(reversal_id=reversal.pk, reason="x", user=books.approver),
        lambda: prepared(books, found),
    ):
        with pytest.raises(Conflict, match="已"):
            step()
    assert counters() == {}
    assert sound()


def test_dropped_it_may_be_prepared_again(books: Books, party: Party) -> None:
    found = open_balances(books, listed(party))
    reversal = prepared(books, found)
    with pytest.raises(Refused):
        reversing.drop(reversal_id=reversal.pk, reason=" ", user=books.preparer)
    dropped = reversing.drop(reversal_id=reversal.pk, reason="台账无误", user=books.preparer)
    assert (dropped.state, used(party)) == ("dropped", 1000000)
    with pytest.raises(Conflict):
        reversing.approve(reversal_id=reversal.pk, user=books.approver)
    reversed_(books, found)
    assert used(party) == 0


def test_a_reason_is_given_and_the_event_says_it(books: Books, party: Party) -> None:
    found = open_balances(books, listed(party, WRONG))
    with pytest.raises(Refused) as refused:
        reversing.prepare(
            opening_id=found.rows.get().pk, reason=" ", evidence="", user=books.preparer
        )
    assert list(refused.value.message_dict) == ["reason"]
    reversed_(books, found)
    event = Event.objects.get(kind="opening.reversed")
    assert (event.subject, event.reason) == (f"import:{found.pk}", "多写一个零")
    told = [event.data[key] for key in ("row", "amount", "evidence")]
    assert told == [2, "5000000.00", "青财函〔2026〕3号"]


def test_a_row_that_opened_nothing_is_not_reversed(books: Books, party: Party) -> None:
    waiting = bring_balances(books, listed(party))
    with pytest.raises(Conflict, match="没有形成期初"):
        prepared(books, waiting)
    row = ImportRow.objects.get(of=waiting)
    past = OpeningReversal.objects.create(opening=row, reason="x", prepared_by=books.preparer)
    with pytest.raises(Conflict), transaction.atomic():
        money.reverse_opening(reversal=past, at=timezone.now(), actor=books.approver)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incentives_openingreversal SET state = 'approved'",
        "DELETE FROM incentives_openingreversal",
    ],
)
def test_raw_sql_of_the_application_ends_none(books: Books, party: Party, statement: str) -> None:
    prepared(books, open_balances(books, listed(party)))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


def test_one_begins_prepared(books: Books, party: Party) -> None:
    row = open_balances(books, listed(party)).rows.get()
    with pytest.raises(DatabaseError, match="Cannot insert"), transaction.atomic():
        OpeningReversal.objects.create(
            opening=row, reason="x", prepared_by=books.preparer, state="approved",
            approved_by=books.approver, approved_at=timezone.now(),
        )  # fmt: skip
