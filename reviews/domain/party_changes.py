"""Changes of organisations by the registration authority: name, merger, split.

The registration data of 市场监管 is the source: a clerk at the window, or a policy editor, prepares
what its notice says, and the coordinating office, or another policy editor, makes it. Both act for
the whole city, because the cases of a party lie with many bureaus.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain import documents
from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.domain.succession import tied
from applicants.domain.texts import read_line
from applicants.models import City, Document, Party, PartyChange, User
from applicants.models.party_change import ChangeKind, ChangeState
from reviews.domain import succeeding, working_days
from reviews.domain.roles import roles_of
from reviews.models import Application
from reviews.models.staff import Role

PREPARING = (Role.WINDOW, Role.POLICY_EDITOR)
MAKING = (Role.COORDINATOR, Role.POLICY_EDITOR)
WHOLE = Decimal(100)


def changes_for(user: User) -> QuerySet[PartyChange]:
    """Those of the cities for which the person prepares, makes or audits them."""
    seen = roles_of(user).filter(role__in=[*PREPARING, *MAKING, Role.AUDITOR])
    return PartyChange.objects.filter(city__in=seen.values("city"))


def may(user: User, city: City, roles: Sequence[Role]) -> bool:
    return roles_of(user).filter(role__in=list(roles), city=city).exists()


def keep_basis(*, city: City, upload: "UploadedFile[bytes]", user: User) -> Document:
    """The registration authority's notice, kept as a paper of the city."""
    _require(user, city, PREPARING)
    return documents.keep(party=None, upload=upload, user=user)


@transaction.atomic
def prepare(
    *,
    city: City,
    kind: str,
    party: Party,
    effective_on: date,
    basis: str,
    document: Document | None,
    user: User,
    successor: Party | None = None,
    name_after: str = "",
    cases: Sequence[str] = (),
    share: Decimal = Decimal(0),
    ends: bool = False,
) -> PartyChange:
    """Enter a change for somebody else to make; raises Refused by field.

    Of a split: the numbers of the open `cases` that pass, the `share` in percent of what counts by
    the year in yuan, and whether the party `ends`, so that the successor takes all that is left.
    """
    _require(user, city, PREPARING)
    _refuse_tied(user, party, successor)
    if kind not in ChangeKind.values:
        raise Refused({"kind": _("Choose what has changed.")})
    if document is None or document.uploaded_by_id != user.pk:
        raise Refused({"document": _("Upload the notice of the registration authority.")})
    if effective_on > working_days.today():
        raise Refused({"effective_on": _("Write the day on which it took effect, at most today.")})
    _check_parties(party, successor)
    after = _name_after(kind, party, name_after)
    change = PartyChange.objects.create(
        city=city,
        kind=kind,
        party=party,
        successor=_successor(kind, party, successor),
        name_before=party.name,
        name_after=after,
        passes=_passes(party, cases, share, ends=ends) if kind == ChangeKind.SPLIT else {},
        effective_on=effective_on,
        basis=read_line(basis, field="basis", limit=300),
        document=document,
        prepared_by=user,
    )
    _note(change, "party.change_prepared", user)
    return change


@transaction.atomic
def make(*, change_id: int, user: User) -> PartyChange:
    """Carry out what another prepared: everything passes in this transaction, or nothing does."""
    change = _prepared(change_id)
    _require(user, change.city, MAKING)
    if change.prepared_by_id == user.pk:
        raise NotAllowed(_("A change is made by someone who did not prepare it."))
    _refuse_tied(user, change.party, change.successor)
    _lock_parties(change)
    if change.party.name != change.name_before:
        raise Conflict(_("The organisation has another name by now; prepare the change anew."))
    change.state, change.made_by, change.made_at = ChangeState.MADE, user, timezone.now()
    change.save(update_fields=["state", "made_by", "made_at"])
    succeeding.carry_out(change, user)
    return change


