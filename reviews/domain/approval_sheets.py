"""Cases read whole for their approval sheets: a batch's in as many queries as one's."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from applicants.domain.members import parties_of
from applicants.models import User
from incentives.domain.findings import all_standing
from incentives.models import PayoutBatch
from reviews.domain.assessing import rules
from reviews.domain.queries import cases_for_staff
from reviews.domain.roles import roles_of
from reviews.models import (
    Application,
    CaseReading,
    Declaration,
    Determination,
    PublicityItem,
    ReviewTask,
)
from reviews.models.determination import DeterminationState
from reviews.models.staff import Role
from reviews.models.task import TaskKind, TaskState

LIVING = (DeterminationState.PROPOSED, DeterminationState.APPROVED)


@dataclass(frozen=True)
class Material:
    """A case and the determination that is proposed or stands, with all that a sheet shows."""

    case: Any
    determination: Determination


def material(cases: QuerySet[Application]) -> list[Material]:
    """Of those that are paid and have a determination; in the order of their numbers."""
    found: Iterable[Any] = cases.select_related(
        "city", "programme__document", "version", "applicant__district", "handling_bureau",
        "account",
    ).prefetch_related(*_beside()).order_by("number")  # fmt: skip
    return [
        Material(case, case.living[0]) for case in found if case.living and rules(case).outcome.pays
    ]


def _beside() -> list[str | Prefetch[Any]]:
    living = Determination.objects.filter(state__in=LIVING).select_related(
        "proposed_by", "approved_by", "checked_by", "award"
    )
    given = ReviewTask.objects.filter(
        kind=TaskKind.OPINION, state=TaskState.DONE, opinion__approved_by__isnull=False
    ).select_related(
        "bureau", "opinion__prepared_by", "opinion__approved_by", "opinion__resolution__resolved_by"
    )
    shown = PublicityItem.objects.select_related("notice").order_by("id")
    parts = all_standing().select_related("payee").order_by("number")
    return [
        Prefetch("determinations", living, to_attr="living"),
        "living__signatures__signed_by",
        Prefetch("living__award__instalments", parts, to_attr="standing"),
        Prefetch("tasks", given.order_by("id"), to_attr="given"),
        Prefetch("publicityitem_set", shown, to_attr="shown"),
        "payee_shares__party",
        "payee_shares__account",
    ]


def material_of(case: Application) -> Material | None:
    """None for a case that is not paid, or has not been determined."""
    found = material(Application.objects.filter(pk=case.pk))
    return found[0] if found else None


@dataclass(frozen=True)
class OfBatch:
    """`closed` are the numbers of cases that do not open to the person; their sheets are left out.

    To whom a case is closed has not declared in it, or has an interest.
    """

    material: list[Material]
    closed: list[str]


@transaction.atomic
def material_of_batch(batch: PayoutBatch, user: User) -> OfBatch:
    """The sheets of a batch's cases, each reading written down."""
    numbers = set(batch.lines.values_list("instalment__award__case_number", flat=True))
    cases = Application.objects.filter(city=batch.city_id, number__in=numbers)
    opened = _opened(cases, user)
    known = material(cases.filter(pk__in=opened))
    CaseReading.objects.bulk_create(
        CaseReading(application=one.case, user=user, door="approval.pdf") for one in known
    )
    return OfBatch(known, sorted(numbers - {one.case.number for one in known}))


def _opened(cases: QuerySet[Application], user: User) -> Iterable[int]:
    """As interests.opens_to decides of one, of all at once."""
    said = Declaration.objects.filter(user=user, application__in=cases)
    conflicted = said.filter(conflict=True).values("application")
    free = cases.exclude(pk__in=conflicted).exclude(applicant__in=parties_of(user))
    if not roles_of(user).filter(role=Role.AUDITOR).exists():
        free = free.filter(pk__in=said.values("application"))
    return free.filter(pk__in=cases_for_staff(user)).values_list("pk", flat=True)
