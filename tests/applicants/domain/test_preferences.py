import pytest
from django.test import Client

from applicants.domain import preferences
from applicants.domain.errors import Refused
from applicants.models import NoticePreference
from tests.factories import make_user

PAGE = "/me/notices/"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"phone": "12345"}, "phone"),
        ({"phone": "23800000000"}, "phone"),
        ({"phone": "", "sms": True}, "phone"),
        ({"email": "weekly"}, "email"),
    ],
)
def test_what_cannot_be_chosen(db: None, given: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        preferences.choose(
            user=make_user(), **({"email": "each", "phone": "", "sms": False} | given)
        )
    assert list(refused.value.message_dict) == [field]


def test_the_page_keeps_the_choice(client: Client, db: None) -> None:
    user = make_user(is_staff=True)
    client.force_login(user)
    page = client.get(PAGE)
    assert page.context["form"].initial["email"] == "digest"  # usual for staff
    answer = client.post(PAGE, {"email": "each", "phone": "+86 138-0000-0000", "sms": "on"})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    row = NoticePreference.objects.get(user=user)
    assert (row.email, row.phone, row.sms) == ("each", "+8613800000000", True)


def test_the_page_says_what_is_wrong(client: Client, db: None) -> None:
    client.force_login(make_user())
    answer = client.post(PAGE, {"email": "each", "phone": "1", "sms": "on"})
    assert list(answer.context["form"].errors) == ["phone"]
    assert NoticePreference.objects.count() == 0


def test_nobody_else_gets_in(client: Client, db: None) -> None:
    assert client.get(PAGE).status_code == 302


def test_the_api_reads_and_chooses(client: Client, db: None) -> None:
    client.force_login(make_user())
    assert client.get("/api/me/notices/").json() == {"email": "each", "phone": "", "sms": False}
    chosen = {"email": "digest", "phone": "13800000000", "sms": True}
    answer = client.put("/api/me/notices/", chosen, content_type="application/json")
    assert (answer.status_code, answer.json()) == (200, chosen)
    wrong = client.put(
        "/api/me/notices/", {"email": "each", "phone": "1"}, content_type="application/json"
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["attr"]) == (400, "phone")
