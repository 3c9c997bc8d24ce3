"""A cap that no document prints is exceeded knowingly by two; a printed one by nobody."""

from decimal import Decimal

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed
from applicants.models import Event
from incentives.models import CapExcess
from reviews.demo import walk
from reviews.domain import determinations, exceeding
from reviews.domain.exceeding import Wish
from reviews.models import Application
from reviews.models.staff import Role
from tests.factories import Cast, award_of, make_staff, make_user, proposed
from tests.incentives.factories import cap, reserve

CENTRE = "enterprise-tech-centre-award"  # 5 million for one centre, both levels 5.5 million at most


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast(CENTRE)


@pytest.fixture
def case(cast: Cast) -> Application:
    """Proposed for 5 million, of which 4 million are left under a cap that is not printed."""
    case = proposed(cast)
    life = next(one for one in exceeding.caps_of(case) if one.cap_id == "centre_life")
    reserve("1500000.00", caps=[cap(life.key, str(life.limit))])
    return case


def wish(amount: str = "1000000.00", **other: str) -> Wish:
    return Wish(**{"cap": "centre_life", "amount": Decimal(amount), "reason": "专题会议"} | other)


def asked(cast: Cast, case: Application, amount: str = "1000000.00") -> CapExcess:
    leader = cast.of(cast.handling, Role.LEADER)
    return exceeding.ask(case_id=case.pk, wish=wish(amount), user=leader)


def granted(cast: Cast, case: Application) -> Decimal:
    walk.approve(case, cast.of)
    return award_of(case).amount


def test_without_an_excess_the_cap_holds(cast: Cast, case: Application) -> None:
    assert granted(cast, case) == Decimal("4000000.00")


def test_an_excess_holds_once_finance_has_signed_it(cast: Cast, case: Application) -> None:
    excess = asked(cast, case, "600000.00")
    finance = make_staff(Role.FINANCE_APPROVER, "finance")
    exceeding.approve(excess_id=excess.pk, user=finance)
    assert granted(cast, case) == Decimal("4600000.00")
    with pytest.raises(Conflict):
        exceeding.approve(excess_id=excess.pk, user=finance)
    kinds = Event.objects.filter(kind__startswith="excess.").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == ["excess.asked", "excess.approved"]


def test_an_unsigned_or_declined_excess_gives_no_room(cast: Cast, case: Application) -> None:
    finance = make_staff(Role.FINANCE_APPROVER, "finance")
    first = asked(cast, case)
    with pytest.raises(Conflict):
        asked(cast, case)
    with pytest.raises(ValidationError) as refused:
        exceeding.decline(excess_id=first.pk, reason=" ", user=finance)
    assert list(refused.value.message_dict) == ["reason"]
    exceeding.decline(excess_id=first.pk, reason="依据不足", user=finance)
    second = asked(cast, case)
    assert granted(cast, case) == Decimal("4000000.00")
    with pytest.raises(Conflict):  # the determination is approved: too late
        exceeding.approve(excess_id=second.pk, user=finance)


@pytest.mark.parametrize("signed", [True, False])
def test_an_excess_is_of_the_proposal_that_stood(
    cast: Cast, case: Application, signed: bool
) -> None:
    excess = asked(cast, case)
    if signed:
        finance = make_staff(Role.FINANCE_APPROVER, "finance")
        exceeding.approve(excess_id=excess.pk, user=finance)
    approver = cast.of(cast.handling, Role.APPROVER)
    determinations.send_back(case_id=case.pk, reason="金额有误", user=approver)
    walk.propose(case, cast.of, walk.example_facts(cast.programme)[1])
    with pytest.raises(Conflict):
        exceeding.approve(excess_id=excess.pk, user=make_staff(Role.FINANCE_APPROVER, "finance"))
    asked(cast, case)
    assert granted(cast, case) == Decimal("4000000.00")


@pytest.mark.parametrize("again", [{"lapsed_at": None}, {"approved_by": None}])
def test_what_has_lapsed_is_not_taken_up_again(
    cast: Cast, case: Application, again: dict[str, None]
) -> None:
    excess = asked(cast, case)
    exceeding.approve(excess_id=excess.pk, user=make_staff(Role.FINANCE_APPROVER, "finance"))
    rows = CapExcess.objects.filter(pk=excess.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(approved_by=None, lapsed_at=timezone.now())
    assert rows.update(lapsed_at=timezone.now()) == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(**again)


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"cap": "wished"}, "cap"),
        ({"amount": Decimal(0)}, "amount"),
        ({"cap": "once_per_level", "amount": Decimal("0.50")}, "amount"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_wrong_wish_is_refused_at_its_field(
    cast: Cast, case: Application, other: dict[str, str], field: str
) -> None:
    leader = cast.of(cast.handling, Role.LEADER)
    with pytest.raises(ValidationError) as refused:
        exceeding.ask(case_id=case.pk, wish=wish(**other), user=leader)
    assert list(refused.value.message_dict) == [field]


def test_only_a_leader_of_the_bureau_asks_and_only_finance_signs(
    cast: Cast, case: Application
) -> None:
    for stranger in (cast.of(cast.handling, Role.APPROVER), make_staff(Role.LEADER, "education")):
        with pytest.raises(NotAllowed):
            exceeding.ask(case_id=case.pk, wish=wish(), user=stranger)
    excess = asked(cast, case)
    for stranger in (excess.asked_by, make_staff(Role.FINANCE_PREPARER, "finance")):
        with pytest.raises(NotAllowed):
            exceeding.approve(excess_id=excess.pk, user=stranger)


def test_a_printed_cap_is_never_exceeded(db: None) -> None:
    cast = Cast("hitech-first-recognition-award")
    case = proposed(cast)
    [printed] = [one.cap_id for one in exceeding.caps_of(case) if one.printed][:1]
    leader = cast.of(cast.handling, Role.LEADER)
    with pytest.raises(ValidationError) as refused:
        exceeding.ask(case_id=case.pk, wish=wish(cap=printed), user=leader)
    assert list(refused.value.message_dict) == ["cap"]


def test_the_database_wants_two_and_changes_no_decision(cast: Cast, case: Application) -> None:
    excess = asked(cast, case)
    rows = CapExcess.objects.filter(pk=excess.pk)
    with pytest.raises(IntegrityError, match="approved_by_another"), transaction.atomic():
        rows.update(approved_by=excess.asked_by, approved_at=timezone.now())
    for change in ({"amount": 2}, {"printed": True}, {"key": "other"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    rows.update(declined_by=make_user(), declined_at=timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(approved_by=make_user())


def test_even_the_owner_signs_no_excess_alone(committed_db: None, owner_url: str) -> None:
    cast = Cast(CENTRE)
    asked(cast, proposed(cast))
    with (
        pytest.raises(psycopg.errors.CheckViolation, match="approved_by_another"),
        psycopg.connect(owner_url) as owner,
    ):
        owner.execute("UPDATE incentives_capexcess SET approved_by_id = asked_by_id")
