"""Objections (异议) to a published list: signed, in its days, handled by someone uninvolved."""

from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.domain.numbering import next_number
from applicants.domain.texts import read_line
from applicants.models import Document, User
from incentives.domain.settings import setting
from reviews.domain import (
    letter_values,
    letters,
    staff_papers,
    tasks,
    telling,
    undoing,
    working_days,
)
from reviews.domain.cases import locked, move, note
from reviews.domain.interests import decided, entitled
from reviews.domain.queries import cases_answered_for
from reviews.models import Application, Objection, PublicityItem
from reviews.models.letter import LetterKind
from reviews.models.lifecycle import CaseState
from reviews.models.objection import ObjectionState
from reviews.models.staff import Role

LONGEST = 4000  # characters of an objection


@transaction.atomic
def file_objection(
    *,
    item_id: int,
    name: str,
    contact: str,
    text: str,
    document: Document | None = None,
    user: User | None = None,
) -> Objection:
    """Object to a published case by name, or as an organisation under its seal, while it runs."""
    item = PublicityItem.objects.select_related("notice", "application").get(pk=item_id)
    staff_papers.require_own([document] if document else [], user, field="file")
    case = locked(item.application_id, CaseState.PUBLICITY)
    today = working_days.today()
    if not _runs(item):
        raise Refused(_("Objections were taken until %s.") % item.notice.ends_on.isoformat())
    serial = next_number(city=case.city, series="objection", year=today.year)
    objection = Objection.objects.create(
        item=item,
        number=f"{case.city.abbreviation}-YY-{today.year}-{serial:04d}",
        name=read_line(name, field="name", limit=160),
        contact=read_line(contact, field="contact", limit=160),
        text=_grounds(text),
        document=document,
        filed_by=user,
        due_on=_due_on(case),
    )
    note(case, actor=user, event="objection.filed", data={"objection": objection.number})
    return objection


def _due_on(case: Application) -> date:
    """The last day to decide an objection that is filed today."""
    days = int(setting(city=case.city, key="objection_days", programme=case.programme))
    return working_days.add_working_days(working_days.today(), days)


def _runs(item: PublicityItem) -> bool:
    return item.notice.starts_on <= working_days.today() <= item.notice.ends_on


def open_to_objections(item: PublicityItem) -> bool:
    """Whether the notice runs and the case still stands on it."""
    return _runs(item) and item.application.state == CaseState.PUBLICITY


def objections_for(user: User) -> QuerySet[Objection]:
    """Those against cases of the person's bureaus, and all of the city for its auditors."""
    return Objection.objects.filter(item__application__in=cases_answered_for(user))


def _grounds(text: str) -> str:
    if not text.strip():
        raise Refused({"text": _("State what you object to and on what grounds.")})
    if len(text) > LONGEST:
        told = {"count": len(text), "limit": LONGEST}
        raise Refused({"text": _("This has %(count)s characters; write at most %(limit)s.") % told})
    return text.strip()


@transaction.atomic
def handle(*, objection_id: int, upheld: bool, answer: str, user: User) -> Objection:
    """Decide an objection by someone of the handling bureau who had no part in the case.

    Upheld, the determination is void, its reservation free, and the case ends.
    """
    found = Objection.objects.select_related("item").get(pk=objection_id)
    case = locked(found.item.application_id, CaseState.PUBLICITY)
    objection = Objection.objects.select_for_update().get(pk=objection_id)
    entitled(case, user, Role.APPROVER, Role.LEADER, bureau=case.handling_bureau)
    _require_uninvolved(case, user)
    if objection.state != ObjectionState.FILED:
        raise Conflict(_("This objection has been decided already."))
    if not answer.strip():
        raise Refused({"answer": _("Give the reason of the decision.")})
    objection.state = ObjectionState.UPHELD if upheld else ObjectionState.REJECTED
    objection.answer, objection.handled_by = answer.strip(), user
    objection.handled_at = timezone.now()
    objection.save(update_fields=["state", "answer", "handled_by", "handled_at"])
    note(
        case,
        actor=user,
        event="objection.upheld" if upheld else "objection.rejected",
        reason=objection.answer,
        data={"objection": objection.number},
    )
    _answer(case, objection, user)
    if upheld:
        _end(case, objection, user)
    return objection


def _answer(case: Application, objection: Objection, user: User) -> None:
    reader, why = objection.filed_by, letter_values.answered(objection)
    letter = letters.issue(case, LetterKind.OBJECTION, why, actor=user, reader=reader)
    if reader:
        telling.tell_reader(reader, letter)


def _require_uninvolved(case: Application, user: User) -> None:
    if decided(case, user):
        raise NotAllowed(_("An objection is handled by someone who did not decide the case."))


def _end(case: Application, objection: Objection, user: User) -> None:
    undoing.void_determination(case, actor=user, reason=objection.answer)
    tasks.cancel_open(case)
    move(
        case,
        CaseState.REFUSED,
        actor=user,
        event="case.objected_away",
        reason=objection.answer,
        data={"objection": objection.number},
    )
    reason = objection.answer
    letter = letters.issue(case, LetterKind.REFUSED, {"reason": reason}, actor=user)
    telling.tell_letter(case, "case.refused", letter, reason=reason)


def waiting(case: Application) -> bool:
    return Objection.objects.filter(item__application=case, state=ObjectionState.FILED).exists()


def require_none_waiting(case: Application) -> None:
    if waiting(case):
        raise Conflict(_("An objection to this case is still to be decided."))
