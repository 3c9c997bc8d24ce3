"""The nightly cap check: add the ledger up again and report every balance that differs."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

COUNTERS = """
SELECT c.key, c.used, coalesce(sum(e.amount), 0), c."limit"
  FROM incentives_counter c LEFT JOIN incentives_counterentry e ON e.counter_id = c.id
 WHERE c.city_id = %s
 GROUP BY c.id
HAVING c.used <> coalesce(sum(e.amount), 0) OR c.used > c."limit" + c.carried OR c.used < 0
 ORDER BY c.key
"""

AWARDS = """
SELECT a.case_number, CASE a.state WHEN 'released' THEN 0 ELSE a.amount END,
       coalesce(sum(CASE WHEN l.stage IN ('reserved', 'opening') THEN l.amount
                         WHEN l.stage = 'released' THEN -l.amount ELSE 0 END), 0)
  FROM incentives_award a LEFT JOIN incentives_ledgerentry l ON l.award_id = a.id
 WHERE a.city_id = %s
 GROUP BY a.id
HAVING CASE a.state WHEN 'released' THEN 0 ELSE a.amount END
       <> coalesce(sum(CASE WHEN l.stage IN ('reserved', 'opening') THEN l.amount
                            WHEN l.stage = 'released' THEN -l.amount ELSE 0 END), 0)
 ORDER BY a.case_number
"""

PAYMENTS = """
WITH booked AS (
    SELECT award_id, payer, sum(CASE stage WHEN 'paid' THEN amount ELSE -amount END) AS paid
      FROM incentives_ledgerentry WHERE city_id = %(city)s AND stage IN ('paid', 'returned')
     GROUP BY 1, 2
), lines AS (
    SELECT i.award_id, i.payer, sum(p.amount) AS paid
      FROM incentives_payoutline p JOIN incentives_instalment i ON i.id = p.instalment_id
      JOIN incentives_award a ON a.id = i.award_id
     WHERE a.city_id = %(city)s AND p.state = 'paid' GROUP BY 1, 2
)
SELECT a.case_number, coalesce(m.paid, 0), coalesce(m.booked, 0)
  FROM (booked FULL JOIN lines USING (award_id, payer)) AS m (award, payer, booked, paid)
  JOIN incentives_award a ON a.id = m.award
  LEFT JOIN incentives_awardshare s ON s.award_id = m.award AND s.payer = m.payer
 WHERE coalesce(m.booked, 0) <> coalesce(m.paid, 0) OR m.booked < 0
    OR m.booked > coalesce(s.amount, a.amount)
 ORDER BY 1
"""
"""By payer: what is booked as paid is what the bank has paid, and no more than its part."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A balance that is not what its entries add up to. Yuan, or a count of awards."""

    what: str
    key: str
    recorded: Decimal
    added_up: Decimal


def differences(*, city_code: str) -> list[Difference]:
    """Every counter, award and payment of a city whose balance is not the sum of its entries."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTERS, [city_code])
        found = [Difference("counter", key, used, total) for key, used, total, _ in cursor]
        cursor.execute(AWARDS, [city_code])
        found += [Difference("award", *row) for row in cursor]
        cursor.execute(PAYMENTS, {"city": city_code})
        found += [Difference("payment", *row) for row in cursor]
    return found
