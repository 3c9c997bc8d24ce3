"""Settlement of an advance on audited figures: more, less, or asked back; once, in bounds."""

from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from applicants.domain.errors import Conflict, NotAllowed, Refused
from applicants.models import User
from incentives.domain import money, settlements, year_close
from incentives.domain.budget_execution import execution
from incentives.domain.reconcile import differences
from incentives.domain.statement import statement, total
from incentives.models import (
    Award,
    Budget,
    InstalmentFinding,
    LedgerEntry,
    Pool,
    Recovery,
    Settlement,
    YearClose,
)
from tests.incentives.domain.test_findings import staged, used
from tests.incentives.domain.test_recoveries import back, demanded, paid
from tests.incentives.domain.test_year_close import LAST, LAST_MOMENT, closed
from tests.incentives.domain.threads import at_once_behind, at_once_in_turn
from tests.incentives.factories import cap, make_budget, make_user, qingdao

TODAY = timezone.localdate()
CAPS = [cap("own", "1000.00"), cap("count", "3", unit="awards")]


def advanced(*amounts: str) -> Award:
    """Of these parts the first is paid, the others wait for a stage each."""
    award = staged(*amounts)
    return paid(award)


def prepared(award: Award, entitled: str, **more: object) -> Settlement:
    given = {"facts": {}, "assessment": "{}", "due_on": TODAY, "reason": "审计报告"} | more
    return settlements.prepare(award=award, entitled=Decimal(entitled), user=make_user(), **given)


def approve(made: Settlement) -> Settlement:
    return settlements.approve(settlement_id=made.pk, counters=CAPS, user=make_user())


@pytest.mark.parametrize(
    ("entitled", "amount", "granted", "asked_back"),
    [("300.00", "300.00", "0", None), ("250.01", "250.01", "0", None),
     ("60.00", "100.00", "0", "40.00"), ("380.00", "380.00", "80.00", None),
     ("5000.00", "900.00", "600.00", None)],
)  # fmt: skip
def test_the_difference_is_paid_lapses_or_is_asked_back(
    db: None, entitled: str, amount: str, granted: str, asked_back: str | None
) -> None:
    """The budget has 900.00: 300.00 are awarded, of which 100.00 are paid."""
    budget = make_budget("900.00", year=TODAY.year)
    award = advanced("100.00", "150.00", "50.00")
    made = approve(prepared(award, entitled))
    award.refresh_from_db()
    whole = Decimal(amount)
    assert (award.amount, made.granted) == (whole, Decimal(granted))
    assert (used("own"), used(budget.key), used("count")) == (whole, whole, 1)
    assert execution([budget.pk])[budget.pk].available == Decimal("900.00") - whole
    waited = InstalmentFinding.objects.filter(instalment__award=award)
    assert list(waited.values_list("found", flat=True)) == ["settled", "settled"]
    recovery = Recovery.objects.filter(number=made.recovery).first()
    assert (recovery and recovery.amount) == (asked_back and Decimal(asked_back))
    assert differences(city_code="qingdao") == []
    with pytest.raises(Conflict):
        approve(made)
    with pytest.raises(Conflict):
        prepared(award, "1.00")


def test_refusals(db: None) -> None:
    with pytest.raises(Conflict):
        prepared(staged("100.00", "200.00"), "50.00")
    award = advanced("100.00", "200.00")
    for field, wrong in {"reason": " ", "due_on": TODAY.replace(year=2020)}.items():
        with pytest.raises(Refused) as refused:
            prepared(award, "50.00", **{field: wrong})
        assert set(refused.value.message_dict) == {field}
    made = prepared(award, "50.00")
    with pytest.raises(NotAllowed):
        settlements.approve(settlement_id=made.pk, counters=CAPS, user=made.prepared_by)
    settlements.drop(settlement_id=made.pk)
    assert approve(prepared(award, "300.00")).granted == 0


@pytest.fixture
def owner(committed_db: None, owner_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url, autocommit=True) as connected:
        yield connected


def test_what_is_asked_back_already_is_not_asked_back_a_second_time(db: None) -> None:
    award = advanced("60.00", "40.00")
    back(demanded(award, "20.00"), "20.00")
    with pytest.raises(Conflict, match="追缴"):
        prepared(award, "40.00")


def test_the_database_refuses_one_person(owner: psycopg.Connection) -> None:
    prepared(advanced("100.00", "200.00"), "50.00")
    with pytest.raises(psycopg.errors.CheckViolation, match="settlement_approved_by_another"):
        owner.execute(
            "UPDATE incentives_settlement SET state = 'approved', approved_at = now(), "
            "granted = 0, approved_by_id = prepared_by_id"
        )
    with pytest.raises(psycopg.Error, match=r"settlement_content|Cannot update|read-?only"):
        owner.execute("UPDATE incentives_settlement SET entitled = 1")


