"""Letters by the API: for whom they are, opened and fetched as PDF."""

import pytest
from django.test import Client

from reviews.domain.letters import digest
from reviews.models import CaseReading, Letter
from reviews.models.staff import Role
from tests.factories import Cast, accepted, make_staff, make_user

HITECH = "hitech-first-recognition-award"


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast(HITECH)


@pytest.fixture
def letter(cast: Cast) -> Letter:
    return accepted(cast).letters.get()


def of(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_applicant_lists_opens_and_fetches(cast: Cast, letter: Letter) -> None:
    client = of(cast.clerk)
    unread = client.get("/api/letters/?unread=true").json()["results"]
    assert [(one["number"], one["read_at"]) for one in unread] == [(letter.number, None)]
    opened = client.get(f"/api/letters/{letter.pk}/").json()
    assert (opened["body"], opened["digest"]) == (letter.body, digest(letter))
    assert opened["read_at"]
    assert client.get("/api/letters/?unread=true").json()["results"] == []
    pdf = client.get(f"/api/letters/{letter.pk}/pdf/")
    assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert "token" not in opened


def test_staff_see_letters_of_cases_open_to_them(cast: Cast, letter: Letter) -> None:
    reader = cast.of(cast.handling, Role.PREPARER)
    assert len(of(reader).get(f"/api/letters/?case={letter.application_id}").json()["results"]) == 1
    assert of(reader).get(f"/api/letters/{letter.pk}/").json()["read_at"] is None
    assert CaseReading.objects.filter(user=reader, door="letter").count() == 1


def test_nobody_else_learns_of_it(cast: Cast, letter: Letter) -> None:
    for user in (make_user(), make_staff(Role.PREPARER, cast.handling)):
        assert of(user).get("/api/letters/").json()["results"] == []
        for page in ("", "pdf/"):
            assert of(user).get(f"/api/letters/{letter.pk}/{page}").status_code == 404
    assert Client().get("/api/letters/").status_code in (401, 403)
