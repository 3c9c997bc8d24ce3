"""Instalments that wait for a stage: found by one, confirmed by another; what lapses is room."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed, Refused
from incentives.domain import findings, money
from incentives.domain.budget_execution import execution
from incentives.domain.counters import CounterRequest
from incentives.domain.payouts import due_instalments
from incentives.domain.reconcile import differences
from incentives.models import Award, Counter, Instalment, InstalmentFinding, LedgerEntry
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import (
    cap,
    make_account,
    make_budget,
    make_user,
    qingdao,
    reserve,
)

TODAY = timezone.localdate()


def staged(
    *amounts: str,
    at: datetime | None = None,
    more: Sequence[CounterRequest] = (),
    assessed: str = "",
) -> Award:
    """A committed award of these parts: the first due on a date, the others at a stage each."""
    caps = [cap("own", "1000.00"), cap("count", "3", unit="awards"), *more]
    whole = sum(map(Decimal, amounts))
    award = Award.objects.get(pk=reserve(assessed or str(whole), caps=caps, at=at).award)
    make_account(award.applicant)
    with transaction.atomic():
        money.commit(award=award, at=timezone.now(), actor=make_user(), reason="r")
        for number, amount in enumerate(amounts, 1):
            when = {"due_on": TODAY} if number == 1 else {"due_kind": "stage", "due_on": None}
            Instalment.objects.create(
                award=award, number=number, payee=award.applicant, amount=Decimal(amount), **when
            )
    award.refresh_from_db()
    return award


def find(award: Award, number: int, found: str, amount: str | None = None) -> InstalmentFinding:
    return findings.prepare(
        instalment_id=award.instalments.get(number=number).pk,
        found=found,
        amount=amount and Decimal(amount),
        due_on=TODAY,
        reason="验收意见",
        document=None,
        user=make_user(),
    )


def confirm(finding: InstalmentFinding) -> InstalmentFinding:
    with transaction.atomic():
        return findings.confirm(finding_id=finding.pk, user=make_user())


def used(key: str) -> Decimal:
    return Counter.objects.get(key=key).used


def due() -> list[Decimal]:
    return sorted(due_instalments(qingdao(), TODAY).values_list("amount", flat=True))


def test_met_partly_and_not_met_pay_cut_and_cancel(db: None) -> None:
    budget = make_budget("1000.00", year=TODAY.year)
    award = staged("100.00", "200.00", "300.00", "150.00")
    assert due() == [Decimal("100.00")]
    assert confirm(find(award, 2, "met")).became.amount == Decimal("200.00")
    assert (due(), used("own")) == ([Decimal("100.00"), Decimal("200.00")], Decimal("750.00"))
    assert confirm(find(award, 3, "partly", "120.01")).became.amount == Decimal("120.01")
    assert confirm(find(award, 4, "not_met")).became is None
    award.refresh_from_db()
    left = Decimal("420.01")
    assert (award.state, award.amount, used("own"), used(budget.key)) == (
        "committed", left, left, left,
    )  # fmt: skip
    assert due() == [Decimal("100.00"), Decimal("120.01"), Decimal("200.00")]
    lapsed = LedgerEntry.objects.filter(stage="released").values_list("amount", flat=True)
    assert sorted(lapsed) == [Decimal("150.00"), Decimal("179.99")]
    figures = execution([budget.pk])[budget.pk]
    assert (figures.committed, figures.available) == (left, Decimal("1000.00") - left)
    assert used("count") == 1
    assert differences(city_code="qingdao") == []


def test_an_award_of_which_nothing_is_due_is_released(db: None) -> None:
    caps = [cap("own", "1000.00"), cap("count", "3", unit="awards"), *event("80.00")]
    award = Award.objects.get(pk=reserve("80.00", caps=caps).award)
    with transaction.atomic():
        money.commit(award=award, at=timezone.now(), actor=make_user(), reason="r")
        Instalment.objects.create(
            award=award, number=1, payee=award.applicant, amount=Decimal(80), due_kind="evaluation"
        )
    confirm(find(award, 1, "not_met"))
    award.refresh_from_db()
    assert (award.state, used("own"), used("count")) == ("released", 0, 0)
    assert differences(city_code="qingdao") == []
    of_event = [reserve("30.00", caps=event("30.00")).amount for _time in range(2)]
    assert of_event == [Decimal("30.00"), 0]  # together no more than any of them is entitled to


def event(entitled: str) -> list[CounterRequest]:
    return [cap("event", entitled, kind="event")]


def test_findings_are_refused_with_the_field(db: None) -> None:
    award = staged("100.00", "200.00")
    for found, amount, field in [
        ("perhaps", None, "found"), ("settled", None, "found"),
        ("partly", None, "amount"), ("partly", "200.00", "amount"),
    ]:  # fmt: skip
        with pytest.raises(Refused) as refused:
            find(award, 2, found, amount)
        assert set(refused.value.message_dict) == {field}
    with pytest.raises(Conflict):
        find(award, 1, "met")
    made = find(award, 2, "met")
    with pytest.raises(Conflict):
        find(award, 2, "not_met")
    with pytest.raises(NotAllowed):
        findings.confirm(finding_id=made.pk, user=made.prepared_by)
    with transaction.atomic():
        findings.drop(finding_id=made.pk)
    confirm(find(award, 2, "not_met"))
    with pytest.raises(Conflict):
        confirm(made)


@pytest.fixture
def owner(committed_db: None, owner_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url, autocommit=True) as connected:
        yield connected


def test_the_database_refuses_what_the_verbs_do(owner: psycopg.Connection) -> None:
    made = find(staged("100.00", "200.00"), 2, "met")
    with pytest.raises(psycopg.errors.CheckViolation, match="finding_confirmed_by_another"):
        owner.execute(
            "UPDATE incentives_instalmentfinding SET state = 'confirmed', confirmed_at = now(), "
            "confirmed_by_id = prepared_by_id"
        )
    with pytest.raises(psycopg.Error, match=r"finding_content|Cannot update|readonly|read-only"):
        owner.execute("UPDATE incentives_instalmentfinding SET amount = 1")
    with pytest.raises(psycopg.Error, match=r"stage of the instalment|payout line"):
        owner.execute(
            "INSERT INTO incentives_payoutline (instalment_id) VALUES (%s)", [made.instalment_id]
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        InstalmentFinding.objects.filter(pk=made.pk).update(
            state="confirmed", confirmed_by=make_user(), confirmed_at=timezone.now()
        )


def race() -> tuple[Award, list[object]]:
    award = staged("100.00", "300.00")
    made = find(award, 2, "partly", "100.00")

    def confirmed() -> int | None:
        with transaction.atomic():
            return money.confirm_finding(
                finding=made, at=timezone.now(), actor=make_user(), reason="r"
            )

    results = at_once([confirmed] * 4 + [lambda: reserve("50.00", caps=CAPS)] * 4)
    award.refresh_from_db()
    return award, results


CAPS = [cap("own", "1000.00")]


def test_a_finding_is_confirmed_once_while_others_reserve(committed_db: None) -> None:
    award, results = race()
    assert sorted(type(one).__name__ for one in results[:4]) == [*["Conflict"] * 3, "int"]
    assert (award.amount, used("own")) == (Decimal("200.00"), Decimal("400.00"))
    assert differences(city_code="qingdao") == []


def test_control_without_the_state_it_lapses_twice(owner: psycopg.Connection) -> None:
    """The state is not looked at, and what holds it otherwise is taken away."""
    source = owner.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'huiqi_confirm_part'"
    ).fetchone()[0]
    owner.execute(source.replace("v_finding.state <> 'prepared' OR ", ""))
    owner.execute("ALTER TABLE incentives_instalmentfinding DISABLE TRIGGER USER")
    owner.execute("ALTER TABLE incentives_instalment DISABLE TRIGGER huiqi_check_instalments")
    award, _results = race()
    lapsed = LedgerEntry.objects.filter(award=award, stage="released")
    assert sum(lapsed.values_list("amount", flat=True)) > Decimal("200.00")
