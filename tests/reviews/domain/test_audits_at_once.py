"""Several record the report of one audit at once: threads and commits."""

from collections.abc import Callable
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError

from applicants.domain.errors import Conflict
from incentives.domain.settings import change_setting
from reviews.domain import audits
from reviews.models import Application, AuditReport, ReviewTask
from reviews.models.staff import Role
from reviews.models.task import TaskKind
from tests import factories
from tests.factories import Cast, make_staff, qingdao
from tests.incentives.domain.threads import at_once
from tests.reviews.domain.test_audits import pdf, told

CODE = "hitech-first-recognition-award"


def audited(cast: Cast) -> Application:
    change_setting(
        city=qingdao(),
        programme=cast.programme,
        key="workflow",
        value={"preset": "audit_first"},
        basis="实施细则",
        actor=make_staff(Role.POLICY_EDITOR),
    )
    return factories.accepted(cast)


def receivers(cast: Cast, case: Application) -> list[Callable[[], Any]]:
    people = [cast.free(make_staff(Role.PREPARER, cast.handling)) for _ in range(3)]
    return [
        partial(audits.receive, case_id=case.pk, told=told(), upload=pdf(), user=user)
        for user in people
    ]


def opinions(case: Application) -> int:
    return case.tasks.filter(kind=TaskKind.OPINION).count()


def test_of_reports_recorded_at_once_one_opens_the_review_once(committed_db: None) -> None:
    cast = Cast(CODE)
    case = audited(cast)
    outcomes = at_once(receivers(cast, case))
    lost = [one for one in outcomes if isinstance(one, Exception)]
    assert [type(one) for one in lost] == [Conflict] * 2, outcomes
    assert (AuditReport.objects.count(), opinions(case)) == (1, 2)


def test_control_without_the_lock_the_losers_fail_in_the_database(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table holds one report a task even so; but nobody is told why."""
    cast = Cast(CODE)
    case = audited(cast)

    look, together = audits._open, Barrier(3)

    def unlocked(case_id: int, *_expected: object) -> Application:
        return Application.objects.get(pk=case_id)

    def all_look_first(of: Application) -> ReviewTask:
        task = look(of)
        together.wait(30)
        return task

    monkeypatch.setattr(audits, "locked", unlocked)
    monkeypatch.setattr(audits, "_open", all_look_first)
    outcomes = at_once(receivers(cast, case))
    lost = [type(one) for one in outcomes if isinstance(one, Exception)]
    assert lost == [IntegrityError] * 2
    assert AuditReport.objects.count() == 1
