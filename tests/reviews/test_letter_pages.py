"""Letters in the portal, and the page that anybody verifies one on."""

import re
from hashlib import sha256

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reviews.models import Letter
from tests.factories import Cast, accepted, make_user

HITECH = "hitech-first-recognition-award"
ALLOWANCE = "settling-in-allowance"

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter() -> Letter:
    return accepted(Cast(HITECH)).letters.get()


def member(letter: Letter) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(letter.application.started_by)
    return client


def test_a_letter_is_listed_opened_and_from_then_on_read(letter: Letter) -> None:
    client = member(letter)
    for page in ("/letters/", f"/cases/{letter.application_id}/"):
        shown = client.get(page).content.decode()
        assert letter.number in shown
        assert "not opened yet" in shown
    text = client.get(f"/letters/{letter.pk}/").content.decode()
    assert all(line in text for line in letter.body.splitlines())
    assert "（印章）" in text
    letter.refresh_from_db()
    assert letter.read_by == letter.application.started_by
    assert "not opened yet" not in client.get("/letters/").content.decode()
    told = [one.says for one in client.get(f"/cases/{letter.application_id}/").context["timeline"]]
    assert told[-2:] == [f"Letter issued {letter.number}", f"Letter opened {letter.number}"]


def test_the_pdf_is_for_its_addressee(letter: Letter) -> None:
    answer = member(letter).get(f"/letters/{letter.pk}.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    stranger = Client()
    stranger.force_login(make_user())
    for page in (f"/letters/{letter.pk}/", f"/letters/{letter.pk}.pdf", "/letters/999999/"):
        assert stranger.get(page).status_code == 404
        assert Client().get(page).status_code == 302
    assert "letter__" not in stranger.get("/letters/").content.decode()


def test_letters_are_listed_in_a_constant_number_of_queries(letter: Letter) -> None:
    cast = Cast(HITECH)
    client = Client()
    client.force_login(cast.clerk)
    counts = []
    for _ in range(2):
        accepted(cast)
        with CaptureQueriesContext(connection) as read:
            client.get("/letters/")
        counts.append(len(read))
    assert counts[0] == counts[1]


def test_whoever_holds_the_paper_sees_that_it_was_issued_and_nothing_more() -> None:
    cast = Cast(ALLOWANCE, kind="person")
    letter = accepted(cast).letters.get()
    answer = Client(headers={"accept-language": "en"}).get(f"/verify/{letter.token}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert letter.number in page
    assert "测***" in page
    case = letter.application
    hidden = [cast.party.name, cast.party.identity_last4, case.number, case.progress_token]
    hidden += [letter.body.splitlines()[1], cast.clerk.email, str(letter.issued_by)]
    assert [one for one in hidden if one in page] == []
    letter.refresh_from_db()
    assert letter.read_at is None


@pytest.mark.parametrize("token", ["x", "A" * 43, "密" * 43, "A" * 400])
def test_an_invented_token_leads_nowhere(letter: Letter, token: str) -> None:
    answer = Client().get(f"/verify/{token}/")
    assert answer.status_code == 404
    assert letter.number not in answer.content.decode()


def test_verifying_is_limited_by_connection(
    letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviews.views.letters.VERIFIED_A_MINUTE", 2)
    page = f"/verify/{letter.token}/"
    assert [Client().get(page).status_code for _ in range(3)] == [200, 200, 429]
    assert Client(REMOTE_ADDR="192.0.2.7").get(page).status_code == 200


def test_the_digest_of_the_page_is_of_the_served_text(letter: Letter) -> None:
    words = [letter.number, letter.title, str(letter.issued_on), letter.body]
    page = Client().get(f"/verify/{letter.token}/").content.decode()
    digest = sha256("\n".join(words).encode()).hexdigest()
    assert re.findall(r"\b[0-9a-f]{64}\b", page) == [digest]
