"""What the database itself refuses, whatever the code above it does."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from incentives.domain import holds, payouts, recoveries
from incentives.models import (
    Award,
    BudgetChange,
    CapExcess,
    Instalment,
    PayeeHold,
    PayoutBatch,
    PayoutLine,
    Recovery,
)
from tests.incentives.domain.test_recoveries import demanded, paid_award, prepared
from tests.incentives.factories import (
    make_account,
    make_award,
    make_budget,
    make_party,
    make_user,
    qingdao,
)

pytestmark = pytest.mark.django_db
WRITTEN_BY_FUNCTIONS = [
    "incentives_ledgerentry",
    "incentives_counter",
    "incentives_counterentry",
    "incentives_award",
]
HISTORY = [
    "incentives_ledgerentry",
    "incentives_counterentry",
    "incentives_instalment",
    "incentives_payoutfile",
    "applicants_event",
]


def run(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize("table", WRITTEN_BY_FUNCTIONS)
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_may_not_touch_what_the_functions_write(table: str, verb: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(verb.format(table))


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_may_not_change_history(table: str, verb: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(verb.format(table))


@pytest.mark.parametrize("table", WRITTEN_BY_FUNCTIONS)
def test_the_application_may_not_insert_money_itself(table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(f"INSERT INTO {table} DEFAULT VALUES")


@pytest.mark.parametrize("function", ["huiqi_post", "huiqi_pool_awards"])
def test_the_application_may_not_call_the_inner_functions(function: str) -> None:
    arguments = {"huiqi_post": "1, 1, 'paid', 1, now(), 1, ''", "huiqi_pool_awards": "1"}
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(f"SELECT {function}({arguments[function]})")


def test_instalments_add_up_to_their_award() -> None:
    award = make_award("100")
    extra = Instalment(
        award=award, number=2, payee=award.applicant, amount=Decimal("0.01"), due_on="2026-12-01"
    )
    with pytest.raises(DatabaseError, match="are not its amount"):
        run_deferred(extra.save)


def run_deferred(action: Any) -> None:
    with transaction.atomic():
        action()
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.fixture
def batch() -> PayoutBatch:
    award = make_award("100")
    instalments = award.instalments.values_list("pk", flat=True)
    return payouts.prepare_batch(city=qingdao(), instalment_ids=instalments, user=make_user())


def test_raw_sql_cannot_approve_a_batch_for_its_preparer(batch: PayoutBatch) -> None:
    with pytest.raises(IntegrityError, match="batch_approved_by_another"):
        run(
            "UPDATE incentives_payoutbatch SET state = 'approved', approved_by_id = prepared_by_id"
            " WHERE id = %s",
            batch.pk,
        )


def test_raw_sql_cannot_approve_a_batch_for_nobody(batch: PayoutBatch) -> None:
    with pytest.raises(IntegrityError, match="batch_not_exported_unapproved"):
        run("UPDATE incentives_payoutbatch SET state = 'approved' WHERE id = %s", batch.pk)


@pytest.mark.parametrize("state", ["exported", "settled"])
def test_raw_sql_cannot_skip_a_step(batch: PayoutBatch, state: str) -> None:
    with pytest.raises(DatabaseError, match="Invalid transition"):
        run(
            "UPDATE incentives_payoutbatch SET state = %s, approved_by_id = %s WHERE id = %s",
            state,
            make_user().pk,
            batch.pk,
        )


def test_raw_sql_cannot_pay_a_line(batch: PayoutBatch) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        run("UPDATE incentives_payoutline SET state = 'paid'")


def new_line(**wrong: Any) -> PayoutLine:
    """A line that fits a due instalment, except for what is wrong with it."""
    award = wrong.pop("award", None) or make_award("100")
    batch = PayoutBatch.objects.create(
        city=qingdao(), number=f"B{award.pk}", line_count=1, total=award.amount,
        prepared_by=make_user(), prepared_at=timezone.now(),
    )  # fmt: skip
    instalment = award.instalments.get()
    line = {
        "batch": batch,
        "number": 1,
        "instalment": instalment,
        "payee": instalment.payee,
        "account": instalment.payee.bankaccount_set.get(),
        "amount": instalment.amount,
    }
    return PayoutLine(**line | wrong)


def test_a_line_that_fits_is_written() -> None:
    run_deferred(new_line().save)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: {"amount": Decimal("99.99")},
        lambda: {"payee": make_party()},
        lambda: {"account": make_account(make_party())},
        lambda: {"state": "paid"},
        lambda: {"award": make_award("100", payer="district")},
    ],
    ids=["amount", "payee", "account", "state", "payer"],
)
def test_a_line_that_fits_no_due_instalment_is_refused(wrong: Any) -> None:
    line = new_line(**wrong())
    with pytest.raises(DatabaseError, match="does not match a due instalment"):
        run_deferred(line.save)


def test_an_instalment_is_in_one_living_line(batch: PayoutBatch) -> None:
    award = Award.objects.get(pk=batch.lines.get().instalment.award_id)
    with pytest.raises(IntegrityError, match="instalment_paid_once"):
        run_deferred(new_line(award=award).save)


@pytest.mark.parametrize("verb", ["prepared", "demanded"])
def test_raw_sql_cannot_settle_a_demand(verb: str) -> None:
    award = paid_award()
    recovery = demanded(award) if verb == "demanded" else prepared(award)
    with pytest.raises(DatabaseError, match=r"huiqi_recover|Invalid transition"):
        run("UPDATE incentives_recovery SET state = 'settled' WHERE id = %s", recovery.pk)
    with pytest.raises(ProgrammingError, match="huiqi_recover"):
        run(
            "INSERT INTO incentives_recovery (city_id, number, award_id, party_id, amount, reason,"
            " due_on, state, prepared_by_id, prepared_at, write_off_reason) SELECT city_id, 'X',"
            " award_id, party_id, amount, reason, due_on, 'settled', prepared_by_id, prepared_at,"
            " '' FROM incentives_recovery WHERE id = %s",
            recovery.pk,
        )


def insert_as(recovery: Recovery, **changed: str) -> None:
    columns = {
        "number": "'X'", "state": "'prepared'", "demanded_by_id": "NULL",
        "write_off_asked_by_id": "NULL",
    } | changed  # fmt: skip
    run(
        f"INSERT INTO incentives_recovery ({', '.join(columns)}, city_id, award_id, party_id,"
        " amount, reason, due_on, prepared_by_id, prepared_at, write_off_reason)"
        f" SELECT {', '.join(columns.values())}, city_id, award_id, party_id, amount, reason,"
        " due_on, prepared_by_id, prepared_at, '' FROM incentives_recovery WHERE id = %s",
        recovery.pk,
    )


def test_a_demand_begins_prepared_and_unsigned() -> None:
    recovery, other = prepared(paid_award()), str(make_user().pk)
    insert_as(recovery)
    for signed in (
        {"number": "'Y'", "state": "'demanded'", "demanded_by_id": other},
        {"number": "'Y'", "demanded_by_id": other},
        {"number": "'Y'", "write_off_asked_by_id": other},
    ):
        with pytest.raises(DatabaseError, match="Cannot insert"):
            insert_as(recovery, **signed)


def test_a_demand_names_another_who_demanded_it_for_good() -> None:
    recovery = prepared(paid_award())
    with pytest.raises(IntegrityError, match="recovery_names_who_demanded_it"):
        run("UPDATE incentives_recovery SET state = 'demanded' WHERE id = %s", recovery.pk)
    signed = recoveries.demand(recovery_id=recovery.pk, user=make_user())
    for other in ("NULL", str(make_user().pk)):
        with pytest.raises(DatabaseError, match="Cannot update"):
            run(f"UPDATE incentives_recovery SET demanded_by_id = {other}")
    recovery.refresh_from_db()
    assert recovery.demanded_by == signed.demanded_by


def test_who_asks_for_a_write_off_stays_and_asks_of_a_demand() -> None:
    recovery, other = prepared(paid_award()), make_user().pk
    change = "UPDATE incentives_recovery SET write_off_asked_by_id = %s, write_off_reason = %s"
    with pytest.raises(ProgrammingError, match="asked for once"):
        run(change, other, "r")
    recoveries.demand(recovery_id=recovery.pk, user=make_user())
    asked = recoveries.ask_write_off(recovery_id=recovery.pk, reason="r", user=make_user())
    for who, why in ((other, "r"), (None, "r"), (asked.write_off_asked_by_id, "another")):
        with pytest.raises(ProgrammingError, match="asked for once"):
            run(change, who, why)
    recovery.refresh_from_db()
    assert recovery.write_off_asked_by == asked.write_off_asked_by


def test_who_approved_a_batch_stays(batch: PayoutBatch) -> None:
    payouts.approve_batch(batch_id=batch.pk, user=make_user())
    with pytest.raises(DatabaseError, match="Cannot update"):
        run("UPDATE incentives_payoutbatch SET approved_by_id = %s", make_user().pk)


def test_a_hold_begins_open_and_stays_on_its_award() -> None:
    award = make_award("100")
    holds.hold(award=award, kind="difference", text="x", cause="c")
    with pytest.raises(DatabaseError, match="Cannot update"):
        run("UPDATE incentives_payeehold SET award_id = %s", make_award("1").pk)
    with pytest.raises(DatabaseError, match="Cannot insert"):
        PayeeHold.objects.create(
            award=award, kind="difference", cause="d", released_at=timezone.now(),
            released_by=make_user(), reason="r",
        )  # fmt: skip


def test_an_excess_begins_unsigned() -> None:
    with pytest.raises(DatabaseError, match="Cannot insert"):
        CapExcess.objects.create(
            city=qingdao(), case_number="E", key="k", cap="k", amount=1, reason="r",
            asked_by=make_user(), approved_by=make_user(), approved_at=timezone.now(),
        )  # fmt: skip


def test_raw_sql_cannot_approve_a_budget_change() -> None:
    budget = make_budget("100.00", year=2026)
    change = BudgetChange.objects.create(
        budget=budget, kind="supplement", amount=5000, basis="b", prepared_by=make_user()
    )
    with pytest.raises(ProgrammingError, match="huiqi_change_budget"):
        run(
            "UPDATE incentives_budgetchange SET state = 'approved', approved_by_id = %s"
            " WHERE id = %s",
            make_user().pk,
            change.pk,
        )
