"""Findings on stages and settlements, read with their case: by whom, and how much of them."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import Award
from reviews.domain import advances, staging
from reviews.domain.working_days import today
from reviews.models import Application
from reviews.models.staff import Role
from tests.api.client import Api
from tests.factories import Cast, make_organisation, make_staff, make_user
from tests.incentives.domain.test_recoveries import paid
from tests.reviews.domain import test_staging
from tests.reviews.domain.test_staging import SCHEDULE, awarded, cast

__all__ = ["cast"]


@pytest.fixture
def award(cast: Cast) -> Iterator[Award]:
    """60% are paid, the rest waits for its stage."""
    with awarded(cast) as made:
        yield paid(made)


@pytest.fixture
def case(award: Award) -> Application:
    return Application.objects.get(number=award.case_number)


def test_a_finding_is_read_by_staff_when_prepared_and_by_the_applicant_once_confirmed(
    cast: Cast, case: Application, award: Award
) -> None:
    preparer = cast.of(cast.handling, Role.PREPARER)
    approver = cast.of(cast.handling, Role.APPROVER)
    staff, own = f"cases/{case.pk}/", f"applications/{case.pk}/"
    part = award.instalments.get(due_kind="stage")
    dropped = staging.prepare(
        instalment_id=part.pk, found="not_met", reason="看错了", user=preparer
    )
    staging.drop(finding_id=dropped.pk, user=preparer)
    made = staging.prepare(
        instalment_id=part.pk, found="partly", amount=Decimal("1000.00"), due_on=today(),
        reason="验收两项", user=preparer,
    )  # fmt: skip
    assert Api(cast.clerk).get(own)["findings"] == []
    [shown] = Api(approver).get(staff)["findings"]
    assert (shown["state"], shown["prepared_by"], shown["confirmed_by"]) == (
        "prepared", str(preparer), None,
    )  # fmt: skip
    staging.confirm(finding_id=made.pk, user=approver)
    [shown] = Api(make_staff(Role.AUDITOR)).get(staff)["findings"]
    assert (shown["state"], shown["confirmed_by"]) == ("confirmed", str(approver))
    [told] = Api(cast.clerk).get(own)["findings"]
    told.pop("confirmed_at")
    assert told == {
        "id": made.pk, "instalment": 2, "label": {"zh": "期", "en": "part"}, "found": "partly",
        "amount": "1000.00", "whole": str(part.amount), "due_on": today().isoformat(),
        "reason": "验收两项",
    }  # fmt: skip


def test_a_settlement_is_read_by_staff_when_prepared_and_by_the_applicant_once_approved(
    cast: Cast, case: Application, award: Award
) -> None:
    preparer = cast.of(cast.handling, Role.PREPARER)
    approver = cast.of(cast.handling, Role.APPROVER)
    staff, own = f"cases/{case.pk}/", f"applications/{case.pk}/"
    made = advances.prepare(
        case_id=case.pk, figures={"rd_expenses": "1000000"}, due_on=today(),
        reason="审字〔2027〕1号", user=preparer,
    )  # fmt: skip
    assert Api(cast.clerk).get(own)["settlements"] == []
    [shown] = Api(approver).get(staff)["settlements"]
    assert (shown["state"], shown["granted"], shown["prepared_by"]) == (
        "prepared", None, str(preparer),
    )  # fmt: skip
    made = advances.approve(settlement_id=made.pk, user=approver)
    [shown] = Api(approver).get(staff)["settlements"]
    assert (shown["state"], shown["approved_by"]) == ("approved", str(approver))
    [told] = Api(cast.clerk).get(own)["settlements"]
    told.pop("approved_at")
    assert told == {
        "id": made.pk, "facts": {"rd_expenses": "1000000.00"}, "awarded": str(award.amount),
        "entitled": "250000.00", "granted": "0.00", "recovery": made.recovery,
        "due_on": today().isoformat(), "reason": "审字〔2027〕1号",
    }  # fmt: skip


def test_a_stranger_reads_neither(cast: Cast, case: Application) -> None:
    stranger = make_user()
    make_organisation(stranger)
    Api(stranger).get(f"applications/{case.pk}/", 404)
    Api(make_staff(Role.PREPARER, "education")).get(f"cases/{case.pk}/", 404)
    Api(make_staff(Role.PREPARER, cast.handling)).get(f"cases/{case.pk}/", 403)  # undeclared
    Api(cast.clerk).get(f"cases/{case.pk}/", 404)
    Api(cast.of(cast.handling, Role.PREPARER)).get(f"applications/{case.pk}/", 404)


def test_as_many_queries_for_three_findings_as_for_one(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, rest = SCHEDULE
    parts = [rest.model_copy(update={"share": Decimal("0.1")})] * 2
    monkeypatch.setattr(test_staging, "SCHEDULE", (first, *parts, rest))
    asked = []
    with awarded(cast) as award:
        case = Application.objects.get(number=award.case_number)
        people = [cast.of(cast.handling, role) for role in (Role.PREPARER, Role.APPROVER)]
        stages = list(award.instalments.filter(due_kind="stage").order_by("number"))
        for found in (stages[:1], stages[1:]):
            for part in found:
                made = staging.prepare(
                    instalment_id=part.pk, found="met", due_on=today(), reason="x", user=people[0]
                )
                staging.confirm(finding_id=made.pk, user=people[1])
            readers = (
                (Api(cast.clerk), f"applications/{case.pk}/"),
                (Api(people[1]), f"cases/{case.pk}/"),
            )
            for reader, path in readers:
                with CaptureQueriesContext(connection) as queries:
                    shown = reader.get(path)
                asked.append((len(shown["findings"]), len(queries)))
    assert [count for count, _queries in asked] == [1, 1, 3, 3]
    assert asked[0][1] == asked[2][1]
    assert asked[1][1] == asked[3][1]
