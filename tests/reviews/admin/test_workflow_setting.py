"""The workflow of a programme, chosen by an editor in a form and shown before it is kept."""

import pytest

from incentives.domain.settings import setting
from incentives.models import Setting
from reviews.admin.setting_rows import city_rows, rows_of
from reviews.models.staff import Role
from tests.factories import make_staff, programme, qingdao

ADD = "/admin/incentives/setting/add/"
CODE = "hitech-first-recognition-award"


@pytest.fixture
def editor(desk):
    return desk(make_staff(Role.POLICY_EDITOR))


def url(of=None):
    owner = f"&programme={of.pk}" if of else ""
    return f"{ADD}?city=qingdao&key=workflow{owner}"


def kept(of=None):
    return setting(city=qingdao(), key="workflow", programme=of)


def test_only_what_was_chosen_is_kept(editor):
    own = programme(CODE)
    answer = editor.post(
        url(own),
        {
            "preset": "audit_first",
            "stage_opinion": "false",
            "days_audit": "１５",
            "agreement": "majority",
            "basis": "青科字〔2026〕1号",
        },
    )
    assert answer.status_code == 302
    assert kept(own) == {
        "preset": "audit_first",
        "stages": {"opinion": False},
        "days": {"audit": 15},
        "agreement": "majority",
    }


def test_nothing_chosen_is_nothing_kept(editor):
    assert editor.post(url(), {"basis": "依据"}).status_code == 302
    assert kept() is None


def test_bureaus_and_their_parts(editor):
    own = programme(CODE)
    data = {"own_opinions": "on", "opinions": ["drc", "tax"], "basis": "依据"}
    shown = editor.post(url(own), data | {"preview": "1"})
    assert shown.status_code == 200
    assert "part_zh_tax" in shown.context["form"].fields
    editor.post(url(own), data | {"part_zh_tax": "纳税情况", "part_en_drc": "Filing"})
    assert kept(own) == {
        "opinions": ["drc", "tax"],
        "parts": {
            "tax": {"zh": "纳税情况", "en": "纳税情况"},
            "drc": {"zh": "Filing", "en": "Filing"},
        },
    }
    again = editor.get(url(own)).context["form"]
    assert (again["part_zh_tax"].value(), again["opinions"].value()) == (
        "纳税情况",
        ["drc", "tax"],
    )


def test_the_preview_shows_how_a_case_would_go_and_keeps_nothing(editor):
    own = programme(CODE)
    answer = editor.post(
        url(own), {"preset": "light", "days_publicity": "0", "basis": "依据", "preview": "1"}
    )
    workflow = answer.context["workflow"]
    assert [step.days for step in workflow.steps] == [5, 5, 5, 5]
    assert workflow.steps[2].note == ""
    assert len(workflow.left_out) == 4
    assert not Setting.objects.filter(key="workflow").exists()


@pytest.mark.parametrize(
    ("field", "typed"), [("days_opinion", "ten"), ("days_opinion", "1001"), ("preset", "quick")]
)
def test_what_cannot_be_read_comes_back_beside_its_field(editor, field, typed):
    answer = editor.post(url(programme(CODE)), {field: typed, "basis": "依据"})
    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (200, [field])
    assert form[field].value() == typed
    assert not Setting.objects.filter(key="workflow").exists()


def test_a_city_chooses_for_all_programmes_and_names_no_bureaus(editor):
    form = editor.get(url()).context["form"]
    assert "opinions" not in form.fields
    editor.post(url(), {"days_acceptance": "3", "basis": "依据"})
    assert kept() == {"days": {"acceptance": 3}}


def test_lists_of_settings_say_it_in_words(editor):
    own = programme(CODE)
    editor.post(url(own), {"preset": "light", "days_award": "2", "basis": "依据"})
    rows = {row.key: row.shown for row in rows_of(own)}
    assert rows["workflow"] == "免申即享\n兑现决定期限（工作日）：2"
    assert "workflow" in {row.key for row in city_rows(qingdao())}
    assert "免申即享" in editor.get("/admin/incentives/setting/").content.decode()


def test_only_policy_editors_choose(desk):
    auditor = desk(make_staff(Role.AUDITOR))
    assert auditor.get(url(programme(CODE))).status_code == 403
