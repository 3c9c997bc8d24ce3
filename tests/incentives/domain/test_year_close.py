"""The close of a year: what lapses and carries, by two people, and nobody behind it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Event as Signal
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed
from applicants.models import Event
from incentives.domain import budgets, money, year_close
from incentives.domain.budget_execution import execution
from incentives.domain.reconcile import differences
from incentives.models import Award, Budget, BudgetChange, Fund, LedgerEntry, YearClose
from tests.incentives.domain.threads import at_once
from tests.incentives.factories import (
    in_instalments,
    make_budget,
    make_user,
    qingdao,
    reserve,
)

SHANGHAI, UTC = ZoneInfo("Asia/Shanghai"), ZoneInfo("UTC")
LAST = timezone.localdate().year - 1
FIRST_MOMENT = datetime(LAST + 1, 1, 1, tzinfo=SHANGHAI)
LAST_MOMENT = FIRST_MOMENT - timedelta(microseconds=1)


def carrying(budget: Budget) -> Budget:
    """The same fund's, set up with `carries_over`; a budget keeps what it was set up with."""
    fund = Fund.objects.create(city=qingdao(), code=f"c{budget.pk}", name_zh="结转", name_en="c")
    fund.programmes.set(budget.fund.programmes.all())
    old = Budget.objects.create(
        fund=fund, year=budget.year, funding_source="x", subject_code="1", carries_over=True,
        set_by=make_user(),
    )  # fmt: skip
    supplied(old, "planned", "700.00")
    return old


def supplied(budget: Budget, kind: str, amount: str) -> None:
    change = BudgetChange.objects.create(
        budget=budget, kind=kind, amount=Decimal(amount), basis="b", prepared_by=make_user()
    )
    with transaction.atomic():
        money.change_budget(change=change, at=timezone.now(), actor=make_user())


def prepared() -> YearClose:
    return year_close.prepare(city=qingdao(), year=LAST, user=make_user())


def closed() -> YearClose:
    return year_close.close_year(close_id=prepared().pk, user=make_user())


def test_what_is_left_lapses_or_carries_and_what_is_promised_stays(db: None) -> None:
    lapsing = make_budget("1000.00", year=LAST)
    old = carrying(lapsing)
    reserve("400.04", at=LAST_MOMENT)
    with pytest.raises(ValidationError) as refused:
        prepared()
    assert list(refused.value.message_dict) == ["year"]
    new = make_budget("50.00", year=LAST + 1, fund=old.fund)
    close = closed()
    lines = {line.budget: line for line in year_close.lines_of(close)}
    zero = Decimal(0)
    assert (lines[lapsing.pk].lapses, lines[lapsing.pk].carries) == (Decimal("599.96"), zero)
    assert (lines[old.pk].lapses, lines[old.pk].carries) == (zero, Decimal("299.96"))
    figures = execution([lapsing.pk, old.pk, new.pk])
    assert figures[new.pk].planned == Decimal("349.96")
    assert figures[old.pk].available == zero
    assert figures[lapsing.pk].reserved == Decimal("400.04")
    award = Award.objects.get()
    with transaction.atomic():
        money.commit(award=award, at=timezone.now(), actor=make_user(), reason="")
        in_instalments(award)
    assert LedgerEntry.objects.get(stage="committed").year == LAST + 1
    carried = BudgetChange.objects.get(kind="carried")
    assert (carried.prepared_by, carried.approved_by) == (close.prepared_by, close.closed_by)
    assert differences(city_code="qingdao") == []
    kinds = Event.objects.filter(kind__startswith="year.").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == ["year.close_prepared", "year.closed"]


def test_a_year_is_closed_once_and_by_another(db: None) -> None:
    close = prepared()
    with pytest.raises(NotAllowed):
        year_close.close_year(close_id=close.pk, user=close.prepared_by)
    year_close.close_year(close_id=close.pk, user=make_user())
    for again in (prepared, lambda: year_close.close_year(close_id=close.pk, user=make_user())):
        with pytest.raises(Conflict):
            again()


def test_years_are_closed_in_their_order(db: None) -> None:
    """Else what an earlier one carries over would have nowhere to go."""
    make_budget("10.00", year=LAST - 1)
    make_budget("20.00", year=LAST)
    with pytest.raises(ValidationError, match=str(LAST - 1)):
        prepared()
    earlier = year_close.prepare(city=qingdao(), year=LAST - 1, user=make_user())
    year_close.close_year(close_id=earlier.pk, user=make_user())
    assert closed().closed_at is not None


def test_a_year_that_is_not_over_is_not_closed(db: None) -> None:
    with pytest.raises(ValidationError) as refused:
        year_close.prepare(city=qingdao(), year=LAST + 1, user=make_user())
    assert list(refused.value.message_dict) == ["year"]


def test_a_change_that_waits_stops_the_close(db: None) -> None:
    budget = make_budget("10.00", year=LAST)
    change = budgets.prepare(
        budget_id=budget.pk, kind="supplement", amount=Decimal(1), basis="b", user=make_user()
    )
    with pytest.raises(ValidationError):
        prepared()
    budgets.cancel(change_id=change.pk, reason="年终", user=make_user())
    closed()


