"""Whoever is listed for bad credit on the day is not paid before somebody has looked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from datetime import date, timedelta

import psycopg
import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applicants.domain import parties
from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Party, User
from incentives.domain import credit, holds
from incentives.domain.credit_lists import lists_of
from incentives.domain.payouts import due_instalments
from incentives.domain.settings import change_setting
from incentives.models import Award, CreditListing, PayeeHold, PayoutBatch
from incentives.models.registry import ImportKind, RegistryImport
from reviews.demo import walk
from reviews.domain import holding, paying, sweeps_lists
from reviews.models.staff import Role
from tests.credit import HEADINGS, LIST, owed, row, take
from tests.factories import bureau, make_organisation, make_staff, valid_uscc
from tests.incentives.factories import make_account, make_award, make_party, make_user, qingdao
from tests.registry_lists import csv_file

TODAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel("2026-06-01T12:00:00+08:00", tick=False):
        yield


@pytest.fixture
def preparer(db: None) -> User:
    return make_staff(Role.FINANCE_PREPARER, "finance")


@pytest.fixture
def approver(db: None) -> User:
    return make_staff(Role.FINANCE_APPROVER, "finance")


def prepare(user: User, *awards: Award) -> PayoutBatch:
    ids = [pk for award in awards for pk in award.instalments.values_list("pk", flat=True)]
    return paying.prepare(city=qingdao(), instalment_ids=ids, user=user)


def approved(preparer: User, approver: User, *awards: Award) -> PayoutBatch:
    batch = prepare(preparer, *awards)
    return paying.approve(batch_id=batch.pk, user=approver)


def held() -> list[tuple[str, Party | None, str]]:
    rows = holds.open_holds().filter(kind="credit").order_by("pk")
    return [(one.award.case_number, one.payee, one.text) for one in rows]


def test_a_party_listed_after_the_approval_is_not_exported_until_released(
    preparer: User, approver: User
) -> None:
    award, other = owed("10"), owed("20")
    batch = approved(preparer, approver, award, other)
    take(row(award.applicant))
    with pytest.raises(Conflict, match=f"{award.case_number}.*{LIST} · 2026-05-01") as refused:
        paying.export(batch_id=batch.pk, user=preparer)
    assert other.case_number not in str(refused.value)
    text = f"{award.applicant.name}·旧名 · {LIST} · 2026-05-01 – … · 鲁信〔2026〕7号"
    assert held() == [(award.case_number, None, text)]
    holding.release(hold_id=PayeeHold.objects.get().pk, user=approver, reason="已修复")
    assert len(paying.export(batch_id=batch.pk, user=preparer)) == batch.formats.count()
    paying.export(batch_id=batch.pk, user=preparer)
    assert PayeeHold.objects.count() == 1


def test_the_others_are_paid_and_a_new_listing_holds_again(preparer: User, approver: User) -> None:
    award, other = owed("10"), owed("20")
    batch = prepare(preparer, award)
    take(row(award.applicant))
    with pytest.raises(Conflict):
        paying.approve(batch_id=batch.pk, user=approver)
    paying.cancel(batch_id=batch.pk, user=preparer, reason="失信")
    with pytest.raises(Refused, match=award.case_number):
        prepare(preparer, award, other)
    assert approved(preparer, approver, other).line_count == 1
    holding.release(hold_id=PayeeHold.objects.get().pk, user=approver, reason="已修复")
    batch = approved(preparer, approver, award)
    take(row(award.applicant), (valid_uscc(), "", "别家", LIST, "2026-05-01", "", ""))
    assert paying.look_over_batch(batch_id=batch.pk, user=preparer) == []  # said the same again
    take(row(award.applicant, since="2026-06-01"))
    with pytest.raises(Conflict, match="2026-06-01"):
        paying.export(batch_id=batch.pk, user=preparer)
    assert len(held()) == 1


def test_a_listing_counts_from_its_first_day_to_its_last(preparer: User) -> None:
    before, last, ended = owed("10"), owed("20"), owed("30")
    take(
        row(before.applicant, "2026-06-02"),
        row(last.applicant, "2026-01-01", "2026-06-01"),
        row(ended.applicant, "2026-01-01", "2026-05-31"),
    )
    assert prepare(preparer, before, ended).line_count == 2
    with time_machine.travel("2026-06-01T23:59:59+08:00", tick=False), pytest.raises(Refused):
        prepare(preparer, last)
    holds_of_last = PayeeHold.objects.filter(award=last)
    assert holds_of_last.count() == 1
    with time_machine.travel("2026-06-02T00:00:00+08:00", tick=False):
        assert sorted(credit.listings_of(qingdao(), [before.applicant_id, last.applicant_id])) == [
            before.applicant_id
        ]


def test_a_newer_list_ends_a_listing_and_an_older_one_does_not_open_it_again(
    preparer: User,
) -> None:
    award = owed("10")
    take(row(award.applicant), as_of=TODAY - timedelta(days=20))
    take(row(award.applicant, until="2026-05-20"), as_of=TODAY)
    take(row(award.applicant, until="2027-05-20"), as_of=TODAY - timedelta(days=10))
    assert CreditListing.objects.count() == 3
    assert prepare(preparer, award).line_count == 1


def test_payees_persons_and_successors_are_looked_up_too(preparer: User) -> None:
    number = walk.identity()
    person = parties.register_person(user=make_user(), name="测试人员", id_number=number)
    member, ended = make_party(), make_party("已并入")
    heir = make_organisation(make_user())
    ended.ended_on, ended.successor = TODAY, heir
    ended.save()
    for payee in (person, member):
        make_account(payee)
    award = make_award("100", payees=[(person, "50"), (member, "30"), (ended, "20")])
    take(("", number, "某人", "失信被执行人", "2026-05-01", "", ""), row(heir))
    assert number not in str(list(RegistryImport.objects.get().rows.values_list("values")))
    with pytest.raises(Refused):
        prepare(preparer, award)
    assert [payee for _case, payee, _text in held()] == [person, ended]
    free = award.instalments.get(payee=member)
    assert paying.prepare(city=qingdao(), instalment_ids=[free.pk], user=preparer).line_count == 1


def test_the_step_itself_looks_again_when_the_list_came_after_the_look_over(
    preparer: User, approver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = owed("10")
    batch = approved(preparer, approver, award)
    monkeypatch.setattr(paying, "look_over_batch", lambda **_step: take(row(award.applicant)))
    with pytest.raises(Conflict, match=LIST):
        paying.export(batch_id=batch.pk, user=preparer)
    assert held() == []


def test_without_its_guard_a_listed_party_would_be_paid(
    preparer: User, approver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = owed("10")
    batch = approved(preparer, approver, award)
    take(row(award.applicant))
    monkeypatch.setattr(credit, "listings_of", lambda *_asked: {})
    assert paying.export(batch_id=batch.pk, user=preparer)


def test_looking_up_takes_as_many_queries_for_one_as_for_many(db: None) -> None:
    take(*(row(owed("10").applicant) for _ in range(6)))
    parts = list(due_instalments(qingdao(), TODAY))
    counts = []
    for some in (parts[:1], parts):
        with CaptureQueriesContext(connection) as asked:
            assert len(credit.unseen(some)) == len(some)
        counts.append(len(asked))
    assert counts[0] == counts[1] == 2


def opened_twice(award: Award) -> int:
    """How many holds there are once a second look-over runs beside an unfinished first."""
    part = award.instalments.select_related("award__city", "payee")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            credit.hold_listed(list(part))
            second = pool.submit(_hold_elsewhere, award)
            with suppress(TooLate):
                second.result(0.5)
        second.result(30)
    return PayeeHold.objects.count()


def _hold_elsewhere(award: Award) -> None:
    try:
        credit.hold_listed(list(award.instalments.select_related("award__city", "payee")))
    finally:
        connection.close()


def test_two_who_look_at_once_open_one_hold(committed_db: None) -> None:
    award = owed("10")
    take(row(award.applicant))
    assert opened_twice(award) == 1


def test_without_its_constraint_two_would_open_two(committed_db: None, owner_url: str) -> None:
    with psycopg.connect(owner_url) as owner:
        owner.execute("DROP INDEX one_open_hold_of_a_kind")
    award = owed("10")
    take(row(award.applicant))
    assert opened_twice(award) == 2


def test_faults_are_told_by_column(preparer: User) -> None:
    code = valid_uscc()
    found = sweeps_lists.bring_list(
        bureau=bureau("finance"),
        kind=ImportKind.CREDIT,
        upload=csv_file(
            HEADINGS,
            [
                ("9137", "", "甲", LIST, "2026-01-01", "", ""),
                ("", "3702************12", "乙", LIST, "2026-01-01", "", ""),
                (code, "110101199003070011", "丙", LIST, "2026-01-01", "", ""),
                (code, "", "", "", "去年", "2026-01-01", ""),
                (code, "", "丁", LIST, "2026-02-01", "2026-01-01", ""),
                (code, "", "丁", LIST, "2026-02-01", "", ""),
            ],
        ),
        source="x",
        as_of=TODAY,
        user=preparer,
    )
    with pytest.raises(NotAllowed):
        sweeps_lists.take_list(found=found, user=make_staff(Role.APPROVER, "finance"))
    told = {one.number: sorted(one.problems) for one in found.rows.exclude(problems={})}
    assert list(told.values()) == [
        ["uscc"], ["identity"], ["uscc"], ["from", "list", "name"], ["until"], ["uscc"],
    ]  # fmt: skip


def test_finance_is_told_of_no_list_and_of_an_old_one(db: None) -> None:
    assert lists_of(qingdao()) == (None, 30)
    take((valid_uscc(), "", "别家", LIST, "2026-05-01", "", ""), as_of=date(2026, 5, 2))
    assert (lists_of(qingdao()).as_of, lists_of(qingdao()).too_old) == (date(2026, 5, 2), False)
    change_setting(
        city=qingdao(), programme=None, key="credit_list_days", value=29, basis="x",
        actor=make_user(),
    )  # fmt: skip
    assert lists_of(qingdao()).too_old is True


def test_no_listing_is_ever_changed(db: None) -> None:
    award = owed("10")
    take(row(award.applicant))
    for change in ("UPDATE incentives_creditlisting SET ends_on = '2026-05-02'",
                   "DELETE FROM incentives_creditlisting"):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    assert timezone.localdate() == TODAY
