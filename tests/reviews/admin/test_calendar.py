"""The working-day calendar as it is edited: a day with its source, a year by its notice."""

from datetime import date

import pytest

from applicants.models import Event
from reviews.domain import calendar
from reviews.models import CalendarDay
from reviews.models.staff import Role
from tests.factories import make_staff

LIST = "/admin/reviews/calendarday/"
DAY = date(2029, 3, 7)


@pytest.fixture
def editor(desk):
    calendar.fill(first=2029, last=2029)
    return desk(make_staff(Role.POLICY_EDITOR))


def test_a_day_is_corrected_with_its_source(editor):
    answer = editor.post(f"{LIST}{DAY.isoformat()}/change/", {"source": "市政府通知"})
    assert answer.status_code == 302
    day = CalendarDay.objects.get(pk=DAY)
    assert (day.is_working, day.provisional, day.source) == (False, False, "市政府通知")
    event = Event.objects.filter(kind="calendar.changed").latest("id")
    assert event.data["before"] == {
        "working": True,
        "provisional": True,
        "source": calendar.PROVISIONAL,
    }


@pytest.mark.parametrize("source", ["", calendar.PROVISIONAL, calendar.PUBLISHED])
def test_a_change_without_a_source_of_its_own_comes_back(editor, source):
    answer = editor.post(f"{LIST}{DAY.isoformat()}/change/", {"source": source})
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == ["source"]
    assert CalendarDay.objects.get(pk=DAY).is_working is True


def test_a_year_is_entered_by_its_notice(editor):
    listed = editor.get(LIST)
    assert 2029 in listed.context["provisional_years"]
    answer = editor.post(
        f"{LIST}year/",
        {"year": "2029", "source": "国办发明电〔2028〕1号", "holidays": "2029-01-01 至 2029-01-02"},
    )
    assert (answer.status_code, answer.url) == (302, LIST)
    assert CalendarDay.objects.filter(date__year=2029, provisional=True).count() == 0
    assert 2029 not in editor.get(LIST).context["provisional_years"]


def test_a_notice_comes_back_with_what_is_wrong(editor):
    answer = editor.post(
        f"{LIST}year/",
        {"year": "2029", "source": "通知", "holidays": "2028-01-01", "worked": "2029-01-03"},
    )
    assert sorted(answer.context["form"].errors) == ["holidays", "worked"]


def test_an_auditor_reads_and_changes_nothing(desk, editor):
    auditor = desk(make_staff(Role.AUDITOR))
    assert auditor.get(LIST).status_code == 200
    assert auditor.get(f"{LIST}year/").status_code == 403
    assert auditor.post(f"{LIST}{DAY.isoformat()}/change/", {"source": "x"}).status_code == 403
