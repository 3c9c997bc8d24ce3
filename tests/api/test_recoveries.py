"""Demands through the API: what came back, and a wrong receipt reversed by two, once."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from incentives.models import LedgerEntry, Recovery
from reviews.domain import paying, recovering, working_days
from reviews.models.staff import Role
from tests.api.client import Api, errors
from tests.factories import Cast, decide_award, make_staff, publicity_end, published, qingdao


@pytest.fixture
def preparer(db: None) -> Api:
    return Api(make_staff(Role.FINANCE_PREPARER, "finance"))


@pytest.fixture
def approver(db: None) -> Api:
    return Api(make_staff(Role.FINANCE_APPROVER, "finance"))


@pytest.fixture
def demand(db: None) -> Iterator[Recovery]:
    """400.00 of 1,000.00 came back."""
    cast = Cast("enterprise-tech-centre-award")
    case = published(cast)
    first, second = (
        make_staff(role, "finance") for role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
    )
    with time_machine.travel(publicity_end(case).isoformat() + "T12:00:00+08:00", tick=False) as on:
        on.shift(3 * 86_400)
        award = decide_award(cast, case)
        ids = [award.instalments.get().pk]
        batch = paying.prepare(city=qingdao(), instalment_ids=ids, user=first)
        paying.approve(batch_id=batch.pk, user=second)
        paying.export(batch_id=batch.pk, user=first)
        results = {line.pk: ("paid", "") for line in batch.lines.all()}
        paying.settle(batch_id=batch.pk, results=results, user=first)
        asked = recovering.prepare(
            case_id=case.pk, amount=Decimal(1000), reason="迁出本市", user=first,
            due_on=working_days.today() + timedelta(days=30),
        )  # fmt: skip
        recovering.demand(recovery_id=asked.pk, user=second)
        yield recovering.enter(
            recovery_id=asked.pk, amount=Decimal(400), received_on=working_days.today(),
            reference="回单1", user=first,
        )  # fmt: skip


def test_a_wrong_receipt_is_reversed_by_two_once(
    demand: Recovery, preparer: Api, approver: Api
) -> None:
    (listed,) = preparer.get("recoveries/?state=demanded")["results"]
    assert (listed["number"], listed["amount"]) == (demand.number, "1000.00")
    assert preparer.get("recoveries/?state=settled")["results"] == []
    here = f"recoveries/{demand.pk}"
    (entry,) = preparer.get(f"{here}/")["entries"]
    wrong = {"receipt": entry["id"], "reason": "应为40元"}
    told = errors(preparer.post(f"{here}/reverse-receipt/", wrong | {"receipt": 0}, 400))
    assert list(told) == ["receipt"]
    approver.post(f"{here}/reverse-receipt/", wrong, 403)
    waits = preparer.post(f"{here}/reverse-receipt/", wrong)["waits"]
    assert (waits["receipt"], waits["reason"]) == (entry["id"], "应为40元")
    shown = {"reversal": waits["id"]}
    preparer.post(f"{here}/approve-reversal/", shown, 403)
    assert list(errors(approver.post(f"{here}/approve-reversal/", {}, 400))) == ["reversal"]
    approver.post(f"{here}/approve-reversal/", {"reversal": waits["id"] + 1}, 409)
    first, again = (
        approver.post(f"{here}/approve-reversal/", shown, Idempotency_Key="k1") for _ in range(2)
    )
    assert first == again
    assert (first["open"], first["waits"]) == ("1000.00", None)
    assert [(one["amount"], one["reverses"]) for one in first["entries"]] == [
        ("400.00", None),
        ("-400.00", entry["id"]),
    ]
    assert LedgerEntry.objects.filter(stage="recovered").count() == 2
    approver.post(f"{here}/approve-reversal/", shown, 409)


def test_a_reversal_is_dropped_with_its_reason(demand: Recovery, preparer: Api) -> None:
    here = f"recoveries/{demand.pk}"
    preparer.post(f"{here}/drop-reversal/", {"reversal": 1, "reason": "无误"}, 409)
    wrong = {"receipt": demand.entries.get().pk, "reason": "误录"}
    shown = {"reversal": preparer.post(f"{here}/reverse-receipt/", wrong)["waits"]["id"]}
    assert list(errors(preparer.post(f"{here}/drop-reversal/", shown, 400))) == ["reason"]
    assert preparer.post(f"{here}/drop-reversal/", shown | {"reason": "无误"})["waits"] is None


def test_who_is_not_of_finance_finds_nothing(demand: Recovery) -> None:
    bureau = Api(make_staff(Role.PREPARER, "drc"))
    assert bureau.get("recoveries/")["results"] == []
    bureau.get(f"recoveries/{demand.pk}/", 404)
    auditor = Api(make_staff(Role.AUDITOR))
    assert auditor.get(f"recoveries/{demand.pk}/")["open"] == "600.00"
    wrong = {"receipt": demand.entries.get().pk, "reason": "误录"}
    auditor.post(f"recoveries/{demand.pk}/reverse-receipt/", wrong, 403)


def test_a_session_confirms_before_it_signs(demand: Recovery, preparer: Api) -> None:
    wrong = {"receipt": demand.entries.get().pk, "reason": "误录"}
    preparer.post(f"recoveries/{demand.pk}/reverse-receipt/", wrong)
    browser = Api()
    browser.client.force_login(make_staff(Role.FINANCE_APPROVER, "finance"))
    answer = browser.post(f"recoveries/{demand.pk}/approve-reversal/", {"reversal": 1}, 403)
    assert answer["errors"][0]["code"] == "reauthentication_required"
