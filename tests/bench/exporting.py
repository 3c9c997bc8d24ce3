from django.db import connection

from incentives.domain.ledger import LedgerFilter, csv_stream, entries
from tests.bench.clock import interleaved

ROWS = 100_000
COPIES = """
INSERT INTO incentives_ledgerentry (
    city_id, stage, amount, posted_at, year, approval_year, award_id, case_number, programme_id,
    verb, payer, bureau_id, district_id, applicant_id, actor_id, reason)
SELECT city_id, stage, amount, posted_at, year, approval_year, award_id, case_number, programme_id,
       verb, payer, bureau_id, district_id, applicant_id, actor_id, reason
  FROM (SELECT * FROM incentives_ledgerentry ORDER BY id LIMIT 1) AS one,
       generate_series(1, %s)
"""


def csv_over_copy() -> float:
    """Seconds of the ledger as CSV, with names and totals, over a bare COPY of the table."""
    with connection.cursor() as cursor:
        cursor.execute(COPIES, [ROWS])
    ours, bare = interleaved(_export, _copy)
    return ours / bare


def _export() -> int:
    return sum(len(b) for b in csv_stream(entries(cities=["qingdao"], wanted=LedgerFilter())))


def _copy() -> int:
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY incentives_ledgerentry TO STDOUT (FORMAT csv)") as blocks,
    ):
        return sum(len(block) for block in blocks)
