"""The desk of a preparer whose case a third party audits first."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incentives.domain.settings import change_setting
from reviews.demo.paper import one_page_pdf
from reviews.domain.working_days import add_working_days, today
from reviews.models import AuditCommission, AuditReport
from reviews.models.staff import Role
from tests import factories
from tests.factories import fresh, make_staff, qingdao, valid_uscc

LIST = "/admin/reviews/application/"


@pytest.fixture
def case(cast):
    change_setting(
        city=qingdao(),
        programme=cast.programme,
        key="workflow",
        value={"preset": "audit_first"},
        basis="实施细则",
        actor=make_staff(Role.POLICY_EDITOR),
    )
    return factories.accepted(cast)


@pytest.fixture
def client(cast, desk, case):
    return desk(cast.of("sti", Role.PREPARER))


def post(client, case, name, **data):
    fields = {f"{name}-{key}": value for key, value in data.items()}
    return client.post(f"{LIST}{case.pk}/do/{name}/", fields)


def report(**changed):
    usual = {
        "auditor": "第三方会计师事务所",
        "auditor_uscc": valid_uscc(),
        "report_number": "审字1号",
        "finding": "一致",
        "document": SimpleUploadedFile("报告.pdf", one_page_pdf("r"), "application/pdf"),
    }
    return usual | changed


def form_of(answer, name):
    return next(o.form for o in answer.context["offers"] if o.action.name == name)


def test_a_firm_is_commissioned_and_fills_the_report(client, case):
    number = valid_uscc()
    answer = post(
        client,
        case,
        "commission_audit",
        auditor="第三方会计师事务所",
        auditor_uscc=number,
        scope="研发费用",
        due_on=add_working_days(today(), 5).isoformat(),
    )
    assert answer.status_code == 302
    assert AuditCommission.objects.get().auditor_uscc == number
    page = client.get(f"{LIST}{case.pk}/change/")
    assert form_of(page, "record_audit")["auditor"].value() == "第三方会计师事务所"
    assert "研发费用" in page.content.decode()


def test_a_commission_comes_back_with_what_is_wrong_beside_each_field(client, case):
    answer = post(
        client,
        case,
        "commission_audit",
        auditor="某所",
        auditor_uscc="x",
        scope="s",
        due_on=today(),
    )
    form = form_of(answer, "commission_audit")
    assert (answer.status_code, sorted(form.errors)) == (422, ["auditor_uscc", "due_on"])


def test_audited_values_stand_beside_those_declared(client, case):
    fact = next(one for one in case.facts.all() if str(one.declared).replace(".", "").isdigit())
    other = str(int(float(fact.declared)) + 1)
    answer = post(client, case, "record_audit", **report(**{f"fact_{fact.key}": other}))
    assert answer.status_code == 302
    page = client.get(f"{LIST}{case.pk}/change/")
    line = next(one for one in page.context["facts"] if one["line"].key == fact.key)
    assert line["audit_differs"] is True
    assert line["audited"] != line["declared"]
    assert fresh(case).tasks.filter(kind="opinion", state="open").count() == 2
    document = AuditReport.objects.get().document_id
    paper = client.get(f"/documents/{document}/")
    assert b"".join(paper.streaming_content).startswith(b"%PDF")


def test_a_report_comes_back_with_everything_that_is_wrong(client, case):
    key = next(one.key for one in case.facts.all() if str(one.declared).replace(".", "").isdigit())
    sent = report(report_number="1", auditor_uscc="x", **{f"fact_{key}": "many"})
    sent.pop("document")
    form = form_of(post(client, case, "record_audit", **sent), "record_audit")
    assert sorted(form.errors) == ["auditor_uscc", "document", f"fact_{key}"]
    assert not AuditReport.objects.exists()


def test_each_bureau_reads_its_part_on_the_page(client, case, cast, desk):
    post(client, case, "record_audit", **report())
    page = desk(cast.of("finance", Role.PREPARER)).get(f"{LIST}{case.pk}/change/")
    line = next(one for one in page.context["opinions"] if one.task.bureau.code == "finance")
    assert line.part.zh.startswith("资金来源")
    assert line.question == ""
    assert line.part.zh in page.content.decode()
    assert "先行第三方审计" in page.content.decode()
