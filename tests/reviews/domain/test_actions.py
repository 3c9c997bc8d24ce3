"""`available` against the verbs themselves: at each stage, for each kind of person."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from applicants.models import User
from incentives.models import Bureau
from reviews.demo import walk
from reviews.domain import (
    acceptance,
    applications,
    awarding,
    determinations,
    finance,
    interests,
    opinions,
    publicity,
    resolutions,
    undoing,
)
from reviews.domain.actions import Action, available
from reviews.models import Application, Opinion, StaffRole
from reviews.models.determination import Outcome
from reviews.models.lifecycle import CaseState
from reviews.models.objection import ResolutionKind
from reviews.models.staff import Role
from reviews.models.task import Position
from tests import factories
from tests.factories import Cast, bureau, give_role, make_staff, make_user

PROGRAMME = "hitech-first-recognition-award"
ASKED = ("miit", "finance")
Attempt = Callable[[Application, User], object]


class Undone(Exception):
    """Takes back what an attempt did."""


def handing_back(stage: CaseState) -> Attempt:
    return lambda c, u: undoing.hand_back(case_id=c.pk, to=stage, reason="退回重审", user=u)


def asking(code: str) -> Attempt:
    return lambda c, u: opinions.ask_part(
        case_id=c.pk, bureau=bureau(code), of=bureau("tax"), question="请核实纳税情况", user=u
    )


def resolving(code: str) -> Attempt:
    def attempt(case: Application, user: User) -> object:
        opinion = Opinion.objects.filter(task__application=case, task__bureau=bureau(code)).last()
        return resolutions.resolve(
            case_id=case.pk,
            opinion_id=opinion.pk if opinion else 0,
            kind=ResolutionKind.REASON,
            text="理由",
            user=user,
        )

    return attempt


def attempts() -> Iterator[tuple[tuple[str, str | None], Attempt]]:
    yield ("accept", None), lambda c, u: acceptance.accept(case_id=c.pk, user=u)
    yield (
        ("return_case", None),
        lambda c, u: acceptance.return_case(case_id=c.pk, user=u, reason="缺材料"),
    )
    yield (
        ("decline", None),
        lambda c, u: acceptance.decline(case_id=c.pk, user=u, reason="不属于本事项"),
    )
    for code in ("sti", *ASKED):
        yield ("prepare_opinion", code), preparing(code)
        yield ("approve_opinion", code), approving(code)
        yield ("ask_part", code), asking(code)
        yield ("resolve", code), resolving(code)
    yield ("hand_back_to", None), handing_back(CaseState.ACCEPTED)
    yield (
        ("confirm_facts", None),
        lambda c, u: determinations.confirm_facts(case_id=c.pk, values={}, user=u),
    )
    yield (
        ("propose", None),
        lambda c, u: determinations.propose(
            case_id=c.pk, outcome=Outcome.REFUSE, choices={}, reason="不符合条件", user=u
        ),
    )
    yield ("approve", None), lambda c, u: determinations.approve(case_id=c.pk, user=u)
    yield (
        ("send_back", None),
        lambda c, u: determinations.send_back(case_id=c.pk, reason="请补充说明", user=u),
    )
    yield ("check", None), lambda c, u: finance.check(case_id=c.pk, user=u, note="已核查")
    yield (
        ("hand_back", None),
        lambda c, u: finance.hand_back(case_id=c.pk, user=u, reason="账户不符"),
    )
    yield ("publish", None), lambda c, u: publicity.publish(case_ids=[c.pk], user=u)
    yield ("award", None), lambda c, u: awarding.award(case_id=c.pk, user=u)


def preparing(code: str) -> Attempt:
    return lambda c, u: opinions.prepare_opinion(
        case_id=c.pk, bureau=bureau(code), position=Position.AGREE, text="", user=u
    )


def approving(code: str) -> Attempt:
    return lambda c, u: opinions.approve_opinion(case_id=c.pk, bureau=bureau(code), user=u)


WRITTEN = ("reviews_application", "reviews_casefact", "reviews_reviewtask", "reviews_opinion",
           "reviews_determination", "incentives_award", "incentives_ledgerentry",
           "incentives_counter", "applicants_event", "applicants_notice")  # fmt: skip


def rows() -> list[tuple[str, ...]]:
    """All that a verb may write, by table."""
    tables = " UNION ALL ".join(
        f"SELECT '{table}', md5(string_agg(t::text, '' ORDER BY id)) FROM {table} t"
        for table in WRITTEN
    )
    with connection.cursor() as cursor:
        cursor.execute(tables)
        return cursor.fetchall()


def succeeds(attempt: Attempt, case: Application, user: User, before: list) -> bool:
    """Whether it goes through, taken back in any case. A verb that refuses has written nothing."""
    with suppress(Undone), transaction.atomic():
        try:
            attempt(case, user)
        except (ValidationError, PermissionDenied):
            assert rows() == before
            return False
        raise Undone
    return True


def people(cast: Cast) -> dict[str, User]:
    found = {
        f"{code} {role}": cast.of(code, role)
        for code in ("sti", *ASKED)
        for role in (Role.PREPARER, Role.APPROVER, Role.LEADER)
    }
    found |= {
        role: cast.of("finance", role) for role in (Role.FINANCE_PREPARER, Role.FINANCE_APPROVER)
    }
    found |= {role: make_staff(role) for role in (Role.POLICY_EDITOR, Role.AUDITOR)}
    found["another bureau"] = make_staff(Role.APPROVER, "education")
    found["another city"] = make_user(is_staff=True)
    elsewhere = Bureau.objects.get(city="dalian", code="finance")
    for role in (Role.PREPARER, Role.APPROVER, Role.FINANCE_PREPARER):
        StaffRole.objects.create(
            user=found["another city"], city_id="dalian", bureau=elsewhere, role=role
        )
    found["everything"] = everything(make_staff(Role.PREPARER, "sti"))
    found["proposer with all roles"] = everything(cast.of("sti", Role.PREPARER))
    cast.clerk.is_staff = True
    cast.clerk.save(update_fields=["is_staff"])
    found["member of the applicant"] = everything(cast.clerk)
    ended = make_staff(Role.PREPARER, "sti")
    ended.staffrole_set.update(is_active=False)
    return found | {"role ended": ended}


def everything(user: User) -> User:
    for code in ("sti", *ASKED):
        for role in (Role.PREPARER, Role.APPROVER):
            if not user.staffrole_set.filter(role=role, bureau=bureau(code)).exists():
                give_role(user, role, code)
    give_role(user, Role.FINANCE_PREPARER, "finance")
    return user


def drafted(cast: Cast) -> Application:
    case = factories.accepted(cast)
    preparing("miit")(case, cast.of("miit", Role.PREPARER))
    return case


def returned(cast: Cast) -> Application:
    case = factories.submitted(cast)
    acceptance.return_case(case_id=case.pk, user=cast.of("sti", Role.PREPARER), reason="缺材料")
    return factories.fresh(case)


def declined(cast: Cast) -> Application:
    case = factories.submitted(cast)
    acceptance.decline(case_id=case.pk, user=cast.of("sti", Role.PREPARER), reason="不属于本事项")
    return factories.fresh(case)


def withdrawn(cast: Cast) -> Application:
    case = factories.accepted(cast)
    return applications.withdraw(case_id=case.pk, user=cast.clerk)


def unconfirmed(cast: Cast) -> Application:
    case = factories.accepted(cast)
    walk.give_opinions(case, cast.of)
    return factories.fresh(case)


def objected(cast: Cast) -> Application:
    case = factories.accepted(cast)
    opinions.prepare_opinion(
        case_id=case.pk,
        bureau=bureau("miit"),
        position=Position.OBJECT,
        text="不同意",
        user=cast.of("miit", Role.PREPARER),
    )
    approving("miit")(case, cast.of("miit", Role.APPROVER))
    return factories.fresh(case)


def half_signed(cast: Cast) -> Application:
    case = factories.reviewed(cast)
    case.thresholds = ["1.00"]
    case.save(update_fields=["thresholds"])
    walk.propose(case, cast.of, walk.example_facts(cast.programme)[1])
    walk.approve(case, cast.of)
    return factories.fresh(case)


STAGES = {
    "draft": factories.draft,
    "submitted": factories.submitted,
    "returned": returned,
    "declined": declined,
    "withdrawn": withdrawn,
    "accepted": factories.accepted,
    "opinion drafted": drafted,
    "facts unconfirmed": unconfirmed,
    "objected": objected,
    "reviewed": factories.reviewed,
    "half signed": half_signed,
    "proposed": factories.proposed,
    "determined": factories.determined,
    "checked": factories.checked,
    "published": factories.published,
}


def named(actions: list[Action]) -> set[tuple[str, str | None]]:
    return {(action.name, action.bureau.code if action.bureau else None) for action in actions}


def offered_and_possible(case: Application, cast: Cast) -> dict[str, tuple[set, set]]:
    everybody = people(cast)
    for user in everybody.values():
        cast.free(user)
    before = rows()
    return {
        who: (
            named(available(case, user)),
            {name for name, attempt in attempts() if succeeds(attempt, case, user, before)},
        )
        for who, user in everybody.items()
    }


@pytest.mark.parametrize("stage", STAGES)
def test_offered_is_what_would_succeed(db, stage):
    cast = Cast(PROGRAMME)
    case = STAGES[stage](cast)
    found = offered_and_possible(case, cast)
    assert {who: pair[0] for who, pair in found.items()} == {
        who: pair[1] for who, pair in found.items()
    }


def test_award_is_offered_once_publicity_is_over(db):
    cast = Cast(PROGRAMME)
    case = factories.published(cast)
    approver = cast.of("sti", Role.APPROVER)
    before = named(available(case, approver))
    with time_machine.travel(factories.publicity_end(case) + timedelta(days=1, hours=12)):
        found = offered_and_possible(case, cast)
    assert before == set()
    assert found["sti approver"] == ({("award", None)}, {("award", None)})
    assert {who: pair[0] for who, pair in found.items()} == {
        who: pair[1] for who, pair in found.items()
    }


def test_nothing_is_offered_after_the_award(db):
    cast = Cast(PROGRAMME)
    case = factories.published(cast)
    with time_machine.travel(factories.publicity_end(case) + timedelta(days=1, hours=12)):
        factories.decide_award(cast, case)
        found = offered_and_possible(factories.fresh(case), cast)
    assert set(map(str, found.values())) == {"(set(), set())"}


def test_what_a_preparer_of_the_handling_bureau_may_do_with_a_new_case(db):
    cast = Cast(PROGRAMME)
    case = factories.submitted(cast)
    assert [action.name for action in available(case, cast.of("sti", Role.PREPARER))] == [
        "accept",
        "return_case",
        "decline",
    ]


def test_before_the_declaration_nothing_else_is_offered(db):
    cast = Cast(PROGRAMME)
    case = factories.submitted(cast)
    preparer = make_staff(Role.PREPARER, "sti")
    assert named(available(case, preparer)) == {("declare", None)}
    with pytest.raises(PermissionDenied):
        acceptance.accept(case_id=case.pk, user=preparer)
    interests.declare(case_id=case.pk, user=preparer, conflict=False)
    assert ("accept", None) in named(available(case, preparer))


def test_a_conflict_closes_the_case_for_good(db):
    cast = Cast(PROGRAMME)
    case = factories.submitted(cast)
    preparer = make_staff(Role.PREPARER, "sti")
    interests.declare(case_id=case.pk, user=preparer, conflict=True, reason="亲属在该单位任职")
    assert available(case, preparer) == []
    for verb in (
        lambda: interests.declare(case_id=case.pk, user=preparer, conflict=False),
        lambda: acceptance.accept(case_id=case.pk, user=preparer),
    ):
        with pytest.raises(PermissionDenied):
            verb()
