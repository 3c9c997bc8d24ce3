from collections.abc import Callable

import pytest

from applicants.domain import notice_templates
from applicants.domain.errors import NotAllowed, Refused
from applicants.domain.inbox import notices_of
from applicants.domain.notice_words import WORDS
from applicants.domain.notices import notify
from applicants.domain.wording import render
from applicants.models import Notice, NoticeTemplate, User
from reviews.domain.notice_wording import word_notice
from reviews.models.staff import Role
from tests.factories import make_staff, make_user, qingdao

pytestmark = pytest.mark.django_db
OWN = {
    "title_zh": "【青岛】{number}须补正",
    "text_zh": "请补正“{title}”：{reason}",
    "title_en": "Qingdao: {number} to supplement",
    "text_en": "Supplement “{title}”: {reason}",
}


def told(user: User, key: str = "k") -> Notice:
    data = {"number": "QI-1", "title_zh": "奖励", "title_en": "award", "reason": "{x} 100%"}
    notify(user=user, kind="case.returned", key=key, data=data, city=qingdao())
    return Notice.objects.get(key=key)


def word(texts: dict[str, str], kind: str = "case.returned", user: User | None = None) -> None:
    editor = user or make_staff(Role.POLICY_EDITOR)
    word_notice(city=qingdao(), kind=kind, texts=texts, basis="文件", user=editor)


def test_the_city_s_words_count_and_can_be_laid_aside() -> None:
    notice = told(make_user())
    usual = render(notice, "en")
    word(OWN)
    again = Notice.objects.get(pk=notice.pk)
    assert render(again, "en") == ("Qingdao: QI-1 to supplement", "Supplement “award”: {x} 100%")
    assert render(again, "zh-hans")[0] == "【青岛】QI-1须补正"
    word({})
    assert render(Notice.objects.get(pk=notice.pk), "en") == usual
    assert NoticeTemplate.objects.count() == 2


def test_the_inbox_needs_no_query_more_for_them(
    django_assert_num_queries: Callable[[int], object],
) -> None:
    user = make_user()
    word(OWN)
    for key in "abc":
        told(user, key)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        titles = {render(notice, "en")[0] for notice in notices_of(user)}
    assert titles == {"Qingdao: QI-1 to supplement"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title_zh": "{applicant}"}, "title_zh"),
        ({"text_en": "{number"}, "text_en"),
        ({"text_en": "{number.__class__}"}, "text_en"),
        ({"text_zh": ""}, "text_zh"),
        ({"title_en": "a\nb"}, "title_en"),
        ({"title_zh": "长" * 161}, "title_zh"),
    ],
)
def test_what_is_refused_names_its_field(change: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        word(OWN | change)
    assert list(refused.value.message_dict) == [field]


def test_a_field_of_another_kind_is_not_known_and_what_there_is_is_told() -> None:
    with pytest.raises(Refused) as refused:
        word(OWN | {"text_en": "{payee}"})
    (said,) = refused.value.message_dict["text_en"]
    assert "payee" in said
    assert "{number}, {reason}, {title}" in said


def test_who_may_not() -> None:
    for user in (make_staff(Role.AUDITOR), make_staff(Role.POLICY_EDITOR, city="dalian")):
        with pytest.raises(NotAllowed):
            word(OWN, user=user)


@pytest.mark.parametrize("kind", WORDS)
def test_the_usual_words_can_be_taken_over_as_they_are(kind: str) -> None:
    notice_templates.check(kind, notice_templates.built_in(kind))
    shown = notice_templates.previewed(qingdao(), kind, notice_templates.built_in(kind))
    assert [
        mark for _language, *texts in shown for mark in ("{", "—") if mark in "".join(texts)
    ] == []
