"""Budgets, payers' shares and knowing excess under the lock; a batch decides as one by one."""

import random
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applicants.domain.errors import Conflict
from incentives.domain import money
from incentives.domain.counters import CounterRequest
from incentives.domain.pools import set_pool
from incentives.domain.reconcile import differences
from incentives.models import (
    Award,
    AwardShare,
    Budget,
    BudgetChange,
    CapExcess,
    Counter,
    CounterEntry,
    LedgerEntry,
    YearClose,
)
from tests.incentives.domain.threads import at_once, change, drop_check
from tests.incentives.factories import (
    any_programme,
    asked,
    cap,
    in_instalments,
    make_budget,
    make_fund,
    make_user,
    qingdao,
    reserve,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
YEAR = timezone.localdate().year
SHARED = {"city": Decimal("0.6"), "district": Decimal("0.4")}


def used(key: str) -> Decimal:
    return Counter.objects.get(key=key).used


def sound() -> None:
    assert differences(city_code="qingdao") == []


def test_a_fund_and_a_programme_within_it_limit_together(db: None) -> None:
    fund = make_fund()
    whole = make_budget("1000.00", year=YEAR, fund=fund)
    part = make_budget("700.00", year=YEAR, fund=fund, programme=any_programme())
    assert reserve("600.00").amount == Decimal("600.00")
    grant = reserve("600.00")
    assert (grant.amount, [cut.kind for cut in grant.cuts]) == (Decimal("100.00"), ["budget"] * 2)
    assert reserve("1.00").award is None
    assert (used(whole.key), used(part.key)) == (Decimal("700.00"), Decimal("700.00"))
    assert set(Award.objects.values_list("budget", flat=True)) == {part.pk}
    assert set(LedgerEntry.objects.values_list("budget", flat=True)) == {part.pk}
    sound()


def test_a_budget_without_approved_money_limits_nothing(db: None) -> None:
    Budget.objects.create(
        fund=make_fund(), year=YEAR, funding_source="x", subject_code="1", set_by=make_user()
    )
    assert reserve("600.00").amount == Decimal("600.00")


def test_a_budget_opened_later_counts_what_its_year_had_approved(db: None) -> None:
    grant = reserve("600.00")
    with pytest.raises(Conflict, match="-600"), transaction.atomic():
        make_budget("500.00", year=YEAR)
    budget = make_budget("1000.00", year=YEAR)
    assert used(budget.key) == Decimal("600.00")
    assert Award.objects.get(pk=grant.award).budget == budget
    sound()


def test_the_year_is_shanghais_to_the_microsecond(db: None) -> None:
    old, new = make_budget("100.00", year=2026), make_budget("100.00", year=2027)
    last = datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI)
    first = datetime(2027, 1, 1, tzinfo=SHANGHAI)
    assert reserve("60.00", at=last).amount == reserve("60.00", at=first).amount
    assert (used(old.key), used(new.key)) == (Decimal("60.00"), Decimal("60.00"))


@pytest.mark.parametrize("many", [False, True])
def test_an_event_is_not_raised_by_who_was_denied(db: None, many: bool) -> None:
    def wanted(amount: str, *more: CounterRequest) -> money.Grant:
        caps = [cap("event", amount, kind="event", heat=2), *more]
        if not many:
            return reserve(amount, caps=caps)
        one = asked(amount, caps=caps)
        with transaction.atomic():
            return money.reserve_many(
                city_code="qingdao", wanted=[one], at=timezone.now(), actor=make_user()
            )[0]

    assert wanted("100.00", cap("full", "0")).award is None
    assert wanted("60.00").amount == Decimal("60.00")
    assert wanted("60.00").award is None


def changing(budget: Budget, kind: str, amount: str, **more: object) -> BudgetChange:
    return BudgetChange.objects.create(
        budget=budget, kind=kind, amount=Decimal(amount), basis="b", prepared_by=make_user(), **more
    )


def approve(change: BudgetChange) -> None:
    with transaction.atomic():
        money.change_budget(change=change, at=timezone.now(), actor=make_user())


def test_a_transfer_moves_what_is_left_and_no_more(db: None) -> None:
    one, other = make_budget("1000.00", year=YEAR), make_budget("10.00", year=YEAR + 1)
    reserve("600.00")
    with pytest.raises(Conflict, match="400"), transaction.atomic():
        approve(changing(other, "transfer", "400.01", taken_from=one))
    approve(changing(other, "transfer", "400.00", taken_from=one))
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.planned, other.planned) == (Decimal("600.00"), Decimal("410.00"))
    assert reserve("0.01").award is None
    sound()


def test_a_change_is_approved_once_and_by_another(db: None) -> None:
    change = changing(make_budget("10.00", year=YEAR), "supplement", "5.00")
    with pytest.raises(IntegrityError, match="by_another"), transaction.atomic():
        money.change_budget(change=change, at=timezone.now(), actor=change.prepared_by)
    approve(change)
    with pytest.raises(Conflict):
        approve(change)


