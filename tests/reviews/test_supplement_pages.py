"""The supplement on the pages: what is asked stands beside its question, what changed beside it."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from reviews.demo import walk
from reviews.demo.paper import one_page_pdf
from reviews.domain import (
    acceptance,
    applications,
    commitments,
    opinions,
    resolutions,
    working_days,
)
from reviews.domain.supplements import Told
from reviews.models import Application, Defect
from reviews.models.lifecycle import CaseState
from reviews.models.objection import ResolutionKind
from reviews.models.staff import Role
from reviews.models.supplement import DefectKind
from reviews.models.task import Position, TaskKind
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db
CODE = "national-project-team-award"
FUNDS, NUMBER = "national_funds_received", "national_project_number"
SCHEME = "scheme"  # where the papers of the project are brought, for its number as well
REFUSED = "Only what was asked for can be changed."


@pytest.fixture(autouse=True)
def _private_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def _language_left_as_found() -> Iterator[None]:
    yield
    translation.deactivate()


@pytest.fixture
def cast(client: Client) -> Cast:
    found = Cast(CODE)
    client.force_login(found.clerk)
    client.cookies["django_language"] = "en"
    return found


def returned(cast: Cast, *told: Told, case: Application | None = None) -> Application:
    case = case or factories.submitted(cast)
    preparer = cast.of(cast.handling, Role.PREPARER)
    acceptance.return_case(case_id=case.pk, user=preparer, defects=told)
    return factories.fresh(case)


def form_of(case: Application) -> str:
    return reverse("reviews:form", args=[case.pk])


def slots(page: Any) -> dict[str, Any]:
    return dict(page.context["slots"])


def declared(case: Application, key: str) -> Any:
    return case.facts.get(key=key).declared


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("paper.pdf", one_page_pdf("a test"), content_type="application/pdf")


def test_a_defect_stands_beside_its_question_and_the_rest_is_only_shown(
    client: Client, cast: Cast
) -> None:
    case = returned(cast, Told(DefectKind.FACT, "与银行回单不一致", FUNDS))
    page = client.get(form_of(case))
    shown = slots(page)
    assert [one.reason for one in shown[FUNDS].defects] == ["与银行回单不一致"]
    assert shown[FUNDS].answer is None
    assert shown[NUMBER].defects == []
    assert shown[NUMBER].answer.value == declared(case, NUMBER)
    text = page.content.decode()
    assert f'name="fact-{FUNDS}"' in text
    assert f'name="fact-{NUMBER}"' not in text
    assert f'name="evidence-{SCHEME}"' not in text
    laid = case.evidence.get(fact_key=SCHEME)
    assert f'name="remove" value="{laid.pk}"' not in text


def test_a_defect_of_another_kind_opens_every_question(client: Client, cast: Cast) -> None:
    case = returned(
        cast, Told(DefectKind.FACT, "不一致", FUNDS), Told(DefectKind.OTHER, "请补充说明")
    )
    page = client.get(form_of(case))
    assert [slot.answer for slot in slots(page).values() if slot] == [None] * len(
        [slot for slot in slots(page).values() if slot]
    )
    assert f'name="fact-{NUMBER}"' in page.content.decode()
    assert "请补充说明" in page.content.decode()


def test_what_nobody_asked_for_is_refused_beside_it_and_the_rest_is_kept(
    client: Client, cast: Cast
) -> None:
    case = returned(cast, Told(DefectKind.FACT, "不一致", FUNDS))
    before = declared(case, NUMBER)
    typed = {f"fact-{FUNDS}": "3000000", f"fact-{NUMBER}": "2021ZX9999", "action": "save"}
    page = client.post(form_of(case), typed)
    assert [(line.url, line.problem) for line in page.context["lines"]] == [
        (f"{form_of(case)}#id_fact-{NUMBER}", REFUSED)
    ]
    assert page.content.decode().count(REFUSED) == 2
    assert (declared(case, FUNDS), declared(case, NUMBER)) == ("3000000.00", before)


def test_papers_nobody_asked_for_are_neither_laid_nor_taken_away(
    client: Client, cast: Cast
) -> None:
    case = returned(cast, Told(DefectKind.FACT, "不一致", FUNDS))
    laid = case.evidence.get(fact_key=SCHEME)
    taken = client.post(form_of(case), {"remove": laid.pk})
    brought = client.post(form_of(case), {f"evidence-{SCHEME}": pdf(), "action": "save"})
    for page in (taken, brought):
        assert page.status_code == 200
        assert [line.url for line in page.context["lines"]] == [
            f"{form_of(case)}#evidence-{SCHEME}"
        ]
        assert slots(page)[SCHEME].question.problem.endswith(REFUSED)
        assert f'id="evidence-{SCHEME}"' in page.content.decode()
    assert [one.pk for one in case.evidence.filter(fact_key=SCHEME, removed_at=None)] == [laid.pk]


def test_saving_in_the_background_leaves_the_shown_answers_alone(
    client: Client, cast: Cast
) -> None:
    case = returned(cast, Told(DefectKind.FACT, "不一致", FUNDS))
    on_page = slots(client.get(form_of(case)))
    shown = [key for key, slot in on_page.items() if slot and slot.answer]
    sent = {f"fact-{FUNDS}": "3000000", "asked": [FUNDS], "shown": shown}
    answer = client.post(form_of(case), sent, headers={"HX-Request": "true"})
    assert answer.context["moved"] == []
    assert declared(case, FUNDS) == "3000000.00"
    assert declared(case, NUMBER) is not None


def may_follow(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> date:
    rules = factories.rules(cast)
    fact = rules.facts[SCHEME].model_copy(update={"may_follow": True})
    monkeypatch.setitem(rules.facts, SCHEME, fact)
    return working_days.add_working_days(working_days.today(), 3)


def without_paper(cast: Cast) -> Application:
    case = factories.draft(cast)
    case.evidence.filter(fact_key=SCHEME).update(removed_at=timezone.now())
    return case


def typed_promise(text: str, day: str) -> dict[str, str]:
    place = f"promise-{SCHEME}"
    return {f"{place}-text": text, f"{place}-due_on": day, "promise": SCHEME}


def test_a_missing_paper_that_may_follow_is_promised_by_a_day(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = without_paper(cast)
    assert slots(client.get(form_of(case)))[SCHEME].promise_form is None
    day = may_follow(cast, monkeypatch)
    assert slots(client.get(form_of(case)))[SCHEME].promise_form is not None
    client.post(form_of(case), typed_promise("盖章任务书", day.isoformat()))
    made = case.commitments.get()
    assert (made.fact_key, made.text, made.due_on) == (SCHEME, "盖章任务书", day)
    page = client.get(form_of(case))
    assert slots(page)[SCHEME].promise == made
    assert "盖章任务书" in page.content.decode()
    client.post(form_of(case), {"action": "save"})
    assert case.commitments.get().state == "open"


@pytest.mark.parametrize(
    ("text", "day", "field"),
    [("", None, "text"), ("任务书", "", "due_on"), ("任务书", "soon", "due_on"),
     ("任务书", "2020-01-01", "due_on")],
)  # fmt: skip
def test_a_promise_that_does_not_hold_is_refused_beside_its_field(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, text: str, day: Any, field: str
) -> None:
    case = without_paper(cast)
    latest = may_follow(cast, monkeypatch).isoformat()
    page = client.post(form_of(case), typed_promise(text, latest if day is None else day))
    form = slots(page)[SCHEME].promise_form
    assert list(form.errors) == [field]
    assert len(form.errors[field]) == 1
    assert [line.url for line in page.context["lines"]] == [
        f"{form_of(case)}#id_promise-{SCHEME}-{field}"
    ]
    assert case.commitments.count() == 0


def test_the_promised_paper_is_brought_while_the_case_is_under_review(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = without_paper(cast)
    day = may_follow(cast, monkeypatch)
    commitments.promise(
        case_id=case.pk, fact_key=SCHEME, text="盖章任务书", due_on=day, user=cast.clerk
    )
    walk.submit(case, cast.clerk)
    walk.accept(case, cast.of)
    address = reverse("reviews:promised", args=[case.pk])
    assert "盖章任务书" in client.get(address).content.decode()
    wrong = client.post(address, {"fact": FUNDS, f"promised-{FUNDS}": pdf()})
    assert wrong.url == reverse("reviews:case", args=[case.pk])
    nothing = client.post(address, {"fact": SCHEME})
    assert nothing.context["problems"] == {SCHEME: "Choose the file to upload."}
    bad = SimpleUploadedFile("run.exe", b"MZ\x00\x01")
    refused = client.post(address, {"fact": SCHEME, f"promised-{SCHEME}": bad})
    assert list(refused.context["problems"]) == [SCHEME]
    assert case.commitments.get().state == "open"
    brought = client.post(address, {"fact": SCHEME, f"promised-{SCHEME}": pdf()})
    assert brought.url == reverse("reviews:case", args=[case.pk])
    assert case.commitments.get().state == "kept"
    assert client.get(address).url == reverse("reviews:case", args=[case.pk])


def desk(cast: Cast, case: Application) -> Any:
    reader = Client()
    reader.cookies["django_language"] = "en"
    reader.force_login(cast.of(cast.handling, Role.PREPARER))
    return reader.get(reverse("admin:reviews_application_change", args=[case.pk]))


def supplemented(cast: Cast, case: Application, value: str) -> None:
    returned(cast, Told(DefectKind.FACT, f"应为{value}", FUNDS), case=case)
    applications.save_facts(case_id=case.pk, values={FUNDS: value}, user=cast.clerk)
    walk.submit(case, cast.clerk)


def fact(page: Any, key: str) -> dict[str, Any]:
    return next(one for one in page.context["facts"] if one["line"].key == key)


def test_the_desk_shows_what_changed_beside_what_was(client: Client, cast: Cast) -> None:
    case = factories.submitted(cast)
    returned(cast, Told(DefectKind.OTHER, "请补充说明"), case=case)
    walk.submit(case, cast.clerk)
    supplemented(cast, case, "3000000")
    page = desk(cast, case)
    (told,) = fact(page, FUNDS)["supplements"]
    assert (told["defect"].round, told["defect"].reason) == (2, "应为3000000")
    assert told["changed"] is True
    assert told["before"] != told["after"] == fact(page, FUNDS)["declared"]
    assert fact(page, NUMBER)["supplements"] == []
    assert [one.reason for one in page.context["other_defects"]] == ["请补充说明"]
    text = page.content.decode()
    assert "<del>" in text
    assert "return 2" in text


def test_the_desk_shows_open_promises_with_their_day(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = without_paper(cast)
    day = may_follow(cast, monkeypatch)
    commitments.promise(
        case_id=case.pk, fact_key=SCHEME, text="盖章任务书", due_on=day, user=cast.clerk
    )
    walk.submit(case, cast.clerk)
    page = desk(cast, factories.fresh(case))
    assert fact(page, SCHEME)["line"].promise.due_on == day
    assert f"promised by {day.isoformat()}" in page.content.decode()


def objecting(cast: Cast, case: Application, position: Position) -> None:
    task = case.tasks.filter(kind=TaskKind.OPINION, state="open").select_related("bureau").first()
    preparer = cast.of(task.bureau.code, Role.PREPARER)
    approver = cast.of(task.bureau.code, Role.APPROVER)
    opinions.prepare_opinion(
        case_id=case.pk, bureau=task.bureau, position=position, text="疑有重复", user=preparer
    )
    opinions.approve_opinion(case_id=case.pk, bureau=task.bureau, user=approver)


def resolved(cast: Cast, case: Application, **how: Any) -> None:
    resolutions.resolve(
        case_id=case.pk,
        opinion_id=resolutions.unresolved(case)[0].pk,
        user=cast.of(cast.handling, Role.PREPARER),
        **how,
    )


def test_an_objection_waits_and_then_shows_how_it_was_resolved(cast: Cast) -> None:
    case = factories.accepted(cast)
    objecting(cast, case, Position.OBJECT)
    assert [line.waits_for_answer for line in desk(cast, case).context["opinions"]].count(True) == 1
    assert "waits for an answer" in desk(cast, case).content.decode()
    day = date(2026, 3, 2)
    resolved(
        cast, case, kind=ResolutionKind.MEETING, text="一致同意", held_on=day, present="科技、财政"
    )
    text = desk(cast, case).content.decode()
    assert "waits for an answer" not in text
    assert [said in text for said in ("一致同意", "2026-03-02", "科技、财政")] == [True] * 3


def test_a_question_that_was_answered_is_shown_as_asked_again(cast: Cast) -> None:
    case = factories.accepted(cast)
    objecting(cast, case, Position.ASK)
    resolved(cast, case, kind=ResolutionKind.REASON, text="未重复申报")
    page = desk(cast, case)
    asked = [line for line in page.context["opinions"] if line.task.state == "superseded"]
    assert [line.resolution.text for line in asked] == ["未重复申报"]
    assert [line.task.question for line in page.context["opinions"]].count("未重复申报") == 1
    assert "asked again" in page.content.decode()


def test_signatures_given_and_needed_are_shown(cast: Cast) -> None:
    case = factories.proposed(cast)
    assert "signatures: 0 of 1" in desk(cast, case).content.decode()
    case.determinations.update(signatures_needed=2)
    walk.approve(case, cast.of)
    assert "signatures: 1 of 2" in desk(cast, case).content.decode()


def cost(visit: Callable[[], Any]) -> int:
    visit()
    with CaptureQueriesContext(connection) as captured:
        assert visit().status_code == 200
    return len(captured)


def test_the_desk_costs_the_same_with_many_supplements(cast: Cast) -> None:
    case = factories.submitted(cast)
    supplemented(cast, case, "3000000")
    reader = Client()
    reader.force_login(cast.of(cast.handling, Role.PREPARER))
    address = reverse("admin:reviews_application_change", args=[case.pk])
    once = cost(lambda: reader.get(address))
    for value in ("3100000", "3200000", "3300000"):
        supplemented(cast, case, value)
    assert Defect.objects.filter(application=case).count() == 4
    assert cost(lambda: reader.get(address)) == once


def test_the_form_costs_the_same_with_many_defects(client: Client, cast: Cast) -> None:
    case = returned(cast, Told(DefectKind.FACT, "不一致", FUNDS))
    one = cost(lambda: client.get(form_of(case)))
    walk.submit(case, cast.clerk)
    case = returned(
        cast,
        *(Told(DefectKind.PAPER, "补盖章页", key) for key in factories.rules(cast).facts),
        case=case,
    )
    assert case.state == CaseState.RETURNED
    assert cost(lambda: client.get(form_of(case))) == one
