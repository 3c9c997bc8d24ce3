"""The portal's page of a payment that came back."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from applicants.models import User
from incentives.domain.holds import open_holds
from incentives.models import Award
from reviews.models import Application
from reviews.presenters.next_step import next_step
from tests.factories import Cast, make_user
from tests.reviews.domain.test_returned import _awarded, approver, paid, preparer

__all__ = ["approver", "preparer"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(client: Client) -> Cast:
    found = Cast("enterprise-tech-centre-award")
    client.force_login(found.clerk)
    return found


@pytest.fixture
def award(cast: Cast) -> Iterator[Award]:
    yield from _awarded(cast)


def test_the_case_leads_to_the_page_and_the_account_is_given(
    client: Client, award: Award, preparer: User, approver: User
) -> None:
    case = Application.objects.get(number=award.case_number)
    own = reverse("reviews:case", args=[case.pk])
    page = reverse("reviews:returned", args=[case.pk, award.instalments.get().pk])
    assert page not in client.get(own).content.decode()
    assert client.get(page).status_code == 404
    before = next_step(case)
    paid(preparer, approver, ("returned", "户名不符"))
    shown = client.get(own)
    assert page in shown.content.decode()
    assert shown.context["next_step"] == next_step(case) != before
    assert shown.context["award"].instalments[0].tag == "bad"
    assert shown.context["timeline"][-1].reason == "户名不符"
    assert "户名不符" in client.get(page).content.decode()
    wrong = client.post(page, {"holder": "甲", "bank": "银行", "number": "12"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["number"])
    typed = {"holder": "甲", "bank": "银行", "number": "6222020000000000123"}
    assert client.post(page, typed).headers["Location"] == own
    assert open_holds().get().kind == "changed"
    shown = client.get(own)
    assert shown.context["award"].instalments[0].tag == "warn"
    assert (page in shown.content.decode(), next_step(case)) == (True, before)


def test_a_stranger_finds_nothing(
    client: Client, award: Award, preparer: User, approver: User
) -> None:
    paid(preparer, approver, ("returned", "户名不符"))
    case = Application.objects.get(number=award.case_number)
    client.force_login(make_user())
    page = reverse("reviews:returned", args=[case.pk, award.instalments.get().pk])
    assert client.get(page).status_code == 404