def test_a_shared_award_counts_the_citys_part_and_adds_up_to_the_fen(db: None) -> None:
    budget = make_budget("100.00", year=YEAR)
    grant = reserve("100.01", shares=SHARED)
    parts = dict(AwardShare.objects.values_list("payer", "amount"))
    assert parts == {"city": Decimal("60.01"), "district": Decimal("40.00")}
    assert dict(LedgerEntry.objects.values_list("payer", "amount")) == parts
    assert used(budget.key) == Decimal("60.01")
    second = reserve("100.00", shares=SHARED)  # 39.99 left: the whole that it is 60 % of
    assert second.amount == Decimal("66.65")
    assert used(budget.key) == Decimal("100.00")
    with transaction.atomic():
        award = Award.objects.get(pk=grant.award)
        money.release(award=award, at=timezone.now(), actor=make_user(), reason="r")
    assert used(budget.key) == Decimal("39.99")
    sound()


@given(fen=st.integers(1, 10**9), weights=st.lists(st.integers(1, 97), min_size=2, max_size=5))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_shares_add_up_whatever_they_are(db: None, fen: int, weights: list[int]) -> None:
    shares = [Decimal(w) / 1000 for w in weights]
    shares[-1] = 1 - sum(shares[:-1], Decimal(0))
    amount = Decimal(fen) / 100
    with transaction.atomic():
        names = {f"payer {n}": share for n, share in enumerate(shares)}
        grant = reserve(str(amount), shares=names)
        parts = AwardShare.objects.filter(award=grant.award).order_by("id")
        found = [part.amount for part in parts]
        assert sum(found) == amount
        for part, share in zip(found, shares, strict=True):
            assert abs(part - amount * share) < Decimal("0.01")


def excess(key: str, case_number: str, amount: str, *, approved: bool = True) -> CapExcess:
    asked = CapExcess.objects.create(
        city=qingdao(), case_number=case_number, key=key, cap=key, amount=Decimal(amount),
        reason="市政府专题会议", asked_by=make_user(),
    )  # fmt: skip
    if approved:
        asked.approved_by, asked.approved_at = make_user(), timezone.now()
        asked.save()
    return asked


def test_an_excess_signed_by_two_adds_to_the_room_of_its_case_alone(db: None) -> None:
    caps = [cap("setting", "100.00")]
    excess("setting", "E-1", "50.00")
    excess("setting", "E-2", "50.00", approved=False)
    assert reserve("80.00", caps=caps).amount == Decimal("80.00")
    assert reserve("90.00", caps=caps, case_number="E-1").amount == Decimal("70.00")
    assert reserve("90.00", caps=caps, case_number="E-2").award is None
    assert used("setting") == Decimal("150.00")
    with transaction.atomic():
        award = Award.objects.get(case_number="E-1")
        money.release(award=award, at=timezone.now(), actor=make_user(), reason="r")
    assert reserve("90.00", caps=caps).amount == Decimal("20.00")
    sound()


def test_a_printed_cap_has_no_excess_even_by_raw_sql(committed_db: None, owner_url: str) -> None:
    with pytest.raises(IntegrityError, match="printed_cap_never_exceeded"):
        CapExcess.objects.create(
            city=qingdao(), case_number="E", key="k", cap="k", printed=True, amount=1,
            reason="r", asked_by=make_user(),
        )  # fmt: skip
    with (
        pytest.raises(psycopg.errors.CheckViolation, match="printed_cap_never_exceeded"),
        psycopg.connect(owner_url) as owner,
    ):
        owner.execute(
            "INSERT INTO incentives_capexcess (city_id, case_number, key, cap, printed, amount, "
            "reason, asked_by_id, asked_at) SELECT 'qingdao', 'E', 'k', 'k', true, 1, 'r', id, "
            "now() FROM applicants_user LIMIT 1"
        )


def test_nothing_is_posted_into_a_closed_year(db: None) -> None:
    now = datetime(2026, 12, 30, tzinfo=SHANGHAI)
    grant = reserve("10.00", at=now)
    YearClose.objects.create(
        city=qingdao(), year=2026, report="{}", sha256="", prepared_by=make_user(),
        closed_by=make_user(), closed_at=timezone.now(),
    )  # fmt: skip
    award = Award.objects.get(pk=grant.award)
    for verb in (
        lambda: reserve("10.00", at=now),
        lambda: money.commit(award=award, at=now, actor=make_user(), reason=""),
        lambda: money.release(award=award, at=now, actor=make_user(), reason=""),
    ):
        with pytest.raises(Conflict, match="2026"), transaction.atomic():
            verb()
    later = datetime(2027, 1, 4, tzinfo=SHANGHAI)
    money.commit(award=award, at=later, actor=make_user(), reason="")
    assert LedgerEntry.objects.get(stage="committed").year == 2027


