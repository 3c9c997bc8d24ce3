"""Money asked back at the desk: a receipt is entered once, and money after a write-off as well."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from applicants.domain.errors import words_of_crossing
from applicants.models import Notice, User
from incentives.domain import money
from incentives.models import Recovery
from reviews.domain import paying, recovering, working_days
from reviews.models import Application
from reviews.models.staff import Role
from tests.factories import Cast, decide_award, make_staff, publicity_end, published, qingdao
from tests.reviews.admin.conftest import Desk, crossing


@pytest.fixture
def case(cast: Cast) -> Iterator[Application]:
    case = published(cast)
    with time_machine.travel(publicity_end(case).isoformat() + "T12:00:00+08:00", tick=False) as on:
        on.shift(3 * 86_400)
        decide_award(cast, case)
        case.refresh_from_db()
        yield case


@pytest.fixture
def preparer() -> User:
    return make_staff(Role.FINANCE_PREPARER, "finance")


@pytest.fixture
def approver() -> User:
    return make_staff(Role.FINANCE_APPROVER, "finance")


@pytest.fixture
def recovery(case: Application, preparer: User, approver: User) -> Recovery:
    """Of 1,000.00 that were paid."""
    ids = [one.pk for one in paying.payouts.due_instalments(qingdao(), date.max)]
    batch = paying.prepare(city=qingdao(), instalment_ids=ids, user=preparer)
    paying.approve(batch_id=batch.pk, user=approver)
    paying.export(batch_id=batch.pk, user=preparer)
    results = {line.pk: ("paid", "") for line in batch.lines.all()}
    paying.settle(batch_id=batch.pk, results=results, user=preparer)
    asked = recovering.prepare(
        case_id=case.pk, amount=Decimal(1000), reason="迁出本市", user=preparer,
        due_on=working_days.today() + timedelta(days=30),
    )  # fmt: skip
    return recovering.demand(recovery_id=asked.pk, user=approver)


def page(recovery: Recovery) -> str:
    return f"/admin/incentives/recovery/{recovery.pk}/change/"


def enter(client: Client, recovery: Recovery, amount: str, receipt: str):
    typed = {"amount": amount, "received_on": working_days.today(), "reference": receipt}
    answer = {f"enter-{name}": value for name, value in typed.items()}
    return client.post(page(recovery), {"step": "enter", **answer})


def steps(client: Client, recovery: Recovery) -> list[str]:
    return [name for name, *_rest in client.get(page(recovery)).context["steps"]]


def test_a_receipt_that_was_entered_is_refused_at_its_field(desk: Desk, recovery, preparer) -> None:
    client = desk(preparer)
    assert enter(client, recovery, "400.00", "回单1").status_code == 302
    again = enter(client, recovery, "400.00", "回单1")
    form = next(form for name, _words, form in again.context["steps"] if name == "enter")
    assert (again.status_code, list(form.errors)) == (422, ["reference"])
    assert recovery.entries.count() == 1


def test_money_after_a_write_off_is_entered_at_the_desk(
    desk: Desk, recovery, preparer, approver
) -> None:
    recovering.ask_write_off(recovery_id=recovery.pk, reason="已注销", user=preparer)
    recovering.write_off(recovery_id=recovery.pk, user=approver)
    client = desk(preparer)
    assert steps(client, recovery) == ["enter"]
    assert enter(client, recovery, "1000.00", "回单1").status_code == 302
    assert steps(client, recovery) == ["reverse"]


def test_a_wrong_receipt_is_reversed_by_two_and_the_applicant_told(
    desk: Desk, cast: Cast, recovery, preparer, approver
) -> None:
    client, signer = desk(preparer), desk(approver)
    enter(client, recovery, "400.00", "回单1")
    receipt = recovery.entries.get()
    asked = {"step": "reverse", "reverse-receipt": receipt.pk, "reverse-reason": " "}
    answer = client.post(page(recovery), asked)
    form = next(one.form for one in answer.context["steps"] if one.name == "reverse")
    assert (answer.status_code, list(form.errors)) == (422, ["reason"])
    strange = client.post(page(recovery), asked | {"reverse-receipt": 10**6})
    form = next(one.form for one in strange.context["steps"] if one.name == "reverse")
    assert "receipt" in form.errors
    asked["reverse-reason"] = "应为40元"
    assert client.post(page(recovery), asked).status_code == 302
    assert steps(client, recovery) == ["enter", "ask_write_off", "drop_reversal"]
    assert steps(signer, recovery) == ["approve_reversal", "drop_reversal"]
    assert "应为40元" in signer.get(page(recovery)).content.decode()
    waits = "/admin/incentives/recovery/?reversal=waits"
    assert waits in signer.get("/admin/").content.decode()
    assert recovery.number in signer.get(waits).content.decode()
    shown = signer.get(page(recovery)).context["waits"].pk
    approved = {"step": "approve_reversal", "approve_reversal-reversal": shown}
    assert client.post(page(recovery), approved).status_code == 422
    assert signer.post(page(recovery), approved).status_code == 302
    assert recovery.number not in signer.get(waits).content.decode()
    told = Notice.objects.get(kind="recovery.receipt_reversed", user=cast.clerk)
    assert told.data["amount"] == "400.00"
    assert (told.data["left"], told.data["reason"]) == ("1000.00", "应为40元")
    assert enter(client, recovery, "40.00", "回单1").status_code == 302
    assert recovery.entries.count() == 3


def test_a_reversal_is_dropped_with_its_reason(desk: Desk, recovery, preparer, approver) -> None:
    client = desk(preparer)
    enter(client, recovery, "400.00", "回单1")
    asked = {"step": "reverse", "reverse-receipt": recovery.entries.get().pk}
    client.post(page(recovery), asked | {"reverse-reason": "误录"})
    shown = client.get(page(recovery)).context["waits"].pk
    dropped = {"step": "drop_reversal", "drop_reversal-reason": "无误"}
    dropped["drop_reversal-reversal"] = shown
    assert client.post(page(recovery), dropped).status_code == 302
    assert steps(client, recovery) == ["enter", "ask_write_off", "reverse"]
    client.post(page(recovery), asked | {"reverse-reason": "另一笔"})
    signer = desk(approver)
    for seen in ({"approve_reversal-reversal": shown}, {}):
        answer = signer.post(page(recovery), {"step": "approve_reversal"} | seen)
        assert answer.status_code == 422
    assert steps(signer, recovery) == ["approve_reversal", "drop_reversal"]


def test_a_step_that_crossed_another_is_told_in_words(
    desk: Desk, recovery, preparer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(money, "recover", crossing)
    answer = enter(desk(preparer), recovery, "400.00", "回单1")
    form = next(one.form for one in answer.context["steps"] if one.name == "enter")
    assert (answer.status_code, form.non_field_errors()) == (422, [words_of_crossing()])
