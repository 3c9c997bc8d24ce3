"""Who may read what a case contains, and the row that says who of the staff has read it."""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext as _

from applicants.domain.errors import NotAllowed
from applicants.domain.succession import acted_for
from applicants.models import Document, User
from reviews.domain import staff_papers, window_papers
from reviews.domain.cases import note
from reviews.domain.interests import log_reading, opens_to
from reviews.domain.queries import cases_for_staff, own_cases
from reviews.domain.rounds_sheets import cases_laid_before
from reviews.models import Application, AuditReport, Evidence

Laid = tuple[Application, dict[str, str]]


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
    laid = next((one for one in _laid(document, user) if opens_to(one[0], user)), None)
    laid = laid or _laid_before_expert(document, user)
    if laid is None:
        return _paper_of_staff(document, user)
    case, where = laid
    log_reading(case, user, "document")
    note(case, actor=user, event="document.read", data={"document": str(document.pk)} | where)
    return document


def _paper_of_staff(document: Document, user: User) -> Document | None:
    found = staff_papers.found_in(document, user)
    if found is None:
        return None
    case, laid = found
    log_reading(case, user, "document")
    data = {"document": str(document.pk), "laid": laid}
    note(case, actor=user, event="document.read", data=data)
    return document


def _is_own(document: Document, user: User) -> bool:
    """Of a party that the person acts for, or laid in a case that has passed to one."""
    if document.party_id is not None and document.party_id in set(acted_for(user)):
        return True
    laid = Evidence.objects.filter(document=document, removed_at=None)
    return laid.filter(application__in=own_cases(user)).exists()


def _laid_before_expert(document: Document, user: User) -> Laid | None:
    """In a case that an expert scores; experts are not staff."""
    laid = Evidence.objects.filter(document=document, removed_at=None)
    scored = laid.filter(application__in=cases_laid_before(user)).select_related("application")
    one = scored.first()
    return (one.application, {"fact": one.fact_key}) if one else None


def _laid(document: Document, user: User) -> Iterator[Laid]:
    """The cases that the person sees in which the paper lies, and where in each."""
    cases = cases_for_staff(user)
    evidence = Evidence.objects.filter(document=document, removed_at=None, application__in=cases)
    for one in evidence.select_related("application__city"):
        yield one.application, {"fact": one.fact_key}
    audited = AuditReport.objects.filter(document=document, task__application__in=cases)
    for report in audited.select_related("task__application__city"):
        yield report.task.application, {"audit_report": report.report_number}