def test_figures_that_changed_are_prepared_anew(db: None) -> None:
    make_budget("1000.00", year=LAST)
    close = prepared()
    reserve("1.00", at=LAST_MOMENT)
    with pytest.raises(Conflict):
        year_close.close_year(close_id=close.pk, user=make_user())
    assert closed().pk == close.pk


@pytest.mark.parametrize("zone", [SHANGHAI, UTC])
def test_the_last_microsecond_of_a_closed_year_is_refused_and_the_next_is_not(
    db: None, zone: ZoneInfo
) -> None:
    old, new = make_budget("100.00", year=LAST), make_budget("100.00", year=LAST + 1)
    closed()
    with pytest.raises(Conflict, match=str(LAST)):
        reserve("60.00", at=LAST_MOMENT.astimezone(zone))
    assert reserve("60.00", at=FIRST_MOMENT.astimezone(zone)).amount == Decimal("60.00")
    figures = execution([old.pk, new.pk])
    assert (figures[old.pk].used, figures[new.pk].used) == (Decimal(0), Decimal("60.00"))
    assert LedgerEntry.objects.get().year == LAST + 1


def test_no_money_moves_in_or_out_of_a_closed_year(db: None) -> None:
    old = make_budget("100.00", year=LAST)
    new = make_budget("100.00", year=LAST + 1)
    closed()
    for to, source, kind in ((old, None, "reduction"), (new, old, "transfer")):
        with pytest.raises(Conflict):
            budgets.prepare(
                budget_id=to.pk, kind=kind, amount=Decimal(1), basis="b", user=make_user(),
                taken_from_id=source.pk if source else None,
            )  # fmt: skip
    with pytest.raises(Exception, match=str(LAST)), transaction.atomic():
        BudgetChange.objects.create(
            budget=new, kind="transfer", amount=1, taken_from=old, basis="b",
            prepared_by=make_user(),
        )  # fmt: skip


def test_a_change_into_a_year_that_is_closed_meanwhile_is_told_in_words(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_budget("100.00", year=LAST)
    closed()
    monkeypatch.setattr(budgets, "_require_open", lambda *_budgets: None)
    with pytest.raises(Conflict, match=str(LAST)), transaction.atomic():
        budgets.prepare(
            budget_id=old.pk, kind="supplement", amount=Decimal(1), basis="b", user=make_user()
        )


def test_raw_sql_closes_no_year_alone_nor_opens_it_again(db: None) -> None:
    close = prepared()
    rows = YearClose.objects.filter(pk=close.pk)
    with pytest.raises(IntegrityError, match="closed_by_another"), transaction.atomic():
        rows.update(closed_by=close.prepared_by, closed_at=timezone.now())
    with pytest.raises(IntegrityError, match="names_who"), transaction.atomic():
        rows.update(closed_at=timezone.now())
    year_close.close_year(close_id=close.pk, user=make_user())
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        rows.update(closed_by=None, closed_at=None)


def writer(write: Callable[[], object], wrote: Signal) -> Callable[[], None]:
    """Writes into the old year, and commits only a second after everybody has begun to close."""

    def job() -> None:
        with transaction.atomic():
            write()
            wrote.set()
            Signal().wait(1)

    return job


def closer(close: YearClose, wrote: Signal) -> Callable[[], YearClose]:
    user = make_user()

    def job() -> YearClose:
        wrote.wait(30)
        return year_close.close_year(close_id=close.pk, user=user)

    return job


def reserving() -> Callable[[], object]:
    user = make_user()
    return lambda: reserve("60.00", at=LAST_MOMENT, actor=user)


def committing() -> Callable[[], object]:
    award, user = Award.objects.get(pk=reserve("60.00", at=LAST_MOMENT).award), make_user()
    return lambda: money.commit(award=award, at=LAST_MOMENT, actor=user, reason="")


@pytest.mark.parametrize("writing", [reserving, committing])
def test_a_close_waits_for_whoever_is_writing(
    committed_db: None, writing: Callable[[], Callable[[], object]]
) -> None:
    budget = make_budget("100.00", year=LAST)
    write, wrote = writing(), Signal()
    before = LedgerEntry.objects.count()
    results = at_once([writer(write, wrote), closer(prepared(), wrote)])
    assert [type(one) for one in results] == [type(None), Conflict]  # it saw what was written
    assert LedgerEntry.objects.count() == before + 1
    [line] = year_close.lines_of(closed())
    assert line.reserved + line.committed == execution([budget.pk])[budget.pk].used
    with pytest.raises(Conflict, match=str(LAST)):
        reserve("1.00", at=LAST_MOMENT)


def test_control_a_close_that_does_not_wait_leaves_somebody_behind(
    committed_db: None, owner_url: str
) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("CREATE OR REPLACE FUNCTION huiqi_lock_books(p_city text) RETURNS void "
                      "LANGUAGE sql SECURITY DEFINER AS $$ SELECT NULL::void $$")  # fmt: skip
    budget = make_budget("100.00", year=LAST)
    wrote = Signal()
    results = at_once([writer(reserving(), wrote), closer(prepared(), wrote)])
    assert [type(one) for one in results] == [type(None), YearClose]
    [line] = year_close.lines_of(YearClose.objects.get())
    assert (line.reserved, execution([budget.pk])[budget.pk].reserved) == (0, Decimal("60.00"))
