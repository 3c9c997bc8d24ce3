"""The supplement: all defects at once, only those mended, the clock stopped."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from applicants.domain.errors import Conflict, Refused
from incentives.domain.settings import change_setting
from reviews.demo import walk
from reviews.domain import acceptance, applications, commitments, working_days
from reviews.domain.supplements import Told, changeable
from reviews.models import Application, Defect
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.supplement import DefectKind
from reviews.models.task import TaskKind, TaskState
from tests import factories
from tests.factories import Cast
from tests.reviews.rounds import OF_ONE, Setting, hand_in, later

pytestmark = pytest.mark.django_db
CODE = "national-project-team-award"
FUNDS, NUMBER = "national_funds_received", "national_project_number"


def at(day: date):
    return time_machine.travel(f"{day.isoformat()}T10:00:00+08:00", tick=True)


def preparer(cast: Cast):
    return cast.of(cast.handling, Role.PREPARER)


def returned_for(cast: Cast, case: Application, *defects: Told) -> Application:
    acceptance.return_case(case_id=case.pk, user=preparer(cast), defects=defects)
    return factories.fresh(case)


def test_every_defect_is_told_at_once_and_reaches_the_applicant():
    cast = Cast(CODE)
    case = returned_for(
        cast,
        factories.submitted(cast),
        Told(DefectKind.FACT, "与银行回单不一致", FUNDS),
        Told(DefectKind.PAPER, "任务书缺盖章页", NUMBER),
    )
    assert case.state == CaseState.RETURNED
    assert case.returned_reason == (
        "本单位国拨经费实际到账金额：与银行回单不一致\n国家项目编号：任务书缺盖章页"
    )
    assert list(Defect.objects.values_list("kind", "fact_key", "round")) == [
        ("fact", FUNDS, 1),
        ("paper", NUMBER, 1),
    ]


@pytest.mark.parametrize(
    ("defects", "field"),
    [
        ([], "reason"),
        ([Told(DefectKind.FACT, " ", FUNDS)], FUNDS),
        ([Told(DefectKind.FACT, "有误", "no_such_fact")], "fact_key"),
    ],
)
def test_a_return_without_a_plain_defect_is_refused(defects, field):
    cast = Cast(CODE)
    case = factories.submitted(cast)
    with pytest.raises(Refused) as refusal:
        acceptance.return_case(case_id=case.pk, user=preparer(cast), defects=defects)
    assert set(refusal.value.message_dict) == {field}
    assert (factories.fresh(case).state, Defect.objects.count()) == (CaseState.SUBMITTED, 0)


def test_only_what_was_asked_can_be_changed():
    cast = Cast(CODE)
    case = returned_for(
        cast, factories.submitted(cast), Told(DefectKind.FACT, "与回单不一致", FUNDS)
    )
    with pytest.raises(Refused) as refusal:
        applications.save_facts(
            case_id=case.pk, values={FUNDS: "3000000", NUMBER: "2021ZX9999"}, user=cast.clerk
        )
    assert set(refusal.value.message_dict) == {NUMBER}
    applications.save_facts(case_id=case.pk, values={FUNDS: "3000000"}, user=cast.clerk)
    paper = factories.make_document(cast.party, cast.clerk)
    with pytest.raises(Refused):
        applications.attach(case_id=case.pk, fact_key=NUMBER, document=paper, user=cast.clerk)
    facts = {fact.key: fact.declared for fact in case.facts.filter(key__in=[FUNDS, NUMBER])}
    assert facts == {FUNDS: "3000000.00", NUMBER: walk.example_facts(cast.programme)[0][NUMBER]}


def test_what_changed_stands_beside_what_was_and_opinions_are_asked_anew():
    cast = Cast(CODE)
    case = factories.reviewed(cast)
    before = case.facts.get(key=FUNDS).declared
    asked = case.tasks.filter(kind=TaskKind.OPINION).count()
    case = returned_for(cast, case, Told(DefectKind.FACT, "与回单不一致", FUNDS))
    applications.save_facts(case_id=case.pk, values={FUNDS: "3000000"}, user=cast.clerk)
    walk.submit(case, cast.clerk)
    case = factories.fresh(case)
    defect = Defect.objects.get()
    assert (case.state, defect.before, defect.after) == (
        CaseState.ACCEPTED,
        before,
        "3000000.00",
    )
    opinions = case.tasks.filter(kind=TaskKind.OPINION)
    assert opinions.filter(state=TaskState.SUPERSEDED).count() == asked
    assert opinions.filter(state=TaskState.OPEN).count() == asked
    assert case.facts.get(key=FUNDS).confirmed is None


def test_a_paper_alone_leaves_the_opinions_standing():
    cast = Cast(CODE)
    case = factories.reviewed(cast)
    case = returned_for(cast, case, Told(DefectKind.PAPER, "补盖章页", NUMBER))
    paper = factories.make_document(cast.party, cast.clerk)
    applications.attach(case_id=case.pk, fact_key=NUMBER, document=paper, user=cast.clerk)
    walk.submit(case, cast.clerk)
    opinions = case.tasks.filter(kind=TaskKind.OPINION)
    assert set(opinions.values_list("state", flat=True)) == {TaskState.DONE}


def test_the_clock_stands_still_while_the_applicant_has_the_case():
    """Over the New Year's holiday of 2026: the determination keeps the days that it had left."""
    with at(date(2025, 12, 22)):
        cast = Cast(CODE)
        case = factories.accepted(cast)
        due = case.tasks.get(kind=TaskKind.DETERMINATION).due_on
        left = working_days.count_between(date(2025, 12, 26), due)
    with at(date(2025, 12, 26)):
        case = returned_for(cast, case, Told(DefectKind.PAPER, "补盖章页", NUMBER))
        task = case.tasks.get(kind=TaskKind.DETERMINATION)
        assert (task.state, task.days_left) == (TaskState.PAUSED, left)
    with at(date(2026, 1, 6)):
        walk.submit(case, cast.clerk)
        task.refresh_from_db()
    assert task.state == TaskState.OPEN
    assert task.due_on == working_days.add_working_days(date(2026, 1, 6), left)
    assert factories.fresh(case).due_on == task.due_on


