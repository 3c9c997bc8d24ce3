"""Objections from the public, reconsiderations from the applicant, and the desk that answers."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from applicants.domain.errors import Refused
from applicants.models import Notice
from reviews.domain import objections, reconsiderations
from reviews.models import Application, Objection, PublicityItem, Reconsideration
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, make_staff
from tests.reviews.domain.test_joint_review import declined, refused

pytestmark = pytest.mark.django_db
CODE = "hitech-first-recognition-award"
TYPED = {"name": "某某协会（盖章）", "contact": "0532-00000000", "text": "证书编号不实"}
DESK = "/admin/reviews"


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def pages(case: Application) -> tuple[str, str]:
    """The notice, and the page to object."""
    item = PublicityItem.objects.get(application=case)
    number = item.notice.number
    notice = reverse("reviews:publicity_notice", args=[number])
    return notice, reverse("reviews:object", args=[number, item.pk])


def an_objection(case: Application) -> Objection:
    item = PublicityItem.objects.get(application=case)
    return objections.file_objection(item_id=item.pk, **TYPED)


def test_anybody_objects_and_nobody_else_reads_it(client: Client) -> None:
    case = factories.published(Cast(CODE))
    notice, page = pages(case)
    assert page in client.get(notice).content.decode()
    assert client.get(page).status_code == 200
    answer = client.post(page, TYPED, follow=True)
    objection = Objection.objects.get()
    assert answer.redirect_chain == [(notice, 302)]
    assert objection.number in answer.content.decode()
    assert {name: getattr(objection, name) for name in TYPED} == TYPED
    seen = client.get(notice).content.decode()
    assert [one for one in (objection.number, *TYPED.values()) if one in seen] == []


@pytest.mark.parametrize("field", TYPED)
@pytest.mark.parametrize("value", [" ", "x" * 4001, "a\x00b"])
def test_what_is_wrong_stands_beside_its_field(client: Client, field: str, value: str) -> None:
    _notice, page = pages(factories.published(Cast(CODE)))
    answer = client.post(page, TYPED | {field: value})
    assert list(answer.context["form"].errors) == [field]
    kept = [typed for name, typed in TYPED.items() if name != field]
    assert [typed for typed in kept if typed not in answer.content.decode()] == []
    assert Objection.objects.count() == 0


def test_no_word_of_an_objection_is_lost() -> None:
    item = PublicityItem.objects.get(application=factories.published(Cast(CODE)))
    with pytest.raises(Refused) as told:
        objections.file_objection(item_id=item.pk, name="甲", contact="1", text="x" * 4001)
    assert list(told.value.message_dict) == ["text"]


def test_an_invisible_character_is_told_by_the_verb_beside_its_field(client: Client) -> None:
    _notice, page = pages(factories.published(Cast(CODE)))
    answer = client.post(page, TYPED | {"name": "某\u200b协会"})
    assert list(answer.context["form"].errors) == ["name"]


def test_outside_its_days_a_notice_takes_no_objections(client: Client) -> None:
    case = factories.published(Cast(CODE))
    notice, page = pages(case)
    over = factories.publicity_end(case) + timedelta(days=1)
    with time_machine.travel(f"{over}T09:00:00+08:00", tick=False):
        assert page not in client.get(notice).content.decode()
        assert client.post(page, TYPED).url == notice
    assert Objection.objects.count() == 0


def test_a_case_of_another_notice_is_not_found(client: Client) -> None:
    _notice, page = pages(factories.published(Cast(CODE)))
    item = PublicityItem.objects.get()
    assert client.get(page.replace(item.notice.number, "QD-GS-1999-0001")).status_code == 404


def test_many_objections_from_one_place_are_held_up(client: Client) -> None:
    _notice, page = pages(factories.published(Cast(CODE)))
    for _time in range(10):
        assert client.post(page, TYPED).status_code == 302
    held = client.post(page, TYPED)
    assert list(held.context["form"].errors) == ["__all__"]
    assert TYPED["text"] in held.content.decode()
    assert Objection.objects.count() == 10


def row_page(row: Objection | Reconsideration) -> str:
    return reverse(f"admin:reviews_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize(
    ("role", "bureau", "sees"),
    [
        (Role.APPROVER, "sti", 200),
        (Role.LEADER, "sti", 200),
        (Role.AUDITOR, None, 200),
        (Role.APPROVER, "miit", 404),
        (Role.APPROVER, "education", 404),
    ],
)
def test_objections_are_for_the_handling_bureau_and_auditors(
    role: Role, bureau: str | None, sees: int
) -> None:
    cast = Cast(CODE)
    objection = an_objection(factories.published(cast))
    desk = signed_in(cast.free(make_staff(role, bureau)))
    listed = desk.get(f"{DESK}/objection/?state__exact=filed").content.decode()
    assert (objection.number in listed) is (sees == 200)
    page = desk.get(row_page(objection))
    assert page.status_code == sees
    if sees == 200:
        assert TYPED["text"] in page.content.decode()
        assert (page.context["form"] is None) is (role == Role.AUDITOR)


def test_an_auditor_and_a_preparer_decide_nothing() -> None:
    cast = Cast(CODE)
    objection = an_objection(factories.published(cast))
    typed = {"decision": "upheld", "answer": "属实"}
    auditor = signed_in(cast.free(make_staff(Role.AUDITOR)))
    assert auditor.post(row_page(objection), typed).status_code == 403
    preparer = signed_in(cast.of("sti", Role.PREPARER))
    assert preparer.get(f"{DESK}/objection/").status_code == 403
    assert preparer.post(row_page(objection), typed).status_code == 404
    assert Objection.objects.get().state == "filed"


def test_it_opens_after_a_declaration_only() -> None:
    case = factories.published(Cast(CODE))
    objection = an_objection(case)
    desk = signed_in(make_staff(Role.APPROVER, "sti"))
    assert desk.get(row_page(objection)).url == f"{DESK}/application/{case.pk}/change/"


def test_an_objection_is_decided_at_the_desk() -> None:
    cast = Cast(CODE)
    case = factories.published(cast)
    objection = an_objection(case)
    typed = {"decision": "upheld", "answer": "查证属实"}
    involved = signed_in(cast.of("sti", Role.APPROVER)).post(row_page(objection), typed)
    assert list(involved.context["form"].errors) == ["__all__"]
    desk = signed_in(cast.free(make_staff(Role.LEADER, "sti")))
    unsaid = desk.post(row_page(objection), typed | {"answer": " "})
    assert (unsaid.status_code, list(unsaid.context["form"].errors)) == (422, ["answer"])
    assert desk.post(row_page(objection), typed).status_code == 302
    assert factories.fresh(case).state == CaseState.REFUSED
    page = desk.get(row_page(objection))
    assert (page.context["form"], "查证属实" in page.content.decode()) == (None, True)
    assert str(objection.filed_at) not in page.content.decode()


@pytest.mark.parametrize("stage", [refused, declined])
def test_the_applicant_asks_and_reads_the_answer(stage: object) -> None:
    cast = Cast(CODE)
    case = stage(cast)
    own = reverse("reviews:case", args=[case.pk])
    ask = reverse("reviews:reconsider", args=[case.pk])
    clerk = signed_in(cast.clerk)
    assert ask in clerk.get(own).content.decode()
    assert list(clerk.post(ask, {"text": " "}).context["asking"].errors) == ["text"]
    assert clerk.post(ask, {"text": "名单有误"}).url == own
    page = clerk.get(own).content.decode()
    assert ("名单有误" in page, ask in page) == (True, False)
    assert clerk.post(ask, {"text": "再次申请"}).url == own
    asked = Reconsideration.objects.get()
    desk = signed_in(cast.free(make_staff(Role.LEADER, "sti")))
    assert case.number in desk.get(f"{DESK}/reconsideration/").content.decode()
    typed = {"decision": "upheld", "answer": "名单无此证书"}
    assert desk.post(row_page(asked), typed).status_code == 302
    assert "名单无此证书" in clerk.get(own).content.decode()
    told = Notice.objects.get(user=cast.clerk, kind="reconsideration.upheld")
    assert told.data["reason"] == "名单无此证书"


def test_nobody_asks_for_another_party_or_after_its_days() -> None:
    cast = Cast(CODE)
    case = refused(cast)
    own = reverse("reviews:case", args=[case.pk])
    ask = reverse("reviews:reconsider", args=[case.pk])
    stranger = signed_in(factories.make_user())
    assert stranger.post(ask, {"text": "名单有误"}).status_code == 404
    late = reconsiderations.last_day(case) + timedelta(days=1)
    with time_machine.travel(f"{late}T09:00:00+08:00", tick=False):
        clerk = signed_in(cast.clerk)
        assert ask not in clerk.get(own).content.decode()
        answer = clerk.post(ask, {"text": "名单有误"})
        assert list(answer.context["asking"].errors) == ["text"]
    assert Reconsideration.objects.count() == 0
