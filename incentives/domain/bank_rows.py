"""The bank's answer to a batch, as a table: which row is about which line, and what is wrong."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from applicants.domain.accounts import ACCOUNT_PURPOSE
from applicants.domain.crypto import fingerprint
from applicants.domain.errors import Refused
from applicants.domain.identifiers import plain
from incentives.domain.lists import Table
from incentives.models import PayoutBatch, PayoutLine
from incentives.models.payout import LineState
from incentives.policy.scalars import money
from incentives.policy.text import BadValue

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "line": ("行", "行号", "序号", "line", "no."),
    "amount": ("金额（元）", "金额", "交易金额", "amount", "amount (yuan)"),
    "result": ("结果", "处理结果", "状态", "交易状态", "result", "status"),
    "note": ("原因", "退回原因", "失败原因", "备注", "附言", "note", "reason"),
    "account": ("账号", "收款账号", "account number", "account"),
    "batch": ("批次", "批次号", "batch", "batch number"),
}
NEEDED = ("line", "amount", "result")
PAID = ("成功", "已付", "已支付", "支付成功", "交易成功", "paid", "success")
RETURNED = ("退回", "退票", "已退回", "失败", "支付失败", "交易失败", "returned", "failed")
TOTALS = ("合计", "总计", "total")
LONGEST_NOTE = 200
MOST = Decimal(10) ** 14  # as the columns of sums hold


@dataclass(frozen=True, slots=True)
class Answer:
    """A row of the file. `problem` says why it is not taken; `known`: recorded before, as it says.

    `amount` in yuan.
    """

    row: int
    line: PayoutLine | None
    amount: Decimal | None
    result: str
    note: str
    problem: str = ""
    known: bool = False


def read_answers(batch: PayoutBatch, table: Table) -> list[Answer]:
    """Every row but that of the totals. Raises Refused on `file` when a column is missing."""
    places = _places(table.headings)
    lines = {str(line.number): line for line in batch.lines.select_related("payee", "account")}
    rows = [(number, _cells(row, places)) for number, row in table.rows]
    rows = [(number, cells) for number, cells in rows if cells["line"].lower() not in TOTALS]
    often = Counter(cells["line"] for _number, cells in rows)
    return [_answer(batch, lines, often, number, cells) for number, cells in rows]


def _places(headings: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        for name, known in HEADINGS.items():
            if heading.strip().lower() in known:
                found.setdefault(name, place)
    missing = [HEADINGS[name][0] for name in NEEDED if name not in found]
    if missing:
        told = _("The file lacks these columns: %s. Add them with these headings.")
        raise Refused({"file": told % "、".join(missing)})
    return found


def _cells(row: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    return {
        name: row[place].strip() if (place := places.get(name, len(row))) < len(row) else ""
        for name in HEADINGS
    }


def _answer(
    batch: PayoutBatch,
    lines: Mapping[str, PayoutLine],
    often: Mapping[str, int],
    number: int,
    cells: Mapping[str, str],
) -> Answer:
    line, amount = lines.get(cells["line"]), _yuan(cells["amount"])
    result, note = _result(cells["result"]), cells["note"][:LONGEST_NOTE]
    problem = _wrong_line(batch, line, often[cells["line"]], cells, amount)
    known = bool(line) and not problem and line.state == result  # type: ignore[union-attr]
    if line and not problem and not known:
        problem = _wrong_result(line, result, note, cells["result"])
    return Answer(number, line, amount, result, note, problem, known)


def _yuan(cell: str) -> Decimal | None:
    """None where it is no sum that a line could pay, such as an account number."""
    try:
        amount = money(cell)
    except BadValue:
        return None
    return amount if amount < MOST else None


def _result(cell: str) -> str:
    word = cell.lower()
    if word in PAID:
        return LineState.PAID.value
    return LineState.RETURNED.value if word in RETURNED else ""


def _wrong_line(
    batch: PayoutBatch,
    line: PayoutLine | None,
    often: int,
    cells: Mapping[str, str],
    amount: Decimal | None,
) -> str:
    """Whether the row is about this very payment; a file of another batch shows here."""
    if line is None:
        return _("The batch has no line “%s”.") % cells["line"]
    if often > 1:
        return _("The file answers line %s more than once.") % cells["line"]
    if cells["batch"] and cells["batch"] != batch.number:
        return _("The row is of batch %(row)s, not of %(batch)s.") % {
            "row": cells["batch"],
            "batch": batch.number,
        }
    if amount != line.pays:
        told = {"row": cells["amount"] or "—", "line": line.pays}
        return _("The amount is %(row)s; the line pays %(line)s yuan.") % told
    if cells["account"] and not _same_account(cells["account"], line):
        return _("The account number is not that of the line.")
    return ""


def _same_account(cell: str, line: PayoutLine) -> bool:
    return fingerprint(plain(cell), purpose=ACCOUNT_PURPOSE) == line.account.number_hmac


def _wrong_result(line: PayoutLine, result: str, note: str, cell: str) -> str:
    if not result:
        words = "、".join((PAID[0], RETURNED[0]))
        return _("The result is “%(cell)s”; write one of: %(words)s.") % {
            "cell": cell,
            "words": words,
        }
    if line.state not in (LineState.PENDING, LineState.PAID):
        return _("The line is “%s” already.") % line.get_state_display()
    if result == LineState.RETURNED and not note:
        return _("State why the bank returned it.")
    return ""
