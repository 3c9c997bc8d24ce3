"""Budgets of the year: set up by two, some too small; one moved from and one supplemented later."""

from dataclasses import dataclass
from decimal import Decimal

from incentives.domain.budget_execution import Execution, execution
from incentives.models import Budget, BudgetChange, Fund, Programme
from incentives.models.budget import Allotment, BudgetChangeKind
from reviews.domain import budgeting
from tests.december.books import fen
from tests.december.city import City
from tests.december.plan import Ask, Plan

FUNDS = 3
# Percent of what is going to be asked for; below 100 a budget runs out.
PERCENT = (130, 60, 110, 45, 160, 80, 120, 30, 150, 95, 140, 55)
OF_THE_FUND = 90  # percent of what its programmes have: the first fund's own budget is the narrower
NEXT_YEAR = Decimal("1000000.00")


@dataclass(frozen=True)
class Budgets:
    """First come, by the programme's code, and the first fund's own over four of them; pro rata."""

    of_programme: dict[str, Budget]
    of_fund: Budget
    of_round: dict[str, Budget]


def set_up(city: City, plan: Plan) -> Budgets:
    versions = city.versions
    parts = [versions[n::FUNDS] for n in range(FUNDS)]
    funds = [_fund(city, n, [one.programme for one in part]) for n, part in enumerate(parts, 1)]
    found: dict[str, Budget] = {}
    for place, version in enumerate(versions):
        programme, fund = version.programme, funds[place % FUNDS]
        planned = plan.by_programme.get(programme.code, 0) * PERCENT[place] // 100 // 100
        carries = place % 4 == 0
        found[programme.code] = _budget(
            city, fund, programme, city.year, Decimal(planned + 1000), carries
        )
        if carries:
            _budget(city, fund, programme, city.year + 1, NEXT_YEAR, carries=True)
    inner = [found[one.programme.code].planned for one in parts[0]]
    narrower = (sum(inner, Decimal(0)) * OF_THE_FUND / 100).quantize(Decimal(1))
    whole = _budget(city, funds[0], None, city.year, narrower, carries=False)
    _budget(city, funds[0], None, city.year + 1, NEXT_YEAR * len(inner), carries=False)
    return Budgets(found, whole, _pro_rata(city, plan))


def _pro_rata(city: City, plan: Plan) -> dict[str, Budget]:
    """What a first round asks for, in part; each later round waits for a supplement."""
    programmes = [version.programme for version in city.sharing]
    fund = _fund(city, FUNDS + 1, programmes)
    return {
        one.code: _budget(
            city, fund, one, city.year, part_of(asks, 0), carries=False, allotment="pro_rata"
        )
        for one, asks in zip(programmes, plan.rounds, strict=False)
    }


def part_of(asks: list[Ask], number: int) -> Decimal:
    """Of a round, what its budget gets: mostly less than it asks for, now and then more."""
    percent = PERCENT[number % len(PERCENT)] - 25
    return Decimal(sum(ask.fen for ask in asks) * percent // 10_000)


def supplement(city: City, budget: Budget, amount: Decimal) -> None:
    _change(city, budget, "supplement", amount)


def _fund(city: City, number: int, programmes: list[Programme]) -> Fund:
    return budgeting.create_fund(
        city=city.place, code=f"december-{number}", name_zh=f"专项资金{number}",
        name_en=f"Fund {number}", programmes=programmes, user=city.preparer,
    )  # fmt: skip


def _budget(
    city: City,
    fund: Fund,
    programme: Programme | None,
    year: int,
    planned: Decimal,
    carries: bool,
    allotment: str = Allotment.FIRST_COME,
) -> Budget:
    budget = budgeting.set_up(
        fund=fund, programme=programme, year=year, planned=planned,
        funding_source=f"财指〔{year}〕{fund.pk}号", subject_code="2060404",
        basis=f"{year}年度预算", carries_over=carries, user=city.preparer,
        allotment=allotment,
    )  # fmt: skip
    _sign(city, budget.changes.get())
    budget.refresh_from_db()
    return budget


def _sign(city: City, change: BudgetChange) -> None:
    budgeting.approve(change_id=change.pk, user=city.approver)
    change.refresh_from_db()
    taken_out = change.kind == BudgetChangeKind.REDUCTION
    city.books.add(change.budget.key, "put in", fen(change.amount) * (-1 if taken_out else 1))
    if change.taken_from:
        city.books.add(change.taken_from.key, "put in", -fen(change.amount))


def move_and_supplement(city: City, budgets: Budgets) -> None:
    """In the middle of the month: from where most is left to where least is, and new money too."""
    inside = {one.programme.code for one in city.versions[::FUNDS]}  # their fund limits them too
    free = {code: one for code, one in budgets.of_programme.items() if code not in inside}
    left = {code: found.available for code, found in _left(free).items()}
    rich, poor, next_poor = max(left, key=left.get), *sorted(left, key=left.get)[:2]
    moved = (left[rich] / 4).quantize(Decimal("0.01"))
    more = (free[next_poor].planned / 5).quantize(Decimal("0.01"))
    _change(city, free[poor], "transfer", moved, taken_from_id=free[rich].pk)
    _change(city, free[next_poor], "supplement", more)
    _change(city, free[rich], "reduction", (moved / 2).quantize(Decimal("0.01")))
    city.say(f"  moved {moved} yuan from {rich} to {poor}, supplemented {next_poor} by {more}")


def _left(budgets: dict[str, Budget]) -> dict[str, Execution]:
    found = execution(one.pk for one in budgets.values())
    return {code: found[one.pk] for code, one in budgets.items()}


def _change(city: City, budget: Budget, kind: str, amount: Decimal, **more: int) -> None:
    change = budgeting.prepare(
        budget_id=budget.pk, kind=kind, amount=amount, basis="年中调整", user=city.preparer, **more
    )
    _sign(city, change)
