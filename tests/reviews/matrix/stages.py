"""Where a case can stand: every state, and what else can be half done within it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import time_machine

from incentives.domain.settings import change_setting
from reviews.demo import walk
from reviews.domain import (
    acceptance,
    applications,
    determinations,
    objections,
    opinions,
    reconsiderations,
    resolutions,
)
from reviews.domain.working_days import today
from reviews.models import Application, Opinion, ScoringRound
from reviews.models.determination import Outcome
from reviews.models.lifecycle import CaseState
from reviews.models.objection import ResolutionKind
from reviews.models.staff import Role
from reviews.models.task import Position
from tests import factories
from tests.factories import Cast, bureau, fresh, make_staff
from tests.reviews.rounds import Setting


def audit_pending(cast: Cast) -> Application:
    change_setting(
        city=cast.programme.city,
        programme=cast.programme,
        key="workflow",
        value={"preset": "audit_first"},
        basis="实施细则",
        actor=make_staff(Role.POLICY_EDITOR),
    )
    return factories.accepted(cast)


def in_scoring(cast: Cast) -> Application:
    """In a round whose experts are scoring."""
    setting = Setting().open()
    case = factories.reviewed(cast)
    with time_machine.travel(after_window(case), tick=False):
        setting.begin()
    return fresh(case)


def after_window(case: Application) -> datetime:
    joined = ScoringRound.objects.get(cases__application=case)
    return noon(joined.closes_on + timedelta(days=1))


def given(cast: Cast, position: Position, text: str) -> Application:
    """Accepted; one of the bureaus asked has given its opinion."""
    case = factories.accepted(cast)
    prepared(cast, case, position, text)
    opinions.approve_opinion(
        case_id=case.pk, bureau=bureau("miit"), user=cast.of("miit", Role.APPROVER)
    )
    return fresh(case)


def prepared(cast: Cast, case: Application, position: Position, text: str = "") -> None:
    preparer = cast.of("miit", Role.PREPARER)
    opinions.prepare_opinion(
        case_id=case.pk, bureau=bureau("miit"), position=position, text=text, user=preparer
    )


def drafted(cast: Cast) -> Application:
    case = factories.accepted(cast)
    prepared(cast, case, Position.AGREE)
    return case


def part_asked(cast: Cast) -> Application:
    case = drafted(cast)
    opinions.ask_part(
        case_id=case.pk,
        bureau=bureau("miit"),
        of=bureau("tax"),
        question="请核实纳税情况",
        user=cast.of("miit", Role.PREPARER),
    )
    return case


def objected(cast: Cast) -> Application:
    return given(cast, Position.OBJECT, "不同意")


def asked(cast: Cast) -> Application:
    return given(cast, Position.ASK, "请说明")


def resolved(cast: Cast) -> Application:
    case = objected(cast)
    resolutions.resolve(
        case_id=case.pk,
        opinion_id=Opinion.objects.get(task__application=case).pk,
        kind=ResolutionKind.REASON,
        text="理由",
        user=cast.of("sti", Role.PREPARER),
    )
    return fresh(case)


def sent_back_to_applicant(cast: Cast, case: Application) -> Application:
    acceptance.return_case(case_id=case.pk, user=cast.of("sti", Role.PREPARER), reason="缺材料")
    return fresh(case)


def returned(cast: Cast) -> Application:
    return sent_back_to_applicant(cast, factories.submitted(cast))


def paused(cast: Cast) -> Application:
    """Returned from under review: the bureaus' tasks stand still."""
    return sent_back_to_applicant(cast, drafted(cast))


def declined(cast: Cast) -> Application:
    case = factories.submitted(cast)
    user = cast.of("sti", Role.PREPARER)
    acceptance.decline(case_id=case.pk, user=user, reason="不属于本事项")
    return fresh(case)


def reconsideration_filed(cast: Cast) -> Application:
    case = declined(cast)
    reconsiderations.ask(case_id=case.pk, text="请复核", user=cast.clerk)
    return fresh(case)


