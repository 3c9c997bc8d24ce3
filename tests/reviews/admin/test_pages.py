"""Every page of the desk, for every role: it opens, and nothing in it is inline script or style."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from reviews.models.staff import BUREAU_ROLES, Role
from tests import factories
from tests.factories import Cast, make_staff

INDEX = "/admin/"
MOST_PAGES = 120
SKIPPED = re.compile(r"^/admin/(logout|jsi18n|autocomplete|r/)|(export|csv|xlsx)/?$")


class Links(HTMLParser):
    """The links of a page, and whatever a strict content security policy would refuse."""

    def __init__(self):
        super().__init__()
        self.links, self.refused = [], []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag == "style" or (tag == "script" and not inert(named)):
            self.refused.append(tag)
        self.refused += [
            f"{tag} {name}" for name in named if name == "style" or name.startswith("on")
        ]
        if tag == "a" and named.get("href"):
            self.links.append(named["href"])
        if named.get("href", "").startswith("javascript:"):
            self.refused.append("javascript:")


def inert(script):
    return "src" in script or script.get("type") == "application/json"


def crawl(client):
    """Path → (status, what is refused) of every page of the admin that is linked, once a path."""
    seen, todo = {}, [INDEX]
    while todo and len(seen) < MOST_PAGES:
        url = todo.pop(0)
        path = urlsplit(url).path
        if path in seen or not path.startswith(INDEX) or SKIPPED.search(path):
            continue
        answer = client.get(url)
        page = Links()
        if answer.streaming:
            b"".join(answer)  # a file is closed at its end
        elif answer.status_code == 200 and "html" in answer["Content-Type"]:
            page.feed(answer.content.decode())
        seen[path] = (answer.status_code, tuple(page.refused))
        todo += [urljoin(url, link) for link in page.links]
    return seen


def visitor(role):
    finance = role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
    return make_staff(role, ("finance" if finance else "sti") if role in BUREAU_ROLES else None)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_linked_page_opens_and_is_clean(db, role, language):
    factories.published(Cast("hitech-first-recognition-award"))
    factories.accepted(Cast("national-project-team-award"))
    client = Client(headers={"accept-language": language})
    client.force_login(visitor(role))
    found = crawl(client)
    assert {path: what for path, what in found.items() if what[0] not in (200, 302)} == {}
    assert {path: what[1] for path, what in found.items() if what[1]} == {}
    assert len(found) >= (5 if role != Role.FINANCE_APPROVER else 3)


STAGES = [
    factories.submitted,
    factories.accepted,
    factories.reviewed,
    factories.proposed,
    factories.determined,
    factories.checked,
    factories.published,
]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("code", ["national-project-team-award", "tech-sme-rd-reward"])
def test_a_case_reads_at_every_stage(db, desk, stage, code):
    cast = Cast(code)
    case = stage(cast)
    for user in (cast.of(cast.handling, Role.PREPARER), make_staff(Role.AUDITOR)):
        answer = desk(user).get(f"/admin/reviews/application/{case.pk}/change/")
        page = Links()
        page.feed(answer.content.decode())
        assert (answer.status_code, page.refused) == (200, [])
        assert [mark for mark in ("None", "&lt;", "{'") if mark in text_of(answer)] == []


def text_of(answer):
    return re.sub(r"<[^>]+>", " ", answer.content.decode())


def test_the_strict_policy_is_sent(cast, desk):
    answer = desk(cast.of("sti", Role.PREPARER)).get(INDEX)
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_sign_in_goes_through_the_portal(db):
    answer = Client().get("/admin/reviews/application/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")


def test_an_applicant_is_no_staff(cast, desk):
    assert desk(cast.clerk).get(INDEX, follow=True).status_code == 403


def test_the_account_number_is_masked(cast, desk):
    case = factories.submitted(cast)
    page = desk(cast.of("sti", Role.PREPARER)).get(f"/admin/reviews/application/{case.pk}/change/")
    assert case.account.masked in page.content.decode()


def test_the_index_names_roles_and_queues(cast, desk):
    factories.submitted(cast)
    answer = desk(cast.of("sti", Role.PREPARER)).get(INDEX).content.decode()
    assert "?queue=accept" in answer
    assert str(cast.programme.handling_bureau) in answer


def test_switching_the_language(cast, desk):
    client = desk(cast.of("sti", Role.PREPARER))
    client.post("/i18n/setlang/", {"language": "en", "next": INDEX})
    assert '<html lang="en"' in client.get(INDEX).content.decode()


@pytest.mark.parametrize(
    "path", ["reviews/application/add/", "reviews/staffrole/add/", "incentives/setting/add/"]
)
def test_nobody_adds_past_the_verbs(cast, desk, path):
    assert desk(cast.of("sti", Role.PREPARER)).get(f"{INDEX}{path}").status_code == 403
