"""Bureaus that object or ask, several signatures, objections of the public, reconsideration."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, transaction

from applicants.domain.errors import Conflict, NotAllowed, Refused
from incentives.domain.reconcile import differences
from incentives.models import Award
from reviews.demo import walk
from reviews.domain import (
    acceptance,
    applications,
    determinations,
    objections,
    opinions,
    reconsiderations,
    resolutions,
    undoing,
)
from reviews.models import Application, Opinion, PublicityItem
from reviews.models.determination import Outcome
from reviews.models.lifecycle import CaseState
from reviews.models.objection import ResolutionKind
from reviews.models.staff import Role
from reviews.models.task import Position, TaskKind, TaskState
from tests import factories
from tests.factories import Cast, bureau, make_staff

pytestmark = pytest.mark.django_db
CODE = "hitech-first-recognition-award"


def says(cast: Cast, case: Application, position: Position, text: str = "") -> Opinion:
    opinions.prepare_opinion(
        case_id=case.pk,
        bureau=bureau("miit"),
        position=position,
        text=text,
        user=cast.of("miit", Role.PREPARER),
    )
    return opinions.approve_opinion(
        case_id=case.pk, bureau=bureau("miit"), user=cast.of("miit", Role.APPROVER)
    )


def ready_but_for_miit(cast: Cast) -> Application:
    case = factories.accepted(cast)
    walk.confirm_facts(case, cast.of)
    return case


def give_the_others(cast: Cast, case: Application) -> None:
    walk.give_opinions(case, cast.of)


def test_an_objection_holds_the_determination_until_it_is_resolved():
    cast = Cast(CODE)
    case = ready_but_for_miit(cast)
    objection = says(cast, case, Position.OBJECT, "证书已过期")
    give_the_others(cast, case)
    with pytest.raises(Conflict):
        walk.propose(case, cast.of, {})
    for kind, missing in (
        (ResolutionKind.REASON, {"text"}),
        (ResolutionKind.MEETING, {"text", "held_on", "present"}),
    ):
        with pytest.raises(Refused) as refusal:
            resolutions.resolve(
                case_id=case.pk,
                opinion_id=objection.pk,
                kind=kind,
                text=" ",
                user=cast.of(cast.handling, Role.PREPARER),
            )
        assert set(refusal.value.message_dict) == missing
    resolutions.resolve(
        case_id=case.pk,
        opinion_id=objection.pk,
        kind=ResolutionKind.MEETING,
        text="联席会议认为证书在申报日有效",
        held_on=objection.approved_at.date(),
        present="市科技局、市工业和信息化局",
        user=cast.of(cast.handling, Role.PREPARER),
    )
    walk.propose(case, cast.of, {})
    assert factories.fresh(case).state == CaseState.PROPOSED


def test_a_question_is_answered_and_the_opinion_asked_anew():
    cast = Cast(CODE)
    case = ready_but_for_miit(cast)
    question = says(cast, case, Position.ASK, "证书编号与公示名单不一致？")
    resolutions.resolve(
        case_id=case.pk,
        opinion_id=question.pk,
        kind=ResolutionKind.REASON,
        text="名单已于次日更正",
        user=cast.of(cast.handling, Role.PREPARER),
    )
    tasks = case.tasks.filter(kind=TaskKind.OPINION, bureau=bureau("miit")).order_by("id")
    assert [(task.state, task.question) for task in tasks] == [
        (TaskState.SUPERSEDED, "所属产业、生产经营及技术改造情况。"),
        (TaskState.OPEN, "名单已于次日更正"),
    ]
    says(cast, case, Position.AGREE)
    give_the_others(cast, case)
    walk.propose(case, cast.of, {})


def test_a_bureau_waits_for_the_part_that_it_asked_of_another():
    cast = Cast(CODE)
    case = factories.accepted(cast)
    preparer = cast.of("miit", Role.PREPARER)
    part = opinions.ask_part(
        case_id=case.pk,
        bureau=bureau("miit"),
        of=bureau("tax"),
        question="请核实纳税情况",
        user=preparer,
    )
    assert (part.part_of.bureau, part.question) == (bureau("miit"), "请核实纳税情况")
    with pytest.raises(Conflict):
        says(cast, case, Position.AGREE)
    for of in (bureau("tax"), bureau(cast.handling)):
        with pytest.raises(Refused) as refusal:
            opinions.ask_part(
                case_id=case.pk, bureau=bureau("miit"), of=of, question="再问", user=preparer
            )
        assert set(refusal.value.message_dict) == {"of"}
    opinions.prepare_opinion(
        case_id=case.pk,
        bureau=bureau("tax"),
        position=Position.AGREE,
        text="无欠税",
        user=cast.of("tax", Role.PREPARER),
    )
    opinions.approve_opinion(
        case_id=case.pk, bureau=bureau("tax"), user=cast.of("tax", Role.APPROVER)
    )
    says(cast, case, Position.AGREE)


def above_a_threshold(cast: Cast) -> Application:
    case = factories.reviewed(cast)
    case.thresholds = ["100.00", "100000000.00"]
    case.save(update_fields=["thresholds"])
    walk.propose(case, cast.of, {})
    return factories.fresh(case)


def test_above_a_sum_a_leader_signs_after_the_approver():
    cast = Cast(CODE)
    case = above_a_threshold(cast)
    leader = cast.of(cast.handling, Role.LEADER)
    with pytest.raises(NotAllowed):
        determinations.approve(case_id=case.pk, user=leader)
    walk.approve(case, cast.of)
    assert (factories.fresh(case).state, Award.objects.count()) == (CaseState.PROPOSED, 0)
    with pytest.raises(NotAllowed):
        walk.approve(case, cast.of)
    determinations.approve(case_id=case.pk, user=leader)
    determination = case.determinations.get()
    assert (factories.fresh(case).state, determination.approved_by) == (
        CaseState.DETERMINED,
        leader,
    )
    signed = determination.signatures.values_list("level", "signed_by")
    assert list(signed) == [(1, cast.of(cast.handling, Role.APPROVER).pk), (2, leader.pk)]


def test_a_changed_determination_begins_without_signatures():
    cast = Cast(CODE)
    case = above_a_threshold(cast)
    walk.approve(case, cast.of)
    determinations.send_back(
        case_id=case.pk, reason="重算", user=cast.of(cast.handling, Role.LEADER)
    )
    walk.propose(case, cast.of, {})
    living = case.determinations.get(state="proposed")
    assert (living.number, living.signatures.count(), living.signatures_needed) == (2, 0, 2)


@pytest.mark.parametrize(
    ("stage", "to"),
    [
        (factories.determined, CaseState.ACCEPTED),
        (factories.checked, CaseState.ACCEPTED),
        (factories.checked, CaseState.DETERMINED),
        (factories.published, CaseState.ACCEPTED),
    ],
)
def test_a_leader_hands_a_case_back_and_its_money_is_free(stage, to):
    cast = Cast(CODE)
    case = stage(cast)
    undoing.hand_back(
        case_id=case.pk, to=to, reason="证书存疑", user=cast.of(cast.handling, Role.LEADER)
    )
    kept = to == CaseState.DETERMINED
    assert factories.fresh(case).state == to
    assert Award.objects.get().state == ("reserved" if kept else "released")
    assert case.determinations.get().state == ("approved" if kept else "void")
    wanted = TaskKind.FINANCE_CHECK if kept else TaskKind.DETERMINATION
    assert [task.kind for task in case.tasks.filter(state=TaskState.OPEN)] == [wanted]
    assert differences(city_code="qingdao") == []


def test_an_applicant_withdraws_at_any_stage_before_the_award():
    for stage in (factories.proposed, factories.determined, factories.checked, factories.published):
        cast = Cast(CODE)
        case = stage(cast)
        applications.withdraw(case_id=case.pk, user=cast.clerk, reason="项目取消")
        assert factories.fresh(case).state == CaseState.WITHDRAWN
        assert case.tasks.filter(state=TaskState.OPEN).count() == 0
    assert set(Award.objects.values_list("state", flat=True)) == {"released"}


def objection_to(case: Application, **changes: str):
    item = PublicityItem.objects.get(application=case)
    told = {"name": "某某协会（盖章）", "contact": "0532-00000000", "text": "证书编号不实"}
    return objections.file_objection(item_id=item.pk, **told | changes)


def test_an_objection_is_signed_and_within_its_days():
    cast = Cast(CODE)
    case = factories.published(cast)
    for field in ("name", "contact", "text"):
        with pytest.raises(Refused) as refusal:
            objection_to(case, **{field: " "})
        assert set(refusal.value.message_dict) == {field}
    over = factories.publicity_end(case) + timedelta(days=1, hours=12)
    with time_machine.travel(over), pytest.raises(Refused):
        objection_to(case)


def test_an_objection_is_handled_by_someone_without_part_in_the_case():
    cast = Cast(CODE)
    case = factories.published(cast)
    objection = objection_to(case)
    with pytest.raises(NotAllowed):
        objections.handle(
            objection_id=objection.pk,
            upheld=True,
            answer="属实",
            user=cast.of(cast.handling, Role.APPROVER),
        )
    other = cast.free(make_staff(Role.APPROVER, cast.handling))
    objections.handle(objection_id=objection.pk, upheld=True, answer="查证属实", user=other)
    assert factories.fresh(case).state == CaseState.REFUSED
    assert (Award.objects.get().state, case.determinations.get().state) == ("released", "void")
    with pytest.raises(DatabaseError), transaction.atomic():
        type(objection).objects.filter(pk=objection.pk).update(state="rejected")


def test_an_award_waits_for_the_answer_to_an_objection():
    cast = Cast(CODE)
    case = factories.published(cast)
    objection = objection_to(case)
    with time_machine.travel(factories.publicity_end(case) + timedelta(days=1, hours=12)):
        with pytest.raises(Conflict):
            walk.award(case, cast.of)
        other = cast.free(make_staff(Role.LEADER, cast.handling))
        objections.handle(objection_id=objection.pk, upheld=False, answer="证书真实", user=other)
        walk.award(case, cast.of)
    assert factories.fresh(case).state == CaseState.AWARDED


def refused(cast: Cast) -> Application:
    case = factories.reviewed(cast)
    determinations.propose(
        case_id=case.pk,
        outcome=Outcome.REFUSE,
        choices={},
        reason="证书未列入名单",
        user=cast.of(cast.handling, Role.PREPARER),
    )
    walk.approve(case, cast.of)
    return factories.fresh(case)


def declined(cast: Cast) -> Application:
    case = factories.submitted(cast)
    acceptance.decline(
        case_id=case.pk, reason="不属于本事项", user=cast.of(cast.handling, Role.PREPARER)
    )
    return factories.fresh(case)


@pytest.mark.parametrize(
    ("stage", "again"), [(refused, CaseState.ACCEPTED), (declined, CaseState.SUBMITTED)]
)
def test_a_refusal_is_looked_at_again_by_others(stage, again):
    cast = Cast(CODE)
    case = stage(cast)
    asked = reconsiderations.ask(case_id=case.pk, text="名单有误，见更正公告", user=cast.clerk)
    with pytest.raises(Conflict):
        reconsiderations.ask(case_id=case.pk, text="再次申请", user=cast.clerk)
    for role in (Role.PREPARER, *([Role.APPROVER] if stage is refused else [])):
        with pytest.raises(NotAllowed):
            reconsiderations.decide(
                reconsideration_id=asked.pk,
                changed=True,
                answer="同意",
                user=cast.of(cast.handling, role),
            )
    other = cast.free(make_staff(Role.LEADER, cast.handling))
    reconsiderations.decide(
        reconsideration_id=asked.pk, changed=True, answer="更正公告属实", user=other
    )
    case = factories.fresh(case)
    assert case.state == again
    if again == CaseState.ACCEPTED:
        walk.propose(case, cast.of, {})
        walk.approve(case, cast.of)
        assert Award.objects.get().amount > Decimal(0)


def test_a_decision_that_stands_ends_the_matter():
    cast = Cast(CODE)
    case = refused(cast)
    asked = reconsiderations.ask(case_id=case.pk, text="不服", user=cast.clerk)
    other = cast.free(make_staff(Role.APPROVER, cast.handling))
    reconsiderations.decide(
        reconsideration_id=asked.pk, changed=False, answer="名单无此证书", user=other
    )
    assert factories.fresh(case).state == CaseState.REFUSED
    with pytest.raises(Conflict):
        reconsiderations.ask(case_id=case.pk, text="仍不服", user=cast.clerk)
