"""A third-party audit by the API: commissioned, recorded with its file, read with the case."""

from typing import Any

import pytest

from incentives.domain.settings import change_setting
from reviews.domain.working_days import add_working_days, today
from reviews.models import Application
from reviews.models.staff import Role
from tests import factories
from tests.api.client import Api, errors, told
from tests.applicants.files import PDF, upload
from tests.factories import Cast

FIRM = {"auditor": "第三方会计师事务所"}


@pytest.fixture
def cast(db: None) -> Cast:
    cast = Cast("hitech-first-recognition-award")
    change_setting(
        city=factories.qingdao(),
        programme=cast.programme,
        key="workflow",
        value={"preset": "audit_first", "days": {"opinion": 7}},
        basis="A test.",
        actor=factories.make_staff(Role.POLICY_EDITOR),
    )
    return cast


@pytest.fixture
def case(cast: Cast) -> Application:
    return factories.accepted(cast)


@pytest.fixture
def api(cast: Cast, case: Application) -> Api:
    return Api(cast.of("sti", Role.PREPARER))


def recorded(api: Api, case: Application, fields: dict[str, Any], status: int = 200) -> Any:
    path = f"/api/cases/{case.pk}/record-audit/"
    return told(api.client.post(path, fields, headers=api.headers), status)


def test_from_the_commission_to_the_opinions(api: Api, case: Application) -> None:
    number = factories.valid_uscc()
    due_on = add_working_days(today(), 5).isoformat()
    made = FIRM | {"auditor_uscc": number, "scope": "研发费用", "due_on": due_on}
    api.post(f"cases/{case.pk}/commission-audit/", made)
    fields = FIRM | {
        "auditor_uscc": number,
        "report_number": "审字1号",
        "finding": "一致",
        "facts": "{}",
        "document": upload("报告.pdf", PDF),
    }
    assert recorded(api, case, fields)["state"] == "accepted"
    shown = api.get(f"cases/{case.pk}/")
    assert shown["workflow"]["preset"] == "audit_first"
    assert shown["workflow"]["days"]["opinion"] == 7
    assert shown["workflow"]["stages"] == ["acceptance", "audit", "opinion"]
    assert shown["audit_commission"]["due_on"] == due_on
    assert shown["audit_report"]["report_number"] == "审字1号"
    assert [line["bureau"] for line in shown["opinions"]] == ["miit", "finance"]
    assert shown["opinions"][1]["part"]["zh"].startswith("资金来源")
    assert shown["due_is_provisional"] is False


def test_what_is_wrong_is_told_by_field(api: Api, case: Application) -> None:
    fields = FIRM | {"auditor_uscc": "x", "report_number": "", "finding": "", "facts": '{"x": 1}'}
    assert sorted(map(str, errors(recorded(api, case, fields, 400)))) == [
        "auditor_uscc",
        "document",
        "facts.x",
        "finding",
        "report_number",
    ]
