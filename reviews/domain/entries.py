"""What becomes of an entry of a register, by staff of the bureau that keeps it; and its expiry."""

from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from applicants.domain.errors import Refused
from applicants.domain.succession import acted_for, tied
from applicants.models import User
from incentives.domain import registers
from incentives.models import RegisterEntry
from incentives.models.register import EntryKind, EntryState
from reviews.domain import working_days
from reviews.domain.queries import FINANCE, REVIEWING
from reviews.domain.roles import require, roles_of
from reviews.models.staff import Role

APPROVING = frozenset({"redeem", "extend", "end"})
"""Steps that give money out, prolong or take away: an approver's alone."""


def entries_for_staff(user: User) -> QuerySet[RegisterEntry]:
    """What staff see: their bureau's entries, finance the vouchers, auditors the whole city.

    Never an entry of an organisation that the person belongs to.
    """
    eyes = Q(pk__in=[])
    for role in roles_of(user):
        if role.role in REVIEWING:
            eyes |= Q(bureau=role.bureau_id)
        if role.role in FINANCE:
            eyes |= Q(city=role.city_id, kind=EntryKind.VOUCHER)
        if role.role == Role.AUDITOR:
            eyes |= Q(city=role.city_id)
    return RegisterEntry.objects.filter(eyes).exclude(party__in=acted_for(user))


def entries_of(user: User) -> QuerySet[RegisterEntry]:
    """What the parties hold that the user acts for."""
    return RegisterEntry.objects.filter(party__in=acted_for(user))


def roles_for(step: str) -> tuple[Role, ...]:
    return (Role.APPROVER,) if step in APPROVING else REVIEWING


def steps_open(entry: RegisterEntry, user: User) -> list[str]:
    """The steps that this person may take now; the verb checks them under lock."""
    if entry.state != EntryState.IN_FORCE:
        return []
    if tied(entry.party, user):
        return []
    held = set(roles_of(user).filter(bureau=entry.bureau_id).values_list("role", flat=True))
    return [
        name
        for name, step in registers.STEPS.items()
        if entry.kind in step.kinds and held & set(roles_for(name))
    ]


def take_step(
    *,
    entry_id: int,
    kind: str,
    note: str,
    user: User,
    amount: Decimal | None = None,
    ends_on: date | None = None,
) -> RegisterEntry:
    """Record what became of an entry: raises NotAllowed for others than its bureau's staff.

    `amount` in yuan for `redeem`, `ends_on` for `extend`.
    """
    if kind not in registers.STEPS:
        known = ", ".join(registers.STEPS)
        raise Refused({"kind": _("There is no such step; write one of: %s.") % known})
    entry = RegisterEntry.objects.select_related("bureau", "party").get(pk=entry_id)
    require(user, *roles_for(kind), bureau=entry.bureau, applicant=entry.party)
    return registers.take_step(
        entry_id=entry_id, kind=kind, note=note, actor=user, amount=amount, ends_on=ends_on
    )


def expire() -> int:
    """Close what has run out and tell its holders; returns how many. Safe to repeat."""
    return registers.expire(today=working_days.today())
