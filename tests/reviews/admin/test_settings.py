"""What an editor sets: read by its type, with its basis, and what cannot be read comes back."""

import pytest

from applicants.models import Event
from incentives.domain.programmes import rules_of
from incentives.domain.settings import setting
from incentives.models import Programme, Setting
from reviews.admin.setting_rows import rows_of
from reviews.models.staff import Role
from tests.factories import bureau, make_staff, programme, qingdao

ADD = "/admin/incentives/setting/add/"


@pytest.fixture
def editor(desk):
    return desk(make_staff(Role.POLICY_EDITOR))


def url(key, of=None):
    owner = f"&programme={of.pk}" if of else ""
    return f"{ADD}?city=qingdao&key={key}{owner}"


def test_a_period_of_the_city(editor):
    answer = editor.post(url("acceptance_days"), {"value": "７", "basis": "青科字〔2026〕1号"})
    assert answer.status_code == 302
    assert setting(city=qingdao(), key="acceptance_days") == 7
    assert Event.objects.filter(kind="setting.changed").latest("id").reason == "青科字〔2026〕1号"


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("acceptance_days", "five"),
        ("acceptance_days", "0"),
        ("acceptance_days", "-1"),
        ("acceptance_days", "1.5"),
        ("acceptance_days", ""),
        ("acceptance_days", "100000"),
        ("window_opens", "next week"),
        ("window_closes", "2026-02-30"),
    ],
)
def test_what_cannot_be_read_comes_back(editor, key, typed):
    answer = editor.post(url(key), {"value": typed, "basis": "依据"})
    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (200, ["value"])
    assert (form["value"].value(), form["basis"].value()) == (typed, "依据")
    assert not Setting.objects.filter(key=key).exists()


def test_no_basis_no_setting(editor):
    answer = editor.post(url("acceptance_days"), {"value": "7", "basis": " "})
    assert list(answer.context["form"].errors) == ["basis"]
    assert not Setting.objects.filter(key="acceptance_days").exists()


def test_a_window_may_be_cleared(editor):
    own = programme("hitech-first-recognition-award")
    editor.post(url("window_closes", own), {"value": "2027年3月31日", "basis": "通知"})
    kept = setting(city=qingdao(), key="window_closes", programme=own)
    editor.post(url("window_closes", own), {"value": "", "basis": "取消"})
    cleared = setting(city=qingdao(), key="window_closes", programme=own)
    assert (kept, cleared) == ("2027-03-31", None)


def with_parameter(*kinds):
    """A programme and the key of its first parameter of one of these types."""
    return next(
        (row, key)
        for row in Programme.objects.filter(city="qingdao")
        for key, parameter in rules_of(row.current).parameters.items()
        if parameter.type in kinds
    )


def test_a_table_is_typed_line_by_line(editor):
    own, key = with_parameter("table", "rates_table", "bands", "rate_bands")
    form = editor.get(url(key, own)).context["form"]
    typed = form["value"].value()
    answer = editor.post(url(key, own), {"value": typed, "basis": "实施细则"})
    assert (typed != "", answer.status_code) == (True, 302)
    assert Setting.objects.get(programme=own, key=key).set_by is not None


def test_a_broken_table_names_its_fault(editor):
    own, key = with_parameter("table", "rates_table", "bands", "rate_bands")
    for typed in ("{", "a: b: c", "just words", ""):
        answer = editor.post(url(key, own), {"value": typed, "basis": "实施细则"})
        assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["value"])
    assert not Setting.objects.filter(programme=own, key=key).exists()


def test_another_reading_is_chosen(editor):
    own = programme("national-project-team-award")
    answer = editor.post(url("project_cap_period", own), {"value": "1", "basis": "实施细则"})
    assert answer.status_code == 302
    reading = rules_of(own.current).assumptions["project_cap_period"].readings[1]
    assert Setting.objects.get(programme=own, key="project_cap_period").value == reading


@pytest.mark.parametrize(
    "query",
    [
        "?key=acceptance_days",
        "?key=nothing&city=qingdao",
        "?key=acceptance_days&city=dalian",
        "?key=acceptance_days&city=qingdao&programme=999999",
        "?key=acceptance_days&city=qingdao&programme=x",
    ],
)
def test_what_is_not_there_is_not_found(editor, query):
    assert editor.get(f"{ADD}{query}").status_code == 404


def test_the_history_stands_on_the_form(editor):
    editor.post(url("acceptance_days"), {"value": "7", "basis": "第一次"})
    editor.post(url("acceptance_days"), {"value": "8", "basis": "第二次"})
    history = editor.get(url("acceptance_days")).context["history"]
    assert [(value, row.basis) for value, row in history] == [("8", "第二次"), ("7", "第一次")]


def test_an_auditor_reads_settings_and_changes_none(desk):
    client = desk(make_staff(Role.AUDITOR))
    assert client.get("/admin/incentives/setting/").status_code == 200
    assert client.get(url("acceptance_days")).status_code == 403


def change(row):
    return f"/admin/incentives/programme/{row.pk}/change/"


def test_another_handling_bureau_is_kept_with_its_basis(editor):
    own = programme("hitech-first-recognition-award")
    fields = {"handling_bureau": bureau("miit").pk, "is_open": "on", "basis": "市政府会议纪要"}
    answer = editor.post(change(own), fields)
    own.refresh_from_db()
    event = Event.objects.filter(kind="programme.changed", subject=own.code).latest("id")
    assert (answer.status_code, own.handling_bureau.code) == (302, "miit")
    assert (event.reason, event.data["after"]) == (
        "市政府会议纪要",
        {"handling": "miit", "listed": True},
    )


def test_a_programme_is_not_changed_without_a_basis(editor):
    own = programme("hitech-first-recognition-award")
    answer = editor.post(change(own), {"handling_bureau": bureau("miit").pk, "is_open": "on"})
    own.refresh_from_db()
    assert (answer.status_code, own.handling_bureau.code) == (200, "sti")


def test_a_reviewer_sees_no_programme_editor(desk):
    client = desk(make_staff(Role.PREPARER, "sti"))
    assert client.get(change(programme("hitech-first-recognition-award"))).status_code == 403


def test_readings_are_offered_in_words(editor):
    own = programme("national-project-team-award")
    page = editor.get(url("funds_counted", own))
    assert [str(words) for _place, words in page.context["form"]["value"].field.choices] == [
        "申报单位自己的到账额",
        "整个项目的经费",
    ]
    bureaus = editor.get(url("handling_bureau", own)).context["form"]["value"].field.choices
    assert str(bureaus[0][1]) == "市科技局"


def test_a_programmes_own_values_are_shown_in_words(editor):
    own = programme("national-project-team-award")
    editor.post(url("funds_counted", own), {"value": "1", "basis": "依据"})
    shown = {row.key: row.shown for row in rows_of(own)}
    assert (shown["funds_counted"], shown["project_cap_counts"], shown["handling_bureau"]) == (
        "整个项目的经费",
        "国家项目编号",
        "市科技局",
    )