def set_to(cast: Cast, key: str, value: object) -> None:
    change_setting(
        city=cast.programme.city,
        programme=cast.programme,
        key=key,
        value=value,
        basis="测试",
        actor=cast.clerk,
    )


@pytest.mark.parametrize(("wanted", "state"), [(True, "accepted"), (False, "submitted")])
def test_no_answer_in_time_is_acceptance_where_the_city_has_set_so(wanted, state):
    cast = Cast(CODE)
    case = factories.submitted(cast)
    set_to(cast, "deemed_accepted", wanted)
    due = case.tasks.get(kind=TaskKind.ACCEPTANCE).due_on
    assert acceptance.deem_accepted(today=due) == 0
    assert acceptance.deem_accepted(today=due + timedelta(days=1)) == int(wanted)
    assert factories.fresh(case).state == state


def promised(cast: Cast, monkeypatch, case: Application):
    rules = factories.rules(cast)
    fact = rules.facts[NUMBER].model_copy(update={"may_follow": True})
    monkeypatch.setitem(rules.facts, NUMBER, fact)
    day = working_days.add_working_days(working_days.today(), 3)
    return commitments.promise(
        case_id=case.pk, fact_key=NUMBER, text="盖章任务书", due_on=day, user=cast.clerk
    )


def test_a_paper_that_may_not_follow_cannot_be_promised():
    cast = Cast(CODE)
    case = factories.draft(cast)
    with pytest.raises(Refused) as refusal:
        commitments.promise(
            case_id=case.pk,
            fact_key=NUMBER,
            text="盖章任务书",
            due_on=timezone.localdate() + timedelta(days=3),
            user=cast.clerk,
        )
    assert set(refusal.value.message_dict) == {"fact_key"}


def test_a_promised_paper_may_follow_and_then_keeps_the_promise(monkeypatch):
    cast = Cast(CODE)
    case = factories.draft(cast)
    case.evidence.filter(fact_key=NUMBER).update(removed_at=timezone.now())
    promised(cast, monkeypatch, case)
    walk.submit(case, cast.clerk)
    walk.accept(case, cast.of)
    walk.give_opinions(case, cast.of)
    walk.confirm_facts(case, cast.of)
    with pytest.raises(Refused):
        walk.propose(case, cast.of, {"rate": "5%"})
    paper = factories.make_document(cast.party, cast.clerk)
    applications.attach(case_id=case.pk, fact_key=NUMBER, document=paper, user=cast.clerk)
    assert case.commitments.get().state == "kept"
    walk.propose(case, cast.of, {"rate": "5%"})


def test_a_broken_promise_returns_the_case_and_says_why(monkeypatch):
    cast = Cast(CODE)
    case = factories.draft(cast)
    promise = promised(cast, monkeypatch, case)
    walk.submit(case, cast.clerk)
    walk.accept(case, cast.of)
    assert commitments.fall_back(today=promise.due_on) == 0
    assert commitments.fall_back(today=promise.due_on + timedelta(days=1)) == 1
    case = factories.fresh(case)
    assert (case.state, case.commitments.get().state) == (CaseState.RETURNED, "broken")
    assert "盖章任务书" in case.returned_reason
    assert case.defects.get().told_by is None
    assert commitments.fall_back(today=promise.due_on + timedelta(days=1)) == 0


def test_a_broken_promise_waits_until_the_experts_are_done(monkeypatch):
    setting = Setting(CODE, OF_ONE, experts=1).open()
    cast = Cast(CODE)
    case = factories.draft(cast)
    promise = promised(cast, monkeypatch, case)
    walk.submit(case, cast.clerk)
    walk.accept(case, cast.of)
    late = promise.due_on + timedelta(days=40)
    with later(setting):
        setting.begin()
        assert commitments.fall_back(today=late) == 0
        hand_in(setting.sheets_of(setting.round.cases.get().pk)[0])
        setting.rank()
        assert commitments.fall_back(today=late) == 1
    assert factories.fresh(case).state == CaseState.RETURNED


def test_nothing_else_is_brought_while_the_case_is_under_review():
    cast = Cast(CODE)
    case = factories.accepted(cast)
    paper = factories.make_document(cast.party, cast.clerk)
    with pytest.raises(Conflict):
        applications.attach(case_id=case.pk, fact_key=NUMBER, document=paper, user=cast.clerk)


def test_what_a_mended_fact_brings_up_can_be_answered():
    """Facts asked only because of the one that was named go with it."""
    rules = factories.rules(Cast("5g-station-support"))
    asked = {key: fact for key, fact in rules.facts.items() if fact.asked_if is not None}
    defect = Defect(kind=DefectKind.FACT, fact_key=next(iter(asked.values())).asked_if.fact)
    assert {defect.fact_key, *asked} >= changeable(rules, [defect]) > {defect.fact_key}
