"""How an amount is paid: its instalments, and what each payer pays. Both add up to the fen."""

from decimal import Decimal
from fractions import Fraction

from .programme import Programme
from .result import InstalmentLine
from .shares import by_largest_remainder, in_turn
from .terms import AfterMonths, AtStage, Due, Instalment, remainder
from .text import Text, text

ON_AWARD = text("兑现时", "on the award")


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
    """Whether it is paid before the stage of a later part, and settled with it (预拨)."""
    later = programme.schedule[programme.schedule.index(part) + 1 :]
    waits = isinstance(part.due, AtStage)
    return not waits and any(isinstance(one.due, AtStage) for one in later)


def due_words(due: Due) -> Text:
    if isinstance(due, AfterMonths):
        return text(f"兑现后 {due.months} 个月", f"{due.months} months after the award")
    return due.stage if isinstance(due, AtStage) else ON_AWARD


def paid_by(programme: Programme, amount: Decimal) -> dict[str, Decimal]:
    """Yuan by payer: largest remainder, the first listed winning a tie."""
    weights = [(part.payer, Fraction(part.share)) for part in programme.payers]
    return by_largest_remainder(amount, weights) if weights else {}
