"""The steps that are taken over many cases at once, each by the verb for one of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from incentives.models import Bureau
from reviews.admin.publishing import ListForm
from reviews.domain import (
    acceptance,
    assignments,
    awarding,
    concluded,
    interests,
    opinions,
)
from reviews.domain.approving import REFUSALS, Refusal, approve_many
from reviews.domain.prospects import Prospect
from reviews.domain.queues import STAFF
from reviews.domain.roles import bureaus_of
from reviews.models.staff import Role

Words = str | Promise
Given = Mapping[str, Any]
One = Callable[[Prospect, User, Given], object]
Run = Callable[[Sequence[Prospect], User, Given], dict[int, Refusal | None]]
REVIEWERS = (Role.PREPARER, Role.APPROVER)
CHIEFS = (Role.APPROVER, Role.LEADER, Role.FINANCE_APPROVER)


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.none(), label=_("To whom"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("Needed where the task passes from one person to another."),
    )

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        people: Any = self.fields["to"]
        people.queryset = _given_to(user)


def _given_to(user: User) -> Any:
    """Whoever does tasks in the bureaus whose work the person gives out."""
    found = User.objects.none()
    for bureau in bureaus_of(user, CHIEFS):
        found = found | assignments.staff_for(bureau, _kinds(bureau))
    return found.distinct()


def _kinds(bureau: Bureau) -> list[str]:
    return ["acceptance", *(["finance_check"] if bureau.code == "finance" else [])]


@dataclass(frozen=True)
class Bulk:
    """A step for many: who is offered it, what it runs, and what it asks beforehand."""

    title: Words
    button: Words
    roles: tuple[Role, ...]
    run: Run | None = None
    form: type[forms.Form] | None = None
    help: Words = ""
    sums: bool = False  # whether it is about sums, so that their total matters


def each(one: One) -> Run:
    """Case by case, in a transaction each: what goes wrong in one keeps no other back."""

    def tried(prospect: Prospect, user: User, given: Given) -> Refusal | None:
        try:
            one(prospect, user, given)
        except REFUSALS as refused:
            return refused
        return None

    return lambda many, user, given: {p.case.pk: tried(p, user, given) for p in many}


def _give(prospect: Prospect, user: User, given: Given) -> object:
    bureau = prospect.action.bureau if prospect.action else None
    case = prospect.case.pk
    return opinions.approve_opinion(case_id=case, bureau=bureau, user=user, agreeing=True)  # type: ignore[arg-type]


@transaction.atomic
def _assign(prospect: Prospect, user: User, given: Given) -> object:
    return [
        assignments.assign(
            task_id=task.pk, to=given["to"], reason=given["reason"], user=user, tell=False
        )
        for task in prospect.tasks
    ]


@transaction.atomic
def _take(prospect: Prospect, user: User, given: Given) -> object:
    return [assignments.take(task_id=task.pk, user=user) for task in prospect.tasks]


def _with(verb: Callable[..., object], **fixed: Any) -> Run:
    return each(lambda prospect, user, given: verb(case_id=prospect.case.pk, user=user, **fixed))


def _approve(many: Sequence[Prospect], user: User, given: Given) -> dict[int, Refusal | None]:
    return approve_many(cases=[prospect.case for prospect in many], user=user, seen=given["seen"])


BULKS: dict[str, Bulk] = {
    "declare": Bulk(
        _("Declare to have no interest in the chosen cases"),
        _("I have no interest in any of these"),
        (*REVIEWERS, Role.LEADER, Role.FINANCE_PREPARER),
        _with(interests.declare, conflict=False),
    ),
    "take": Bulk(_("Take the chosen tasks"), _("Take all of these"), STAFF, each(_take)),
    "assign": Bulk(
        _("Assign the chosen tasks"),
        _("Assign all of these"),
        CHIEFS,
        each(_assign),
        AssignForm,
    ),
    "accept": Bulk(
        _("Accept the chosen cases"),
        _("Accept all of these"),
        REVIEWERS,
        _with(acceptance.accept),
    ),
    "give": Bulk(
        _("Approve the chosen opinions that agree"),
        _("Approve all of these"),
        (Role.APPROVER,),
        each(_give),
    ),
    "approve": Bulk(
        _("Approve the chosen determinations"),
        _("Approve all of these determinations"),
        (Role.APPROVER, Role.LEADER),
        _approve,
        help=_("Of each sum what the caps leave is reserved, in the order of this list."),
        sums=True,
    ),
    "publish": Bulk(
        _("Publish the chosen cases on one notice"),
        _("Publish all of these"),
        REVIEWERS,
        form=ListForm,
        sums=True,
    ),
    "award": Bulk(
        _("Award the chosen cases"),
        _("Award all of these"),
        (Role.APPROVER,),
        _with(awarding.award),
        sums=True,
    ),
    "conclude": Bulk(
        _("Conclude the chosen cases"),
        _("Enter all of these in the register"),
        (Role.APPROVER,),
        _with(concluded.conclude),
    ),
}
