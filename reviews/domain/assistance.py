"""Help at the window (代办): on a written authorisation, to a day, ended by either side."""

from datetime import date, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from applicants.domain import accounts, documents, parties
from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.events import record
from applicants.domain.members import parties_of, role_in
from applicants.domain.notices import notify
from applicants.domain.succession import tied
from applicants.domain.texts import read_line
from applicants.models import BankAccount, City, District, Document, Membership, Party, User
from incentives.domain.settings import setting
from reviews.domain import behalf, working_days
from reviews.domain.cases import locked, note
from reviews.domain.roles import roles_of
from reviews.models import Application, Assistance
from reviews.models.lifecycle import CLOSED, CaseState
from reviews.models.staff import Role

OPEN = [state for state in CaseState if state not in CLOSED]


def require_clerk(user: User, city: City) -> None:
    if not roles_of(user).filter(role=Role.WINDOW, city=city).exists():
        raise NotAllowed(_("Only window clerks of the city may do this."))


def keep_paper(*, city: City, upload: "UploadedFile[bytes]", clerk: User) -> Document:
    """A paper handed in at the window, kept as one of the city's."""
    require_clerk(clerk, city)
    return documents.keep(party=None, upload=upload, user=clerk)


def register_person(*, city: City, name: str, id_number: str, clerk: User) -> Party:
    """Enter a person without an account, or find the one who is entered; an account claims it."""
    require_clerk(clerk, city)
    return parties.person_payee(name=name, id_number=id_number)


def register_organisation(
    *, city: City, uscc: str, kind: str, name: str, district: District | None, clerk: User
) -> Party:
    """Enter an organisation without members, or find the one that is entered under this name."""
    require_clerk(clerk, city)
    return parties.enter_organisation(
        uscc=uscc, kind=kind, name=name, district=district, user=clerk
    )


@transaction.atomic
def open_assistance(
    *,
    city: City,
    party: Party,
    authorised_by: str,
    reason: str,
    document: Document | None,
    ends_on: date,
    clerk: User,
) -> Assistance:
    """Let a clerk file for an applicant, to and including `ends_on`; raises Refused by field."""
    require_clerk(clerk, city)
    party = Party.objects.select_for_update(no_key=True).get(pk=party.pk)
    if party.ended_on is not None:
        raise Refused({"party": _("This organisation has ended; its successor goes on.")})
    if tied(party, clerk):
        raise NotAllowed(_("You are or were a member of this applicant; a colleague does this."))
    if document is None or document.uploaded_by_id != clerk.pk:
        raise Refused({"document": _("Upload the written authorisation.")})
    _check_last_day(city, ends_on)
    if behalf.assisted(party, clerk):
        raise Conflict(_("You are helping this applicant already; end that first."))
    opened = Assistance.objects.create(
        city=city,
        party=party,
        clerk=clerk,
        authorised_by=read_line(authorised_by, field="authorised_by", limit=160),
        reason=read_line(reason, field="reason", limit=300),
        document=document,
        ends_on=ends_on,
    )
    _note(opened, "assistance.opened", clerk)
    return opened


def _check_last_day(city: City, ends_on: date) -> None:
    latest = working_days.today() + timedelta(days=int(setting(city=city, key="assistance_days")))
    if not working_days.today() <= ends_on <= latest:
        told = _("Choose a day from today up to %s.") % latest.isoformat()
        raise Refused({"ends_on": told})


@transaction.atomic
def end(*, assistance_id: int, user: User) -> Assistance:
    """End it before its last day: the clerk, or anybody of the applicant."""
    found = Assistance.objects.select_related("city", "party", "clerk").get(pk=assistance_id)
    Party.objects.select_for_update(no_key=True).get(pk=found.party_id)
    if user.pk != found.clerk_id and role_in(party=found.party, user=user) is None:
        raise NotAllowed(_("Only the applicant and the clerk may end this."))
    if not behalf.standing(clerk=found.clerk).filter(pk=found.pk).exists():
        raise Conflict(_("This assistance has ended already."))
    return end_with(found, user)


def end_with(found: Assistance, user: User) -> Assistance:
    ended = Assistance.objects.create(
        city=found.city,
        party=found.party,
        clerk=found.clerk,
        authorised_by=found.authorised_by,
        reason=found.reason,
        document=found.document,
        ends_on=found.ends_on,
        ended_by=user,
    )
    _note(ended, "assistance.ended", user)
    return ended


def end_all(party: Party, user: User) -> None:
    """With the organisation itself, whatever was to be filed for it."""
    newest = Assistance.objects.filter(party=party).order_by("clerk_id", "-id").distinct("clerk_id")
    for one in newest.select_related("city", "party", "clerk"):
        if one.ended_by_id is None and one.ends_on >= working_days.today():
            end_with(one, user)


@transaction.atomic
def take_on(*, number: str, clerk: User) -> Application:
    """Go on with a case that the applicant began, by its number, which the applicant tells."""
    wanted = number.strip().upper()
    found = Application.objects.filter(number=wanted, state__in=OPEN).first()
    if found is None or not behalf.assisted(found.applicant, clerk):
        raise Refused({"number": _("No open case of an applicant whom you help has this number.")})
    case = locked(found.pk, *OPEN)
    if case.assisted_by_id == clerk.pk:
        return case
    case.assisted_by = clerk
    case.save(update_fields=["assisted_by"])
    note(case, actor=clerk, event="assistance.taken_on")
    return case


@transaction.atomic
def enter_account(
    *,
    assistance_id: int,
    holder: str,
    bank: str,
    number: str,
    document: Document | None,
    clerk: User,
    bank_code: str = "",
) -> BankAccount:
    """Enter where the applicant is paid, which at the window takes a paper that confirms it."""
    found = behalf.standing(clerk=clerk).filter(pk=assistance_id).select_related("party").first()
    if found is None:
        raise NotAllowed(_("This assistance does not stand any more."))
    if document is None or document.uploaded_by_id != clerk.pk or document.party_id is not None:
        raise Refused({"document": _("Upload the paper that confirms the account.")})
    account = accounts.enter_account(
        party=found.party, holder=holder, bank=bank, number=number, user=clerk, bank_code=bank_code
    )
    _note(found, "assistance.account", clerk, paper=str(document.pk), last4=account.last4)
    return account


def assistance_for(user: User) -> QuerySet[Assistance]:
    """What an applicant's members see: every help that was given to them, the newest first."""
    rows = Assistance.objects.filter(party__in=parties_of(user))
    return rows.select_related("party", "clerk", "city", "ended_by")


def _note(found: Assistance, kind: str, user: User, **more: str) -> None:
    data = {"clerk": str(found.clerk), "ends_on": found.ends_on.isoformat(), **more}
    event = record(
        kind=kind,
        subject=f"party:{found.party_id}",
        actor=user,
        city=found.city,
        reason=found.reason,
        data=data | {"authorised_by": found.authorised_by, "document": str(found.document_id)},
    )
    for member in Membership.objects.filter(party=found.party, is_active=True):
        notify(
            user=member.user,
            kind=kind,
            key=f"{kind}:{event.pk}:{member.user_id}",
            data=data | {"party": found.party.name},
            city=found.city,
            url=reverse("reviews:assistance"),
        )