@transaction.atomic
def cancel(*, change_id: int, reason: str, user: User) -> PartyChange:
    """Drop a change that was prepared: whoever prepared it, or who could make it."""
    change = _prepared(change_id)
    if change.prepared_by_id != user.pk:
        _require(user, change.city, MAKING)
    if not reason.strip():
        raise Refused({"reason": _("State why the change is dropped.")})
    change.state = ChangeState.CANCELLED
    change.save(update_fields=["state"])
    _note(change, "party.change_cancelled", user, reason=reason.strip())
    return change


def _prepared(change_id: int) -> PartyChange:
    change = (
        PartyChange.objects.select_for_update(of=("self",))
        .select_related("city", "party", "successor")
        .get(pk=change_id)
    )
    if change.state != ChangeState.PREPARED:
        raise Conflict(
            _("The change is now “%(state)s”; reload the page.")
            % {"state": change.get_state_display()}
        )
    return change


def _lock_parties(change: PartyChange) -> None:
    """In the order of their ids. New cases of theirs wait, and so does another change of either."""
    ids = [pk for pk in (change.party_id, change.successor_id) if pk is not None]
    rows = Party.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    found = {party.pk: party for party in rows}
    change.party = found[change.party_id]
    change.successor = found.get(change.successor_id or 0)
    _check_parties(change.party, change.successor)


def _check_parties(party: Party, successor: Party | None) -> None:
    for field, one in (("party", party), ("successor", successor)):
        if one is None:
            continue
        if one.is_person:
            raise Refused({field: _("Only organisations change in this way.")})
        if one.ended_on is not None:
            told = _("%(name)s ended on %(day)s.")
            day = one.ended_on.isoformat()
            raise Refused({field: told % {"name": one.name, "day": day}})


def _name_after(kind: str, party: Party, name_after: str) -> str:
    if kind != ChangeKind.RENAME:
        return ""
    name = read_line(name_after, field="name_after", limit=160)
    if name == party.name:
        raise Refused({"name_after": _("This is the name that stands; write the new one.")})
    return name


def _successor(kind: str, party: Party, successor: Party | None) -> Party | None:
    if kind == ChangeKind.RENAME:
        return None
    if successor is None or successor.pk == party.pk:
        raise Refused({"successor": _("Choose another organisation as successor.")})
    return successor


def _passes(party: Party, cases: Sequence[str], share: Decimal, *, ends: bool) -> dict[str, Any]:
    if not 0 <= share <= WHOLE or share != round(share, 2):
        raise Refused({"share": _("Write a share of 0 to 100 percent, such as 40 or 33.33.")})
    numbers = [number.strip().upper() for number in cases if number.strip()]
    open_cases = Application.objects.filter(
        applicant=party, number__in=numbers, state__in=succeeding.OPEN
    )
    known = set(open_cases.values_list("number", flat=True))
    if unknown := [number for number in numbers if number not in known]:
        told = _("These are no open cases of the organisation: %s.") % ", ".join(unknown)
        raise Refused({"cases": told})
    return {"cases": numbers, "share": format(share, "f"), "ends": ends}


def _refuse_tied(user: User, *parties: Party | None) -> None:
    if any(party is not None and tied(party, user) for party in parties):
        raise NotAllowed(_("You are or were a member of this applicant; a colleague does this."))


def _require(user: User, city: City, roles: Sequence[Role]) -> None:
    if not may(user, city, roles):
        names = " / ".join(str(role.label) for role in roles)
        raise NotAllowed(_("This step belongs to: %s of the city.") % names)


def _note(change: PartyChange, kind: str, user: User, reason: str = "") -> None:
    data = {"change": change.pk, "kind": change.kind, "successor": change.successor_id}
    record(
        kind=kind,
        subject=f"party:{change.party_id}",
        actor=user,
        city=change.city,
        reason=reason or change.basis,
        data=data,
    )
