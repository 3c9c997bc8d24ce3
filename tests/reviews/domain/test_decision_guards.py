"""What the database itself refuses about cases and decisions, whatever the code above it does."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from reviews.models import Application, Determination, Opinion, StaffRole
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, make_staff, make_user

pytestmark = pytest.mark.django_db
CODE = "hitech-renewal-award"


def run(statement: str, *values: Any) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


CHANGES = {
    "assessed": "assessed = assessed + 1",
    "facts": "facts = '{}'",
    "choices": "choices = '[1]'",
    "readings": "readings = '{\"a\": 1}'",
    "assessment": "assessment = '{}'",
    "outcome": "outcome = 'refuse'",
    "reason": "reason = 'another'",
    "proposer": "proposed_by_id = proposed_by_id + 1",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("stage", [factories.proposed, factories.determined])
def test_raw_sql_cannot_rewrite_what_was_proposed(stage: Any, change: str) -> None:
    stage(Cast(CODE))
    with pytest.raises(DatabaseError, match="determination_content"):
        run(f"UPDATE reviews_determination SET {change}")


@pytest.mark.parametrize(
    "change", ["approved_by_id = %s", "approved_at = now()", "granted = 1", "cuts = '[1]'"]
)
def test_raw_sql_cannot_rewrite_what_was_approved(change: str) -> None:
    factories.determined(Cast(CODE))
    values = [make_user().pk] if "%s" in change else []
    with pytest.raises(DatabaseError, match="determination_approval"):
        run(f"UPDATE reviews_determination SET {change}", *values)


def test_raw_sql_cannot_approve_what_one_proposed() -> None:
    factories.proposed(Cast(CODE))
    with pytest.raises(DatabaseError, match="determination_approved_by_another"):
        run("UPDATE reviews_determination SET approved_by_id = proposed_by_id, state = 'approved'")


@pytest.mark.parametrize("signature", ["proposed_by_id", "approved_by_id"])
def test_raw_sql_cannot_check_what_one_signed(signature: str) -> None:
    factories.determined(Cast(CODE))
    with pytest.raises(DatabaseError, match="neither gave an opinion on the case nor"):
        run(f"UPDATE reviews_determination SET checked_by_id = {signature}")


def test_raw_sql_cannot_write_a_case_in_the_middle_of_its_way() -> None:
    case = factories.determined(Cast(CODE))
    copy = Application.objects.get(pk=case.pk)
    copy.pk, copy.number, copy.progress_token, copy.state = None, "QD-1", "another", "awarded"
    with pytest.raises(DatabaseError, match="case_begins_as_draft"), transaction.atomic():
        copy.save(force_insert=True)


def test_raw_sql_cannot_write_a_determination_that_is_approved_already() -> None:
    case = factories.determined(Cast(CODE))
    copy = Determination.objects.get(application=case)
    copy.pk, copy.number, copy.state = None, 2, "void"
    with pytest.raises(DatabaseError, match="determination_begins"), transaction.atomic():
        copy.save(force_insert=True)


def test_raw_sql_cannot_skip_a_step_of_a_case() -> None:
    factories.submitted(Cast(CODE))
    with pytest.raises(DatabaseError, match="Invalid transition"):
        run("UPDATE reviews_application SET state = 'awarded'")


def test_raw_sql_cannot_change_an_opinion_that_was_given() -> None:
    factories.reviewed(Cast("hitech-first-recognition-award"))
    assert Opinion.objects.exists()
    with pytest.raises(DatabaseError, match="Cannot update"):
        run("UPDATE reviews_opinion SET position = 'object', text = 'x'")


def test_a_role_in_a_bureau_of_another_city_is_refused() -> None:
    role = StaffRole(
        user=make_user(is_staff=True),
        city_id="dalian",
        role=Role.FINANCE_PREPARER,
        bureau=factories.bureau("finance"),
    )
    with pytest.raises(ValidationError, match=r"city|城市"):
        role.full_clean()
    with pytest.raises(DatabaseError, match="role_in_own_city"), transaction.atomic():
        role.save()


def test_a_role_of_the_whole_city_is_held_once() -> None:
    auditor = make_staff(Role.AUDITOR)
    with pytest.raises(DatabaseError, match="staff_role_once"), transaction.atomic():
        factories.give_role(auditor, Role.AUDITOR)
