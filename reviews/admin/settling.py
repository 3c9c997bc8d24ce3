"""The bank's answers, typed beside the lines of a batch: read, and shown again when refused."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from incentives.domain.payout_checks import Result
from incentives.models import PayoutBatch, PayoutLine
from incentives.models.payout import LineState

LINES_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A line and what is typed beside it; `open` says whether an answer may be entered."""

    line: PayoutLine
    result: str
    note: str

    @property
    def open(self) -> bool:
        return self.line.state in (LineState.PENDING, LineState.PAID)


def page_of(batch: PayoutBatch, request: HttpRequest) -> dict[str, Any]:
    """The lines after `?after=<number>`, some 200 at once; a refused form comes back to its own."""
    after = request.POST.get("after") or request.GET.get("after", "")
    related = ("payee", "account", "instalment__award")
    lines = batch.lines.select_related(*related).order_by("number")
    if after.isdecimal():
        lines = lines.filter(number__gt=int(after))
    rest = list(lines[: LINES_A_PAGE + 1])
    shown = rest[:LINES_A_PAGE]
    return {
        "page_after": after if after.isdecimal() else "",
        "rows": [_row(line, request.POST) for line in shown],
        "after": shown[-1].number if len(rest) > LINES_A_PAGE else None,
        "all_paid": "all_paid" in request.POST,
    }


def _row(line: PayoutLine, typed: QueryDict) -> Row:
    return Row(line, typed.get(f"result-{line.pk}", ""), typed.get(f"note-{line.pk}", ""))


def read(batch: PayoutBatch, typed: QueryDict) -> dict[int, Result]:
    """By line id. With `all_paid`, every pending line that is not answered otherwise is paid."""
    results: dict[int, Result] = {}
    for line in batch.lines.filter(state__in=(LineState.PENDING, LineState.PAID)):
        row = _row(line, typed)
        pending = line.state == LineState.PENDING
        result = row.result or (LineState.PAID.value if pending and "all_paid" in typed else "")
        if result or row.note.strip():
            results[line.pk] = (result, row.note)
    return results
