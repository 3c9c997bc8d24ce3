"""The frame of every page: languages, text size, the inbox's count, files that are handed out."""

from http import HTTPStatus

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from applicants.context import unread
from applicants.domain.documents import path_of, store
from applicants.models import Notice, Party, User
from applicants.views.files import serve
from tests.applicants.files import PDF, upload

FORBIDDEN = ("<style", "style=", "onclick", "javascript:")
PUBLIC = ("applicants:home", "account_login", "account_signup", "account_reset_password")


def make_notice(user: User, key: str) -> Notice:
    return Notice.objects.create(user=user, kind="case.accepted", key=key, data={}, url="/x")


@pytest.mark.parametrize("page", PUBLIC)
@pytest.mark.parametrize(("asked", "language"), [("zh-hans", "zh-hans"), ("en", "en")])
def test_public_pages_in_both_languages_hold_to_the_policy(
    client: Client, db: None, page: str, asked: str, language: str
) -> None:
    answer = client.get(reverse(page), HTTP_ACCEPT_LANGUAGE=asked)
    shown = answer.content.decode()
    assert (answer.status_code, f'<html lang="{language}"' in shown) == (HTTPStatus.OK, True)
    assert [word for word in FORBIDDEN if word in shown] == []
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_large_text_is_remembered_and_sends_nobody_elsewhere(client: Client, db: None) -> None:
    url = reverse("applicants:text_size")
    assert client.post(url, {"large": "1", "next": "https://evil.example/"}).url == "/"
    assert client.post(url, {"large": "1", "next": "/accounts/login/"}).url == "/accounts/login/"
    assert 'class="is-large"' in client.get("/").content.decode()
    client.post(url, {"large": "0", "next": "/"})
    assert 'class="is-large"' not in client.get("/").content.decode()


def test_the_unread_count_costs_one_query(
    rf, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_notice(owner, "a"), make_notice(owner, "b")
    request = rf.get("/")
    request.user = owner
    with django_assert_num_queries(1):
        assert unread(request) == 2


def test_opening_a_message_marks_it_read(client: Client, owner: User) -> None:
    first, second = make_notice(owner, "a"), make_notice(owner, "b")
    client.force_login(owner)
    client.get(reverse("applicants:notice", args=[first.pk]))
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.read_at is None, second.read_at is None) == (False, True)
    client.post(reverse("applicants:inbox"))
    second.refresh_from_db()
    assert second.read_at is not None


def test_the_inbox_goes_from_page_to_page_without_loss(client: Client, owner: User) -> None:
    made = [make_notice(owner, str(number)).pk for number in range(45)]
    client.force_login(owner)
    url, seen = reverse("applicants:inbox"), []
    while url:
        page = client.get(url).context
        seen += [entry["notice"].pk for entry in page["entries"]]
        following = page["page"].next_url
        url = reverse("applicants:inbox") + following if following else ""
    assert seen == made[::-1]


@pytest.mark.parametrize("before", ["x", "0", "99999999999999999999"])
def test_a_page_mark_that_means_nothing_is_not_found(
    client: Client, owner: User, before: str
) -> None:
    client.force_login(owner)
    url = reverse("applicants:inbox")
    assert client.get(url, {"before": before}).status_code == HTTPStatus.NOT_FOUND


def test_documents_are_handed_out_to_be_saved(owner: User, organisation: Party) -> None:
    document = store(party=organisation, upload=upload('营业执照 "正本".pdf', PDF), user=owner)
    answer = serve(document)
    assert b"".join(answer.streaming_content) == PDF
    answer.close()
    headers = {
        "Content-Type": "application/pdf",
        "Content-Disposition": "attachment; filename*=utf-8''"
        "%E8%90%A5%E4%B8%9A%E6%89%A7%E7%85%A7%20_%E6%AD%A3%E6%9C%AC_.pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    assert {name: answer[name] for name in headers} == headers


def test_a_lost_file_is_not_found(owner: User, organisation: Party) -> None:
    document = store(party=organisation, upload=upload("a.pdf", PDF), user=owner)
    path_of(document.pk).unlink()
    with pytest.raises(Http404):
        serve(document)
