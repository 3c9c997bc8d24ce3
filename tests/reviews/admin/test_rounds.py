"""Rounds at the desk, the experts' pages and the API: each door, and nothing that leaks."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applicants.models import User
from reviews.demo import walk
from reviews.domain import rounds_sheets
from reviews.domain.working_days import today
from reviews.models import Expert, ScoreSheet, ScoringRound
from reviews.models.round import RoundState
from reviews.models.staff import Role
from tests.factories import make_staff, make_user
from tests.reviews.rounds import Setting, declared, hand_in, later

Desk = Callable[[User], Client]
SECRET = "机密评语甲乙丙"
FIGURES = ("6.66", "71.96", "2.22")  # what was given, the total, a draft


@pytest.fixture
def scoring(db: None) -> Iterator[Setting]:
    """One sheet handed in, one a draft, one untouched; the clock stands after the window."""
    setting = Setting().open()
    setting.case()
    with later(setting):
        setting.begin()
        first, second, _third = setting.sheets_of(setting.round.cases.get().pk)
        hand_in(first, "6.66", "4", SECRET)
        rounds_sheets.save(
            sheet_id=second.pk, scores={"novelty": "2.22"}, comment=SECRET, user=declared(second)
        )
        yield setting


def test_the_menu_of_an_expert_leads_to_the_sheets(scoring: Setting, client: Client) -> None:
    expert, other = scoring.experts[0].user, make_user()
    shown = {}
    for person in (expert, other):
        client.force_login(person)
        shown[person.pk] = (
            f'href="{reverse("reviews:scoring")}"' in client.get("/").content.decode()
        )
    assert shown == {expert.pk: True, other.pk: False}


def finish(setting: Setting) -> None:
    for sheet in setting.sheets_of(setting.round.cases.get().pk):
        if sheet.handed_in_at is None:
            hand_in(sheet, "2.22", "1", SECRET)


def pages(setting: Setting) -> list[str]:
    """Whatever somebody of the staff may open about the round, in the admin and the API."""
    case = setting.round.cases.get().application
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]
    return [
        *lists,
        reverse("admin:reviews_scoringround_change", args=[setting.round.pk]),
        reverse("admin:round_minutes", args=[setting.round.pk]),
        reverse("admin:reviews_application_change", args=[case.pk]),
        f"/api/rounds/{setting.round.pk}/",
        f"/api/rounds/{setting.round.pk}/sheets/",
        "/api/rounds/",
        "/api/score-sheets/",
        f"/api/cases/{case.pk}/",
        "/scoring/",
        *(f"/scoring/{sheet.pk}/" for sheet in ScoreSheet.objects.all()),
        *(f"/api/score-sheets/{sheet.pk}/" for sheet in ScoreSheet.objects.all()),
    ]


def seen(client: Client, urls: list[str]) -> dict[str, list[str]]:
    """The secrets by the page that shows them."""
    found = {}
    for url in urls:
        answer = client.get(url)
        assert answer.status_code < 500, url
        text = answer.content.decode(errors="replace")
        if shown := [word for word in (SECRET, *FIGURES) if word in text]:
            found[url] = shown
    return found


def test_scores_leak_to_nobody_until_the_last_sheet_is_in(scoring: Setting, desk: Desk) -> None:
    cast = scoring.casts[0]
    drawn = ScoreSheet.objects.values("expert")
    undrawn = Expert.objects.exclude(pk__in=drawn)[0]
    staff = [
        cast.free(user)
        for user in (
            scoring.preparer,
            scoring.approver,
            make_staff(Role.LEADER, cast.handling),
            make_staff(Role.AUDITOR),
            make_staff(Role.PREPARER, "finance"),
            make_staff(Role.COORDINATOR),
        )
    ]
    others = [make_user("stranger"), cast.clerk, undrawn.user]
    third = scoring.sheets_of(scoring.round.cases.get().pk)[2]
    for user in (*staff, *others, third.expert.user):
        assert seen(desk(user), pages(scoring)) == {}, user
    finish(scoring)
    page = reverse("admin:reviews_scoringround_change", args=[scoring.round.pk])
    approver = desk(scoring.approver)
    assert seen(approver, [page])[page] == [SECRET, "71.96"]
    assert seen(approver, [f"/api/rounds/{scoring.round.pk}/sheets/"]) != {}
    for user in (*others, third.expert.user):
        own = [] if user is not third.expert.user else [f"/scoring/{third.pk}/"]
        mine = [f"/api/score-sheets/{third.pk}/", "/api/score-sheets/"] if own else []
        assert set(seen(desk(user), pages(scoring))) <= {*own, *mine}, user


def test_an_expert_scores_on_the_pages(scoring: Setting, desk: Desk) -> None:
    sheet = scoring.sheets_of(scoring.round.cases.get().pk)[2]
    client, url = desk(sheet.expert.user), reverse("reviews:score", args=[sheet.pk])
    evidence = sheet.round_case.application.evidence.first()
    paper = reverse("reviews:document", args=[evidence.document_id])
    assert sheet.round_case.application.number in client.get("/scoring/").content.decode()
    assert client.get(paper).status_code == 404  # before the declaration
    answer = client.post(url, {"step": "declare", "conflict": "no"})
    assert answer.status_code == 302
    opened = client.get(paper)
    assert (opened.status_code, b"".join(opened.streaming_content)[:5]) == (200, b"%PDF-")
    assert client.get(url).status_code == 200
    wrong = client.post(url, {"step": "hand_in", "novelty": "99", "team": "1"})
    assert (wrong.status_code, 'value="99"' in wrong.content.decode()) == (422, True)
    draft = client.post(url, {"step": "save", "novelty": "8"})
    assert draft.status_code == 302
    assert 'value="8"' in client.get(url).content.decode()
    client.post(url, {"step": "hand_in", "novelty": "8", "team": "4"})
    sheet.refresh_from_db()
    assert (sheet.scores, sheet.handed_in_at is not None) == ({"novelty": "8", "team": "4"}, True)
    assert "80.0000" in client.get(url).content.decode()


def test_an_expert_with_a_conflict_gives_the_case_up(scoring: Setting, desk: Desk) -> None:
    sheet = scoring.sheets_of(scoring.round.cases.get().pk)[2]
    client, url = desk(sheet.expert.user), reverse("reviews:score", args=[sheet.pk])
    assert client.post(url, {"step": "declare", "conflict": "yes"}).status_code == 422
    client.post(url, {"step": "declare", "conflict": "yes", "reason": "合作单位"})
    sheet.refresh_from_db()
    assert sheet.declined == "合作单位"
    assert ScoreSheet.objects.filter(replaces=sheet).count() == 1
    assert client.get(url).status_code == 404


def test_a_stranger_has_no_sheet(scoring: Setting, desk: Desk) -> None:
    sheet = ScoreSheet.objects.first()
    client = desk(make_user())
    assert client.get(reverse("reviews:score", args=[sheet.pk])).status_code == 404
    assert Client().get("/scoring/").status_code == 302


def test_a_round_is_planned_opened_and_ranked_at_the_desk(scoring: Setting, desk: Desk) -> None:
    preparer, approver = desk(scoring.preparer), desk(scoring.approver)
    start = today().isoformat()
    given = {
        "programme": scoring.programme.pk, "title": "第二轮", "opens_on": start,
        "closes_on": start, "criteria": "novelty | 创新性 | Novelty | 100 | 10", "sheets": "2",
        "cut_by": "number", "cut": "1", "ties": "earlier", "deviations": "1.5",
    }  # fmt: skip
    add = reverse("admin:reviews_scoringround_add")
    wrong = preparer.post(add, given | {"criteria": "novelty"})
    assert wrong.status_code == 422
    assert approver.get(add).status_code == 403
    assert preparer.post(add, given).status_code == 302
    planned = ScoringRound.objects.get(title="第二轮")
    page = reverse("admin:reviews_scoringround_change", args=[planned.pk])
    plan = reverse("admin:round_plan", args=[planned.pk])
    del given["programme"]
    assert preparer.post(plan, given | {"cut": "2"}).status_code == 302
    assert approver.get(plan).status_code == 403
    approver.post(page, {"step": "open"})
    planned.refresh_from_db()
    assert (planned.state, planned.cut, planned.opened_by) == ("open", 2, scoring.approver)
    finish(scoring)
    page = reverse("admin:reviews_scoringround_change", args=[scoring.round.pk])
    assert preparer.post(page, {"step": "rank"}).status_code == 302
    assert scoring.fresh().round.state == RoundState.SCORING  # an approver's step
    approver.post(page, {"step": "rank"})
    assert scoring.fresh().round.state == RoundState.RANKED
    pdf = approver.get(reverse("admin:round_minutes", args=[scoring.round.pk]))
    assert pdf.content[:5] == b"%PDF-"
    again = approver.get(reverse("admin:round_minutes", args=[scoring.round.pk]))
    assert again.content == pdf.content
    case = scoring.round.cases.get().application
    cast = scoring.casts[0]
    shown = desk(cast.free(scoring.preparer)).get(
        reverse("admin:reviews_application_change", args=[case.pk])
    )
    assert scoring.round.result["cases"][0]["score"] in shown.content.decode()


def test_an_approver_takes_an_expert_off_a_case(scoring: Setting, desk: Desk) -> None:
    sheet = scoring.sheets_of(scoring.round.cases.get().pk)[2]
    page = reverse("admin:reviews_scoringround_change", args=[scoring.round.pk])
    client = desk(scoring.approver)
    assert client.post(page, {"step": "excuse", "sheet": sheet.pk}).status_code == 422
    client.post(page, {"step": "excuse", "sheet": sheet.pk, "reason": "长期出差"})
    assert ScoreSheet.objects.filter(replaces=sheet).count() == 1


def test_another_bureau_sees_no_round(scoring: Setting, desk: Desk) -> None:
    client = desk(make_staff(Role.APPROVER, "education"))
    page = reverse("admin:reviews_scoringround_change", args=[scoring.round.pk])
    assert client.get(page).status_code == 404
    assert client.get(f"/api/rounds/{scoring.round.pk}/").status_code == 404
    assert client.get("/api/rounds/").json()["results"] == []


def test_the_pool_is_kept_by_the_office(scoring: Setting, desk: Desk) -> None:
    keeper, person = desk(scoring.keeper), make_user("expert")
    given = {
        "city": "qingdao", "email": person.email, "employer": "某大学", "employer_uscc": "",
        "fields_of": "海洋",
    }  # fmt: skip
    add = reverse("admin:reviews_expert_add")
    assert desk(scoring.preparer).get(add).status_code == 403
    assert keeper.post(add, given | {"email": "nobody@example.test"}).status_code == 422
    assert keeper.post(add, given | {"employer_uscc": "123"}).status_code == 422
    assert keeper.post(add, given).status_code == 302
    expert = Expert.objects.get(user=person)
    change = reverse("admin:reviews_expert_change", args=[expert.pk])
    del given["city"], given["email"]
    assert keeper.post(change, given | {"employer": "某研究院"}).status_code == 302
    expert.refresh_from_db()
    assert (expert.employer, expert.is_active) == ("某研究院", False)


def test_an_expert_hands_in_through_the_api_once_per_key(scoring: Setting, desk: Desk) -> None:
    sheet = scoring.sheets_of(scoring.round.cases.get().pk)[2]
    client, url = desk(sheet.expert.user), f"/api/score-sheets/{sheet.pk}/"

    def post(step: str, body: dict[str, Any], **more: Any) -> Any:
        return client.post(f"{url}{step}/", body, "application/json", **more)

    scores = {"scores": {"novelty": "7", "team": "4"}, "comment": ""}
    assert post("draft", scores).status_code == 403
    assert post("declare", {"conflict": False}).status_code == 200
    assert post("draft", {"scores": {"novelty": "7"}}).json()["scores"] == {"novelty": "7"}
    assert post("hand-in", {"scores": {"novelty": "70"}}).status_code in (400, 422)
    key = {"headers": {"Idempotency-Key": "one"}}
    first, again = (post("hand-in", scores, **key) for _time in range(2))
    assert (first.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert post("hand-in", scores).status_code in (400, 409, 422)


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen_queries:
        assert client.get(url).status_code == 200
    return len(seen_queries)


def test_lists_answer_in_a_constant_number_of_queries(db: None, desk: Desk) -> None:
    setting = Setting().open()
    for _one in range(3):
        setting.case()
    with later(setting):
        setting.begin()
        sheets = [setting.sheets_of(one.pk) for one in setting.round.cases.order_by("pk")]
        page = reverse("admin:reviews_scoringround_change", args=[setting.round.pk])
        for case in sheets:
            for sheet in case:
                hand_in(sheet)
        staff, expert = desk(setting.approver), desk(sheets[0][0].expert.user)
        urls = [
            (staff, page), (expert, "/scoring/"), (expert, "/api/score-sheets/"),
            (staff, "/api/rounds/"), (staff, f"/api/rounds/{setting.round.pk}/"),
            (staff, f"/api/rounds/{setting.round.pk}/sheets/"),
            (staff, reverse("admin:reviews_scoringround_changelist")),
        ]  # fmt: skip
        for client, url in urls:
            client.get(url)
        many = [queries(client, url) for client, url in urls]
        cast = setting.casts[0]
        walk.applications.withdraw(case_id=cast.party.application_set.get().pk, user=cast.clerk)
        one = [queries(client, url) for client, url in urls]
    assert one == many
