"""What a change of an organisation does: its name, its open cases, its members and its history.

What was decided stays as it was and shows who goes on; what is still open goes on with the
successor. The caller holds both parties locked.
"""

from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from applicants.domain.events import record
from applicants.domain.notices import notify
from applicants.models import BankAccount, City, Membership, Party, PartyChange, User
from applicants.models.party_change import ChangeKind
from incentives.domain import registry
from incentives.domain.carrying import WHOLE, carry
from reviews.domain import assistance, telling, undoing
from reviews.domain.assessing import rules
from reviews.domain.cases import locked, note
from reviews.models import Application
from reviews.models.lifecycle import CLOSED, CaseState

OPEN = [state for state in CaseState if state not in CLOSED]


def carry_out(change: PartyChange, user: User) -> None:
    """The party and its successor are locked, and the change is marked as made."""
    if change.successor is None:
        _rename(change)
    else:
        _pass_on(change, change.successor, user)
    _tell(change, user)


def _rename(change: PartyChange) -> None:
    change.party.name = change.name_after
    change.party.save(update_fields=["name"])


def _pass_on(change: PartyChange, successor: Party, user: User) -> None:
    """Cases first, then the counters: the same order in which a case is decided."""
    cases = lock_cases(change)
    for city in City.objects.order_by("pk"):
        carry(change=change, city_code=city.pk, share=_share(change))
    for case in cases:
        _pass_case(case, successor, change, user)
    if _ends(change):
        _end(change, successor, user)
    for city in City.objects.order_by("pk"):
        registry.refresh(city=city.pk, parties=[change.party_id, successor.pk])


def lock_cases(change: PartyChange) -> list[Application]:
    """In the order of their ids: whoever is deciding one of them comes first, or waits."""
    return [
        locked(pk, *OPEN) for pk in _passing(change).order_by("pk").values_list("pk", flat=True)
    ]


def _passing(change: PartyChange) -> QuerySet[Application]:
    cases = Application.objects.filter(applicant=change.party_id, state__in=OPEN)
    if _ends(change):
        return cases
    return cases.filter(number__in=change.passes["cases"])


def _ends(change: PartyChange) -> bool:
    """A merger ends the party; a split does where its last part goes over."""
    return change.kind == ChangeKind.MERGER or bool(change.passes.get("ends"))


def _share(change: PartyChange) -> Decimal:
    return WHOLE if _ends(change) else Decimal(change.passes["share"])


def follow(case: Application, user: User) -> None:
    """A locked case that was decided is taken up again: it goes on with the successor, if any."""
    if case.applicant.successor is not None:
        _hand_over(case, case.applicant.successor, user, reason="")


def _pass_case(case: Application, successor: Party, change: PartyChange, user: User) -> None:
    """A bank account never passes; where finance has checked one, it checks the new one."""
    names = _hand_over(case, successor, user, reason=change.basis)
    if case.number:
        telling.tell_applicant(case, "case.passed", **names)
    if case.state == CaseState.CHECKED and rules(case).outcome.pays:
        undoing.to_finance(case, user, change.basis, event="finance.check_anew")


def _hand_over(case: Application, to: Party, user: User, *, reason: str) -> dict[str, str]:
    """The names of both, as its event keeps them."""
    names = {"from_name": case.applicant.name, "to_name": to.name}
    data = {"from": case.applicant_id, "to": to.pk, **names}
    case.applicant, case.account, case.assisted_by = to, None, None
    case.save(update_fields=["applicant", "account", "assisted_by"])
    note(case, actor=user, event="case.passed", reason=reason, data=data)
    return names


def _end(change: PartyChange, successor: Party, user: User) -> None:
    party = change.party
    assistance.end_all(party, user)
    party.ended_on, party.successor = change.effective_on, successor
    party.save(update_fields=["ended_on", "successor"])
    Party.objects.filter(successor=party).update(successor=successor)
    BankAccount.objects.filter(party=party, is_current=True).update(is_current=False)
    Membership.objects.filter(party=party, is_active=True).update(is_active=False)


def _tell(change: PartyChange, user: User) -> None:
    """The members of both, those of an ended party for the last time."""
    kind = {
        ChangeKind.RENAME: "party.renamed",
        ChangeKind.MERGER: "party.merged",
        ChangeKind.SPLIT: "party.split",
    }[ChangeKind(change.kind)]
    data: dict[str, Any] = {
        "name": change.name_before,
        "name_after": change.name_after or (change.successor and change.successor.name) or "",
        "effective_on": change.effective_on.isoformat(),
    }
    told = data | {"change": change.pk, "successor": change.successor_id, "passes": change.passes}
    record(
        kind=kind,
        subject=f"party:{change.party_id}",
        actor=user,
        city=change.city,
        reason=change.basis,
        data=told,
    )
    for member in Membership.objects.filter(_of_both(change)).select_related("user"):
        notify(
            user=member.user,
            kind=kind,
            key=f"{kind}:{change.pk}:{member.user_id}",
            data=data | {"basis": change.basis},
            city=change.city,
            url=reverse("applicants:parties"),
        )


def _of_both(change: PartyChange) -> Q:
    """Memberships of the ended party stood until this very change."""
    last = Q(party=change.party_id) & (Q(is_active=True) | Q(party__ended_on__isnull=False))
    return last | Q(party=change.successor_id, is_active=True)
