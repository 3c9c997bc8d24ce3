"""The demo's window: each example is made by the verbs, once."""

import pytest

from applicants.models import Party
from incentives.domain.reconcile import differences
from incentives.models import Award
from reviews.demo import people, window
from reviews.models import Application

pytestmark = pytest.mark.django_db


def test_the_window_of_the_demo() -> None:
    people.make_staff_of("qingdao")
    assert window.make_window()
    assert not window.make_window()
    merged = Party.objects.get(name="示范被并企业（演示）")
    assert merged.successor.name == "示范存续企业（演示）"
    passed, helped = Application.objects.order_by("id")
    assert (passed.applicant, passed.state) == (merged.successor, "submitted")
    assert (helped.assisted_by.email, helped.state) == ("window@demo.example", "submitted")
    award = Award.objects.get()
    assert (award.applicant.name, award.approval_year) == ("示范新名企业（演示）", 2020)
    assert differences(city_code="qingdao") == []
