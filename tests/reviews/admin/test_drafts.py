"""The pages on which policy editors draft, compare, simulate and publish rules."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from applicants.models import User
from incentives.domain.programmes import rules_of
from incentives.models import ProgrammeDraft
from reviews.domain import drafting
from reviews.models import Simulation
from reviews.models.staff import Role
from reviews.presenters.draft_comparison import changed_fields, side_by_side
from tests import factories
from tests.factories import Cast, make_staff

pytestmark = pytest.mark.django_db
CODE = "enterprise-tech-centre-award"
LIST = "/admin/incentives/programmedraft/"


@pytest.fixture
def editor() -> User:
    return make_staff(Role.POLICY_EDITOR)


@pytest.fixture
def draft(editor: User) -> ProgrammeDraft:
    return drafting.start_draft(programme=factories.programme(CODE), user=editor)


def page(draft: ProgrammeDraft) -> str:
    return f"{LIST}{draft.pk}/change/"


def doubled(draft: ProgrammeDraft) -> str:
    """Provincial centres get 600,000; every example that says so is brought along."""
    written = draft.written
    for old, new in (
        ("provincial: 500000", "provincial: 600000"),
        ("amount: 500000\n", "amount: 600000\n"),
        ("granted: 500000\n", "granted: 600000\n"),
        ("reading: 5500000", "reading: 5600000"),
        ("centre_life: 500000,", "centre_life: 600000,"),
        ("centre_life: 500001,", "centre_life: 600001,"),
        ("granted: 4500000\n", "granted: 4400000\n"),
    ):
        written = written.replace(old, new)
    return written


def post(client: Client, draft: ProgrammeDraft, step: str, **fields: str) -> Any:
    given = {"written": draft.written, "basis": "", "in_force_from": "", "step": step} | fields
    return client.post(page(draft), given, follow=True)


def test_a_draft_is_started_from_the_list(desk: Callable[[User], Client], editor: User) -> None:
    client, chosen = desk(editor), factories.programme(CODE)
    assert chosen.title in client.get(f"{LIST}add/").content.decode()
    started = client.post(f"{LIST}add/", {"programme": chosen.pk})
    made = ProgrammeDraft.objects.get()
    assert started["Location"] == page(made)
    assert chosen.title in client.get(LIST).content.decode()


def test_a_faulty_text_is_kept_and_its_lines_are_named(
    desk: Callable[[User], Client], editor: User, draft: ProgrammeDraft
) -> None:
    wrong = draft.written.replace("verb: ", "verbs: ", 1)
    shown = post(desk(editor), draft, "save", written=wrong).content.decode()
    line = wrong.split("\n").index(next(x for x in wrong.split("\n") if x.startswith("verbs"))) + 1
    assert f'<a href="#line-{line}">{line}</a>' in shown
    assert f'<tr id="line-{line}" class="numbered__marked">' in shown
    draft.refresh_from_db()
    assert draft.written == wrong
    refused = post(desk(editor), draft, "submit", written=wrong)
    assert "errornote" in refused.content.decode() or "error" in refused.content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_wrong_day_loses_nothing_typed(
    desk: Callable[[User], Client], editor: User, draft: ProgrammeDraft
) -> None:
    shown = post(desk(editor), draft, "save", written="typed: all of it", in_force_from="soon")
    assert "typed: all of it" in shown.content.decode()


def test_a_second_editor_publishes(
    desk: Callable[[User], Client], editor: User, draft: ProgrammeDraft
) -> None:
    post(desk(editor), draft, "submit", written=doubled(draft))
    second = make_staff(Role.POLICY_EDITOR)
    today = timezone.localdate().isoformat()
    how = {"basis": "青发改〔2026〕1号", "in_force_from": today}
    post(desk(editor), draft, "publish", **how)
    draft.refresh_from_db()
    assert draft.state == "submitted"
    post(desk(second), draft, "publish", **how)
    draft.refresh_from_db()
    assert (draft.state, draft.version.number) == ("published", 2)
    row = factories.programme(CODE)
    assert rules_of(row.current).amount[0].table["provincial"] == Decimal(600000)


def test_the_comparison_names_the_changed_fields(
    desk: Callable[[User], Client], editor: User, draft: ProgrammeDraft
) -> None:
    client = desk(editor)
    post(client, draft, "save", written=doubled(draft))
    shown = client.get(f"{LIST}{draft.pk}/compare/").content.decode()
    assert "amount.centre.table.provincial" in shown or "table.provincial" in shown
    assert "diff__new" in shown


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PREPARER])
def test_others_read_at_most(
    desk: Callable[[User], Client], draft: ProgrammeDraft, role: Role
) -> None:
    stranger = make_staff(role, "sti" if role == Role.PREPARER else None)
    client = desk(stranger)
    seen = client.get(page(draft)).status_code
    assert seen == (200 if role == Role.AUDITOR else 403)
    assert client.post(page(draft), {"step": "withdraw"}).status_code == 403
    assert client.post(f"{LIST}{draft.pk}/simulate/", {}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403


def test_editors_of_another_city_do_not_see_it(
    desk: Callable[[User], Client], draft: ProgrammeDraft
) -> None:
    client = desk(make_staff(Role.POLICY_EDITOR, city="dalian"))
    assert client.get(page(draft)).status_code == 404
    assert client.get(f"{LIST}{draft.pk}/compare/").status_code == 404


def test_a_draft_is_simulated_against_past_cases(
    desk: Callable[[User], Client], editor: User, draft: ProgrammeDraft
) -> None:
    facts = {
        "centre_name": "甲公司技术中心", "level": "provincial", "recognised": "true",
        "approval_date": "2021-03-01",
    }  # fmt: skip
    factories.determined(Cast(CODE), facts)
    factories.submitted(Cast(CODE), facts | {"centre_name": "乙公司技术中心", "level": "national"})
    client = desk(editor)
    post(client, draft, "save", written=doubled(draft))
    ran = client.post(f"{LIST}{draft.pk}/simulate/", {"budget": "1000000"}, follow=True)
    kept = Simulation.objects.get()
    told = json.loads(kept.told)
    assert kept.count == 2
    assert told["total"] == {
        "count": 2, "before": "5500000.00", "after": "5600000.00", "change": "100000.00",
    }  # fmt: skip
    assert told["winners"]["count"] == 1
    assert told["losers"]["count"] == 0
    assert sum(row["count"] for row in told["by_district"]) == 2
    assert told["budget"]["first_come"]["granted"] == "1000000.00"
    assert told["budget"]["pro_rata"]["granted"] == "1000000.00"
    assert told["budget"]["pro_rata"]["served"] == 2
    shown = ran.content.decode()
    assert shown.count("<svg") >= 3
    assert "5,600,000.00" in shown


LISTED = (
    "applicant,on,approved_on,district,level,centre_name,recognised,approval_date\n"
    "A,2025-01-01,2025-02-01,崂山区,provincial,甲,true,2024-06-01\n"
    "B,2025-01-01,2026-02-01,李沧区,provincial,乙,true,2024-06-01\n"
    "C,2025-01-01,2026-02-01,李沧区,lunar,丙,true,2024-06-01\n"
)


def test_a_draft_is_simulated_against_a_list(
    desk: Callable[[User], Client], editor: User, draft: ProgrammeDraft
) -> None:
    client = desk(editor)
    post(client, draft, "save", written=doubled(draft))
    upload = SimpleUploadedFile("cases.csv", LISTED.encode(), content_type="text/csv")
    client.post(f"{LIST}{draft.pk}/simulate/", {"file": upload}, follow=True)
    told = json.loads(Simulation.objects.get().told)
    assert [(row["label"]["zh"], row["after"]) for row in told["by_year"]] == [
        ("2025", "600000.00"), ("2026", "600000.00"),
    ]  # fmt: skip
    assert [row["ref"] for row in told["unread"]] == ["4"]


@pytest.mark.parametrize(
    ("content", "told"),
    [("applicant,moon\nA,1\n", "moon"), ("applicant,on\nA,soon\n", "2026-01-31")],
)
def test_a_wrong_list_is_refused_with_what_to_write(
    desk: Callable[[User], Client], editor: User, draft: ProgrammeDraft, content: str, told: str
) -> None:
    upload = SimpleUploadedFile("cases.csv", content.encode(), content_type="text/csv")
    shown = desk(editor).post(f"{LIST}{draft.pk}/simulate/", {"file": upload}, follow=True)
    assert told in shown.content.decode()
    assert not Simulation.objects.exists()


def test_fields_are_compared_by_their_path(draft: ProgrammeDraft) -> None:
    rules = rules_of(draft.based_on)
    other = rules.model_copy(update={"verb": "补助"})
    (change,) = changed_fields(rules, other)
    assert (change.path, change.before, change.after) == ("verb", rules.verb, "补助")


def test_texts_stand_side_by_side_with_their_numbers() -> None:
    rows = side_by_side("a\nb\nc", "a\nB\nB2\nc")
    assert [(row.kind, row.left_no, row.left, row.right_no, row.right) for row in rows] == [
        ("equal", 1, "a", 1, "a"),
        ("replace", 2, "b", 2, "B"),
        ("replace", None, "", 3, "B2"),
        ("equal", 3, "c", 4, "c"),
    ]
