"""A batch finds every counter by its key, though its plans were made when there was hardly one."""

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from incentives.domain import money
from tests.incentives.factories import any_programme, asked, cap, make_party, make_user, reserve

CASES, CAPS = 60, 3
LINEAR = 10 * CASES * CAPS  # found, made, found again, changed: each a row or two
FEW_ONLY = "ALTER FUNCTION huiqi_reserve_many RESET enable_seqscan"


def rows_read() -> int:
    """Counters that a batch of new ones reads, in a table that was analysed with a single row."""
    programme, party, actor = any_programme(), make_party(), make_user()
    wanted = [
        asked(
            "100.00", programme=programme, applicant=party,
            caps=[cap(f"plan {case} {n}", "300.00", heat=n) for n in range(CAPS)],
        )
        for case in range(CASES)
    ]  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        money.reserve_many(city_code="qingdao", wanted=wanted, at=timezone.now(), actor=actor)
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE relname = 'incentives_counter'"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("guarded", [True, False], ids=["by its key", "control"])
def test_a_batch_does_not_read_the_growing_table_for_each(
    committed_db: None, owner_url: str, guarded: bool
) -> None:
    reserve("100.00", caps=[cap("the only one", "300.00")])
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE incentives_counter")
        if not guarded:
            owner.execute(FEW_ONLY)
    assert (rows_read() <= LINEAR) is guarded
