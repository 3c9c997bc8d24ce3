"""A city's own words for one notice, an endpoint that is switched off, and the reminders due."""

from applicants.domain.notice_templates import built_in
from applicants.models import City, NoticeTemplate, User
from reviews.demo import people
from reviews.domain import endpoints, reminders
from reviews.domain.notice_wording import word_notice
from reviews.models.staff import Role

KIND = "case.accepted"
SAMPLE = "https://notices.example.gov.cn/huiqi"  # a name that is nobody's


def make_notices() -> None:
    if not NoticeTemplate.objects.exists():
        _word(City.objects.get(pk=people.CITY))
        _connect(City.objects.get(pk=people.CITY))
    reminders.plan()
    reminders.send_due()


def _word(city: City) -> None:
    editor = _office(Role.POLICY_EDITOR, city)
    own = built_in(KIND) | {"title_zh": "【青岛惠企】办件{number}已受理"}
    word_notice(city=city, kind=KIND, texts=own, basis="演示文本", user=editor)


def _connect(city: City) -> None:
    administrator = _office(Role.SYSTEM, city)
    made, _secret = endpoints.set_up(
        city=city, channel="webhook", url=SAMPLE, kinds=[KIND], user=administrator
    )
    endpoints.switch(endpoint_id=made.pk, on=False, user=administrator)


def _office(role: Role, city: City) -> User:
    return User.objects.get(email=people.office_address(role, city.pk))
