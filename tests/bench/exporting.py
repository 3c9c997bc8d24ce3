"""The whole ledger as CSV and as XLSX, to files."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from django.db import connection
from psycopg.conninfo import make_conninfo
from rustpy_xlsxwriter import FastExcel, Format

from config.embedded.binaries import installed
from incentives.domain import ledger
from incentives.domain.ledger_columns import columns
from incentives.domain.ledger_filter import LedgerFilter
from tests.bench import ledger_rows
from tests.bench.clock import interleaved, seconds
from tests.bench.lines import SIZES, Line
from tests.bench.memory import rise

CSV_MEMORY, XLSX_MEMORY = 100, 150  # MB


def csv_over_copy(_rows: int) -> float:
    """Seconds of the CSV over those of psql's \\copy of the same lines, unguarded, no totals."""
    with TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours.csv"), Path(folder, "psql.csv")
        _told("ledger_csv", rise(lambda: _write_csv(ours)), CSV_MEMORY)
        taken = interleaved(lambda: _write_csv(ours), lambda: _copy(theirs))
        assert ours.read_bytes().count(b"\r\n") > theirs.read_bytes().count(b"\n") * 0.99
    return taken[0] / taken[1]


def xlsx_over_library(_rows: int) -> float:
    """Seconds from the database to the file over those of the library with the rows in memory.

    They are made anew for every round: a text that was written once is kept encoded, and quicker.
    """
    with TemporaryDirectory() as folder:
        target = Path(folder, "ledger.xlsx")
        _told("ledger_xlsx", rise(lambda: _write_xlsx(target)), XLSX_MEMORY)
        taken = [(seconds(lambda: _write_xlsx(target)), _of_library(target)) for _ in range(3)]
    return median(ours for ours, _ in taken) / median(library for _, library in taken)


def _of_library(target: Path) -> float:
    ready = list(_records())
    return seconds(lambda: _by_library(target, iter(ready)))


def _told(name: str, used: float, most: int) -> None:
    print(f"{name}: {used:.0f} MB more, of {most}", file=sys.stderr)
    assert used < most


def _lines() -> ledger.QuerySet[ledger.LedgerEntry]:
    return ledger.entries(cities=["qingdao"], wanted=LedgerFilter())


def _write_csv(target: Path) -> None:
    with open(target, "wb") as file:
        for block in ledger.csv_stream(_lines()):
            file.write(block)


def _write_xlsx(target: Path) -> None:
    ledger.write_ledger_xlsx(target, _lines())


def _copy(target: Path) -> None:
    sql = " ".join(PLAIN.split())
    statement = f"\\copy ({sql}) to '{target}' csv"
    _psql()(statement)


def _psql() -> Callable[[str], None]:
    known = connection.settings_dict
    place = make_conninfo(
        dbname=known["NAME"], user=known["USER"], password=known["PASSWORD"], host=known["HOST"]
    )
    program = installed().postgres / "psql"

    def run(statement: str) -> None:
        subprocess.run(
            [program, "-qX", place, "-c", statement], check=True, env={"PATH": os.defpath}
        )

    return run


def _records() -> Iterator[dict[str, object]]:
    headings = [column.heading for column in columns()]
    with ledger._blocks(_lines()) as (_many, blocks):
        for line in ledger._lines(blocks):
            yield dict(zip(headings, line, strict=True))


def _by_library(target: Path, records: Iterator[dict[str, object]]) -> None:
    money = {c.heading: Format().set_num_format("#,##0.00") for c in columns() if c.kind == "money"}
    book = FastExcel(target).format(bold_headers=True).freeze(row=1)
    book.sheet("ledger", records, column_formats=money).save()


# Written as one would by hand, with the same columns.
PLAIN = """
SELECT date_trunc('second', e.posted_at AT TIME ZONE 'Asia/Shanghai'), e.year, e.approval_year,
       CASE e.stage WHEN 'reserved' THEN '已预留' WHEN 'committed' THEN '已承诺'
                    WHEN 'paid' THEN '已支付' WHEN 'released' THEN '已释放'
                    WHEN 'returned' THEN '已退回' ELSE '已追缴' END,
       e.amount, e.case_number, e.verb, p.title_zh, d.title_zh, b.name_zh, t.name_zh,
       CASE e.payer WHEN 'city' THEN '市级' ELSE '区（市）级' END, a.name,
       coalesce(a.uscc, repeat('*', 14) || a.identity_last4), y.name, h.number,
       coalesce(nullif(u.name, ''), u.email), e.reason,
       CASE e.city_id WHEN 'qingdao' THEN '青岛' ELSE '大连' END
  FROM incentives_ledgerentry e
  JOIN incentives_programme p ON p.id = e.programme_id
  JOIN incentives_policydocument d ON d.id = p.document_id
  JOIN incentives_bureau b ON b.id = e.bureau_id
  LEFT JOIN applicants_district t ON t.id = e.district_id
  JOIN applicants_party a ON a.id = e.applicant_id
  LEFT JOIN applicants_party y ON y.id = e.payee_id
  LEFT JOIN incentives_payoutline l ON l.id = e.line_id
  LEFT JOIN incentives_payoutbatch h ON h.id = l.batch_id
  JOIN applicants_user u ON u.id = e.actor_id
 WHERE e.city_id = 'qingdao' ORDER BY e.id
"""

LINES = [
    Line("ledger_csv_vs_copy", csv_over_copy, SIZES, ledger_rows.fill),
    Line("ledger_xlsx_vs_library", xlsx_over_library, SIZES, ledger_rows.fill),
]
