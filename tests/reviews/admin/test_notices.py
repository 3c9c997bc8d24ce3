"""The pages of endpoints, notice templates and overdue work: who enters, what they do."""

import pytest
from django.test import Client

from applicants.models import Endpoint, NoticeTemplate, User
from reviews.models import ReviewTask
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, make_staff

pytestmark = pytest.mark.django_db
ENDPOINTS = "/admin/applicants/endpoint/"
TEMPLATES = "/admin/applicants/noticetemplate/"
OVERDUE = "/admin/reviews/reviewtask/"


@pytest.fixture
def as_(client: Client) -> object:
    def enter(user: User) -> Client:
        client.force_login(user)
        return client

    return enter


@pytest.mark.parametrize(
    ("page", "role", "status"),
    [
        (ENDPOINTS, Role.SYSTEM, 200),
        (ENDPOINTS, Role.AUDITOR, 200),
        (ENDPOINTS, Role.POLICY_EDITOR, 403),
        (ENDPOINTS + "add/", Role.AUDITOR, 403),
        (TEMPLATES, Role.POLICY_EDITOR, 200),
        (TEMPLATES + "add/", Role.AUDITOR, 403),
        (TEMPLATES, Role.SYSTEM, 403),
        (OVERDUE, Role.COORDINATOR, 200),
        (OVERDUE, Role.AUDITOR, 200),
        (OVERDUE, Role.POLICY_EDITOR, 403),
    ],
)
def test_who_enters(as_, page: str, role: Role, status: int) -> None:
    assert as_(make_staff(role)).get(page).status_code == status


def test_an_endpoint_shows_its_secret_once(as_) -> None:
    client = as_(make_staff(Role.SYSTEM))
    given = {"city": "qingdao", "channel": "sms", "url": "https://a.example/", "kinds": []}
    made = client.post(ENDPOINTS + "add/", given)
    secret = made.context["secret"]
    assert (made.status_code, len(secret)) == (200, 43)
    assert "no-store" in made["Cache-Control"]
    page = f"{ENDPOINTS}{Endpoint.objects.get().pk}/change/"
    assert secret not in client.get(page).content.decode()
    renewed = client.post(page, {"step": "renew"}).context["secret"]
    assert renewed not in (secret, client.get(page).content.decode())
    assert client.post(page, {"step": "off"}).status_code == 302
    assert Endpoint.objects.get().is_active is False
    assert client.post(page, {"step": "explode"}).status_code == 403


def test_a_wrong_address_is_told_beside_its_field(as_) -> None:
    client = as_(make_staff(Role.SYSTEM))
    given = {"city": "qingdao", "channel": "sms", "url": "ftp://a.example/"}
    answer = client.post(ENDPOINTS + "add/", given)
    assert list(answer.context["form"].errors) == ["url"]


def test_words_are_looked_at_and_then_kept(as_) -> None:
    client = as_(make_staff(Role.POLICY_EDITOR))
    assert client.get(TEMPLATES + "add/").status_code == 200
    page = TEMPLATES + "add/?city=qingdao&kind=case.accepted"
    texts = client.get(page).context["form"].initial | {"title_zh": "{number}已收", "basis": "文件"}
    looked = client.post(page, texts)
    assert "⟨number⟩已收" in looked.content.decode()
    assert NoticeTemplate.objects.count() == 0
    assert client.post(page, texts | {"keep": "1"}).status_code == 302
    assert NoticeTemplate.objects.get().title_zh == "{number}已收"
    wrong = client.post(page, texts | {"keep": "1", "text_zh": "{nobody}"})
    assert list(wrong.context["form"].errors) == ["text_zh"]


@pytest.mark.parametrize("query", ["?city=dalian&kind=case.accepted", "?city=qingdao&kind=moon"])
def test_words_of_no_kind_or_of_another_city(as_, query: str) -> None:
    client = as_(make_staff(Role.POLICY_EDITOR))
    assert client.get(TEMPLATES + "add/" + query).status_code == 404


def test_overdue_by_bureau_and_its_tasks(as_, django_assert_max_num_queries) -> None:
    case = factories.submitted(Cast("enterprise-tech-centre-award"))
    task = ReviewTask.objects.get(application=case)
    ReviewTask.objects.update(due_on="2026-01-05")
    client = as_(make_staff(Role.COORDINATOR))
    with django_assert_max_num_queries(16):
        page = client.get(f"{OVERDUE}?bureau={task.bureau_id}").content.decode()
    assert case.number in page
    assert client.get(f"{OVERDUE}?bureau=nonsense").status_code == 200
