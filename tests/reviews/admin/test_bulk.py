"""One step over many cases: preview first, then each case with its own result."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from applicants.domain.errors import Conflict
from applicants.models import Event, Notice
from reviews.admin.bulk_steps import BULKS, each
from reviews.demo import walk
from reviews.domain import acceptance, assignments, determinations, interests, tasks
from reviews.domain.opinions import approve_opinion, prepare_opinion
from reviews.models import Application, Handover, PublicityNotice
from reviews.models.staff import Role
from reviews.models.task import Position, TaskKind
from tests import factories
from tests.factories import Cast, bureau, fresh, make_staff
from tests.reviews.domain import test_approving

LIST = "/admin/reviews/application/"


def preview(client, name, cases, query=""):
    chosen = {"action": name, "_selected_action": [case.pk for case in cases]}
    return client.post(f"{LIST}{query}", chosen)


def run(client, name, cases):
    return client.post(f"{LIST}bulk/{name}/", {"case": [case.pk for case in cases]})


def results(answer):
    return {line.case.pk: line.done for line in answer.context["lines"]}


def test_preview_changes_nothing(cast, desk):
    cases = [factories.submitted(cast) for _ in range(2)]
    answer = preview(desk(cast.of("sti", Role.PREPARER)), "accept", cases)
    assert (answer.status_code, answer.context["count"]) == (200, 2)
    assert {fresh(case).state for case in cases} == {"submitted"}


def test_accept_many_with_a_result_each(cast, desk):
    cases = [factories.submitted(cast) for _ in range(2)]
    done = factories.accepted(cast)
    answer = run(desk(cast.of("sti", Role.PREPARER)), "accept", [*cases, done])
    assert results(answer) == {cases[0].pk: True, cases[1].pk: True, done.pk: False}
    assert {fresh(case).state for case in cases} == {"accepted"}


def test_cases_of_others_cannot_be_slipped_in(cast, desk):
    own = factories.submitted(cast)
    foreign = factories.submitted(Cast("university-new-discipline-award", kind="university"))
    answer = run(desk(cast.of("sti", Role.PREPARER)), "accept", [own, foreign])
    assert results(answer) == {own.pk: True}
    assert fresh(foreign).state == "submitted"


def test_only_opinions_that_agree_are_given_together(cast, desk):
    cases = [factories.accepted(cast) for _ in range(2)]
    positions = [(Position.AGREE, ""), (Position.OBJECT, "与事实不符")]
    for case, (position, text) in zip(cases, positions, strict=True):
        prepare_opinion(
            case_id=case.pk,
            bureau=bureau("miit"),
            position=position,
            text=text,
            user=cast.of("miit", Role.PREPARER),
        )
    answer = run(desk(cast.of("miit", Role.APPROVER)), "give", cases)
    assert results(answer) == {cases[0].pk: True, cases[1].pk: False}


def test_publish_on_one_notice_with_count_and_total(cast, desk):
    casts = [Cast("tech-sme-rd-reward") for _ in range(2)]
    cases = [factories.checked(one) for one in casts]
    preparer = cast.of("sti", Role.PREPARER)
    client = desk(preparer)
    before = run(client, "publish", cases)
    assert results(before) == dict.fromkeys((case.pk for case in cases), False)
    run(client, "declare", cases)
    shown = preview(client, "publish", cases)
    unseen = run(client, "publish", cases)
    assert (unseen.status_code, PublicityNotice.objects.count()) == (422, 0)
    answer = publish(client, cases, shown)
    notice = PublicityNotice.objects.get()
    assert (shown.context["count"], shown.context["total"]) == (notice.count, notice.total)
    assert (notice.count, results(answer)) == (2, {case.pk: True for case in cases})


def publish(client, cases, shown, **more):
    """With the count and the sum that the preview has shown."""
    checked = shown.context["checked"]
    data = {"case": [case.pk for case in cases], "count": checked.count, "total": checked.total}
    return client.post(f"{LIST}bulk/publish/", data | more)


def two_projects():
    """Of one applicant, under one programme."""
    cast = Cast("national-project-team-award")
    facts, _choices = walk.example_facts(cast.programme)
    numbers = ("2026ZX0001", "2026ZX0002")
    own = [facts | {"national_project_number": number} for number in numbers]
    return cast, [factories.checked(cast, one, {"rate": "5%"}) for one in own]


def test_a_list_in_doubt_is_published_with_a_reason(desk):
    cast, cases = two_projects()
    client = desk(cast.of("sti", Role.PREPARER))
    shown = preview(client, "publish", cases)
    assert [one.kind for one in shown.context["checked"].findings] == ["twice", "twice"]
    assert 'name="reason"' in shown.content.decode()
    kept_back = publish(client, cases, shown)
    assert (kept_back.status_code, list(kept_back.context["form"].errors)) == (422, ["reason"])
    assert PublicityNotice.objects.count() == 0
    answer = publish(client, cases, shown, reason="两个项目，分属不同课题")
    assert results(answer) == {case.pk: True for case in cases}
    told = Event.objects.filter(kind="publicity.confirmed").values_list("reason", flat=True)
    assert list(told) == ["两个项目，分属不同课题"] * 2


def test_a_list_that_has_changed_is_looked_at_again(desk):
    cast, cases = two_projects()
    client = desk(cast.of("sti", Role.PREPARER))
    shown = preview(client, "publish", cases[:1])
    answer = publish(client, cases, shown, reason="已核实")
    assert (answer.status_code, answer.context["checked"].count) == (422, 2)
    assert PublicityNotice.objects.count() == 0


def test_publish_nothing_says_why(cast, desk):
    case = factories.submitted(cast)
    answer = run(desk(cast.of("sti", Role.PREPARER)), "publish", [case])
    assert results(answer) == {case.pk: False}
    assert not PublicityNotice.objects.exists()


def test_award_many_after_publicity(cast, desk):
    case = factories.published(cast)
    early = run(desk(cast.of("sti", Role.APPROVER)), "award", [case])
    with time_machine.travel(factories.publicity_end(case) + timedelta(days=1, hours=12)):
        late = run(desk(cast.of("sti", Role.APPROVER)), "award", [case])
    assert (results(early), results(late)) == ({case.pk: False}, {case.pk: True})
    assert fresh(case).state == "awarded"


def assign(client, cases, **fields):
    data = {"case": [case.pk for case in cases]} | fields
    return client.post(f"{LIST}bulk/assign/", data)


def test_assign_many_with_one_notice(cast, desk):
    cases = [factories.submitted(cast) for _ in range(3)]
    to, chief = make_staff(Role.PREPARER, "sti"), cast.of("sti", Role.APPROVER)
    client = desk(chief)
    shown = preview(client, "assign", cases)
    assert (shown.context["count"], shown.context["form"].is_bound) == (3, False)
    seen = assign(client, cases, to=to.pk, preview="1")
    assert (seen.context["count"], Handover.objects.count()) == (3, 0)
    answer = assign(client, cases, to=to.pk)
    assert results(answer) == {case.pk: True for case in cases}
    assert {case.tasks.get().assignee for case in cases} == {to}
    assert Notice.objects.get(user=to).data["count"] == 3


def test_what_one_case_refuses_leaves_the_others(cast, desk):
    cases = [factories.submitted(cast) for _ in range(3)]
    to, first = make_staff(Role.PREPARER, "sti"), make_staff(Role.PREPARER, "sti")
    assignments.take(task_id=cases[0].tasks.get().pk, user=first)
    interests.declare(case_id=cases[1].pk, user=to, conflict=True, reason="亲属")
    answer = assign(desk(cast.of("sti", Role.LEADER)), cases, to=to.pk)
    assert results(answer) == {cases[0].pk: False, cases[1].pk: False, cases[2].pk: True}
    assert all(line.note for line in answer.context["lines"])


def test_assign_to_nobody_is_told_beside_the_field(cast, desk):
    case = factories.submitted(cast)
    answer = assign(desk(cast.of("sti", Role.LEADER)), [case])
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["to"])


def test_take_many(cast, desk):
    cases = [factories.submitted(cast) for _ in range(2)]
    person = make_staff(Role.PREPARER, "sti")
    answer = run(desk(person), "take", cases)
    assert results(answer) == {case.pk: True for case in cases}
    assert {case.tasks.get().assignee for case in cases} == {person}


def test_approve_many_shows_the_sum_and_leaves_out_ones_own(db, desk):
    casts = [Cast("tech-sme-rd-reward") for _ in range(2)]
    cases = [factories.proposed(one) for one in casts]
    approver = casts[0].of("sti", Role.APPROVER)
    casts[1].free(approver)
    factories.give_role(approver, Role.PREPARER, "sti")
    own = Cast("tech-sme-rd-reward")
    own.staff["sti", Role.PREPARER] = approver
    cases.append(factories.proposed(own))
    client = desk(approver)
    shown = preview(client, "approve", cases)
    assessed = [case.determinations.get().assessed for case in cases[:2]]
    assert (shown.context["count"], shown.context["total"]) == (2, sum(assessed))
    answer = run(client, "approve", cases)
    assert results(answer) == {cases[0].pk: True, cases[1].pk: True, cases[2].pk: False}
    assert [fresh(case).state for case in cases] == ["determined", "determined", "proposed"]


def test_the_result_tells_what_was_granted(db, desk):
    """One whole, one cut by the budget, one left nothing: not three times what was proposed."""
    cast = Cast(test_approving.CODE)
    cases = test_approving.make_proposed(cast, 3)
    whole = cases[0].determinations.get().assessed
    test_approving.budget(cast, whole + 1)
    client = desk(test_approving.approver(cast, cases))
    shown = preview(client, "approve", cases)
    assert shown.context["total"] == whole * 3
    answer = run(client, "approve", cases)
    lines = {line.case.pk: line for line in answer.context["lines"]}
    told = [lines[case.pk] for case in cases]
    assert [line.amount for line in told] == [whole, 1, 0]
    assert answer.context["total"] == whole + 1
    assert [str(line.note) == str(told[0].note) for line in told] == [True, True, False]


def test_what_was_proposed_anew_since_the_preview_is_left_out(db, desk):
    cast = Cast(test_approving.CODE)
    (case,) = test_approving.make_proposed(cast, 1)
    approver = test_approving.approver(cast, [case])
    client = desk(approver)
    page = preview(client, "approve", [case]).content.decode()
    shown = case.determinations.get().pk
    assert f'name="proposal-{case.pk}" value="{shown}"' in page
    determinations.send_back(case_id=case.pk, reason="数额不对", user=approver)
    walk.propose(case, cast.of, walk.example_facts(cast.programme)[1])
    data = {"case": [case.pk], f"proposal-{case.pk}": shown}
    answer = client.post(f"{LIST}bulk/approve/", data)
    assert results(answer) == {case.pk: False}
    assert fresh(case).state == "proposed"


def test_of_two_tasks_of_a_case_both_are_assigned_or_none(cast, desk):
    case = factories.submitted(cast)
    own = case.tasks.get()
    asked = tasks.open_task(case, TaskKind.OPINION, bureau=bureau("sti"), due_on=own.due_on)
    assignments.take(task_id=asked.pk, user=make_staff(Role.PREPARER, "sti"))
    to = make_staff(Role.PREPARER, "sti")
    answer = assign(desk(cast.of("sti", Role.LEADER)), [case], to=to.pk)
    assert results(answer) == {case.pk: False}
    own.refresh_from_db()
    assert (own.assignee, Handover.objects.filter(task=own).count()) == (None, 0)
    assign(desk(cast.of("sti", Role.LEADER)), [case], to=to.pk, reason="休假")
    assert {task.assignee for task in case.tasks.all()} == {to}


def test_an_opinion_that_was_written_anew_is_not_given_as_one_that_agrees(cast):
    case = factories.accepted(cast)
    words = {"position": Position.OBJECT, "text": "与事实不符"}
    place = {"case_id": case.pk, "bureau": bureau("miit")}
    prepare_opinion(**place, **words, user=cast.of("miit", Role.PREPARER))
    with pytest.raises(Conflict):
        approve_opinion(**place, user=cast.of("miit", Role.APPROVER), agreeing=True)
    assert case.tasks.filter(kind="opinion", bureau=bureau("miit"), state="open").exists()


def test_a_refusal_of_the_database_is_told_and_the_others_go_on(cast, desk, monkeypatch):
    cases = [factories.submitted(cast) for _ in range(2)]
    accept = acceptance.accept

    def failing(*, case_id, user):
        if case_id == cases[0].pk:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
        return accept(case_id=case_id, user=user)

    step = replace(BULKS["accept"], run=each(lambda p, u, _g: failing(case_id=p.case.pk, user=u)))
    monkeypatch.setitem(BULKS, "accept", step)
    answer = run(desk(cast.of("sti", Role.PREPARER)), "accept", cases)
    assert results(answer) == {cases[0].pk: False, cases[1].pk: True}


def test_the_preview_costs_the_same_for_many(cast, desk):
    client = desk(cast.of("sti", Role.PREPARER))
    costs = []
    for _ in range(2):
        cases = [factories.submitted(cast) for _ in range(2)]
        chosen = list(Application.objects.filter(state="submitted"))
        preview(client, "accept", chosen)
        with CaptureQueriesContext(connection) as seen:
            assert len(preview(client, "accept", chosen).context["lines"]) == len(chosen)
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert cases


def test_of_too_many_the_first_are_taken(cast, desk, monkeypatch):
    monkeypatch.setattr("reviews.admin.bulk.MOST", 1)
    cases = [factories.submitted(cast) for _ in range(2)]
    answer = preview(desk(cast.of("sti", Role.PREPARER)), "accept", cases)
    assert [line.case.pk for line in answer.context["lines"]] == [cases[0].pk]
    assert len(answer.context["messages"]) == 1
    assert Application.objects.filter(state="submitted").count() == 2


def test_odd_input_is_no_error(cast, desk):
    client = desk(cast.of("sti", Role.PREPARER))
    assert client.post(f"{LIST}bulk/accept/", {"case": ["x", "-1", "9" * 30]}).status_code == 200
    assert client.post(f"{LIST}bulk/erase/", {}).status_code == 404
    assert client.get(f"{LIST}bulk/accept/").status_code == 302
