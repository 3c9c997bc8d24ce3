"""What is decided at the end of a year: rounds of programmes, and budgets shared pro rata."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from incentives.domain.json_lines import fault
from incentives.domain.simulate_events import Apply, SetFund
from incentives.policy.books import Books, Fund
from incentives.policy.derive import look
from incentives.policy.programme import Programme as Rules
from incentives.policy.rendering import both, yuan
from incentives.policy.rounds import RoundEntry, settle_round, shared
from incentives.policy.terms import Round
from incentives.policy.text import InputError, text

ZERO = Decimal("0.00")


@dataclass(slots=True)
class Line:
    """An application and what stands of it: what is granted, and released since (yuan).

    `pending` names the rounds and budgets that have still to decide on it.
    """

    case: Apply
    decision: str
    assessed: Decimal | None
    granted: Decimal = ZERO
    released: Decimal = ZERO
    pending: tuple[str, ...] = ()

    @property
    def pays(self) -> bool:
        return self.case.rules.outcome.pays


@dataclass
class Pending:
    """One round or shared budget of a year, and the lines that wait for it, in order."""

    name: str
    year: int
    budget: SetFund | None
    rules: Rules | None
    lines: list[Line] = field(default_factory=list)


@dataclass
class Rounds:
    budgets: dict[tuple[str, int], Pending] = field(default_factory=dict)
    rounds: dict[tuple[str, int], Pending] = field(default_factory=dict)
    closed: int = 0  # every year before this one is settled

    def set_budget(self, fund: SetFund, lines: Iterable[Line]) -> None:
        """A shared budget has to stand before the first line that it is to share."""
        here = (fund.code, fund.year)
        started = any(covers(fund, line.case.rules, line.case.year) for line in lines)
        if here in self.budgets or started or fund.year < self.closed:
            raise fault(
                "budget", "设定过迟", "comes too late",
                "按比例分配的预算应写在该年度的申报之前",
                "write a pro-rata budget before the applications of its year",
            )  # fmt: skip
        self.budgets[here] = Pending(fund.code, fund.year, fund, None)

    def require_same(self, fund: Fund, before: Fund | None) -> None:
        if before is not None and before.programmes != fund.programmes:
            raise fault(
                "programmes", "与原来不同", "differ from before",
                "总额上限的事项不变；请另设一个", "a pool keeps its programmes; set up another",
            )  # fmt: skip

    def require_open(self, rules: Rules, year: int) -> None:
        waits = rules.round is not None or any(
            covers(one.budget, rules, year) for one in self.budgets.values() if one.budget
        )
        if waits and year < self.closed:
            raise fault(
                "approved_on", "该年度已结算", "is in a year that is settled",
                "请按年度先后排列", "put the lines in the order of their years",
            )  # fmt: skip

    def enter(self, line: Line) -> tuple[str, ...]:
        """Let a granted line wait for all that decides on it; returns their names."""
        rules, year = line.case.rules, line.case.year
        found = [
            one
            for one in self.budgets.values()
            if one.budget is not None and covers(one.budget, rules, year)
        ]
        if line.decision == "pending_round":
            here = (rules.code, year)
            found.insert(0, self.rounds.setdefault(here, Pending(rules.code, year, None, rules)))
        for one in found:
            one.lines.append(line)
        return tuple(one.name for one in found)

    def drop(self, line: Line) -> None:
        for one in (*self.rounds.values(), *self.budgets.values()):
            one.lines = [other for other in one.lines if other is not line]
        line.pending = ()

    def settle(
        self, books: Mapping[str, Books], settings: Mapping[str, Mapping[str, Any]],
        before: int | None,
    ) -> Iterator[dict[str, Any]]:  # fmt: skip
        """Rounds first, since a budget shares what they leave. The years in order."""
        waiting = [*self.rounds.items(), *self.budgets.items()]
        due = [(key, one) for key, one in waiting if before is None or one.year < before]
        self.closed = max(self.closed, before or 0)
        for key, one in sorted(due, key=lambda pair: (pair[1].year, pair[1].rules is None)):
            (self.rounds if one.rules else self.budgets).pop(key)
            yield settled(one, books, settings)


def covers(fund: SetFund, rules: Rules, year: int) -> bool:
    within = rules.code in fund.programmes or (not fund.programmes and rules.city == fund.city)
    return within and year == fund.year and rules.roles.payer == "city"


def settled(
    one: Pending, books: Mapping[str, Books], settings: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    living = [line for line in one.lines if line.granted > 0]
    asked = {line.case.ref: line.granted for line in living}
    try:
        parts, words = divide(one, living, settings)
    except InputError as error:  # a setting of the round is lacking: nobody is given anything
        parts = dict.fromkeys(asked, ZERO)
        words = {ref: {"error": error.problems[0].to_json()} for ref in asked}
    for line in living:
        give(line, parts[line.case.ref], books[line.case.rules.city], one.name)
    return {
        "kind": "settlement",
        name_of(one): one.name,
        "year": one.year,
        "limit": yuan(one.budget.limit) if one.budget else None,
        "asked": yuan(sum(asked.values(), ZERO)),
        "granted": yuan(sum(parts.values(), ZERO)),
        "shares": [
            {
                "ref": ref,
                "programme": line.case.rules.code,
                "asked": yuan(asked[ref]),
                "granted": yuan(parts[ref]),
                **words.get(ref, {}),
            }
            for line in living
            for ref in (line.case.ref,)
        ],
    }


def name_of(one: Pending) -> str:
    return "round" if one.rules else "budget"


def divide(
    one: Pending, living: list[Line], settings: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Decimal], dict[str, Any]]:
    """Yuan by ref, and what a round says of each."""
    if one.rules is None:
        assert one.budget is not None  # noqa: S101  # for the type: it is one or the other
        entries = [RoundEntry(line.case.ref, line.granted) for line in living]
        rule = Round(label=text("预算", "budget"), budget=one.budget.limit, share="pro_rata")
        return shared(rule, entries, one.budget.limit), {}
    own = settings.get(one.rules.code, {})
    entries = [entry_of(line, place, own) for place, line in enumerate(living, 1)]
    found = settle_round(one.rules, entries, own)
    words = {
        told.id: {"rank": told.rank, "tied": told.tied, "admitted": told.admitted}
        | {"why": both(told.text)}
        for told in found.lines
    }
    return {told.id: told.amount for told in found.lines}, words


def entry_of(line: Line, place: int, settings: Mapping[str, Any]) -> RoundEntry:
    """A line as the round sees it: its sum after the ceilings, and the value it is ranked by."""
    case = line.case
    rank = case.rules.round.rank if case.rules.round else None
    known = look(case.rules, case.on, case.facts, settings).sight.facts
    seen = known.get(rank.by) if rank else None
    value = None if isinstance(seen, tuple) else seen
    return RoundEntry(case.ref, line.granted, value, filed=place)


def give(line: Line, part: Decimal, books: Books, name: str) -> None:
    """Leave the share reserved and give the rest back to every ceiling."""
    if part > 0:
        books.lower(line.case.ref, part)
    else:
        books.release(line.case.ref)
    line.granted = part
    line.pending = tuple(other for other in line.pending if other != name)
