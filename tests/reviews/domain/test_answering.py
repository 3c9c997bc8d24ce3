"""Queues of objections and reconsiderations: those of the handling bureau who did not decide."""

import pytest

from reviews.domain import objections, reconsiderations
from reviews.domain.queues import cases_in, desk_of, queues_of
from reviews.models import Application, PublicityItem
from reviews.models.staff import Role
from tests import factories
from tests.factories import Cast, fresh, make_staff
from tests.reviews.test_objection_pages import TYPED, declined, refused

CODE = "hitech-first-recognition-award"

pytestmark = pytest.mark.django_db


def waiting(queue: str, user) -> list[Application]:
    return list(cases_in(queue, desk_of(user)))


def outsiders(cast):
    return [
        cast.of("sti", Role.PREPARER),
        make_staff(Role.APPROVER, "miit"),
        make_staff(Role.LEADER, "education"),
        make_staff(Role.AUDITOR),
    ]


def test_objections_wait_for_those_who_did_not_decide():
    cast = Cast(CODE)
    case = factories.published(cast)
    leader, other = make_staff(Role.LEADER, "sti"), make_staff(Role.APPROVER, "sti")
    assert waiting("objections", leader) == []
    item = PublicityItem.objects.get(application=case)
    objection = objections.file_objection(item_id=item.pk, **TYPED)
    involved = cast.of("sti", Role.APPROVER)
    nobody = [waiting("objections", one) for one in (involved, *outsiders(cast))]
    assert nobody == [[]] * 5
    assert [waiting("objections", one) for one in (leader, other)] == [[case], [case]]
    objections.handle(
        objection_id=objection.pk, upheld=False, answer="不属实", user=cast.free(leader)
    )
    assert [waiting("objections", one) for one in (leader, other)] == [[], []]


@pytest.mark.parametrize("stage", [refused, declined])
def test_reconsiderations_wait_for_others_than_decided(stage):
    cast = Cast(CODE)
    case = fresh(stage(cast))
    leader = make_staff(Role.LEADER, "sti")
    assert waiting("reconsiderations", leader) == []
    asked = reconsiderations.ask(case_id=case.pk, text="名单有误", user=cast.clerk)
    staff = [one for (code, _role), one in cast.staff.items() if code == "sti"]
    decided = [one for one in staff if one.pk in reconsiderations_by(case)]
    assert [waiting("reconsiderations", one) for one in decided] == [[]] * len(decided)
    assert decided
    assert [waiting("reconsiderations", one) for one in outsiders(cast)] == [[]] * 4
    assert waiting("reconsiderations", leader) == [case]
    reconsiderations.decide(
        reconsideration_id=asked.pk, changed=False, answer="维持", user=cast.free(leader)
    )
    assert waiting("reconsiderations", leader) == []


def reconsiderations_by(case):
    of = {one.proposed_by_id for one in case.determinations.all()}
    of |= {one.approved_by_id for one in case.determinations.all()}
    return of | {reconsiderations._decision(case).actor_id}


def test_the_queues_are_offered_to_approvers_and_leaders():
    offered = {
        role: {queue.key for queue in queues_of(desk_of(make_staff(role, "sti")))}
        & {"objections", "reconsiderations"}
        for role in (Role.PREPARER, Role.APPROVER, Role.LEADER)
    }
    both = {"objections", "reconsiderations"}
    assert offered == {Role.PREPARER: set(), Role.APPROVER: both, Role.LEADER: both}
