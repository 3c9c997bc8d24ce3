"""What somebody who moves or leaves had in hand: open tasks pass on, delegations end."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.events import record
from applicants.models import User
from incentives.models import Bureau
from reviews.domain.assignments import candidates, staff_for, tell_of_many
from reviews.domain.cases import locked
from reviews.domain.handovers import hand_over as pass_on
from reviews.domain.handovers import waiting_work
from reviews.models import Delegation
from reviews.models.lifecycle import CaseState
from reviews.models.task import TaskKind


def hand_over(*, user: User, bureau: Bureau, to: User | None, reason: str, by: User) -> int:
    """Pass on the person's open tasks of a bureau; None is the bureau's queue. Returns how many.

    A task that the colleague may not do, as of a case with a conflict of interest, goes to the
    queue.
    """
    if to is not None:
        require_colleague(user, to, bureau)
    work = waiting_work(user).filter(bureau=bureau)
    cases = work.values_list("application", flat=True)
    for pk in sorted(set(cases)):  # every verb locks the case first
        locked(pk, *CaseState)
    passed = 0
    for task in work:
        able = to is not None and candidates(task).filter(pk=to.pk).exists()
        pass_on(task, to=to if able else None, reason=reason.strip()[:300], by=by)
        passed += able
    if to is not None and passed:
        key = f"{user.pk}:{bureau.pk}:{timezone.now().isoformat()}"
        tell_of_many(to=to, count=passed, by=by, key=key)
    return passed


def require_colleague(user: User, to: User, *bureaus: Bureau) -> None:
    if to.pk == user.pk or not any(works_at(to, bureau) for bureau in bureaus):
        names = "、".join(str(bureau) for bureau in bureaus)
        told = _("Choose a colleague who holds a role of %s, or nobody.") % names
        raise Refused({"hand_to": told})


def works_at(person: User, bureau: Bureau) -> bool:
    return staff_for(bureau, TaskKind).filter(pk=person.pk).exists()


def end_delegations(*, user: User, bureau: Bureau, by: User) -> int:
    """End those by which the person is absent or stands in, in this bureau; returns how many."""
    concerned = Q(user=user) | Q(deputy=user)
    found = Delegation.objects.filter(concerned, bureau=bureau, ended_at=None)
    for one in found.select_related("user", "deputy"):
        one.ended_at = timezone.now()
        one.save(update_fields=["ended_at"])
        record(
            kind="delegation.ended",
            subject=f"user:{one.user_id}",
            actor=by,
            city=bureau.city,
            data={"deputy": str(one.deputy), "absent": str(one.user), "bureau": bureau.code},
        )
    return len(found)
