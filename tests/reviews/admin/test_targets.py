"""Targets at the desk: the bureau is set by editors, values are entered by its preparers."""

from decimal import Decimal

import pytest

from incentives.models import Bureau, Target
from reviews.models.staff import Role
from tests.factories import make_staff
from tests.reviews.admin.conftest import Desk

ENTRY = {
    "step": "actual",
    "year": "2022",
    "value": "6689",
    "as_of": "2022-12-31",
    "source": "2022年统计公报",
}


@pytest.fixture
def target(db: None) -> Target:
    row = Target.objects.get(code="qd-sti-hitech-firms")
    row.bureau = Bureau.objects.get(city="qingdao", code="sti")
    row.save()
    return row


def address(target: Target) -> str:
    return f"/admin/incentives/target/{target.pk}/change/"


def test_a_preparer_of_the_bureau_enters_and_corrects(desk: Desk, target: Target) -> None:
    client = desk(make_staff(Role.PREPARER, "sti"))
    assert client.post(address(target), ENTRY).status_code == 302
    assert client.post(address(target), ENTRY | {"value": "6700.5"}).status_code == 302
    values = target.actuals.order_by("id").values_list("year", "value")
    assert list(values) == [(2022, Decimal(6689)), (2022, Decimal("6700.5"))]
    page = client.get(address(target)).content.decode()
    assert "6,689" in page
    assert "6,700.5" in page


def test_what_is_wrong_is_said_beside_its_field(desk: Desk, target: Target) -> None:
    client = desk(make_staff(Role.PREPARER, "sti"))
    wrong = ENTRY | {"year": "1815", "value": "a lot", "as_of": "someday", "source": ""}
    answer = client.post(address(target), wrong)
    assert answer.status_code == 422
    assert set(answer.context["actual_form"].errors) == {"value", "as_of", "source"}
    answer = client.post(address(target), ENTRY | {"year": "1815"})
    assert (answer.status_code, set(answer.context["actual_form"].errors)) == (422, {"year"})
    assert not target.actuals.exists()


@pytest.mark.parametrize(
    ("role", "bureau"),
    [(Role.PREPARER, "miit"), (Role.APPROVER, "sti"), (Role.AUDITOR, None)],
)
def test_others_may_only_read(desk: Desk, target: Target, role: Role, bureau: str | None) -> None:
    client = desk(make_staff(role, bureau))
    answer = client.get(address(target))
    assert (answer.status_code, answer.context["actual_form"]) == (200, None)
    assert client.post(address(target), ENTRY).status_code == 403
    assert client.post(address(target), {"step": "bureau", "bureau": ""}).status_code == 403
    assert client.post(address(target), {"step": "else"}).status_code == 403


def test_an_editor_sets_the_bureau(desk: Desk, target: Target) -> None:
    client = desk(make_staff(Role.POLICY_EDITOR))
    miit = Bureau.objects.get(city="qingdao", code="miit")
    stranger = Bureau.objects.get(city="dalian", code="miit")
    form = {"step": "bureau", "bureau": stranger.pk}
    assert client.post(address(target), form).status_code == 422
    assert client.post(address(target), form | {"bureau": miit.pk}).status_code == 302
    target.refresh_from_db()
    assert target.bureau == miit


def test_the_list_is_of_the_own_city(desk: Desk, target: Target) -> None:
    page = desk(make_staff(Role.POLICY_EDITOR)).get("/admin/incentives/target/?all=")
    assert page.status_code == 200
    assert page.context["cl"].result_count == 72
    other = Target.objects.get(code="dl-sei-output")
    assert desk(make_staff(Role.POLICY_EDITOR)).get(address(other)).status_code == 404
    outsider = make_staff(Role.FINANCE_PREPARER, "finance")
    assert desk(outsider).get("/admin/incentives/target/").status_code == 403
