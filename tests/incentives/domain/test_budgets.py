"""Budgets by two people, their execution to the fen, and what nobody can do past the verbs."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from applicants.domain.errors import Conflict, NotAllowed
from applicants.models import City, Event
from incentives.domain import budgets, money, payouts, recoveries
from incentives.domain.budget_execution import FIGURES, Execution, behind, execution
from incentives.domain.reconcile import differences
from incentives.models import Award, Budget, BudgetChange, Counter, Fund, Programme
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import (
    any_programme,
    make_account,
    make_award,
    make_budget,
    make_fund,
    make_party,
    make_user,
    qingdao,
    reserve,
)

YEAR = timezone.localdate().year


def yuan(*figures: str) -> list[Decimal]:
    return [Decimal(figure) for figure in figures]


def set_up(fund: Fund | None = None, **other: Any) -> Budget:
    values = {
        "programme": None, "year": YEAR, "planned": Decimal("1000.00"),
        "funding_source": "财指〔2026〕1号", "subject_code": "2060404", "basis": "年度预算",
        "carries_over": False, "user": make_user(),
    } | other  # fmt: skip
    return budgets.set_up(fund=fund or make_fund(), **values)


def prepared(budget: Budget, kind: str, amount: str, source: Budget | None = None) -> BudgetChange:
    return budgets.prepare(
        budget_id=budget.pk, kind=kind, amount=Decimal(amount), basis="调整", user=make_user(),
        taken_from_id=source.pk if source else None,
    )  # fmt: skip


def signed(change: BudgetChange) -> BudgetChange:
    return budgets.approve(change_id=change.pk, user=make_user())


def fields(refused: pytest.ExceptionInfo[ValidationError]) -> list[str]:
    return sorted(refused.value.message_dict)


def test_a_budget_holds_once_a_second_person_has_signed(db: None) -> None:
    budget = set_up()
    change = budget.changes.get()
    assert (budget.planned, budget.opened, change.amount) == (0, False, Decimal("1000.00"))
    assert reserve("400.00").amount == Decimal("400.00")
    with pytest.raises(NotAllowed):
        budgets.approve(change_id=change.pk, user=change.prepared_by)
    signed(change)
    assert list(execution([budget.pk]).values()) == [Execution(*yuan("1000", "400", "0", "0", "0"))]
    assert reserve("700.00").amount == Decimal("600.00")
    with pytest.raises(Conflict):
        signed(change)
    events = Event.objects.filter(subject=budget.key).order_by("pk")
    assert list(events.values_list("kind", flat=True)) == [
        "budget.set_up",
        "budget.change_prepared",
        "budget.change_approved",
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year", YEAR - 1),
        ("planned", Decimal(0)),
        ("basis", " "),
        ("funding_source", ""),
        ("subject_code", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field(db: None, field: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        set_up(**{field: value})
    assert fields(refused) == [field]
    assert not Budget.objects.exists()


def test_a_budget_is_set_up_once_and_for_programmes_of_its_fund(db: None) -> None:
    fund = make_fund()
    set_up(fund)
    with pytest.raises(ValidationError):
        set_up(fund)
    other = Programme.objects.filter(city="qingdao").exclude(pk=any_programme().pk).first()
    with pytest.raises(ValidationError) as refused:
        set_up(fund, programme=other)
    assert fields(refused) == ["programme"]


def test_a_fund_pays_programmes_of_its_own_city(db: None) -> None:
    values = {"city": qingdao(), "name_zh": "专项资金", "name_en": "Fund", "user": make_user()}
    made = budgets.create_fund(code="science", programmes=[any_programme()], **values)
    assert list(made.programmes.all()) == [any_programme()]
    far = Programme.objects.exclude(city="qingdao").first()
    unpaid = Programme.objects.get(city="qingdao", code="innovative-leader-enterprise")
    for code, programmes, field in [
        ("empty", [], "programmes"),
        ("far", [far], "programmes"),
        ("unpaid", [any_programme(), unpaid], "programmes"),
        ("科技", [any_programme()], "code"),
    ]:
        with pytest.raises(ValidationError) as refused:
            budgets.create_fund(code=code, programmes=programmes, **values)
        assert fields(refused) == [field]


def test_supplement_reduction_and_transfer_never_go_below_what_is_used(db: None) -> None:
    one, other = make_budget("1000.00", year=YEAR), make_budget("10.00", year=YEAR + 1)
    reserve("600.00")
    for kind, budget, source in (("reduction", one, None), ("transfer", other, one)):
        with pytest.raises(ValidationError) as refused:
            prepared(budget, kind, "400.01", source)
        assert fields(refused) == ["amount"]
    signed(prepared(one, "supplement", "50.00"))
    signed(prepared(one, "reduction", "100.00"))
    signed(prepared(other, "transfer", "350.00", one))
    figures = execution([one.pk, other.pk])
    assert figures[one.pk] == Execution(*yuan("600", "600", "0", "0", "0"))
    assert figures[other.pk].available == Decimal("360.00")


def test_what_was_used_meanwhile_is_not_taken_away(db: None) -> None:
    budget = make_budget("1000.00", year=YEAR)
    change = prepared(budget, "reduction", "500.00")
    reserve("600.00")
    with pytest.raises(Conflict, match="400"):
        signed(change)
    change.refresh_from_db()
    assert (change.state, change.approved_by) == ("prepared", None)
    budgets.cancel(change_id=change.pk, reason="已使用", user=make_user())
    with pytest.raises(Conflict):
        signed(change)


def test_a_change_that_makes_no_sense_is_refused_at_its_field(db: None) -> None:
    one, other = make_budget("1000.00", year=YEAR), set_up(year=YEAR + 1)
    dalian = City.objects.get(pk="dalian")
    far = set_up(Fund.objects.create(city=dalian, code="far", name_zh="远", name_en="far"))
    for budget, kind, amount, source, field in [
        (one, "planned", "1", None, "kind"),
        (one, "carried", "1", other, "kind"),
        (other, "reduction", "1", None, "kind"),
        (one, "supplement", "1", other, "taken_from"),
        (other, "transfer", "1", None, "taken_from"),
        (one, "transfer", "1", one, "taken_from"),
        (far, "transfer", "1", one, "taken_from"),
        (one, "supplement", "0", None, "amount"),
    ]:
        with pytest.raises(ValidationError) as refused:
            prepared(budget, kind, amount, source)
        assert fields(refused) == [field]


def settled(award: Award, result: str, *instalments: int) -> None:
    chosen = award.instalments.filter(number__in=instalments or [1])
    ids = list(chosen.values_list("pk", flat=True))
    batch = payouts.prepare_batch(city=qingdao(), instalment_ids=ids, user=make_user())
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    payouts.export_batch(batch_id=batch.pk, user=make_user())
    for told in ["paid"] if result == "paid" else ["paid", result]:
        results = {
            line.pk: (told, "" if told == "paid" else "账号有误") for line in batch.lines.all()
        }
        payouts.settle(batch_id=batch.pk, results=results, user=make_user())


def recovered(award: Award, amount: str) -> None:
    demand = recoveries.prepare(
        award=award, amount=Decimal(amount), reason="迁出", due_on=timezone.localdate(),
        user=make_user(),
    )  # fmt: skip
    recoveries.demand(recovery_id=demand.pk, user=make_user())
    recoveries.enter(
        recovery_id=demand.pk, amount=Decimal(amount), received_on=timezone.localdate(),
        reference="回单1", user=make_user(),
    )  # fmt: skip


def test_the_figures_add_up_and_are_the_sums_of_what_is_behind_them(db: None) -> None:
    fund = make_fund()
    whole = make_budget("5000.00", year=YEAR, fund=fund)
    part = make_budget("4000.00", year=YEAR, fund=fund, programme=any_programme())
    reserve("100.01")
    gone = Award.objects.get(pk=reserve("77.77").award)
    with transaction.atomic():
        money.release(award=gone, at=timezone.now(), actor=make_user(), reason="r")
    make_award("200.02")
    settled(back := make_award("400.04"), "paid")
    recovered(back, "100.03")
    settled(make_award("800.08"), "returned")
    make_account(one := make_party())
    settled(make_award("1000.00", payees=[(one, "300.00"), (one, "700.00")]), "paid", 1)
    reserve("50.00", payer="district")
    shared = {"city": Decimal("0.6"), "district": Decimal("0.4")}
    reserve("10.01", shares=shared)
    expected = yuan("106.02", "1700.10", "600.01", "0")
    for budget in (whole, part):
        found = execution([budget.pk])[budget.pk]
        assert [getattr(found, name) for name in FIGURES] == expected
        assert found.used == Counter.objects.get(key=budget.key).used
        assert found.planned == sum(expected) + found.available
        for figure in FIGURES:
            rows = behind(budget_id=budget.pk, figure=figure)
            assert sum(row.amount for row in rows) == getattr(found, figure)
    assert differences(city_code="qingdao") == []


def test_what_is_behind_a_figure_is_paged_by_key(db: None) -> None:
    budget = make_budget("5000.00", year=YEAR)
    for _number in range(7):
        reserve("1.00")
    pages, before = [], None
    while rows := behind(budget_id=budget.pk, figure="reserved", before=before, most=3):
        pages.append([row.entry.pk for row in rows])
        before = pages[-1][-1]
    found = [pk for page in pages for pk in page]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert found == sorted(found, reverse=True)


def test_execution_is_one_query_however_many(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [make_budget("10.00", year=YEAR + n).pk for n in range(4)]
    with django_assert_num_queries(1):
        assert len(execution(rows)) == 4


@pytest.fixture
def owner(committed_db: None, owner_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url, autocommit=True) as connected:
        yield connected


def test_raw_sql_signs_no_change_of_ones_own(owner: psycopg.Connection) -> None:
    change = prepared(make_budget("10.00", year=YEAR), "supplement", "5.00")
    with pytest.raises(psycopg.errors.CheckViolation, match="by_another"):
        owner.execute(
            "UPDATE incentives_budgetchange SET state = 'approved', approved_at = now(), "
            "approved_by_id = prepared_by_id WHERE id = %s",
            [change.pk],
        )
    with pytest.raises(psycopg.errors.CheckViolation, match="names_its_approver"):
        owner.execute("UPDATE incentives_budgetchange SET state = 'approved'")


def test_raw_sql_sets_up_no_budget_with_money_in_it(db: None) -> None:
    values = {
        "fund": make_fund(), "year": YEAR, "funding_source": "x", "subject_code": "1",
        "set_by": make_user(),
    }  # fmt: skip
    for more in ({"planned": 1}, {"opened": True}):
        with pytest.raises(ProgrammingError, match="Cannot insert"), transaction.atomic():
            Budget.objects.create(**values, **more)


def test_raw_sql_moves_nothing_to_another_city(db: None) -> None:
    budget = make_budget("10.00", year=YEAR)
    dalian = City.objects.get(pk="dalian")
    far = set_up(Fund.objects.create(city=dalian, code="far", name_zh="远", name_en="far"))
    with pytest.raises(IntegrityError, match="within_a_city"), transaction.atomic():
        BudgetChange.objects.create(
            budget=far, kind="transfer", amount=1, taken_from=budget, basis="b",
            prepared_by=make_user(),
        )  # fmt: skip


def test_transfers_and_awards_at_once_neither_lose_nor_make_a_fen(committed_db: None) -> None:
    one = make_budget("3000.00", year=YEAR)
    other = make_budget("3000.00", year=YEAR + 1)
    user, second = make_user(), make_user()
    pairs = [(other, one), (one, other)] * 4
    changes = [prepared(to, "transfer", "333.33", source) for to, source in pairs]

    def moving(change: BudgetChange) -> None:
        budgets.approve(change_id=change.pk, user=second)

    def awarding() -> None:
        for _number in range(10):
            reserve("70.07", actor=user)

    jobs = [lambda change=change: moving(change) for change in changes]
    results = at_once([*jobs, *[awarding] * 6])
    refused = [one for one in results if isinstance(one, Exception)]
    assert {type(one) for one in refused} <= {Conflict}
    figures = execution([one.pk, other.pk])
    assert sum(figure.planned for figure in figures.values()) == Decimal("6000.00")
    assert figures[one.pk].used == min(figures[one.pk].planned, Decimal("4204.20"))
    assert figures[one.pk].available >= 0
    assert differences(city_code="qingdao") == []


def test_control_changes_that_look_without_a_lock_take_away_what_is_used(
    committed_db: None, owner: psycopg.Connection
) -> None:
    source = owner.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'huiqi_put_in_budget'"
    ).fetchone()
    unlocked = source[0].replace("p_budget FOR NO KEY UPDATE;", "p_budget; PERFORM pg_sleep(0.2);")
    owner.execute(unlocked.replace("FOR UPDATE OF b;", ";"))
    owner.execute("CREATE OR REPLACE FUNCTION huiqi_lock_pools(p_city text) RETURNS void "
                  "LANGUAGE sql SECURITY DEFINER AS $$ SELECT NULL::void $$")  # fmt: skip
    owner.execute("ALTER TABLE incentives_counter DROP CONSTRAINT counter_within_limit")
    budget, user = make_budget("1000.00", year=YEAR), make_user()
    reserve("600.00")
    changes = [prepared(budget, "reduction", "400.00") for _number in range(2)]
    at_once([lambda one=one: budgets.approve(change_id=one.pk, user=user) for one in changes])
    assert execution([budget.pk])[budget.pk].available == Decimal("-400.00")