def withdrawn(cast: Cast) -> Application:
    return applications.withdraw(case_id=factories.accepted(cast).pk, user=cast.clerk)


def unconfirmed(cast: Cast) -> Application:
    case = factories.accepted(cast)
    walk.give_opinions(case, cast.of)
    return fresh(case)


def half_signed(cast: Cast) -> Application:
    case = factories.reviewed(cast)
    case.thresholds = ["1.00"]
    case.save(update_fields=["thresholds"])
    walk.propose(case, cast.of, walk.example_facts(cast.programme)[1])
    walk.approve(case, cast.of)
    return fresh(case)


def refused(cast: Cast) -> Application:
    case = factories.reviewed(cast)
    determinations.propose(
        case_id=case.pk,
        outcome=Outcome.REFUSE,
        choices={},
        reason="不符合条件",
        user=cast.of("sti", Role.PREPARER),
    )
    walk.approve(case, cast.of)
    return fresh(case)


def objection_filed(cast: Cast) -> Application:
    case = factories.published(cast)
    item = case.publicityitem_set.get()
    objections.file_objection(item_id=item.pk, name="某单位", contact="x", text="不实")
    return fresh(case)


def awarded(cast: Cast) -> Application:
    case = factories.published(cast)
    with time_machine.travel(after_publicity(case)):
        factories.decide_award(cast, case)
    return fresh(case)


def after_publicity(case: Application) -> datetime:
    return noon(factories.publicity_end(case) + timedelta(days=1))


def now(_case: Application) -> datetime:
    return noon(today())


def noon(day: date) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T12:00+08:00")


PAID = "hitech-first-recognition-award"
Moment = Callable[[Application], datetime]


@dataclass(frozen=True)
class Stage:
    """`at` is when the case is looked at; `audited` cases are audited by a third party first."""

    build: Callable[[Cast], Application]
    state: CaseState
    at: Moment = now


S = CaseState
STAGES: dict[str, Stage] = {
    "draft": Stage(factories.draft, S.DRAFT),
    "submitted": Stage(factories.submitted, S.SUBMITTED),
    "returned": Stage(returned, S.RETURNED),
    "not accepted": Stage(declined, S.NOT_ACCEPTED),
    "reconsideration filed": Stage(reconsideration_filed, S.NOT_ACCEPTED),
    "withdrawn": Stage(withdrawn, S.WITHDRAWN),
    "accepted": Stage(factories.accepted, S.ACCEPTED),
    "audit pending": Stage(audit_pending, S.ACCEPTED),
    "opinion in preparation": Stage(drafted, S.ACCEPTED),
    "part asked": Stage(part_asked, S.ACCEPTED),
    "objected": Stage(objected, S.ACCEPTED),
    "question asked": Stage(asked, S.ACCEPTED),
    "objection resolved": Stage(resolved, S.ACCEPTED),
    "returned from review": Stage(paused, S.RETURNED),
    "facts unconfirmed": Stage(unconfirmed, S.ACCEPTED),
    "in scoring": Stage(in_scoring, S.ACCEPTED, after_window),
    "reviewed": Stage(factories.reviewed, S.ACCEPTED),
    "proposed": Stage(factories.proposed, S.PROPOSED),
    "half signed": Stage(half_signed, S.PROPOSED),
    "refused": Stage(refused, S.REFUSED),
    "determined": Stage(factories.determined, S.DETERMINED),
    "checked": Stage(factories.checked, S.CHECKED),
    "in publicity": Stage(factories.published, S.PUBLICITY),
    "objection filed": Stage(objection_filed, S.PUBLICITY),
    "publicity over": Stage(factories.published, S.PUBLICITY, after_publicity),
    "objection open after publicity": Stage(objection_filed, S.PUBLICITY, after_publicity),
    "awarded": Stage(awarded, S.AWARDED, after_publicity),
}
