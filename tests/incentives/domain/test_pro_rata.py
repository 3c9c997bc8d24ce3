"""A budget given pro rata: what waits is taken together, to the fen, and can be computed again."""

import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import partial

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applicants.domain.errors import Conflict, Refused
from applicants.models import Event
from incentives.domain import budgets, money
from incentives.domain.counters import CounterRequest
from incentives.domain.reconcile import differences
from incentives.models import Award, Budget, Counter, Fund, Programme, ProRata, ProRataLine
from incentives.policy.shares import by_largest_remainder
from incentives.policy.terms import PayerShare
from tests.incentives.domain.test_money_threads import deadlocks
from tests.incentives.domain.threads import at_once, change, drop_check
from tests.incentives.factories import (
    any_programme,
    asked,
    cap,
    make_budget,
    make_fund,
    make_user,
    reserve,
)

YEAR = timezone.localdate().year
FEN = Decimal("0.01")


def make_pro_rata(planned: str, **of: object) -> Budget:
    return make_budget(planned, year=YEAR, allotment="pro_rata", **of)


def share_out(*wanted: money.Asked) -> list[money.Grant]:
    with transaction.atomic():
        return money.reserve_many(
            city_code="qingdao", wanted=wanted, at=timezone.now(), actor=make_user(), sharing=True
        )


def used(key: str) -> Decimal:
    return Counter.objects.get(key=key).used


def recomputed(sharing: ProRata) -> dict[str, Decimal]:
    """As an auditor would: from what was asked and the room alone."""
    lines = sharing.lines.order_by("case_number")
    wanted = [(line.case_number, line.asked) for line in lines]
    if sum(amount for _number, amount in wanted) <= sharing.room:
        return dict(wanted)
    weights = [(number, Fraction(amount)) for number, amount in wanted]
    return by_largest_remainder(sharing.room, weights)


def test_every_case_gets_its_share_of_the_room_and_all_is_kept(db: None) -> None:
    budget = make_pro_rata("100.00")
    one, two = asked("100.00", case_number="S-1"), asked("100.00", case_number="S-2")
    three = asked("300.00", caps=[cap("own", "100.00")], case_number="S-3")
    grants = share_out(three, two, one)
    parts = [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]  # equals: by case number
    assert [grant.amount for grant in grants] == parts
    assert used(budget.key) == Decimal("100.00")
    assert used("own") == Decimal("33.33")
    told = [(cut.key, cut.limit, cut.room) for cut in grants[0].cuts]
    assert told == [
        ("own", Decimal("100.00"), Decimal("100.00")),
        (budget.key, Decimal("100.00"), Decimal("33.33")),
    ]
    sharing = ProRata.objects.get()
    assert (sharing.asked, sharing.room, sharing.given) == (300, 100, 100)
    assert recomputed(sharing) == dict(sharing.lines.values_list("case_number", "share"))
    assert set(sharing.lines.values_list("award", flat=True)) == {one.award for one in grants}
    event = Event.objects.get(kind="budget.shared_out")
    assert (event.subject, event.data["sharing"]) == (budget.key, sharing.pk)
    assert [grant.award for grant in share_out(asked("1.00"))] == [None]
    assert differences(city_code="qingdao") == []


def test_with_room_for_all_nobody_is_cut_and_nobody_goes_first_alone(db: None) -> None:
    budget = make_pro_rata("1000.00")
    with pytest.raises(Conflict):
        reserve("1.00")
    grants = share_out(asked("400.00"), asked("0.07"))
    assert [(one.amount, one.cuts) for one in grants] == [(400, []), (Decimal("0.07"), [])]
    assert used(budget.key) == Decimal("400.07")
    assert ProRata.objects.get().given == Decimal("400.07")


def test_a_programmes_part_is_shared_before_the_whole_fund(db: None) -> None:
    fund = make_fund()
    whole = make_pro_rata("90.00", fund=fund)
    part = make_pro_rata("120.00", fund=fund, programme=any_programme())
    grants = share_out(*(asked("60.00") for _ in range(3)))
    assert [one.amount for one in grants] == [Decimal("30.00")] * 3
    sharings = ProRata.objects.order_by("id").values_list("budget", "asked", "given")
    assert list(sharings) == [(part.pk, 180, 120), (whole.pk, 120, 90)]
    assert set(Award.objects.values_list("budget", flat=True)) == {part.pk}
    assert used(part.key) == used(whole.key) == Decimal("90.00")
    assert differences(city_code="qingdao") == []


@pytest.fixture
def owner(committed_db: None, owner_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url, autocommit=True) as connected:
        yield connected


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=12),
    st.integers(0, 2 * 10**9),
)
def test_the_database_shares_as_the_rules_do(
    owner: psycopg.Connection, fen: list[int], room: int
) -> None:
    amounts, left = [one * FEN for one in fen], room * FEN
    found = owner.execute("SELECT huiqi_pro_rata(%s, %s)", [left, amounts]).fetchone()[0]
    if sum(amounts) <= left:
        assert found == amounts
        return
    named = by_largest_remainder(left, [(n, Fraction(one)) for n, one in enumerate(amounts)])
    assert found == list(named.values())
    assert sum(found) == left


def test_never_over_any_cap_with_random_limits(db: None) -> None:
    rng = random.Random(7)
    budget = make_pro_rata("1234.56")
    for _round in range(3):
        wanted = [
            asked(
                f"{rng.randint(1, 200)}.{rng.randint(0, 99):02d}",
                caps=[cap(f"c{n}", f"{150 + n}.00") for n in rng.sample(range(9), 2)]
                + [cap("count", "40", unit="awards")],
            )
            for _ in range(30)
        ]
        grants = share_out(*wanted)
        sharing = ProRata.objects.latest("id")
        assert recomputed(sharing) == dict(sharing.lines.values_list("case_number", "share"))
        assert sum(one.amount for one in grants) == sharing.given
    over = Counter.objects.filter(kind="cap").exclude(unit="awards")
    assert all(one.used <= one.limit for one in over)
    assert used("count") == Award.objects.count() <= 40
    assert used(budget.key) == Award.objects.aggregate(total=Sum("amount"))["total"]
    assert differences(city_code="qingdao") == []


