"""Delegation for an absence (代理): who stands in for whom, from a day to a day."""

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.domain.notices import notify
from applicants.models import User
from incentives.models import Bureau
from reviews.domain import working_days
from reviews.domain.roles import own_roles_of
from reviews.models import Delegation, StaffRole
from reviews.models.staff import Role


@transaction.atomic
def delegate(
    *, absent: User, deputy: User, bureau: Bureau, starts_on: date, ends_on: date, user: User
) -> Delegation:
    """Let a colleague act with the roles that somebody holds in the bureau, from day to day.

    Set by the absent person, or by a leader of the bureau; never with a role that is itself lent.
    """
    _lock_roles(bureau, absent, deputy)
    _require_entitled(absent, bureau, user)
    _require_days(starts_on, ends_on)
    _require_colleagues(absent, deputy, bureau)
    _require_free(absent, deputy, bureau, starts_on, ends_on)
    delegation = Delegation.objects.create(
        user=absent,
        deputy=deputy,
        bureau=bureau,
        starts_on=starts_on,
        ends_on=ends_on,
        made_by=user,
    )
    _note(delegation, "delegation.made", user)
    return delegation


@transaction.atomic
def end_delegation(*, delegation_id: int, user: User) -> Delegation:
    """End it before its last day: the absent person, the deputy, or a leader of the bureau."""
    found = delegations_for(user).filter(pk=delegation_id)
    delegation = found.select_for_update(of=("self",)).select_related("bureau__city").first()
    if delegation is None:
        raise NotAllowed(_("There is no such delegation for you."))
    if not may_end(delegation, user):
        raise NotAllowed(_("The absent person, the deputy, or a leader of the bureau ends this."))
    if delegation.ended_at or delegation.ends_on < working_days.today():
        raise Conflict(_("This delegation has ended already."))
    delegation.ended_at = timezone.now()
    delegation.save(update_fields=["ended_at"])
    _note(delegation, "delegation.ended", user)
    return delegation


def delegations_for(user: User) -> QuerySet[Delegation]:
    """The person's own, those as a deputy, a leader's bureau's, and an auditor's city's."""
    roles = own_roles_of(user)
    led = roles.filter(role=Role.LEADER).values("bureau")
    audited = roles.filter(role=Role.AUDITOR).values("city")
    eyes = Q(user=user.pk) | Q(deputy=user.pk) | Q(bureau__in=led) | Q(bureau__city__in=audited)
    return Delegation.objects.filter(eyes)


def may_end(delegation: Delegation, user: User) -> bool:
    concerned = user.pk in (delegation.user_id, delegation.deputy_id)
    return concerned or _leads(user, delegation.bureau)


def colleagues(bureau: Bureau) -> QuerySet[User]:
    """Whoever holds a role of the bureau in person, by name."""
    held = StaffRole.objects.filter(bureau=bureau, is_active=True)
    people = User.objects.filter(pk__in=held.values("user"), is_active=True, is_staff=True)
    return people.order_by("name", "pk")


def _lock_roles(bureau: Bureau, *people: User) -> None:
    """Two delegations that have a person in common wait for each other."""
    held = StaffRole.objects.select_for_update(no_key=True, of=("self",))
    list(held.filter(user__in=people, bureau=bureau).order_by("pk"))


def _require_entitled(absent: User, bureau: Bureau, user: User) -> None:
    own = user.pk == absent.pk and own_roles_of(user).filter(bureau=bureau).exists()
    if not own and not _leads(user, bureau):
        told = _("A delegation is set by the absent person or by a leader of %s.") % bureau
        raise NotAllowed(told)


def _leads(user: User, bureau: Bureau) -> bool:
    return own_roles_of(user).filter(role=Role.LEADER, bureau=bureau).exists()


def _require_days(starts_on: date, ends_on: date) -> None:
    if starts_on < working_days.today():
        raise Refused({"starts_on": _("Begin today or later; what is past cannot be delegated.")})
    if ends_on < starts_on:
        raise Refused({"ends_on": _("The last day is not before the first.")})


def _require_colleagues(absent: User, deputy: User, bureau: Bureau) -> None:
    if deputy.pk == absent.pk:
        raise Refused({"deputy": _("Choose another person as deputy.")})
    here = set(colleagues(bureau).values_list("pk", flat=True))
    for field, person in (("absent", absent), ("deputy", deputy)):
        if person.pk not in here:
            told = {"person": person, "bureau": bureau}
            raise Refused({field: _("%(person)s holds no role of %(bureau)s.") % told})


def _require_free(
    absent: User, deputy: User, bureau: Bureau, starts_on: date, ends_on: date
) -> None:
    """One deputy at a time, who is not away in those days."""
    meanwhile = Delegation.objects.filter(
        bureau=bureau, ended_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on
    )
    if standing := meanwhile.filter(user=absent).select_related("deputy").first():
        told = {"deputy": standing.deputy, "day": standing.ends_on.isoformat()}
        raise Refused(
            {"starts_on": _("%(deputy)s is deputy until %(day)s; end that first.") % told}
        )
    if meanwhile.filter(user=deputy).exists():
        raise Refused({"deputy": _("%s is away in these days; choose another.") % deputy})


def _note(delegation: Delegation, kind: str, user: User) -> None:
    data = {
        "deputy": {"id": delegation.deputy_id, "name": str(delegation.deputy)},
        "absent": {"id": delegation.user_id, "name": str(delegation.user)},
        "bureau": delegation.bureau.code,
        "starts_on": delegation.starts_on.isoformat(),
        "ends_on": delegation.ends_on.isoformat(),
    }
    subject = f"user:{delegation.user_id}"
    city = delegation.bureau.city
    record(kind=kind, subject=subject, actor=user, city=city, data=data)
    _tell(delegation, kind, user)


def _tell(delegation: Delegation, kind: str, by: User) -> None:
    data = {
        "absent": str(delegation.user),
        "deputy": str(delegation.deputy),
        "bureau": {"zh": delegation.bureau.name_zh, "en": delegation.bureau.name_en},
        "starts_on": delegation.starts_on.isoformat(),
        "ends_on": delegation.ends_on.isoformat(),
    }
    for person in (delegation.user, delegation.deputy):
        if person.pk != by.pk:
            key = f"{kind}:{delegation.pk}:{person.pk}"
            url = reverse("admin:reviews_delegation_changelist")
            notify(user=person, kind=kind, key=key, data=data, url=url)
