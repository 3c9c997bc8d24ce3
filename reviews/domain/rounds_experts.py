"""The city's pool of experts: who is in it, and which cases each must not score."""

import unicodedata
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _
from stdnum.cn import uscc as uscc_rules

from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.events import record
from applicants.models import City, Membership, Party, User
from reviews.domain.roles import roles_of
from reviews.domain.rounds_draw import Employer
from reviews.models import Declaration, Expert, StaffRole
from reviews.models.staff import Role

KEEPERS = (Role.COORDINATOR, Role.POLICY_EDITOR)


@transaction.atomic
def add_expert(
    *, city: City, email: str, employer: str, employer_uscc: str, fields: str, user: User
) -> Expert:
    """Take a person with an account into the pool; one who reviews for the city cannot be in it."""
    require_keeper(city, user)
    person = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        raise Refused(
            {"email": _("Nobody has an account under this address; the expert signs up first.")}
        )
    if StaffRole.objects.filter(user=person, is_active=True).exists():
        raise Refused({"email": _("This person holds a staff role and cannot be an expert.")})
    if Expert.objects.filter(city=city, user=person).exists():
        raise Refused({"email": _("This person is in the pool already.")})
    expert = Expert(city=city, user=person)
    return _kept(expert, employer, employer_uscc, fields, True, user, "expert.added")


@transaction.atomic
def change_expert(
    *,
    expert_id: int,
    employer: str,
    employer_uscc: str,
    fields: str,
    is_active: bool,
    user: User,
) -> Expert:
    """Write down a new employer or field, or end or take up the part in the pool."""
    expert = Expert.objects.select_for_update(of=("self",)).select_related("city").get(pk=expert_id)
    require_keeper(expert.city, user)
    return _kept(expert, employer, employer_uscc, fields, is_active, user, "expert.changed")


def _kept(
    expert: Expert, employer: str, code: str, fields: str, is_active: bool, user: User, event: str
) -> Expert:
    expert.employer, expert.fields = _required(employer, "employer"), _required(fields, "fields")
    expert.employer_uscc, expert.is_active = _code(code), is_active
    expert.save()
    record(
        kind=event,
        subject=f"expert:{expert.pk}",
        actor=user,
        city=expert.city,
        data={"employer": expert.employer, "fields": expert.fields, "active": is_active},
    )
    return expert


def require_keeper(city: City, user: User) -> None:
    if not roles_of(user).filter(city=city, role__in=KEEPERS).exists():
        raise NotAllowed(
            _("The pool of experts is kept by the coordinating office and policy editors.")
        )


def _required(given: str, field: str) -> str:
    if not given.strip():
        raise Refused({field: _("Fill this in.")})
    return given.strip()


def _code(given: str) -> str:
    code = unicodedata.normalize("NFKC", given).strip().upper()
    if code and not uscc_rules.is_valid(code):
        raise Refused({"employer_uscc": _("This is no unified social credit code; check it.")})
    return code


def name_key(name: str) -> str:
    """A name as it is compared: width, case and spaces do not tell two bodies apart."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def employer_of(expert: Expert) -> Employer:
    return frozenset(filter(None, (name_key(expert.employer), expert.employer_uscc)))


def conflicts(experts: Iterable[Expert], party: Party) -> dict[int, str]:
    """Which of the experts must not score a case of the party, and why: member, employer, word."""
    pool = list(experts)
    users = [one.user_id for one in pool]
    belonging = Membership.objects.filter(party=party, user__in=users)
    members = set(belonging.values_list("user", flat=True))
    said = set(
        Declaration.objects.filter(
            application__applicant=party, user__in=users, conflict=True
        ).values_list("user", flat=True)
    )
    own = set(filter(None, (name_key(party.name), party.uscc)))
    found = {}
    for one in pool:
        if one.user_id in members:
            found[one.pk] = "member"
        elif employer_of(one) & own:
            found[one.pk] = "employer"
        elif one.user_id in said:
            found[one.pk] = "declared"
    return found


def active_pool(city: City) -> list[Expert]:
    """Who can be drawn now, in order of ids: active, with an account, without a staff role."""
    staff = StaffRole.objects.filter(is_active=True).values("user")
    experts = Expert.objects.filter(city=city, is_active=True, user__is_active=True)
    return list(experts.exclude(user__in=staff).select_related("user").order_by("pk"))
