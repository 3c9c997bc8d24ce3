"""A third party audits the case before the bureaus are asked (先行第三方审计)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from applicants.domain import documents
from applicants.domain.errors import Conflict, Refused
from applicants.domain.identifiers import read_uscc
from applicants.models import Document, User
from incentives.domain import facts as fact_values
from reviews.domain import asking, tasks, working_days
from reviews.domain.assessing import rules
from reviews.domain.cases import due, locked, note
from reviews.domain.interests import entitled
from reviews.models import Application, AuditCommission, AuditReport, ReviewTask
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import TaskKind, TaskState


def open_audit(case: Application) -> date:
    """Open the audit of a case that is being accepted; returns by when its report is due."""
    last = due(case, "audit_days")
    tasks.open_task(case, TaskKind.AUDIT, bureau=case.handling_bureau, due_on=last)
    return last


@transaction.atomic
def commission(
    *, case_id: int, auditor: str, auditor_uscc: str, scope: str, due_on: date, user: User
) -> AuditCommission:
    """Ask a firm to audit the case by a day, within the days that the workflow gives an audit.

    Commissioning again replaces the firm; both stay on record. Raises Refused by field.
    """
    case = locked(case_id, CaseState.ACCEPTED)
    entitled(case, user, Role.PREPARER, bureau=case.handling_bureau)
    task = _open(case)
    number, problems = _firm(case, auditor, auditor_uscc)
    latest = due(case, "audit_days")
    if not scope.strip():
        problems["scope"] = _("Say what the firm is to audit.")
    if not working_days.today() < due_on <= latest:
        problems["due_on"] = _("Choose a day up to %s.") % latest.isoformat()
    if problems:
        raise Refused(problems)
    made = AuditCommission.objects.create(
        task=task,
        auditor=auditor.strip(),
        auditor_uscc=number,
        scope=scope.strip(),
        due_on=due_on,
        commissioned_by=user,
    )
    _redate(case, task, due_on)
    data = {"auditor": made.auditor, "uscc": number, "due_on": due_on.isoformat()}
    note(case, actor=user, event="audit.commissioned", reason=made.scope, data=data)
    return made


def _redate(case: Application, task: ReviewTask, due_on: date) -> None:
    """The day named to the firm is the deadline; no calendar moves it."""
    task.due_on, task.counted_from, task.days = due_on, None, None
    task.save(update_fields=["due_on", "counted_from", "days"])
    case.due_on = due_on
    case.save(update_fields=["due_on"])


@dataclass(frozen=True, slots=True)
class Told:
    """A report as it is typed in; `facts` are audited values by fact."""

    auditor: str
    auditor_uscc: str
    report_number: str
    finding: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def receive(
    *, case_id: int, told: Told, upload: "UploadedFile[bytes] | None", user: User
) -> AuditReport:
    """Keep the report's file as a paper of the city and record the report.

    What is wrong is said before the file is kept, by field, all at once.
    """
    case = Application.objects.select_related("version", "applicant").get(pk=case_id)
    entitled(case, user, Role.PREPARER, bureau=case.handling_bureau)
    _open(case)
    problems = _read(case, told)[2]
    if upload is None:
        problems["document"] = _("Upload the report.")
    if upload is None or problems:
        raise Refused(problems)
    document = documents.keep(party=None, upload=upload, user=user)
    return record_report(case_id=case_id, told=told, document=document, user=user)


@transaction.atomic
def record_report(*, case_id: int, told: Told, document: Document, user: User) -> AuditReport:
    """Record what the firm found; the bureaus are asked from now on.

    The audited values are shown beside those declared, and confirm nothing by themselves.
    """
    case = locked(case_id, CaseState.ACCEPTED)
    entitled(case, user, Role.PREPARER, bureau=case.handling_bureau)
    task = _open(case)
    number, facts, problems = _read(case, told)
    if document.party_id is not None or document.uploaded_by_id != user.pk:
        problems["document"] = _("Upload the report.")
    if problems:
        raise Refused(problems)
    report = AuditReport.objects.create(
        task=task,
        auditor=told.auditor.strip(),
        auditor_uscc=number,
        report_number=told.report_number.strip(),
        finding=told.finding.strip(),
        facts=facts,
        document=document,
        recorded_by=user,
    )
    tasks.finish(task)
    _go_on(case, report, user)
    return report


def _read(case: Application, told: Told) -> tuple[str, dict[str, Any], dict[str, str]]:
    """The firm's code, the audited values that were given, and what is wrong, by field."""
    number, problems = _firm(case, told.auditor, told.auditor_uscc)
    if not told.report_number.strip():
        problems["report_number"] = _("Write the number of the report.")
    if not told.finding.strip():
        problems["finding"] = _("Write what the firm found.")
    read, wrong = fact_values.read_values(rules(case), told.facts)
    problems |= {f"facts.{key}": said for key, said in wrong.items()}
    return number, {key: value for key, value in read.items() if value is not None}, problems


def _go_on(case: Application, report: AuditReport, user: User) -> None:
    case.due_on = asking.open_review(case)
    case.save(update_fields=["due_on"])
    data = {
        "auditor": report.auditor,
        "number": report.report_number,
        "document": str(report.document_id),
        "facts": sorted(report.facts),
    }
    note(case, actor=user, event="audit.recorded", reason=report.finding, data=data)


def _open(case: Application) -> ReviewTask:
    task = case.tasks.filter(kind=TaskKind.AUDIT, state=TaskState.OPEN).first()
    if task is None:
        raise Conflict(_("No audit is waited for in this case; reload the page."))
    return task


def _firm(case: Application, auditor: str, number: str) -> tuple[str, dict[str, str]]:
    """The firm's unified social credit code, compact, and what is wrong with how it is named."""
    problems = {} if auditor.strip() else {"auditor": _("Write the name of the firm.")}
    try:
        found = read_uscc(number)
    except Refused as refused:
        return "", problems | {"auditor_uscc": " ".join(refused.messages)}
    if found == case.applicant.uscc:
        problems["auditor_uscc"] = _("This is the applicant; a third party audits.")
    return found, problems


def commission_of(case: Application) -> AuditCommission | None:
    """The commission that holds."""
    made = AuditCommission.objects.filter(task__application=case)
    return made.select_related("commissioned_by").order_by("id").last()


def report_of(case: Application) -> AuditReport | None:
    found = AuditReport.objects.filter(task__application=case)
    return found.select_related("recorded_by", "document").order_by("id").last()
