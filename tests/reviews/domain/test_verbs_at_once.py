"""Two people at once on one case, and many cases at once under one ceiling: threads and commits."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from django.db.models import Sum

from applicants.domain.errors import Conflict
from applicants.models import Event
from incentives.domain.reconcile import differences
from incentives.models import Award, Counter
from reviews.demo import walk
from reviews.domain import applications, determinations, finance, opinions, publicity
from reviews.domain.cases import subject_of
from reviews.models import Application
from reviews.models.lifecycle import CaseState
from reviews.models.staff import Role
from reviews.models.task import Position, TaskKind
from tests import factories
from tests.factories import Cast, make_staff
from tests.incentives.domain.test_money_threads import UNLOCKED
from tests.incentives.domain.threads import at_once, change, drop_check

CODE = "hitech-renewal-award"
UNIT_YEAR = Decimal("2000000.00")  # of national-project-team-award, for one unit
Verb = Callable[[], object]


def events(case: Application, kind: str) -> int:
    return Event.objects.filter(subject=subject_of(case), kind=kind).count()


def one_wins(*verbs: Verb) -> int:
    """The place of the verb that went through; the others were told that the case moved on."""
    outcomes = at_once(verbs)
    lost = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(outcome) for outcome in lost] == [Conflict] * (len(verbs) - 1), outcomes
    return next(n for n, outcome in enumerate(outcomes) if not isinstance(outcome, Exception))


def test_two_approvers_at_once_make_one_award(committed_db: None) -> None:
    cast = Cast(CODE)
    case = factories.proposed(cast)
    approvers = [cast.free(make_staff(Role.APPROVER, cast.handling)) for _ in range(4)]
    won = one_wins(
        *(partial(determinations.approve, case_id=case.pk, user=user) for user in approvers)
    )
    award = Award.objects.get()
    determination = case.determinations.get()
    assert (determination.approved_by, determination.award) == (approvers[won], award)
    assert events(case, "determination.approved") == 1
    assert differences(city_code="qingdao") == []


def test_approving_and_sending_back_at_once_do_one_of_them(committed_db: None) -> None:
    cast = Cast(CODE)
    case = factories.proposed(cast)
    one, other = (cast.free(make_staff(Role.APPROVER, cast.handling)) for _ in range(2))
    one_wins(
        partial(determinations.approve, case_id=case.pk, user=one),
        partial(determinations.send_back, case_id=case.pk, reason="重算", user=other),
    )
    expected = {"approved": (CaseState.DETERMINED, 1), "sent_back": (CaseState.ACCEPTED, 0)}
    state = case.determinations.get().state
    assert (factories.fresh(case).state, Award.objects.count()) == expected[state]


def test_proposing_and_withdrawing_at_once_leave_it_withdrawn(committed_db: None) -> None:
    """What is proposed can still be withdrawn; what is withdrawn is proposed no more."""
    cast = Cast(CODE)
    case = factories.reviewed(cast)
    proposing, withdrawing = at_once(
        [
            partial(walk.propose, case, cast.of, {}),
            partial(applications.withdraw, case_id=case.pk, user=cast.clerk),
        ]
    )
    assert withdrawing == case
    assert factories.fresh(case).state == CaseState.WITHDRAWN
    left = list(case.determinations.values_list("state", flat=True))
    assert (type(proposing), left) in [(type(None), ["sent_back"]), (Conflict, [])]


def test_two_clicks_on_submit_file_one_case(committed_db: None) -> None:
    cast = Cast(CODE)
    case = factories.draft(cast)
    filing = partial(applications.submit, case_id=case.pk, user=cast.clerk, declared_true=True)
    one_wins(*[filing] * 4)
    assert events(case, "case.submitted") == 1
    assert case.tasks.filter(kind=TaskKind.ACCEPTANCE).count() == 1


def test_publishing_and_handing_back_at_once_do_one_of_them(committed_db: None) -> None:
    cast = Cast(CODE)
    case = factories.checked(cast)
    won = one_wins(
        partial(publicity.publish, case_ids=[case.pk], user=cast.of(cast.handling, Role.PREPARER)),
        partial(
            finance.hand_back,
            case_id=case.pk,
            user=cast.of("finance", Role.FINANCE_PREPARER),
            reason="账户有误",
        ),
    )
    assert Award.objects.get().state == ("reserved", "released")[won]
    assert case.publicityitem_set.count() == 1 - won


def test_the_last_opinions_given_at_once_leave_none_open(committed_db: None) -> None:
    cast = Cast("hitech-first-recognition-award")
    case = factories.accepted(cast)
    bureaus = [task.bureau for task in case.tasks.filter(kind=TaskKind.OPINION)]
    for bureau in bureaus:
        opinions.prepare_opinion(
            case_id=case.pk, bureau=bureau, position=Position.AGREE, text="",
            user=cast.of(bureau.code, Role.PREPARER),
        )  # fmt: skip
    users = [cast.of(bureau.code, Role.APPROVER) for bureau in bureaus]
    outcomes = at_once(
        [
            partial(opinions.approve_opinion, case_id=case.pk, bureau=bureau, user=user)
            for bureau, user in zip(bureaus, users, strict=True)
        ]
    )
    assert len(bureaus) > 1
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    walk.confirm_facts(case, cast.of)
    walk.propose(case, cast.of, walk.example_facts(cast.programme)[1])


def eight_projects(cast: Cast) -> list[Application]:
    """Each is entitled to 300,000 yuan; the unit to 2,000,000 a year."""
    facts, _choices = walk.example_facts(cast.programme)
    own = {"national_funds_received": "8000000"}
    return [
        factories.proposed(
            cast, facts | own | {"national_project_number": f"2026ZX{n:04d}"}, {"rate": "5%"}
        )
        for n in range(8)
    ]


def approve_all() -> list[object]:
    cast = Cast("national-project-team-award")
    cases = eight_projects(cast)
    user = cast.of(cast.handling, Role.APPROVER)
    return at_once([partial(determinations.approve, case_id=case.pk, user=user) for case in cases])


def awarded() -> Decimal:
    return Award.objects.aggregate(total=Sum("amount"))["total"]


def test_cases_of_one_unit_approved_at_once_fill_its_year_to_the_fen(committed_db: None) -> None:
    outcomes = approve_all()
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert awarded() == Counter.objects.get(key__contains=":unit_year:").used == UNIT_YEAR
    states = Application.objects.values_list("state", flat=True)
    assert sorted(states) == [CaseState.DETERMINED] * 7 + [CaseState.REFUSED]
    assert differences(city_code="qingdao") == []


def test_control_without_the_lock_and_the_check_the_unit_is_overpaid(
    committed_db: None, owner_url: str
) -> None:
    change(owner_url, "huiqi_reserve", *UNLOCKED)
    drop_check(owner_url)
    approve_all()
    assert awarded() > UNIT_YEAR


@pytest.mark.parametrize("state", ["proposed", "checked"])
def test_a_case_is_awarded_by_nobody_before_its_publicity(db: None, state: str) -> None:
    cast = Cast(CODE)
    case = getattr(factories, state)(cast)
    with pytest.raises(Conflict):
        factories.decide_award(cast, case)
