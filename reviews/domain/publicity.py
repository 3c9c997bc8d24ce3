"""Publicity (公示): the intended awards of a bureau, shown to the public for some working days."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, Refused
from applicants.domain.numbering import next_number
from applicants.models import User
from incentives.models import Award, Bureau
from reviews.domain import concluding, publicity_checks, telling, workflows, working_days
from reviews.domain.assessing import rules
from reviews.domain.cases import due, locked, move, note
from reviews.domain.interests import entitled
from reviews.domain.tasks import finish_all, open_task
from reviews.models import Application, PublicityItem, PublicityNotice
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskKind


@transaction.atomic
def publish(
    *,
    case_ids: Sequence[int],
    user: User,
    count: int | None = None,
    total: Decimal | None = None,
    reason: str = "",
) -> PublicityNotice:
    """Publish cases of one handling bureau that are ready; count and total stand on the notice.

    Ready is a case that finance has checked, or a determined one that pays nothing. Raises
    Conflict where the list is not the one of `count` cases and `total` yuan that was checked, and
    Refused on `reason` where the check leaves doubts for which none is given.
    """
    cases = [_ready(pk) for pk in sorted(set(case_ids))]
    bureau = _one_bureau(cases)
    for case in cases:
        entitled(case, user, Role.PREPARER, Role.APPROVER, bureau=bureau)
    found = _require_checked(cases, count, total, reason.strip())
    amounts = [_amount(case) for case in cases]
    notice = _notice(bureau, amounts, _last_day(cases), user)
    for case, amount in zip(cases, amounts, strict=True):
        PublicityItem.objects.create(notice=notice, application=case, amount=amount)
        finish_all(case, TaskKind.PUBLICITY)
        deadline = due(case, "award_days", start=notice.ends_on)
        open_task(
            case,
            concluding.last_task(case),
            bureau=bureau,
            due_on=deadline,
            start=notice.ends_on,
        )
        move(
            case,
            CaseState.PUBLICITY,
            actor=user,
            event="case.published",
            due_on=deadline,
            data={"notice": notice.number},
        )
        telling.tell_applicant(case, "case.published", notice=notice.number)
    _note_doubts(found, notice, user, reason.strip())
    return notice


def _require_checked(
    cases: list[Application], count: int | None, total: Decimal | None, reason: str
) -> publicity_checks.CheckedList:
    found = publicity_checks.look(cases)
    if (count, total) != (None, None) and (count, total) != (found.count, found.total):
        raise Conflict(_("The list is no longer the one that was checked; check it again."))
    if found.errors:
        raise Conflict(f"{found.errors[0].case.number}：{found.errors[0].says}")
    if found.doubts and not reason:
        numbers = "、".join(dict.fromkeys(str(one.case.number) for one in found.doubts))
        told = _("The check leaves doubts about %s. State why the list is published all the same.")
        raise Refused({"reason": told % numbers})
    return found


def _note_doubts(
    found: publicity_checks.CheckedList, notice: PublicityNotice, user: User, reason: str
) -> None:
    """On each case that was in doubt: of what kind, with which others, and why it goes through."""
    for one in found.doubts:
        data = {"notice": notice.number, "doubt": one.kind, "others": list(one.others)}
        note(one.case, actor=user, event="publicity.confirmed", reason=reason, data=data)


def _ready(case_id: int) -> Application:
    case = locked(case_id, CaseState.CHECKED, CaseState.DETERMINED)
    if case.state == CaseState.DETERMINED and rules(case).outcome.pays:
        raise Conflict(_("Finance checks the case before it is published."))
    return case


def _one_bureau(cases: list[Application]) -> Bureau:
    bureaus = {case.handling_bureau for case in cases}
    if len(bureaus) != 1:
        raise Refused(_("Choose cases of one handling bureau."))
    return bureaus.pop()


def _amount(case: Application) -> Decimal:
    if not rules(case).outcome.pays:
        return Decimal(0)
    return Award.objects.get(city=case.city, case_number=case.number, state="reserved").amount


def _last_day(cases: list[Application]) -> date:
    """Of the longest period that a case on the list has by its workflow."""
    days = max(workflows.of(case).days("publicity") for case in cases)
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


def require_publicity_over(case: Application) -> None:
    """Raises Refused while the newest notice that names the case still runs."""
    notice = PublicityNotice.objects.filter(items__application=case).latest("id")
    if not notice.has_ended(working_days.today()):
        raise Refused(_("Publicity runs until %s inclusive.") % notice.ends_on.isoformat())