WITHOUT_ITS_VERB = [
    "UPDATE incentives_settlement SET state = 'approved', granted = 0, approved_by_id = 1",
    "UPDATE incentives_settlement SET state = 'dropped'",
    "UPDATE incentives_settlement SET granted = 1",
    "UPDATE incentives_settlement SET recovery = 'x'",
    "INSERT INTO incentives_instalment (kind) VALUES ('settlement')",
    "SELECT huiqi_approve_settlement(id, '', now(), 1) FROM incentives_settlement",
]


def test_the_application_ends_no_settlement_but_by_its_verb(committed_db: None) -> None:
    """Not by itself, nor by the function while the money has not moved as it says."""
    make_user()
    made = prepared(advanced("100.00", "200.00"), "50.00")
    for change in WITHOUT_ITS_VERB:
        with pytest.raises(DatabaseError, match=r"ends by huiqi|not carried out|by huiqi_top_up"):
            connection.cursor().execute(change)
    assert list(Settlement.objects.values_list("state", "granted")) == [("prepared", None)]
    done = approve(made)
    assert (done.state, Recovery.objects.get().number) == ("approved", done.recovery)


def test_what_was_decided_is_not_rewritten(owner: psycopg.Connection) -> None:
    settlements.drop(settlement_id=prepared(advanced("100.00", "200.00"), "50.00").pk)
    for change in ("granted = 1", "recovery = 'x'", "state = 'prepared'", "state = 'approved'"):
        with pytest.raises(psycopg.Error, match=r"Cannot update|Invalid transition"):
            owner.execute(f"UPDATE incentives_settlement SET {change}")


def test_nothing_is_added_but_what_another_has_prepared(db: None) -> None:
    award = advanced("100.00", "200.00")

    def grown(entitled: str, actor: User) -> Decimal:
        with transaction.atomic():
            return money.top_up(
                award=award, entitled=Decimal(entitled), due_on=TODAY, at=timezone.now(),
                actor=actor, reason="r", counters=CAPS,
            )  # fmt: skip

    with pytest.raises(Conflict):
        grown("420.00", make_user())
    made = prepared(award, "420.00")
    for entitled, actor in (("420.01", make_user()), ("420.00", made.prepared_by)):
        with pytest.raises(Conflict):
            grown(entitled, actor)
    assert grown("420.00", make_user()) == Decimal("120.00")


def race(award: Award) -> tuple[Award, list[object]]:
    """Four who have all come to the cap before the first may go on."""
    prepared(award, "420.00")

    def grown() -> Decimal:
        with transaction.atomic():
            return money.top_up(
                award=award, entitled=Decimal("420.00"), due_on=TODAY, at=timezone.now(),
                actor=make_user(), reason="r", counters=CAPS,
            )  # fmt: skip

    results = at_once_behind(lambda: money.look(city_code="qingdao", counters=CAPS), [grown] * 4)
    award.refresh_from_db()
    return award, results


def test_it_grows_once(committed_db: None) -> None:
    award, results = race(advanced("100.00", "200.00"))
    assert sorted(results) == [0, 0, 0, Decimal("120.00")]
    assert (award.amount, used("own")) == (Decimal("420.00"), Decimal("420.00"))
    assert differences(city_code="qingdao") == []


def replaced(owner: psycopg.Connection, guard: str, weaker: str) -> None:
    source = owner.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'huiqi_top_up'"
    ).fetchone()[0]
    assert guard in source
    owner.execute(source.replace(guard, weaker))


def test_control_without_the_lock_it_grows_four_times(owner: psycopg.Connection) -> None:
    """The award is read without its lock, and what holds the sum otherwise is taken away."""
    replaced(owner, "WHERE id = p_award FOR UPDATE", "WHERE id = p_award")
    owner.execute("ALTER TABLE incentives_award DROP CONSTRAINT award_within_assessed")
    race(advanced("100.00", "200.00"))
    grown = LedgerEntry.objects.filter(stage="committed").values_list("amount", flat=True)
    assert sum(grown) > Decimal("420.00")


def settled_after_the_close(entitled: str) -> tuple[Award, Budget, Budget]:
    """300.00 of last year, all paid; the year is closed, and the award settled on `entitled`."""
    last = make_budget("300.00", year=LAST)
    award = paid(staged("300.00", at=LAST_MOMENT))
    closed()
    own = make_budget("90.00", year=TODAY.year, fund=last.fund)
    made = settlements.prepare(
        award=award, entitled=Decimal(entitled), facts={}, assessment="{}", due_on=TODAY,
        reason="审计报告", user=make_user(),
    )  # fmt: skip
    approve(made)
    award.refresh_from_db()
    return award, last, own


def figures(*of: Budget) -> list[tuple[str, str, str]]:
    found = execution(budget.pk for budget in of)
    told = ([found[b.pk].committed, found[b.pk].paid, found[b.pk].available] for b in of)
    return [(f"{promised:.2f}", f"{gone:.2f}", f"{left:.2f}") for promised, gone, left in told]


