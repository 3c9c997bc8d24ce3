"""Every door to what a case contains: closed before the declaration, logged, and without the
opinions that other bureaus still prepare. A door that is not in the table fails the test.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pypdf import PdfReader

from applicants.models import Event
from reviews.domain import opinions
from reviews.models import Application, CaseReading, Letter
from reviews.models.staff import Role
from reviews.models.task import Position
from tests import factories
from tests.factories import Cast, bureau, make_staff
from tests.reviews.matrix.stages import PAID, objection_filed, reconsideration_filed

CASE = "/admin/reviews/application/{case.pk}/"
CANARY = "尚未定稿的会审意见"


@dataclass(frozen=True)
class Door:
    """`reads` is what the log names it by; None where `why` nothing of a case is shown."""

    url: Callable[[Application], str] | None
    reads: str | None
    why: str = ""


def at(address: str) -> Callable[[Application], str]:
    return lambda case: address.format(case=case)


def paper(case: Application) -> Any:
    return case.evidence.filter(removed_at=None).order_by("id")[0].document_id


def letter_of(case: Application) -> int:
    return int(Letter.objects.filter(application=case).order_by("id")[0].pk)


def letter(case: Application) -> str:
    return f"{CASE.format(case=case)}letter/{letter_of(case)}.pdf"


DOORS = {
    "admin/reviews/application/<path:object_id>/change/": Door(at(CASE + "change/"), "desk"),
    "admin/reviews/application/<int:pk>/explanation/<int:number>/": Door(
        at(CASE + "explanation/1/"), "explanation"
    ),
    "admin/reviews/application/<int:pk>/explanation/<int:number>.pdf": Door(
        at(CASE + "explanation/1.pdf"), "explanation.pdf"
    ),
    "admin/reviews/application/<int:pk>/approval/": Door(at(CASE + "approval/"), "approval"),
    "admin/reviews/application/<int:pk>/approval.pdf": Door(
        at(CASE + "approval.pdf"), "approval.pdf"
    ),
    "admin/reviews/application/<int:pk>/file.pdf": Door(at(CASE + "file.pdf"), "file.pdf"),
    "admin/reviews/application/<int:pk>/letter/<int:letter>.pdf": Door(letter, "letter"),
    "api/cases/<int:pk>/": Door(at("/api/cases/{case.pk}/"), "api"),
    "api/documents/<uuid:pk>/": Door(lambda c: f"/api/documents/{paper(c)}/", "document"),
    "documents/<uuid:pk>/": Door(lambda c: f"/documents/{paper(c)}/", "document"),
    "api/letters/<int:pk>/": Door(lambda c: f"/api/letters/{letter_of(c)}/", "letter"),
    "api/letters/<int:pk>/pdf/": Door(lambda c: f"/api/letters/{letter_of(c)}/pdf/", "letter"),
    "api/letters/": Door(None, None, "numbers and titles of letters of cases open to the person"),
    "admin/reviews/application/<int:pk>/notes/": Door(None, None, "answers with the case's page"),
    "admin/reviews/application/<int:pk>/tasks/<int:task>/<slug:step>/": Door(
        None, None, "leads to the case's page"
    ),
    "admin/reviews/application/views/": Door(None, None, "names of filters"),
    "admin/reviews/application/views/<int:view>/rename/": Door(None, None, "names of filters"),
    "admin/reviews/application/<path:object_id>/history/": Door(None, None, "leads to the case"),
    "admin/reviews/application/": Door(None, None, "number, applicant, deadline and sum"),
    "admin/reviews/application/bulk/<slug:name>/": Door(None, None, "as in the list"),
    "api/cases/": Door(None, None, "as in the list"),
    "api/cases/<int:pk>/available/": Door(None, None, "names of steps"),
}


def addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        address = f"{before}{one.pattern}"
        if isinstance(one, URLPattern):
            yield address
        else:
            yield from addresses(one, address)


def test_every_door_is_in_the_table() -> None:
    starts = ("admin/reviews/application/", "api/cases/", "api/documents/<", "documents/<",
              "api/letters/")  # fmt: skip
    steps = ("admin/reviews/application/<int:pk>/do/", "api/cases/<int:pk>/", "api/cases/publish/")
    never = ("/add/", "/delete/", "<path:object_id>/")  # Django's own, refused or leading elsewhere
    found = {one for one in addresses(get_resolver()) if one.startswith(starts)}
    rest = {
        one for one in found - set(DOORS) if not one.startswith(steps) and not one.endswith(never)
    }
    assert (rest, set(DOORS) - found) == (set(), set())


READING = {name: door for name, door in DOORS.items() if door.reads}


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast(PAID)


@pytest.fixture
def determined(cast: Cast) -> Application:
    return factories.determined(cast)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_every_reading_of_staff_is_logged(cast: Cast, determined: Application) -> None:
    readers = (
        cast.of("sti", Role.PREPARER),
        cast.of("miit", Role.LEADER),
        make_staff(Role.AUDITOR),
    )
    for user in readers:
        client = signed_in(user)
        for door in READING.values():
            assert door.url is not None
            before = CaseReading.objects.count()
            answer = client.get(door.url(determined))
            list(answer.streaming_content if answer.streaming else [])
            logged = [(row.user, row.door) for row in CaseReading.objects.order_by("id")[before:]]
            assert (door.reads, answer.status_code, logged) == (
                door.reads, 200, [(user, door.reads)],
            )  # fmt: skip


def test_before_the_declaration_no_door_opens(determined: Application) -> None:
    undeclared, stranger = make_staff(Role.APPROVER, "sti"), make_staff(Role.APPROVER, "education")
    for user in (undeclared, stranger, *map(make_staff, (Role.SYSTEM, Role.SECURITY))):
        client = signed_in(user)
        shut = {name: closed(client.get(door.url(determined))) for name, door in READING.items()}
        assert shut == dict.fromkeys(READING, True)
        assert not CaseReading.objects.filter(user=user).exists()


def closed(answer: Any) -> bool:
    """Refused, or the page on which to declare and nothing else."""
    if answer.status_code == 200:
        return next(one.name for one in answer.templates).endswith("undeclared.html")
    return answer.status_code in (403, 404)


@pytest.mark.parametrize(
    ("build", "page"),
    [
        (objection_filed, "/admin/reviews/objection/"),
        (reconsideration_filed, "/admin/reviews/reconsideration/"),
    ],
)
def test_the_page_that_answers_is_logged_too(cast: Cast, build: Any, page: str) -> None:
    case = build(cast)
    user = cast.of("sti", Role.LEADER)
    row = case.reconsiderations.first() or case.publicityitem_set.get().objections.get()
    assert signed_in(user).get(f"{page}{row.pk}/change/").status_code == 200
    assert CaseReading.objects.filter(user=user, application=case).count() == 1


def shown(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:5] == b"%PDF-":
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return content.decode(errors="replace")


def prepared(cast: Cast, case: Application) -> None:
    opinions.prepare_opinion(
        case_id=case.pk,
        bureau=bureau("miit"),
        position=Position.OBJECT,
        text=CANARY,
        user=cast.of("miit", Role.PREPARER),
    )


LISTS = ("/admin/applicants/event/", "/admin/reviews/application/?queue=all", "/api/cases/",
         "/admin/")  # fmt: skip


def pages(case: Application, user: Any) -> Iterator[tuple[str, str]]:
    """Every page of the case and every list that the person can open."""
    client = signed_in(user)
    events = Event.objects.filter(subject=f"case:{case.pk}").values_list("pk", flat=True)
    own = [f"/admin/applicants/event/{pk}/change/" for pk in events]
    urls = [door.url(case) for name, door in READING.items() if door.url and "letter" not in name]
    for url in (*urls, *own, *LISTS, f"/api/cases/{case.pk}/available/", f"/cases/{case.pk}/"):
        yield url, shown(client.get(url))


def test_an_opinion_in_preparation_is_its_bureaus_alone(cast: Cast) -> None:
    case = factories.accepted(cast)
    prepared(cast, case)
    readers = {
        "sti preparer": cast.of("sti", Role.PREPARER),
        "sti leader": cast.of("sti", Role.LEADER),
        "finance approver": cast.of("finance", Role.APPROVER),
        "finance preparer": cast.of("finance", Role.FINANCE_PREPARER),
        "auditor": make_staff(Role.AUDITOR),
        "applicant": cast.clerk,
        "policy editor": make_staff(Role.POLICY_EDITOR),
        "coordinator": make_staff(Role.COORDINATOR),
        "window": make_staff(Role.WINDOW),
        "security": make_staff(Role.SECURITY),
        "system": make_staff(Role.SYSTEM),
    }
    leaks = [
        (who, url)
        for who, user in readers.items()
        for url, text in pages(case, user)
        if CANARY in text
    ]
    assert leaks == []
    own = dict(pages(case, cast.of("miit", Role.APPROVER)))
    assert {url for url, text in own.items() if CANARY in text} >= {
        f"/admin/reviews/application/{case.pk}/change/", f"/api/cases/{case.pk}/",
    }  # fmt: skip


def test_once_given_the_opinion_is_read_by_all_who_read_the_case(cast: Cast) -> None:
    case = factories.accepted(cast)
    prepared(cast, case)
    opinions.approve_opinion(
        case_id=case.pk, bureau=bureau("miit"), user=cast.of("miit", Role.APPROVER)
    )
    page = f"/admin/reviews/application/{case.pk}/change/"
    readers = (cast.of("sti", Role.PREPARER), make_staff(Role.AUDITOR))
    assert [CANARY in shown(signed_in(user).get(page)) for user in readers] == [True, True]


def test_an_auditor_lists_who_read_what_and_takes_it_along(cast: Cast) -> None:
    case, other = factories.accepted(cast), factories.submitted(Cast("tech-sme-rd-reward"))
    reader = cast.of("miit", Role.PREPARER)
    for one in (case, other):
        CaseReading.objects.create(application=one, user=reader, door="desk")
    CaseReading.objects.create(application=case, user=cast.of("sti", Role.LEADER), door="api")
    client = signed_in(make_staff(Role.AUDITOR))
    by_case, by_person = {"q": case.number}, {"q": reader.email}
    counts = [
        len(client.get("/admin/reviews/casereading/", query).context["cl"].result_list)
        for query in ({}, by_case, by_person)
    ]
    file = client.get("/admin/reviews/casereading/export.csv", by_person)
    rows = list(csv.reader(io.StringIO(shown(file).removeprefix("\ufeff"))))
    assert (counts, len(rows), file["Content-Type"]) == ([3, 2, 2], 3, "text/csv; charset=utf-8")
    assert {row[3] for row in rows[1:]} == {case.number, other.number}
    assert Event.objects.filter(kind="readings.exported").count() == 1


def test_readings_of_another_city_are_not_listed(cast: Cast) -> None:
    case = factories.submitted(cast)
    CaseReading.objects.create(application=case, user=cast.of("sti", Role.LEADER), door="desk")
    client = signed_in(make_staff(Role.AUDITOR, city="dalian"))
    assert list(client.get("/admin/reviews/casereading/").context["cl"].result_list) == []
