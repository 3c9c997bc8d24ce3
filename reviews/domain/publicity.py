"""Publicity (公示): the intended awards of a bureau, shown to the public for some working days."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.numbering import next_number
from applicants.models import User
from incentives.domain.settings import setting
from incentives.models import Award, Bureau
from reviews.domain import telling, working_days
from reviews.domain.cases import due, locked, move
from reviews.domain.roles import require
from reviews.domain.tasks import finish_all, open_task
from reviews.models import Application, PublicityItem, PublicityNotice
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskKind


@transaction.atomic
def publish(*, case_ids: Sequence[int], user: User) -> PublicityNotice:
    """Publish checked cases of one handling bureau; count and total stand on the notice."""
    cases = [locked(pk, CaseState.CHECKED) for pk in sorted(set(case_ids))]
    bureau = _one_bureau(cases)
    for case in cases:
        require(user, Role.PREPARER, Role.APPROVER, bureau=bureau, applicant=case.applicant)
    amounts = [_amount(case) for case in cases]
    notice = _notice(bureau, amounts, _last_day(cases), user)
    for case, amount in zip(cases, amounts, strict=True):
        PublicityItem.objects.create(notice=notice, application=case, amount=amount)
        finish_all(case, TaskKind.PUBLICITY)
        deadline = due(case, "award_days", start=notice.ends_on)
        open_task(case, TaskKind.AWARD, bureau=bureau, due_on=deadline)
        move(
            case,
            CaseState.PUBLICITY,
            actor=user,
            event="case.published",
            due_on=deadline,
            data={"notice": notice.number},
        )
        telling.tell_applicant(case, "case.published", notice=notice.number)
    return notice


def _one_bureau(cases: list[Application]) -> Bureau:
    bureaus = {case.handling_bureau for case in cases}
    if len(bureaus) != 1:
        raise Refused(_("Choose checked cases of one handling bureau."))
    return bureaus.pop()


def _amount(case: Application) -> Decimal:
    return Award.objects.get(city=case.city, case_number=case.number, state="reserved").amount


def _last_day(cases: list[Application]) -> date:
    """Of the longest period that is set for a programme on the list."""
    programmes = {case.programme for case in cases}
    days = max(
        int(setting(city=one.city, key="publicity_days", programme=one)) for one in programmes
    )
    today = working_days.today()
    return working_days.add_working_days(today, days) if days else today


def _notice(bureau: Bureau, amounts: list[Decimal], ends_on: date, user: User) -> PublicityNotice:
    city, today = bureau.city, working_days.today()
    serial = next_number(city=city, series="publicity", year=today.year)
    return PublicityNotice.objects.create(
        city=city,
        bureau=bureau,
        number=f"{city.abbreviation}-GS-{today.year}-{serial:04d}",
        starts_on=today,
        ends_on=ends_on,
        published_by=user,
        published_at=timezone.now(),
        count=len(amounts),
        total=sum(amounts, Decimal(0)),
    )
