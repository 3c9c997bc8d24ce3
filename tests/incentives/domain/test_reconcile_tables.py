"""Changes that agree among themselves, past every guard: the nightly check finds each.

Every case names what it changes as the owner, with the triggers off, and what has to be found.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incentives.domain import money, payouts
from incentives.domain.joins import joined_at_once
from incentives.domain.pools import set_pool
from incentives.domain.reconcile import differences
from incentives.domain.reconcile_sql import CHECKS
from incentives.models import Award, Budget, PayeeHold, Recovery
from reviews.domain import watch
from tests.incentives.domain.test_findings import confirm
from tests.incentives.domain.test_payers import shared
from tests.incentives.domain.test_recoveries import back, demanded, paid, paid_award
from tests.incentives.domain.test_settlements import prepared
from tests.incentives.domain.test_shared_findings import found_of
from tests.incentives.domain.test_shared_findings import shared as in_parts
from tests.incentives.domain.test_shared_settlements import advanced, approve
from tests.incentives.factories import (
    any_programme,
    cap,
    make_account,
    make_award,
    make_budget,
    make_party,
    make_user,
    qingdao,
    reserve,
)

YEAR = timezone.localdate().year


@dataclass
class Books:
    """One award of each sort; all of them sound."""

    budget: Budget
    plain: Award  # 600.00, committed
    of_two: Award  # one payee is paid, the payment of the other came back
    of_both: Award  # shared by city and district
    lapsed: Award  # shared: 100.00 of its second part
    grown: Award  # shared: by 150.00, settled
    given_back: Award
    asked: Recovery  # 400.00 of 1,000.00 came back


def books() -> Books:
    budget = make_budget("9000.00", year=YEAR)
    set_pool(
        city=qingdao(), code="all", year=YEAR, title="p", limit=Decimal(20_000), programmes=[],
        basis="b", actor=make_user(),
    )  # fmt: skip
    given_back = Award.objects.get(pk=reserve("50.00", caps=[cap("life", "5000")]).award)
    with transaction.atomic():
        money.release(award=given_back, at=timezone.now(), actor=make_user(), reason="r")
    asked = demanded(paid_award(caps=[cap("asked", "5000"), cap("count", "3", unit="awards")]))
    back(asked, "400.00")
    return Books(
        budget,
        make_award("600.00", caps=[cap("life", "1000")]),
        half_returned(),
        shared(),
        lapsed(),
        grown(),
        given_back,
        asked,
    )


def lapsed() -> Award:
    award = in_parts("100.01", "200.00")
    confirm(found_of(award, 2, "partly", "100.00"))
    return award


def grown() -> Award:
    award = advanced("100.01", "150.00")
    approve(prepared(award, "400.01"))
    return award


def half_returned() -> Award:
    payees = [make_party(), make_party()]
    for one in payees:
        make_account(one)
    award = make_award("200.00", payees=[(one, "100.00") for one in payees])
    paid(award)
    second = award.instalments.get(number=2).lines.get()
    results = {second.pk: ("returned", "销户")}
    payouts.settle(batch_id=second.batch_id, results=results, user=make_user())
    return award


Change = Callable[[Books], str]
COUNTED = "(SELECT id FROM incentives_counter WHERE key = '{}')"


def entry_of(key: str, award: int, amount: str) -> str:
    counter = COUNTED.format(key)
    return (
        f"UPDATE incentives_counter SET used = used - (SELECT sum(amount) FROM"
        f" incentives_counterentry WHERE counter_id = {counter} AND award_id = {award}) + {amount}"
        f" WHERE key = '{key}';"
        f"UPDATE incentives_counterentry SET amount = {amount} WHERE award_id = {award}"
        f" AND counter_id = {counter} AND amount > 0"
    )


def ledger(award: Award, stage: str, change: str) -> str:
    return (
        f"UPDATE incentives_ledgerentry SET {change} WHERE award_id = {award.pk}"
        f" AND stage = '{stage}'"
    )


FOUND: dict[str, tuple[str, Change, Callable[[Books], int | None]]] = {
    "an entry of a cap and its counter": (
        "entry", lambda b: entry_of("life", b.plain.pk, "1"), lambda b: b.plain.pk),
    "an entry of a budget and its counter": (
        "entry", lambda b: entry_of(b.budget.key, b.plain.pk, "1"), lambda b: b.plain.pk),
    "an entry of a pool, of a shared award": (
        "entry", lambda b: entry_of(f"pool:all:{YEAR}", b.of_both.pk, "1"),
        lambda b: b.of_both.pk),
    "a count of awards": (
        "entry", lambda b: entry_of("count", b.asked.award_id, "0"), lambda b: b.asked.award_id),
    "what came back gives more room than it was": (
        "entry",
        lambda b: "UPDATE incentives_counter SET used = used - 100 WHERE key = 'asked';"
        "UPDATE incentives_counterentry SET amount = amount - 100 WHERE amount < 0 AND counter_id"
        f" = {COUNTED.format('asked')}",
        lambda b: b.asked.award_id),
    "a budget forgets an award": (
        "entry",
        lambda b: f"UPDATE incentives_counter SET used = used - 600 WHERE key = '{b.budget.key}';"
        f"DELETE FROM incentives_counterentry WHERE award_id = {b.plain.pk} AND counter_id ="
        f" {COUNTED.format(b.budget.key)}",
        lambda b: b.plain.pk),
    "a budget and its limit": (
        "budget",
        lambda b: f"UPDATE incentives_budget SET planned = planned + 5000 WHERE id = {b.budget.pk};"
        f"UPDATE incentives_counter SET \"limit\" = \"limit\" + 5000 WHERE key = '{b.budget.key}'",
        lambda b: None),
    "the limit of a budget alone": (
        "budget",
        lambda b: "UPDATE incentives_counter SET \"limit\" = 9e6 WHERE kind = 'budget'",
        lambda b: None),
    "the limit of a pool": (
        "pool",
        lambda b: "UPDATE incentives_counter SET \"limit\" = 9e6 WHERE kind = 'pool'",
        lambda b: None),
    "the states of two lines": (
        "payment",
        lambda b: "UPDATE incentives_payoutline l SET state = CASE l.state WHEN 'paid' THEN"
        " 'returned' ELSE 'paid' END FROM incentives_instalment i WHERE i.id = l.instalment_id"
        f" AND i.award_id = {b.of_two.pk}",
        lambda b: b.of_two.pk),
    "the payee of a payment": (
        "payment", lambda b: ledger(b.of_two, "paid", f"payee_id = {b.plain.applicant_id}"),
        lambda b: b.of_two.pk),
    "an award and its entry": (
        "entry",
        lambda b: "UPDATE incentives_award SET amount = 700, assessed = 700"
        f" WHERE id = {b.plain.pk};"
        + ledger(b.plain, "reserved", "amount = 700"),
        lambda b: b.plain.pk),
    "what was committed": (
        "committed", lambda b: ledger(b.plain, "committed", "amount = amount + 1"),
        lambda b: b.plain.pk),
    "an instalment": (
        "instalments",
        lambda b: f"UPDATE incentives_instalment SET amount = 700 WHERE award_id = {b.plain.pk}",
        lambda b: b.plain.pk),
    "the shares of two payers": (
        "award",
        lambda b: "UPDATE incentives_awardshare SET amount = amount + CASE payer WHEN 'city' THEN"
        f" -1 ELSE 1 END WHERE award_id = {b.of_both.pk}",
        lambda b: b.of_both.pk),
    "what lapsed of two payers is of one": (
        "award", lambda b: ledger(b.lapsed, "released", "payer = 'district'"),
        lambda b: b.lapsed.pk),
    "a pool and what lapsed of a shared award": (
        "entry",
        lambda b: f"UPDATE incentives_counter SET used = used - 1 WHERE key = 'pool:all:{YEAR}';"
        "UPDATE incentives_counterentry SET amount = amount - 1 WHERE amount < 0 AND award_id ="
        f" {b.lapsed.pk} AND counter_id = {COUNTED.format(f'pool:all:{YEAR}')}",
        lambda b: b.lapsed.pk),
    "an instalment of one payer that lapsed": (
        "instalments",
        lambda b: "UPDATE incentives_instalment SET payer = 'district' WHERE part = 2"
        f" AND due_kind = 'date' AND award_id = {b.lapsed.pk}",
        lambda b: b.lapsed.pk),
    "a cap and what a shared award grew by": (
        "entry",
        lambda b: "UPDATE incentives_counter SET used = used - 1 WHERE key = 'own';"
        "UPDATE incentives_counterentry SET amount = amount - 1 WHERE id = (SELECT max(id) FROM"
        f" incentives_counterentry WHERE award_id = {b.grown.pk} AND counter_id ="
        f" {COUNTED.format('own')})",
        lambda b: b.grown.pk),
    "a pool and what a shared award grew by": (
        "entry",
        lambda b: f"UPDATE incentives_counter SET used = used + 1 WHERE key = 'pool:all:{YEAR}';"
        "UPDATE incentives_counterentry SET amount = amount + 1 WHERE id = (SELECT max(id) FROM"
        f" incentives_counterentry WHERE award_id = {b.grown.pk} AND counter_id ="
        f" {COUNTED.format(f'pool:all:{YEAR}')})",
        lambda b: b.grown.pk),
    "what one payer of a shared award grew by": (
        "award", lambda b: ledger(b.grown, "reserved", "payer = 'city'"), lambda b: b.grown.pk),
    "a demand that is settled with nothing": (
        "demand", lambda b: "UPDATE incentives_recovery SET state = 'settled'",
        lambda b: b.asked.award_id),
    "a demand and what came back of it": (
        "recovered",
        lambda b: "UPDATE incentives_recoveryentry SET amount = 1000;"
        "UPDATE incentives_recovery SET state = 'settled'",
        lambda b: b.asked.award_id),
    "a receipt that was reversed in part": (
        "reversed",
        lambda b: "INSERT INTO incentives_recoveryentry (recovery_id, kind, amount, received_on,"
        " reference, prepared_by_id, recorded_by_id, recorded_at, reverses_id) SELECT recovery_id,"
        " kind, -1, received_on, reference, prepared_by_id, recorded_by_id, now(), id"
        " FROM incentives_recoveryentry",
        lambda b: b.asked.award_id),
    "an award that was given back": (
        "award",
        lambda b: f"UPDATE incentives_award SET state = 'reserved' WHERE id = {b.given_back.pk}",
        lambda b: b.given_back.pk),
}  # fmt: skip


def as_owner(owner_url: str, statements: str) -> None:
    with psycopg.connect(owner_url) as owner:
        for table in re.findall(r"(?:UPDATE|DELETE FROM) (\w+)", statements):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements.split(";"):
            assert owner.execute(statement).rowcount, statement


@pytest.mark.parametrize("change", FOUND)
def test_what_agrees_among_itself_is_found(committed_db: None, owner_url: str, change: str) -> None:
    made = books()
    assert differences(city_code="qingdao") == []
    what, statements, award = FOUND[change]
    as_owner(owner_url, statements(made))
    assert (what, award(made)) in {
        (one.what, one.award) for one in differences(city_code="qingdao")
    }


def test_what_is_found_holds_its_award_and_no_other(committed_db: None, owner_url: str) -> None:
    made = books()
    _what, statements, _award = FOUND["an entry of a cap and its counter"]
    as_owner(owner_url, statements(made))
    assert watch.check_balances()
    assert set(PayeeHold.objects.values_list("award", flat=True)) == {made.plain.pk}


def test_a_budget_beyond_what_was_signed_holds_what_it_pays(
    committed_db: None, owner_url: str
) -> None:
    made = books()
    other = make_award("5.00", applicant=made.plain.applicant, payer="district")
    _what, statements, _award = FOUND["a budget and its limit"]
    as_owner(owner_url, statements(made))
    assert watch.check_balances()
    held = set(PayeeHold.objects.values_list("award", flat=True))
    assert (made.plain.pk in held, other.pk in held) == (True, False)
    assert any_programme() == made.plain.programme


def test_nothing_is_looked_up_row_by_row(db: None) -> None:
    """It runs over millions of rows, and the plans would pair what a statement adds up."""
    with CaptureQueriesContext(connection) as asked:
        differences(city_code="qingdao")
    statements = [one["sql"] for one in asked if one["sql"].lstrip().startswith(("SELECT", "WITH"))]
    assert len(statements) == len(CHECKS)
    assert "SET LOCAL enable_nestloop = off" in [one["sql"] for one in asked][:2]
    with joined_at_once() as cursor:
        for what, statement in CHECKS:
            cursor.execute(f"EXPLAIN {statement}", {"city": "qingdao"})
            assert not [line for (line,) in cursor if "Nested Loop" in line], what
