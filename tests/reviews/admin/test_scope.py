"""A case is for the eyes of its bureaus only; everything else behaves as if it did not exist."""

import pytest
from django.urls import reverse

from reviews.demo import walk
from reviews.domain.opinions import prepare_opinion
from reviews.models.staff import Role
from reviews.models.task import Position
from tests.factories import Cast, accepted, bureau, give_role, make_staff, make_user, submitted

LIST = "/admin/reviews/application/"


def page(case, name="change"):
    return reverse(f"admin:reviews_application_{name}", args=[case.pk])


def test_own_bureau_reads_the_case(cast, desk):
    case = submitted(cast)
    client = desk(cast.of("sti", Role.PREPARER))
    answer = client.get(page(case))
    assert answer.status_code == 200
    assert case.number in answer.content.decode()


def test_another_bureaus_case_does_not_exist(cast, desk):
    case = accepted(cast)
    stranger = desk(make_staff(Role.PREPARER, "education"))
    assert stranger.get(page(case)).status_code == 404
    assert stranger.get(page(case, "history")).status_code == 404
    assert stranger.post(f"{LIST}{case.pk}/do/accept/").status_code == 404


@pytest.mark.parametrize("query", ["", "?queue=all", "?queue=overdue", "?state__exact=submitted"])
def test_another_bureaus_case_is_in_no_list(cast, desk, query):
    case = submitted(cast)
    answer = desk(make_staff(Role.PREPARER, "education")).get(f"{LIST}{query}")
    assert answer.status_code == 200
    assert case.number not in answer.content.decode()


def test_search_finds_own_cases_only(cast, desk):
    own = submitted(cast)
    other = submitted(Cast("university-new-discipline-award", kind="university"))
    client = desk(cast.of("sti", Role.PREPARER))
    found = client.get(f"{LIST}?queue=all&q={own.number[:8]}").content.decode()
    assert (own.number in found, other.number in found) == (True, False)


@pytest.mark.parametrize("words", ["number", "name", "uscc", "title"])
def test_search_by_what_a_case_is_known_by(cast, desk, words):
    case = submitted(cast)
    query = {
        "number": case.number,
        "name": case.applicant.name,
        "uscc": case.applicant.uscc,
        "title": case.programme.title_zh,
    }[words]
    answer = desk(cast.of("sti", Role.PREPARER)).get(LIST, {"queue": "all", "q": query})
    assert [found.pk for found in answer.context["cl"].result_list] == [case.pk]


def test_filters_offer_only_what_the_bureau_has(cast, desk):
    own = submitted(cast)
    other = submitted(Cast("university-new-discipline-award", kind="university"))
    answer = desk(cast.of("sti", Role.PREPARER)).get(f"{LIST}?queue=all").content.decode()
    offered = own.programme.title_zh in answer
    assert (offered, other.programme.title_zh in answer) == (True, False)


def test_a_responsible_bureau_sees_the_case_once_it_is_asked(cast, desk):
    case = submitted(cast)
    client = desk(cast.of("miit", Role.PREPARER))
    before = client.get(page(case)).status_code
    walk.accept(case, cast.of)
    assert (before, client.get(page(case)).status_code) == (404, 200)


def test_a_member_of_the_applicant_does_not_see_its_case(cast, desk):
    case = submitted(cast)
    clerk = cast.clerk
    clerk.is_staff = True
    clerk.save(update_fields=["is_staff"])
    give_role(clerk, Role.PREPARER, "sti")
    assert desk(clerk).get(page(case)).status_code == 404


def test_an_auditor_reads_and_may_do_nothing(cast, desk):
    case = submitted(cast)
    client = desk(make_staff(Role.AUDITOR))
    answer = client.get(page(case))
    assert (answer.status_code, answer.context["offers"]) == (200, [])
    assert client.post(f"{LIST}{case.pk}/do/accept/").status_code == 403


def test_an_unapproved_draft_of_another_bureau_is_hidden(cast, desk):
    case = accepted(cast)
    writer = cast.of("miit", Role.PREPARER)
    prepare_opinion(
        case_id=case.pk,
        bureau=bureau("miit"),
        position=Position.OBJECT,
        text="草稿原文",
        user=writer,
    )
    seen = {
        name: "草稿原文" in desk(user).get(page(case)).content.decode()
        for name, user in {
            "own": writer,
            "handling": cast.of("sti", Role.PREPARER),
            "auditor": make_staff(Role.AUDITOR),
        }.items()
    }
    assert seen == {"own": True, "handling": False, "auditor": False}


def test_a_superuser_without_a_role_sees_no_case(cast, desk):
    case = submitted(cast)
    client = desk(make_user("root", is_staff=True, is_superuser=True))
    assert client.get(LIST).status_code == 403
    assert client.get(page(case)).status_code == 404


def test_a_role_that_ended_is_gone_at_the_next_request(cast, desk):
    case = submitted(cast)
    user = cast.of("sti", Role.PREPARER)
    client = desk(user)
    assert client.get(page(case)).status_code == 200
    user.staffrole_set.update(is_active=False)
    assert client.get(page(case)).status_code == 404
    assert client.get(LIST).status_code == 403


def test_an_account_switched_off_is_out_at_the_next_request(cast, desk):
    user = cast.of("sti", Role.PREPARER)
    client = desk(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    assert client.get(LIST).status_code == 302
