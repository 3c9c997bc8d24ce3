"""What the nightly check finds when somebody has gone past every guard of the database."""

from decimal import Decimal

import psycopg

from incentives.domain.reconcile import Difference, differences
from incentives.models import Award
from tests.incentives.domain.test_payers import laoshan, parts, pay, shared

TABLE = "incentives_ledgerentry"


def paid_by_both() -> Award:
    award = shared()
    whose = parts(award)
    pay(whose["city"])
    pay(whose["district"], district=laoshan())
    return award


def tamper(owner_url: str, award: Award, change: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
        owner.execute(
            f"UPDATE {TABLE} SET {change} WHERE award_id = %s AND stage = 'paid'"
            " AND payer = 'district'",
            [award.pk],
        )
        owner.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")


def test_one_payers_payment_booked_as_anothers_is_found(committed_db: None, owner_url: str) -> None:
    award = paid_by_both()
    assert differences(city_code="qingdao") == []
    tamper(owner_url, award, "payer = 'city'")
    of_district = Decimal("36.83")
    found = differences(city_code="qingdao")
    assert {(one.what, one.key) for one in found} == {("payment", award.case_number)}
    assert {(one.recorded, one.added_up) for one in found} == {(of_district, 0), (0, of_district)}


def test_a_fen_more_than_the_bank_has_paid_is_found(committed_db: None, owner_url: str) -> None:
    award = paid_by_both()
    tamper(owner_url, award, "amount = amount + 0.01")
    expected = Difference(
        "payment", award.case_number, Decimal("36.83"), Decimal("36.84"), award.pk
    )
    assert differences(city_code="qingdao") == [expected]
