"""A third party audits first: a firm is commissioned, its report recorded, bureaus are asked."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import Document, Event
from incentives.domain.settings import change_setting
from reviews.demo import walk
from reviews.demo.paper import one_page_pdf
from reviews.domain import acceptance, audits, reading, supplements
from reviews.domain.actions import Action, available
from reviews.domain.supplements import Told
from reviews.domain.working_days import add_working_days, today
from reviews.models import Application, AuditCommission
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.supplement import DefectKind
from reviews.models.task import TaskKind
from tests import factories
from tests.factories import Cast, make_staff, qingdao, valid_uscc

pytestmark = pytest.mark.django_db
CODE = "hitech-first-recognition-award"


def pdf(name: str = "审计报告.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, one_page_pdf("report"), content_type="application/pdf")


@pytest.fixture
def cast() -> Cast:
    cast = Cast(CODE)
    change_setting(
        city=qingdao(),
        programme=cast.programme,
        key="workflow",
        value={"preset": "audit_first"},
        basis="实施细则",
        actor=make_staff(Role.POLICY_EDITOR),
    )
    return cast


@pytest.fixture
def case(cast: Cast) -> Application:
    return factories.accepted(cast)


def commission(cast: Cast, case: Application, **changed) -> AuditCommission:
    told = {
        "auditor": "第三方会计师事务所",
        "auditor_uscc": valid_uscc(),
        "scope": "研发费用",
        "due_on": add_working_days(today(), 10),
        "user": walk.preparer(case, cast.of),
    }
    return audits.commission(case_id=case.pk, **told | changed)


def told(**changed) -> audits.Told:
    usual = {
        "auditor": "第三方会计师事务所",
        "auditor_uscc": valid_uscc(),
        "report_number": "审字〔2026〕1号",
        "finding": "与申报一致。",
    }
    return audits.Told(**usual | changed)


def kinds(case: Application) -> list[str]:
    return sorted(case.tasks.filter(state="open").values_list("kind", flat=True))


def test_only_the_audit_is_open_after_acceptance(cast, case):
    assert kinds(case) == [TaskKind.AUDIT]
    assert case.due_on == add_working_days(today(), 20)
    held = available(case, walk.preparer(case, cast.of))
    names = [action.name for action in held]
    assert names == ["confirm_facts", "commission_audit", "record_audit", "return_case"]
    assert Action("record_audit") not in available(case, walk.approver(case, cast.of))


def test_the_day_named_to_the_firm_is_the_deadline(cast, case):
    made = commission(cast, case)
    task = case.tasks.get(kind=TaskKind.AUDIT)
    assert (task.due_on, task.days, factories.fresh(case).due_on) == (
        made.due_on,
        None,
        made.due_on,
    )
    event = Event.objects.filter(subject=f"case:{case.pk}").latest("id")
    assert (event.kind, event.data["auditor"], event.reason) == (
        "audit.commissioned",
        made.auditor,
        "研发费用",
    )


def test_another_firm_may_be_commissioned_and_both_stay_on_record(cast, case):
    commission(cast, case)
    second = commission(cast, case, auditor="另一家事务所")
    assert case.tasks.get(kind=TaskKind.AUDIT).commissions.count() == 2
    assert audits.commission_of(case) == second


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("auditor", " "),
        ("auditor_uscc", "913702000000000001"),
        ("auditor_uscc", "9137"),
        ("scope", ""),
        ("due_on", today()),
        ("due_on", today() + timedelta(days=90)),
    ],
)
def test_what_is_wrong_with_a_commission_is_said_by_field(cast, case, field, value):
    with pytest.raises(Refused) as refused:
        commission(cast, case, **{field: value})
    assert list(refused.value.message_dict) == [field]
    assert not AuditCommission.objects.exists()


def test_the_applicant_does_not_audit_itself(cast, case):
    with pytest.raises(Refused) as refused:
        commission(cast, case, auditor_uscc=cast.party.uscc)
    assert list(refused.value.message_dict) == ["auditor_uscc"]


def test_the_bureaus_are_asked_once_the_report_is_recorded(cast, case):
    declared = {fact.key: fact.declared for fact in case.facts.all()}
    key = next(iter(declared))
    user = walk.preparer(case, cast.of)
    report = audits.receive(
        case_id=case.pk, told=told(facts={key: declared[key]}), upload=pdf(), user=user
    )
    assert (report.facts, report.document.party) == ({key: declared[key]}, None)
    assert kinds(case) == [TaskKind.DETERMINATION, *[TaskKind.OPINION] * 2]
    assert factories.fresh(case).due_on == add_working_days(today(), 20)
    assert case.facts.filter(confirmed__isnull=False).count() == 0
    event = Event.objects.filter(subject=f"case:{case.pk}", kind="audit.recorded").get()
    assert (event.data["number"], event.data["facts"]) == ("审字〔2026〕1号", [key])
    with pytest.raises(Conflict):
        audits.receive(case_id=case.pk, told=told(), upload=pdf(), user=user)
    walk.give_opinions(case, cast.of)
    walk.confirm_facts(case, cast.of)
    walk.propose(case, cast.of, walk.example_facts(cast.programme)[1])
    assert factories.fresh(case).state == CaseState.PROPOSED


def test_all_that_is_wrong_with_a_report_is_said_before_its_file_is_kept(cast, case):
    before = Document.objects.count()
    with pytest.raises(Refused) as refused:
        audits.receive(
            case_id=case.pk,
            told=told(auditor="", auditor_uscc="x", report_number="", finding="", facts={"x": "1"}),
            upload=None,
            user=walk.preparer(case, cast.of),
        )
    assert sorted(refused.value.message_dict) == [
        "auditor",
        "auditor_uscc",
        "document",
        "facts.x",
        "finding",
        "report_number",
    ]
    assert Document.objects.count() == before


def test_only_a_preparer_of_the_handling_bureau_records(cast, case):
    for user in (walk.approver(case, cast.of), make_staff(Role.PREPARER, "miit")):
        with pytest.raises(NotAllowed):
            audits.receive(case_id=case.pk, told=told(), upload=pdf(), user=user)


def test_a_report_is_a_paper_that_the_recorder_has_uploaded(cast, case):
    own = factories.make_document(cast.party, cast.clerk)
    with pytest.raises(Refused) as refused:
        audits.record_report(
            case_id=case.pk, told=told(), document=own, user=walk.preparer(case, cast.of)
        )
    assert list(refused.value.message_dict) == ["document"]


def test_the_report_is_read_by_staff_of_the_case_and_by_nobody_else(cast, case):
    report = audits.receive(
        case_id=case.pk, told=told(), upload=pdf(), user=walk.preparer(case, cast.of)
    )
    key = report.document_id
    assert reading.open_document(document_id=key, user=cast.of("miit", Role.PREPARER)) is not None
    for stranger in (cast.clerk, make_staff(Role.PREPARER, "drc"), factories.make_user()):
        assert reading.open_document(document_id=key, user=stranger) is None


def test_a_return_stops_the_audit_and_it_goes_on_with_the_days_left(cast, case):
    commission(cast, case)
    key = next(iter(case.facts.values_list("key", flat=True)))
    acceptance.return_case(
        case_id=case.pk,
        user=walk.preparer(case, cast.of),
        defects=[Told(DefectKind.FACT, "请核对", key)],
    )
    task = case.tasks.get(kind=TaskKind.AUDIT)
    assert (task.state, task.days_left) == ("paused", 10)
    assert supplements.open_defects(case)
    walk.submit(case, cast.clerk)
    task.refresh_from_db()
    assert (task.state, task.days) == ("open", 10)
    assert factories.fresh(case).due_on == task.due_on
