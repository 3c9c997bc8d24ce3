"""Who may read what a case contains, and the row that says who of the staff has read it."""

from uuid import UUID

from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed
from applicants.domain.succession import acted_for
from applicants.models import Document, User
from reviews.domain import window_papers
from reviews.domain.cases import note
from reviews.domain.interests import log_reading, opens_to
from reviews.domain.queries import cases_for_staff, own_cases
from reviews.domain.rounds_sheets import cases_laid_before
from reviews.models import Application, Evidence


def open_case(case: Application, user: User, door: str) -> None:
    """Every door of the staff to a case's contents passes here; raises NotAllowed before the
    declaration of interest, and writes down who reads."""
    if not opens_to(case, user):
        raise NotAllowed(_("Declare first that you have no conflict of interest in this case."))
    log_reading(case, user, door)


def open_document(*, document_id: UUID, user: User) -> Document | None:
    """The paper, or None where this person may not see it: for the applicant's members, and for
    staff who see a case in which it lies. Reading by staff is written down."""
    document = Document.objects.filter(pk=document_id).first()
    if document is None or _is_own(document, user) or window_papers.may_read(document, user):
        return document
    laid = Evidence.objects.filter(document=document, removed_at=None)
    seen = laid.filter(application__in=cases_for_staff(user)).select_related("application__city")
    scored = laid.filter(application__in=cases_laid_before(user)).select_related("application")
    evidence = next((one for one in seen if opens_to(one.application, user)), scored.first())
    if evidence is None:
        return None
    log_reading(evidence.application, user, "document")
    data = {"document": str(document.pk), "fact": evidence.fact_key}
    note(evidence.application, actor=user, event="document.read", data=data)
    return document


def _is_own(document: Document, user: User) -> bool:
    """Of a party that the person acts for, or laid in a case that has passed to one."""
    if document.party_id is not None and document.party_id in set(acted_for(user)):
        return True
    laid = Evidence.objects.filter(document=document, removed_at=None)
    return laid.filter(application__in=own_cases(user)).exists()
