"""A sequence of applications played through rules, caps, pools and budgets. Touches no data."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from incentives.domain import simulate_words as words
from incentives.domain.counters import CounterRequest, counter_requests, counts_history
from incentives.domain.json_lines import fault
from incentives.domain.simulate_events import Apply, Event, Redeem, Revoke, SetFund, read_event
from incentives.domain.simulate_settle import Line, Rounds
from incentives.domain.simulate_summary import summary
from incentives.policy.assessment import assess
from incentives.policy.books import Books, Fund, FundTooSmall, NotReserved, Taken
from incentives.policy.programme import Programme as Rules
from incentives.policy.rendering import render_error
from incentives.policy.result import Assessment
from incentives.policy.text import InputError

ZERO = Decimal("0.00")


@dataclass
class Simulation:
    """One run: the books of each city, and every line so far by its ref.

    `settings` are those of each programme by its code, as `assess` takes them.
    """

    programmes: Mapping[str, Rules]
    settings: Mapping[str, Mapping[str, Any]]
    books: dict[str, Books] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    labels: words.Labels = field(default_factory=dict)
    rounds: Rounds = field(default_factory=Rounds)

    def book(self, city: str) -> Books:
        return self.books.setdefault(city, Books())

    def take(self, event: Event) -> Iterator[dict[str, Any]]:
        """What falls due before the event, then what comes of it; raises InputError."""
        if isinstance(event, Apply):
            yield from self.settle(before=event.year)
            yield self.apply(event)
        elif isinstance(event, Revoke):
            yield self.revoke(event)
        elif isinstance(event, Redeem):
            yield self.redeem(event)
        else:
            yield self.set_fund(event)

    def settle(self, before: int | None = None) -> Iterator[dict[str, Any]]:
        """Settle the rounds and shared budgets of all years, or of those before one."""
        return self.rounds.settle(self.books, self.settings, before)

    def apply(self, case: Apply) -> dict[str, Any]:
        if case.ref in self.lines:
            raise fault(
                "ref", "编号已用过", "has been used before", "每行一个编号", "one ref a line"
            )
        self.rounds.require_open(case.rules, case.year)
        found = self.assessed(case)
        line = Line(case, found.decision, entitled(found))
        taken = self.granted(line, found)
        self.lines[case.ref] = line
        return words.told(line, found, taken, self.labels)

    def assessed(self, case: Apply) -> Assessment:
        return assess(
            case.rules,
            case.on,
            case.facts,
            case.choices,
            self.settings.get(case.rules.code, {}),
            explained=False,
            history=self.history(case) if counts_history(case.rules) else None,
            roles=roles(case),
            approval_year=case.year,
        )

    def history(self, case: Apply) -> dict[str, Decimal]:
        try:
            asked = self.requests(case, ZERO, None)
        except InputError:  # a fact of a key is missing: the assessment says so itself
            return {}
        return {one.key: self.book(case.rules.city).used(one.key) for one in asked}

    def requests(self, case: Apply, assessed: Decimal, rows: Any) -> list[CounterRequest]:
        return counter_requests(
            case.rules,
            facts=case.facts,
            roles=roles(case),
            settings=self.settings.get(case.rules.code, {}),
            approval_year=case.year,
            entitled=assessed,
            rows=rows,
        )

    def granted(self, line: Line, found: Assessment) -> Taken | None:
        """Reserve what the ceilings leave; None where nothing is decided, or nothing is paid."""
        case = line.case
        if line.assessed is None or not case.rules.outcome.pays:
            return None
        asked = self.requests(case, line.assessed, rows_granted(found))
        self.labels |= words.labels_of(case.rules, asked)
        taken = self.book(case.rules.city).reserve(
            case.ref,
            programme=case.rules.code,
            year=case.year,
            assessed=line.assessed,
            requests=asked,
            payer=case.rules.roles.payer,
        )
        line.granted = taken.amount
        if taken.amount > 0:
            line.pending = self.rounds.enter(line)
        return taken

    def revoke(self, step: Revoke) -> dict[str, Any]:
        line = self.earlier(step.ref)
        books = self.book(line.case.rules.city)
        keys = books.awards[step.ref].keys if step.ref in books.awards else ()
        released = self.stepped(lambda: books.release(step.ref))
        self.rounds.drop(line)
        line.granted, line.released = ZERO, line.released + released
        return words.revoked(step, line, released, words.standing(books, keys, self.labels))

    def redeem(self, step: Redeem) -> dict[str, Any]:
        line = self.earlier(step.ref)
        if line.pending:
            raise fault("ref", "尚待结算", "is still to be settled", "结算后再兑付", "wait for it")
        books = self.book(line.case.rules.city)
        rest = self.stepped(lambda: books.redeem(step.ref, step.amount))
        line.granted, line.released = step.amount, line.released + rest
        return words.redeemed(step, line, rest)

    def earlier(self, ref: str) -> Line:
        if ref not in self.lines:
            raise fault(
                "ref", "此前没有此编号", "no earlier line has it", "请写前面一行的编号",
                "give the ref of an earlier line",
            )  # fmt: skip
        return self.lines[ref]

    def stepped(self, step: Any) -> Decimal:
        try:
            done: Decimal = step()
            return done
        except NotReserved as error:
            raise fault(
                "ref", f"没有可用的额度：{error}", f"cannot be done: {error}",
                "请写仍有授予金额的一行", "name a line that still holds a grant",
            ) from error  # fmt: skip

    def set_fund(self, fund: SetFund) -> dict[str, Any]:
        if fund.mode == "pro_rata":
            self.rounds.set_budget(fund, self.lines.values())
            return words.fund_set(fund, ZERO)
        entry = Fund(fund.code, "budget" if fund.mode else "pool", fund.year, fund.programmes)
        self.rounds.require_same(entry, self.book(fund.city).funds.get(entry.key))
        try:
            used = self.book(fund.city).set_fund(entry, fund.limit)
        except FundTooSmall as error:
            raise fault(
                "limit", "低于已授予的金额", "is below what has been granted",
                f"至少 {error.used}", f"at least {error.used}",
            ) from error  # fmt: skip
        self.labels[entry.key] = words.fund_label(fund)
        return words.fund_set(fund, used)


def roles(case: Apply) -> dict[str, str]:
    """Who the keys speak of; whoever applies is paid, unless the rules name members."""
    payee = {} if case.rules.roles.payee == "members" else {"payee": case.applicant}
    return {"applicant": case.applicant, **payee}


def entitled(found: Assessment) -> Decimal | None:
    """What the ceilings are asked for: the amount, or in a round what it would be."""
    return found.maximum if found.decision == "pending_round" else found.amount


def rows_granted(found: Assessment) -> set[tuple[str, int]]:
    return {(line.roster, line.row) for line in found.rows if line.minimum}


def simulate_lines(
    lines: Iterable[str],
    *,
    programmes: Mapping[str, Rules],
    settings: Mapping[str, Mapping[str, Any]],
    summed: bool = False,
) -> Iterator[dict[str, Any]]:
    """One result for each line that is not blank, and one for each settlement, as it falls due.

    A line that cannot be read gives its error and changes nothing. `summed` adds the totals.
    """
    run, errors = Simulation(programmes, settings), 0
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield from run.take(read_event(line, number, programmes))
            except InputError as error:
                errors += 1
                yield {"line": number, **render_error(error)}
    yield from run.settle()
    if summed:
        yield summary(run.lines.values(), errors)
