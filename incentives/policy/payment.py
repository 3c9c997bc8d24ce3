"""How an amount is paid: its instalments, and what each payer pays. Both add up to the fen."""

from decimal import Decimal
from fractions import Fraction

from .programme import Programme
from .result import InstalmentLine
from .shares import by_largest_remainder, in_turn
from .terms import AfterMonths, AtEvaluation, AtStage, Due, Instalment, OnDay, remainder
from .text import Text, text

ON_AWARD = text("兑现时", "on the award")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def instalments(programme: Programme, amount: Decimal) -> tuple[InstalmentLine, ...]:
    """Each share half-up to the fen, the last taking the rest."""
    written = tuple(part.share for part in programme.schedule)
    shares = [part if isinstance(part, Decimal) else remainder(written) for part in written]
    sums = in_turn(amount, shares)
    return tuple(
        InstalmentLine(part.id, part.label, sum_, due_words(part.due))
        for part, sum_ in zip(programme.schedule, sums, strict=True)
    )


def is_advance(programme: Programme, part: Instalment) -> bool:
    """Whether it is paid before what a later part waits for, and settled with it (预拨)."""
    later = programme.schedule[programme.schedule.index(part) + 1 :]
    return not waits(part.due) and any(waits(one.due) for one in later)


def waits(due: Due) -> bool:
    """Whether it has no date until somebody finds what it waits for."""
    return isinstance(due, AtStage | AtEvaluation)


def due_words(due: Due) -> Text:
    if isinstance(due, AfterMonths):
        return text(f"兑现后 {due.months} 个月", f"{due.months} months after the award")
    if isinstance(due, OnDay):
        return day_words(due)
    if isinstance(due, AtStage):
        return due.stage
    return due.evaluation if isinstance(due, AtEvaluation) else ON_AWARD


def day_words(due: OnDay) -> Text:
    day = due.after(2001)
    zh, en = f"{day.month}月{day.day}日", f"{day.day} {MONTHS[day.month - 1]}"
    if due.years == 1:
        return text(f"兑现次年{zh}", f"{en} of the year after the award")
    return text(
        f"兑现后第 {due.years} 年{zh}", f"{en}, {due.years} years after the year of the award"
    )


def paid_by(programme: Programme, amount: Decimal) -> dict[str, Decimal]:
    """Yuan by payer: largest remainder, the first listed winning a tie."""
    weights = [(part.payer, Fraction(part.share)) for part in programme.payers]
    return by_largest_remainder(amount, weights) if weights else {}