def test_after_the_close_this_years_budget_bears_what_is_added(db: None) -> None:
    """The caps leave 120.00 more, this year's budget 90.00; what comes back goes where it was."""
    award, last, own = settled_after_the_close("420.00")
    report = year_close.preview(city=qingdao(), year=LAST).text()
    assert (award.amount, used("own"), used(own.key)) == (Decimal("390.00"), Decimal("390.00"), 90)
    assert figures(last, own) == [("0.00", "300.00", "0.00"), ("90.00", "0.00", "0.00")]
    paid(award)
    assert figures(last, own) == [("0.00", "300.00", "0.00"), ("0.00", "90.00", "0.00")]
    assert year_close.preview(city=qingdao(), year=LAST).text() == report
    line = award.instalments.get(kind="settlement").lines.get()
    assert line.funding_source == own.funding_source
    recovery = demanded(award, "130.00")
    back(recovery, "20.00")
    assert figures(last, own) == [("0.00", "300.00", "0.00"), ("0.00", "70.00", "20.00")]
    back(recovery, "110.00")
    assert figures(last, own) == [("0.00", "300.00", "0.00"), ("0.00", "0.00", "90.00")]
    assert (used("own"), used(last.key)) == (Decimal("260.00"), Decimal("300.00"))
    whole = total(statement(LedgerEntry.objects.all(), "year"), cases=1, label="")
    assert (whole.amounts["paid"], whole.cost) == (Decimal("390.00"), Decimal("260.00"))
    posted = LedgerEntry.objects.order_by("id").values_list("stage", "amount", "budget")
    assert [(stage, str(amount), budget) for stage, amount, budget in posted] == [
        *((stage, "300.00", last.pk) for stage in ("reserved", "committed", "paid")),
        *((stage, "90.00", own.pk) for stage in ("reserved", "committed", "paid")),
        ("recovered", "20.00", own.pk), ("recovered", "70.00", own.pk),
        ("recovered", "40.00", last.pk),
    ]  # fmt: skip
    assert differences(city_code="qingdao") == []


def test_a_budget_and_a_pool_opened_later_count_what_was_added(db: None) -> None:
    award, last, own = settled_after_the_close("350.00")
    within = make_budget("60.00", year=TODAY.year, programme=award.programme, fund=last.fund)
    pools = {year: pool(year) for year in (LAST, TODAY.year)}
    assert (used(within.key), used(pools[LAST]), used(pools[TODAY.year])) == (50, 300, 50)
    award.refresh_from_db()
    assert (award.budget, award.settlement_budget) == (last, within)
    paid(award)
    assert figures(last, own, within) == [
        ("0.00", "300.00", "0.00"), ("0.00", "50.00", "40.00"), ("0.00", "50.00", "10.00")
    ]  # fmt: skip
    back(demanded(award, "80.00"), "80.00")
    assert figures(own, within) == [("0.00", "0.00", "90.00"), ("0.00", "0.00", "60.00")]
    assert (used(pools[LAST]), used(pools[TODAY.year])) == (270, 0)
    assert differences(city_code="qingdao") == []


def pool(year: int) -> str:
    made = Pool.objects.create(
        city=qingdao(),
        code="all",
        year=year,
        limit=Decimal("900.00"),
        basis="b",
        set_by=make_user(),
    )
    with transaction.atomic():
        money.sync_pool(pool_id=made.pk)
    return f"pool:all:{year}"


def test_control_with_the_budget_of_approval_nothing_is_left(owner: psycopg.Connection) -> None:
    """As if the closed year were still open: its budget is used up, and nothing is added."""
    replaced(owner, "AND y.closed_at IS NOT NULL", "AND false")
    award, _last, own = settled_after_the_close("420.00")
    assert (award.amount, used(own.key)) == (Decimal("300.00"), 0)


def close_meanwhile(owner: psycopg.Connection) -> tuple[Budget, list[object]]:
    """The year is closed while a settlement of it has come to its first cap."""
    last = make_budget("500.00", year=LAST)
    made = prepared(paid(staged("300.00", at=LAST_MOMENT)), "350.00")
    close = year_close.prepare(city=qingdao(), year=LAST, user=make_user())
    owner.execute("BEGIN")
    owner.execute("SELECT 1 FROM incentives_counter WHERE key = 'own' FOR UPDATE")
    return last, at_once_in_turn(
        lambda: owner.execute("ROLLBACK"),
        lambda: approve(made),
        lambda: year_close.close_year(close_id=close.pk, user=make_user()),
    )


def test_a_close_waits_for_what_is_added(owner: psycopg.Connection) -> None:
    last, results = close_meanwhile(owner)
    assert [type(one) for one in results] == [Settlement, Conflict]
    assert year_close.lines_of(closed())[0].lapses == Decimal("150.00")
    assert execution([last.pk])[last.pk].available == Decimal("150.00")


def test_control_without_the_lock_it_is_added_behind_the_close(owner: psycopg.Connection) -> None:
    replaced(owner, "PERFORM pg_advisory_xact_lock_shared", "PERFORM abs")
    last, results = close_meanwhile(owner)
    assert [type(one) for one in results] == [Settlement, YearClose]
    report = year_close.lines_of(YearClose.objects.get())
    assert report[0].lapses == execution([last.pk])[last.pk].available + 50
