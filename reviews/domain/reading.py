"""Who may open an uploaded paper: the applicant's members, and staff who see a case it lies in."""

from uuid import UUID

from applicants.domain.members import parties_of
from applicants.models import Document, User
from reviews.domain.cases import note
from reviews.domain.interests import opens_to
from reviews.domain.queries import cases_for_staff
from reviews.models import Evidence


def open_document(*, document_id: UUID, user: User) -> Document | None:
    """The paper, or None where this person may not see it. Reading by staff is written down."""
    document = Document.objects.filter(pk=document_id).first()
    if document is None or _is_of_party(document, user):
        return document
    laid = Evidence.objects.filter(document=document, removed_at=None)
    seen = laid.filter(application__in=cases_for_staff(user)).select_related("application__city")
    evidence = next((one for one in seen if opens_to(one.application, user)), None)
    if evidence is None:
        return None
    data = {"document": str(document.pk), "fact": evidence.fact_key}
    note(evidence.application, actor=user, event="document.read", data=data)
    return document


def _is_of_party(document: Document, user: User) -> bool:
    return document.party is not None and parties_of(user).filter(pk=document.party.pk).exists()
