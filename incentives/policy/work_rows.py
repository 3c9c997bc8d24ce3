"""A count of heads, and a decision on each row of a roster."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from . import explain
from .caps import Cap
from .case import Case
from .facts import Row
from .interval import NOTHING, Interval, total
from .lookup import each_of, looked_up
from .nodes import PerHead, SumOver
from .reasons import sentence
from .result import RowLine
from .scalars import to_fen
from .text import Text
from .working import Worked, evaluate, work


@work.register
def _(node: PerHead, case: Case, id_: str) -> Worked | None:
    seen, each = case.fact(node.per_head), each_of(node, case)
    if seen is None or each is None:
        return None
    count = len(seen) if isinstance(seen, tuple) else max(int(seen), 0)
    amount = Interval.point(count) * each
    label = case.sight.scope[node.per_head].label
    return amount, lambda: explain.per_head(label, count, each, amount)


@work.register
def _(node: SumOver, case: Case, id_: str) -> Worked | None:
    rows = case.fact(node.sum_over)
    if rows is None:
        return None
    counted = Counted(case, node.sum_over)
    parts = [
        decided(node, case, row, number, f"{id_}[{number}]", counted)
        for number, row in enumerate(rows, 1)
    ]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    amount, label = total(known), case.sight.scope[node.sum_over].label
    return amount, lambda: explain.sum_over(label, len(rows), amount)


def decided(
    node: SumOver, case: Case, row: Row, number: int, id_: str, counted: "Counted"
) -> Interval | None:
    """The sum of one row, listed with its reason; a row over its count gets nothing."""
    inside = case.row(node.sum_over, row)
    holds, amount, why = inside.holds(node.where), None, explain.ROW_OPEN
    if holds is False and node.where is not None:
        amount, why = NOTHING, explain.row_left_out(sentence(node.where, inside.sight))
        inside.step(id_, NOTHING, lambda: why)
    elif holds:
        amount = evaluate(node.each, inside, id_)
        why = case.steps[-1].text if case.explained and amount is not None else explain.ROW_COUNTS
    if holds and amount is not None and amount.high > 0:
        amount, over = counted.room(inside, amount)
        if over is not None:
            holds, why = False, explain.row_over(over.label)
            inside.step(f"{id_}:{over.id}", NOTHING, lambda: why)
    if node.where is not None or counted.caps:  # otherwise there is nothing to decide on a row
        case.rows.append(line(id_, node.sum_over, number, holds, amount, why))
    return amount


def line(
    id_: str, roster: str, number: int, holds: bool | None, amount: Interval | None, why: Text
) -> RowLine:
    low, high = (None, None) if amount is None else (to_fen(amount.low), to_fen(amount.high))
    node = id_.rsplit("[", 1)[0]
    return RowLine(node, roster, number, None if amount is None else holds, low, high, why)


class Counted:
    """The rows that caps on a roster have counted, before this case and in it."""

    def __init__(self, case: Case, roster: str) -> None:
        history = case.history
        caps = history.programme.caps if history is not None else ()
        self.history = history
        self.caps = [c for c in caps if c.over == roster and case.holds(c.when)]
        self.here: Counter[str] = Counter()

    def room(self, row: Case, amount: Interval) -> tuple[Interval | None, Cap | None]:
        """The row's sum, None while a cap's key or limit is unknown, 0 under the cap it is over."""
        keys = [(cap, self.key(cap, row), looked_up(cap.limit, row)) for cap in self.caps]
        if any(key is None or limit is None for _, key, limit in keys):
            return None, None
        for cap, key, limit in keys:
            if key is not None and limit is not None and self.used(key) >= limit:
                taken = row.cut_rows.get(cap.id, Decimal(0))
                row.cut_rows[cap.id] = taken + amount.high
                return NOTHING, cap
        self.here.update(key for _, key, _ in keys if key is not None)
        return amount, None

    def key(self, cap: Cap, row: Case) -> str | None:
        return None if self.history is None else self.history.row_key(cap, row)

    def used(self, key: str) -> Decimal:
        before: Mapping[str, Decimal] = {} if self.history is None else self.history.used
        return before.get(key, Decimal(0)) + self.here[key]