def random_wish(rng: random.Random) -> list[CounterRequest]:
    kinds = [
        ("cap", "yuan"),
        ("cap", "yuan"),
        ("tally", "yuan"),
        ("event", "yuan"),
        ("cap", "awards"),
    ]
    caps = []
    for number in rng.sample(range(8), rng.randint(0, 4)):
        kind, unit = kinds[number % len(kinds)]
        limit = (
            str(rng.randint(1, 3)) if unit == "awards" else f"{rng.randint(50, 400)}.{number:02d}"
        )
        if kind == "tally":
            limit = "0"
        caps.append(cap(f"{kind} {unit} {number}", limit, kind=kind, unit=unit, heat=number % 4))
    return caps


def told(grants: list[money.Grant]) -> list[tuple[Decimal, list[money.Cut]]]:
    return [(grant.amount, grant.cuts) for grant in grants]


def balances() -> list[tuple[object, ...]]:
    rows = Counter.objects.order_by("key").values_list("key", "kind", "unit", "limit", "used")
    entries = CounterEntry.objects.values_list("counter__key", "amount", "entitled")
    ledger = LedgerEntry.objects.values_list("stage", "amount", "payer", "budget", "year")
    return [*rows, *sorted(map(str, entries)), *sorted(map(str, ledger))]


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_decides_exactly_as_one_by_one(db: None, seed: int) -> None:
    rng, user, at = random.Random(seed), make_user(), timezone.now()  # a test's cases
    fund = make_fund()
    make_budget(f"{rng.randint(500, 3000)}.00", year=YEAR, fund=fund)
    make_budget(f"{rng.randint(300, 2000)}.00", year=YEAR, fund=fund, programme=any_programme())
    set_pool(
        city=qingdao(), code="all", year=YEAR, title="t", limit=Decimal(rng.randint(500, 3000)),
        programmes=[], basis="b", actor=user,
    )  # fmt: skip
    wanted = [
        asked(f"{rng.randint(1, 200)}.{rng.randint(0, 99):02d}", caps=random_wish(rng),
              payer=rng.choice(["city", "city", "district"]))
        for _ in range(40)
    ]  # fmt: skip
    found = []
    for many in (False, True):
        mark = transaction.savepoint()
        if many:
            with transaction.atomic():
                grants = money.reserve_many(city_code="qingdao", wanted=wanted, at=at, actor=user)
        else:
            grants = []
            for one in wanted:
                with transaction.atomic():
                    parts = {name: getattr(one, name) for name in one.__slots__}
                    grants.append(money.reserve(at=at, actor=user, **parts))
        found.append((told(grants), balances()))
        sound()
        transaction.savepoint_rollback(mark)
    assert found[0] == found[1]


def test_what_a_shared_voucher_gives_back_is_what_each_payer_no_longer_owes(db: None) -> None:
    """100.02 by halves, 50.01 of it used: 25.01 of the city's 50.01 stay, and 25.00 come back."""
    budget, shares = make_budget("50.01", year=YEAR), dict.fromkeys(("city", "district"), HALF)
    award = Award.objects.get(pk=reserve("100.02", payer="shared", shares=shares).award)
    with transaction.atomic():
        money.redeem(
            award=award, amount=Decimal("50.01"), at=timezone.now(), actor=make_user(), reason="r"
        )
        in_instalments(award)
    of_city = LedgerEntry.objects.filter(award=award, payer="city")
    found = {row.stage: row.amount for row in of_city}
    assert found["reserved"] - found["released"] == found["committed"] == used(budget.key)
    assert used(budget.key) == Decimal("25.01") == award.shares.get(payer="city").amount
    sound()


def test_batches_and_single_awards_at_once_hold_the_budget_to_the_fen(committed_db: None) -> None:
    budget = make_budget("8000.00", year=YEAR)
    user = make_user()

    def batch() -> None:
        wanted = [asked("37.37", caps=[cap(f"own {n % 3}", "5000")]) for n in range(25)]
        with transaction.atomic():
            money.reserve_many(city_code="qingdao", wanted=wanted, at=timezone.now(), actor=user)

    def single() -> None:
        for number in range(15):
            reserve("41.41", caps=[cap(f"own {number % 3}", "5000")], actor=user)

    results = at_once([batch, single] * 6)
    assert [one for one in results if isinstance(one, Exception)] == []
    total = Award.objects.aggregate(total=Sum("amount"))["total"]
    assert total == used(budget.key) == Decimal("8000.00")
    sound()


HALF = Decimal("0.5")
UNLOCKED = [
    (r"FOR NO KEY UPDATE;", "; PERFORM pg_sleep(0.2);"),
    (r" AND c\.used <= l_most\[i\];", ";"),  # whether it still has room
]


def test_control_a_batch_that_does_not_lock_overspends(committed_db: None, owner_url: str) -> None:
    change(owner_url, "huiqi_decide_many", *UNLOCKED)
    drop_check(owner_url)
    make_budget("1000.00", year=YEAR)
    user = make_user()

    def batch() -> None:
        with transaction.atomic():
            money.reserve_many(
                city_code="qingdao", wanted=[asked("37.37") for _ in range(20)],
                at=timezone.now(), actor=user,
            )  # fmt: skip

    at_once([batch] * 6)
    assert Award.objects.aggregate(total=Sum("amount"))["total"] > Decimal("1000.00")