def test_a_round_that_fails_leaves_nothing(db: None) -> None:
    budget = make_pro_rata("50.00")
    twice = asked("40.00", case_number="S-9")
    with pytest.raises((Conflict, DatabaseError)):
        share_out(asked("40.00"), twice, twice)
    assert (used(budget.key), Award.objects.count(), ProRata.objects.count()) == (0, 0, 0)


def test_what_was_shared_is_written_once_and_adds_up(committed_db: None, owner_url: str) -> None:
    make_pro_rata("50.00")
    share_out(asked("40.00"), asked("40.00"))
    statements = {
        "UPDATE incentives_prorata SET given = 0": "append-only",
        "UPDATE incentives_prorataline SET share = 0": "append-only",
        "DELETE FROM incentives_prorataline": "append-only",
        "INSERT INTO incentives_prorata"
        " (budget_id, at, actor_id, planned, used, room, asked, given)"
        " SELECT budget_id, at, actor_id, 50, 0, 50, 80, 49.99 FROM incentives_prorata":
            "pro_rata_gives_what_there_is",
        "INSERT INTO incentives_prorataline (prorata_id, case_number, asked, share)"
        " SELECT id, 'x', 1, 1.01 FROM incentives_prorata": "share_within_what_was_asked",
    }  # fmt: skip
    for statement, why in statements.items():
        with pytest.raises(psycopg.Error, match=why), psycopg.connect(owner_url) as owner:
            owner.execute(statement)
    with pytest.raises(DatabaseError), transaction.atomic():
        ProRataLine.objects.create(prorata=ProRata.objects.get(), case_number="y", asked=1, share=1)


def shares_at_once(*caps: CounterRequest) -> list[object]:
    user = make_user()
    rng = random.Random(3)

    def batch(seed: int) -> None:
        wanted = [
            asked(f"{rng.randint(20, 60)}.37", caps=caps and [caps[n % 3]]) for n in range(20)
        ]
        random.Random(seed).shuffle(wanted)
        with transaction.atomic():
            money.reserve_many(
                city_code="qingdao", wanted=wanted, at=timezone.now(), actor=user, sharing=True
            )

    return at_once([partial(batch, seed) for seed in range(6)])


def test_a_batch_that_is_no_sharing_out_is_refused(db: None) -> None:
    make_pro_rata("1000.00")
    wanted = [asked("20.00"), asked("30.00")]
    with pytest.raises(Conflict, match="按比例"), transaction.atomic():
        money.reserve_many(city_code="qingdao", wanted=wanted, at=timezone.now(), actor=make_user())
    assert (Award.objects.count(), ProRata.objects.count()) == (0, 0)


def test_batches_at_once_share_the_room_to_the_fen(committed_db: None) -> None:
    budget, caps = make_pro_rata("3000.00"), [cap(f"own {n}", "5000") for n in range(3)]
    assert [one for one in shares_at_once(*caps) if isinstance(one, Exception)] == []
    assert deadlocks() == 0
    total = Award.objects.aggregate(total=Sum("amount"))["total"]
    assert total == used(budget.key) == Decimal("3000.00")
    for sharing in ProRata.objects.all():
        assert recomputed(sharing) == dict(sharing.lines.values_list("case_number", "share"))
    assert differences(city_code="qingdao") == []


def test_control_sharing_without_the_lock_overspends(committed_db: None, owner_url: str) -> None:
    change(owner_url, "huiqi_decide_many", (r"FOR NO KEY UPDATE;", "; PERFORM pg_sleep(0.2);"))
    drop_check(owner_url)
    make_pro_rata("1000.00")
    shares_at_once()
    assert Award.objects.aggregate(total=Sum("amount"))["total"] > Decimal("1000.00")


def test_what_several_payers_share_is_not_given_pro_rata(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = budgets.rules_of
    shared = {"payers": (PayerShare(payer="city", share="1"),)}
    monkeypatch.setattr(budgets, "rules_of", lambda one: known(one).model_copy(update=shared))
    for programme in (None, any_programme()):
        assert refused_on(make_fund(), programme) == {"allotment"}


def refused_on(fund: Fund, programme: Programme | None = None) -> set[str]:
    """The fields for which a pro rata budget is refused; none: it is set up."""
    try:
        budgets.set_up(
            fund=fund, programme=programme, year=YEAR, planned=Decimal(10),
            funding_source="x", subject_code="1", basis="b", carries_over=False,
            user=make_user(), allotment="pro_rata",
        )  # fmt: skip
    except Refused as refused:
        return set(refused.message_dict)
    return set()


def test_what_a_district_pays_waits_for_no_budget_of_the_city(db: None) -> None:
    paid = Programme.objects.get(city="qingdao", code="internet-hq-office-support")
    assert refused_on(make_fund(any_programme(), paid)) == {"allotment"}


def test_a_programme_waits_for_the_sharing_of_one_fund(db: None) -> None:
    """Shared out, it would take its part of the other fund before all who wait for that."""
    one, other = Programme.objects.filter(city="qingdao").order_by("pk")[:2]
    first, second, third = make_fund(one), make_fund(one, other), make_fund(other)
    assert (refused_on(first), refused_on(first, one)) == (set(), set())
    assert (refused_on(second), refused_on(second, one)) == ({"allotment"}, {"allotment"})
    assert refused_on(third) == set()
